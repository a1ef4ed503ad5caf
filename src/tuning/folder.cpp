// SPDX-License-Identifier: Apache-2.0
#include "tuning/folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include "stm32tvm/source_tree.hpp"
#include "support/relative_path.hpp"
#include "support/try.hpp"
#include "tuning/line_reader.hpp"
#include "tuning/target_text.hpp"

namespace stm32tvm::tuning {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view suffix = ".jsonl";
constexpr std::string_view workload_folder = "workloads";

/// A union merge keeps the lines of both sides, which is right because lines have no order that means anything. Plain
/// sorted lines would conflict where both sides add to the same place, or make the same file.
constexpr std::string_view git_attributes = "*.jsonl text eol=lf merge=union\n";

/// A part of a path that all systems take: small letters, digits, '.', '-' and '_'.
std::string path_part(std::string_view text) {
  constexpr std::size_t longest = 80;
  std::string part;
  for (const char c : text.substr(0, longest)) {
    const char lower = folded(c);
    const bool plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') || lower == '-';
    part += plain || (lower == '.' && !part.empty()) ? lower : '_';
  }
  while (part.ends_with('.')) {
    part.back() = '_';
  }
  return is_safe_relative_path(part) ? part : "_" + part;
}

/// Whether another measurement of the same key and environment is the better one.
bool better(const Record& a, const Record& b) {
  if (a.succeeded() != b.succeeded()) {
    return a.succeeded();
  }
  if (a.succeeded() && a.mean() != b.mean()) {
    return a.mean() < b.mean();
  }
  return a.timestamp < b.timestamp;
}

/// The records of one key: of each environment, the best.
class KeyGroup {
 public:
  [[nodiscard]] bool takes(const SortLine& line) const {
    return !lines_.empty() && line.key_size == key_size_ &&
           std::string_view(lines_.front()).substr(0, key_size_) == line.text.substr(0, key_size_);
  }
  void start(const SortLine& line) {
    key_size_ = line.key_size;
    lines_.resize(1);
    lines_.front() = line.text;
    records_.clear();
  }
  void add(const SortLine& line) {
    if (records_.empty()) {
      records_.push_back(read(lines_.front()));
    }
    std::optional<Record> record = read(line.text);
    for (std::size_t i = 0; record && i < lines_.size(); ++i) {
      if (records_[i] && environment(records_[i]->line) == environment(record->line)) {
        if (better(*record, *records_[i])) {
          lines_[i] = line.text;
          records_[i] = std::move(record);
        }
        return;
      }
    }
    lines_.emplace_back(line.text);
    records_.push_back(std::move(record));
  }
  std::uint64_t write(std::ostream& file) {
    std::sort(lines_.begin(), lines_.end());
    for (const std::string& line : lines_) {
      file << line << '\n';
    }
    return lines_.size();
  }

 private:
  /// Nothing for a record whose result cannot be told, and for a workload; such lines are all kept.
  std::optional<Record> read(std::string_view text) {
    padded_.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    padded_ = text;
    Record record;
    return reader_.read(padded_, record) ? std::optional(std::move(record)) : std::nullopt;
  }

  std::uint32_t key_size_ = 0;
  std::vector<std::string> lines_;
  std::vector<std::optional<Record>> records_;
  RecordReader reader_;
  std::string padded_;
};

/// Writes sorted lines to their files.
class FilesWriter {
 public:
  FilesWriter(const fs::path& folder, const std::vector<std::string>& files, TuningChange& change)
      : folder_(folder), files_(files), change_(change), written_(files.size(), false) {}

  Result<void> take(const SortLine& line) {
    if (!written_[line.file]) {
      STM32TVM_CHECK(close());
      STM32TVM_TRY(temporary, pending_.temporary_for(folder_ / files_[line.file]));
      file_.open(temporary, std::ios::binary);
      path_ = temporary;
      holds_records_ = !files_[line.file].starts_with(workload_folder);
      written_[line.file] = true;
    } else if (group_.takes(line)) {
      group_.add(line);
      return {};
    } else {
      flush();
    }
    group_.start(line);
    return {};
  }

  Result<void> finish() {
    STM32TVM_CHECK(close());
    std::error_code error;
    if (const fs::path attributes = folder_ / ".gitattributes"; !fs::exists(attributes, error)) {
      STM32TVM_TRY(temporary, pending_.temporary_for(attributes));
      file_.open(temporary, std::ios::binary);
      path_ = temporary;
      file_ << git_attributes;
      STM32TVM_CHECK(check_closed());
    }
    STM32TVM_CHECK(pending_.commit());
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (!written_[i]) {
        fs::remove(folder_ / files_[i], error);  // all its lines belong elsewhere
      }
    }
    return {};
  }

 private:
  void flush() {
    const std::uint64_t count = group_.write(file_);
    change_.after += holds_records_ ? count : 0;
  }
  Result<void> close() {
    if (!file_.is_open()) {
      return {};
    }
    flush();
    return check_closed();
  }
  Result<void> check_closed() {
    file_.close();
    if (!file_) {
      return Error{ErrorCode::cannot_write, "the file could not be written; check the free space", path_.string()};
    }
    return {};
  }

  const fs::path& folder_;
  const std::vector<std::string>& files_;
  TuningChange& change_;
  std::vector<bool> written_;
  PendingFiles pending_;
  std::ofstream file_;
  fs::path path_;
  bool holds_records_ = false;
  KeyGroup group_;
};

/// Files of this suffix in a folder.
void add_files(const fs::path& folder, const std::string& prefix, std::vector<std::string>& files) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::string file = at->path().filename().string();
    if (at->is_regular_file(error) && file.ends_with(suffix)) {
      files.push_back(fmt::format("{}/{}", prefix, file));
    }
  }
}

}  // namespace

std::string file_of(const StoredLine& line) {
  TargetText target;
  if (line.format == RecordFormat::meta_schedule) {
    LineParser parser;
    if (const auto value = parser.parse_unpadded(line.target)) {
      target = read_target(*value);
    }
  } else {
    target = read_target(line.target);
  }
  return fmt::format("{}/{}/{}{}", stm32tvm::name(line.format), path_part(short_name(target)), path_part(line.task),
                     suffix);
}

std::string workload_file(std::string_view hash) {
  return fmt::format("{}/{}{}", workload_folder, path_part(hash), suffix);
}

Result<std::vector<std::string>> record_files(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return Error{ErrorCode::cannot_read, "there is no such folder; give that of a tuning database", folder.string()};
  }
  std::vector<std::string> files;
  for (const RecordFormat format : {RecordFormat::autotvm, RecordFormat::auto_scheduler, RecordFormat::meta_schedule}) {
    const fs::path of_format = folder / stm32tvm::name(format);
    for (fs::directory_iterator at(of_format, error), end; !error && at != end; at.increment(error)) {
      add_files(at->path(), fmt::format("{}/{}", stm32tvm::name(format), at->path().filename().string()), files);
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> workload_files(const fs::path& folder) {
  std::vector<std::string> files;
  add_files(folder / workload_folder, std::string(workload_folder), files);
  std::sort(files.begin(), files.end());
  return files;
}

std::string place(const fs::path& file, std::uint64_t line) {
  return fmt::format("{}:{}", file.string(), line);
}

PendingFiles::~PendingFiles() {
  for (const Pending& pending : files_) {
    std::error_code error;
    fs::remove(pending.temporary, error);
  }
}

Result<fs::path> PendingFiles::temporary_for(const fs::path& path) {
  std::error_code error;
  if (path.has_parent_path()) {
    fs::create_directories(path.parent_path(), error);
  }
  if (error) {
    return Error{ErrorCode::cannot_write, "the folder could not be made; check that you may write here",
                 path.parent_path().string()};
  }
  fs::path temporary = path;
  temporary += ".tmp";
  files_.push_back({temporary, path});
  return temporary;
}

Result<void> PendingFiles::commit() {
  for (const Pending& pending : files_) {
    std::error_code error;
    fs::rename(pending.temporary, pending.path, error);
    if (error) {
      return Error{ErrorCode::cannot_write, "the file could not be replaced; check that you may write it",
                   pending.path.string()};
    }
  }
  files_.clear();
  return {};
}

FolderWriter::FolderWriter(fs::path folder, std::size_t memory_bytes, TuningChange& change)
    : folder_(std::move(folder)), change_(change), sorter_(folder_, memory_bytes) {
}

std::uint32_t FolderWriter::number_of(const std::string& file) {
  const auto [found, added] = numbers_.try_emplace(file, static_cast<std::uint32_t>(files_.size()));
  if (added) {
    files_.push_back(file);
  }
  return found->second;
}

Result<void> FolderWriter::add(const StoredLine& line) {
  task_.assign(1, static_cast<char>('0' + static_cast<int>(line.format)));
  task_.append(line.task).append("\n").append(line.target);
  const auto [found, added] = number_of_task_.try_emplace(task_, 0);
  if (added) {
    found->second = number_of(file_of(line));
  }
  return sorter_.add({found->second, line.key_size, line.text});
}

Result<void> FolderWriter::add_workload(std::string_view hash, std::string_view line) {
  return sorter_.add({number_of(workload_file(hash)), static_cast<std::uint32_t>(line.size()), line});
}

Result<void> FolderWriter::touch(const std::string& file) {
  number_of(file);
  return {};
}

void FolderWriter::refuse(const Error& error, std::string where) {
  constexpr std::size_t most = 100;
  ++change_.refused;
  if (change_.diagnostics.size() < most) {
    change_.diagnostics.push_back({Diagnostic::Kind::warning, error.message, std::move(where)});
  }
}

/// Gives the sorter what the touched files hold. A line that belongs into another file touches that one.
Result<void> FolderWriter::read_touched() {
  RecordReader reader;
  StoredLine stored;
  for (; files_read_ < files_.size(); ++files_read_) {
    const std::string file = files_[files_read_];
    const auto number = static_cast<std::uint32_t>(files_read_);
    const fs::path path = folder_ / file;
    std::error_code error;
    if (!fs::exists(path, error)) {
      continue;
    }
    LineReader lines;
    STM32TVM_CHECK(lines.open(path));
    const bool workloads = file.starts_with(workload_folder);
    for (std::string_view line; lines.next(line);) {
      if (workloads) {
        STM32TVM_CHECK(sorter_.add({number, static_cast<std::uint32_t>(line.size()), line}));
        continue;
      }
      if (line.empty()) {
        continue;
      }
      ++change_.before;
      if (Result<void> read = reader.read(line, "", stored); !read) {
        refuse(read.error(), place(path, lines.number()));
        continue;
      }
      STM32TVM_CHECK(add(stored));
    }
    if (lines.failed()) {
      return Error{ErrorCode::cannot_read, "the file could not be read to its end; try again", path.string()};
    }
  }
  return {};
}

Result<void> FolderWriter::finish() {
  STM32TVM_CHECK(read_touched());
  FilesWriter writer(folder_, files_, change_);
  STM32TVM_CHECK(sorter_.drain([&](const SortLine& line) { return writer.take(line); }));
  return writer.finish();
}

}  // namespace stm32tvm::tuning
