// SPDX-License-Identifier: Apache-2.0
// Bringing records into a database: imports and merges.
#include "stm32tvm/tuning_database.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "support/try.hpp"
#include "tuning/folder.hpp"
#include "tuning/line_reader.hpp"
#include "tuning/meta_schedule.hpp"
#include "tuning/provenance.hpp"

namespace stm32tvm {
namespace {

namespace fs = std::filesystem;
using namespace tuning;

/// JSON of the provenance; empty when records must bring their own.
Result<std::string> default_provenance(const Provenance& provenance) {
  if (provenance == Provenance{}) {
    return std::string();
  }
  if (provenance.measured == Provenance::Measured::unset) {
    return Error{ErrorCode::bad_option,
                 "the provenance does not say what the records were measured on: hardware or emulation", ""};
  }
  return write_provenance(provenance);
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder, error)) {
    return Error{ErrorCode::cannot_write, "the folder could not be made; check that you may write here",
                 folder.string()};
  }
  return {};
}

Result<void> check_read(const LineReader& lines, const fs::path& file) {
  if (lines.failed()) {
    return Error{ErrorCode::cannot_read, "the file could not be read to its end; try again", file.string()};
  }
  return {};
}

/// Blank lines and the comments that TVM skips.
bool is_no_record(std::string_view line) {
  return line.find_first_not_of(" \t") == std::string_view::npos || line.starts_with('#');
}

Result<void> add_log(const fs::path& log, std::string_view provenance, FolderWriter& writer, TuningChange& change) {
  LineReader lines;
  STM32TVM_CHECK(lines.open(log));
  RecordReader reader;
  StoredLine stored;
  for (std::string_view line; lines.next(line);) {
    if (is_no_record(line)) {
      continue;
    }
    ++change.read;
    if (const Result<void> read = reader.read(line, provenance, stored); !read) {
      writer.refuse(read.error(), place(log, lines.number()));
    } else {
      STM32TVM_CHECK(writer.add(stored));
    }
  }
  return check_read(lines, log);
}

/// Adds the workloads, and returns the hash of each line; empty for those that are left out.
Result<std::vector<std::string>> add_workloads(const fs::path& file, FolderWriter& writer) {
  LineReader lines;
  STM32TVM_CHECK(lines.open(file));
  LineParser parser;
  std::vector<std::string> hashes;
  for (std::string_view line; lines.next(line);) {
    hashes.emplace_back();
    if (const Result<WorkloadLine> workload = read_workload(line, parser); !workload) {
      writer.refuse(workload.error(), place(file, lines.number()));
    } else {
      hashes.back() = workload->hash;
      STM32TVM_CHECK(writer.add_workload(workload->hash, workload->text));
    }
  }
  STM32TVM_CHECK(check_read(lines, file));
  return hashes;
}

Result<void> add_pair_record(std::string_view line, const std::vector<std::string>& hashes, LineParser& parser,
                             RecordReader& reader, std::string_view provenance, StoredLine& stored) {
  STM32TVM_TRY(record, read_pair_record(line, parser));
  if (record.workload >= hashes.size() || hashes[record.workload].empty()) {
    return Error{ErrorCode::bad_json,
                 fmt::format("the record is for workload {}, which database_workload.json does not have; take both "
                             "files again from where they came",
                             record.workload),
                 ""};
  }
  std::string text = stored_text(record, hashes[record.workload]);
  text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  return reader.read(text, provenance, stored);
}

}  // namespace

inline namespace v1 {

const char* name(RecordFormat format) noexcept {
  switch (format) {
    case RecordFormat::autotvm:
      return "autotvm";
    case RecordFormat::auto_scheduler:
      return "auto_scheduler";
    case RecordFormat::meta_schedule:
      break;
  }
  return "meta_schedule";
}

TuningDatabase::TuningDatabase(std::filesystem::path folder, std::size_t memory_bytes)
    : folder_(std::move(folder)), memory_bytes_(memory_bytes) {
}

Result<TuningChange> TuningDatabase::import_log(const fs::path& log, const Provenance& provenance) {
  STM32TVM_TRY(json, default_provenance(provenance));
  LineReader readable;
  STM32TVM_CHECK(readable.open(log));
  STM32TVM_CHECK(make_folder(folder_));
  TuningChange change;
  FolderWriter writer(folder_, memory_bytes_, change);
  STM32TVM_CHECK(add_log(log, json, writer, change));
  STM32TVM_CHECK(writer.finish());
  return change;
}

Result<TuningChange> TuningDatabase::import_meta_schedule(const fs::path& folder, const Provenance& provenance) {
  if (provenance.measured == Provenance::Measured::unset) {
    return Error{ErrorCode::bad_option,
                 "the provenance does not say what the records were measured on: hardware or emulation", ""};
  }
  const fs::path records = folder / "database_tuning_record.json";
  LineReader lines;
  STM32TVM_CHECK(lines.open(folder / "database_workload.json"));
  STM32TVM_CHECK(lines.open(records));
  STM32TVM_CHECK(make_folder(folder_));
  TuningChange change;
  FolderWriter writer(folder_, memory_bytes_, change);
  STM32TVM_TRY(hashes, add_workloads(folder / "database_workload.json", writer));
  const std::string json = write_provenance(provenance);
  LineParser parser;
  RecordReader reader;
  StoredLine stored;
  for (std::string_view line; lines.next(line);) {
    ++change.read;
    if (const Result<void> read = add_pair_record(line, hashes, parser, reader, json, stored); !read) {
      writer.refuse(read.error(), place(records, lines.number()));
    } else {
      STM32TVM_CHECK(writer.add(stored));
    }
  }
  STM32TVM_CHECK(check_read(lines, records));
  STM32TVM_CHECK(writer.finish());
  return change;
}

Result<TuningChange> TuningDatabase::merge(const std::vector<fs::path>& others) {
  STM32TVM_CHECK(make_folder(folder_));
  TuningChange change;
  FolderWriter writer(folder_, memory_bytes_, change);
  STM32TVM_TRY(own, record_files(folder_));
  for (const std::string& file : own) {
    STM32TVM_CHECK(writer.touch(file));
  }
  for (const std::string& file : workload_files(folder_)) {
    STM32TVM_CHECK(writer.touch(file));
  }
  for (const fs::path& other : others) {
    STM32TVM_TRY(files, record_files(other));
    for (const std::string& file : files) {
      STM32TVM_CHECK(add_log(other / file, "", writer, change));
    }
    for (const std::string& file : workload_files(other)) {
      STM32TVM_CHECK(add_workloads(other / file, writer));
    }
  }
  STM32TVM_CHECK(writer.finish());
  return change;
}

}  // namespace v1
}  // namespace stm32tvm
