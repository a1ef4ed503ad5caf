// SPDX-License-Identifier: Apache-2.0
// Checking a database: every line by itself, and what lines must not do together.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "stm32tvm/tuning_database.hpp"
#include "support/try.hpp"
#include "tuning/folder.hpp"
#include "tuning/line_reader.hpp"
#include "tuning/meta_schedule.hpp"
#include "tuning/rules.hpp"

namespace stm32tvm {
namespace {

namespace fs = std::filesystem;
using namespace tuning;

class Validator {
 public:
  explicit Validator(fs::path folder) : folder_(std::move(folder)) {}

  Result<void> check_records(const std::string& file) {
    lines_.clear();
    last_.clear();
    bool sorted = true;
    STM32TVM_CHECK(each_line(file, [&](std::string_view line, std::uint64_t number) {
      check_record(file, line, number);
      sorted = sorted && last_ < line;
      last_ = line;
    }));
    if (!sorted) {
      tell(Diagnostic::Kind::note, "the records are not sorted; stm32tvm tuning merge sorts them",
           (folder_ / file).string());
    }
    tell_duplicates(file);
    return {};
  }

  Result<void> check_workloads(const std::string& file) {
    return each_line(file, [&](std::string_view line, std::uint64_t number) {
      const Result<WorkloadLine> workload = read_workload(line, parser_);
      if (!workload) {
        broken(workload.error().message, place(folder_ / file, number));
      } else if (workload_file(workload->hash) != file) {
        broken("the module's hash is not the file's name; import meta-schedule's files again",
               place(folder_ / file, number));
      } else {
        workloads_.insert(workload->hash);
      }
    });
  }

  TuningFindings findings() && { return std::move(findings_); }

 private:
  struct Line {
    std::size_t key;   ///< hash of key and environment
    std::size_t text;  ///< hash of the line
    std::uint64_t number;
    // The check takes the 0 inside of what is defaulted for a pointer.
    friend auto operator<=>(const Line&, const Line&) = default;  // NOLINT(modernize-use-nullptr)
  };

  template <class Check>
  Result<void> each_line(const std::string& file, const Check& check) {
    LineReader lines;
    STM32TVM_CHECK(lines.open(folder_ / file));
    for (std::string_view line; lines.next(line);) {
      check(line, lines.number());
    }
    if (lines.failed()) {
      return Error{ErrorCode::cannot_read, "the file could not be read to its end; try again",
                   (folder_ / file).string()};
    }
    return {};
  }

  void check_record(const std::string& file, std::string_view line, std::uint64_t number) {
    ++findings_.records;
    if (const Result<void> read = reader_.read(line, record_); !read) {
      broken(read.error().message, place(folder_ / file, number));
      return;
    }
    for (std::string& fault : broken_rules(line, record_)) {
      broken(std::move(fault), place(folder_ / file, number));
    }
    if (const std::string proper = file_of(record_.line); proper != file) {
      broken(fmt::format("the record belongs into {}; stm32tvm tuning merge moves it", proper),
             place(folder_ / file, number));
    }
    if (record_.line.format == RecordFormat::meta_schedule && !workloads_.contains(record_.workload)) {
      broken(fmt::format("the record's workload, {}, is not there; import meta-schedule's files again",
                         workload_file(record_.workload)),
             place(folder_ / file, number));
    }
    const std::string_view text = record_.line.text;
    const std::size_t key = std::hash<std::string_view>()(text.substr(0, record_.line.key_size));
    const std::size_t rest = std::hash<std::string_view>()(environment(record_.line));
    lines_.push_back({key ^ (rest * 0x9e3779b97f4a7c15U), std::hash<std::string_view>()(text), number});
  }

  /// Equal lines, which a union merge of git leaves, do no harm; two results of one measurement do.
  void tell_duplicates(const std::string& file) {
    std::sort(lines_.begin(), lines_.end());
    for (std::size_t i = 1; i < lines_.size(); ++i) {
      const Line& line = lines_[i];
      const Line& before = lines_[i - 1];
      if (line.key == before.key && line.text == before.text) {
        tell(Diagnostic::Kind::note,
             fmt::format("the record stands in line {}, too; stm32tvm tuning merge drops one", before.number),
             place(folder_ / file, line.number));
      } else if (line.key == before.key) {
        broken(fmt::format("line {} holds a record of the same key and environment; stm32tvm tuning merge keeps the "
                           "better one",
                           before.number),
               place(folder_ / file, line.number));
      }
    }
  }

  void broken(std::string message, std::string where) {
    ++findings_.broken;
    tell(Diagnostic::Kind::warning, std::move(message), std::move(where));
  }
  void tell(Diagnostic::Kind kind, std::string message, std::string where) {
    constexpr std::size_t most = 1000;
    if (findings_.diagnostics.size() < most) {
      findings_.diagnostics.push_back({kind, std::move(message), std::move(where)});
    }
  }

  fs::path folder_;
  TuningFindings findings_;
  RecordReader reader_;
  Record record_;
  LineParser parser_;
  std::set<std::string> workloads_;
  std::string last_;
  std::vector<Line> lines_;
};

}  // namespace

inline namespace v1 {

Result<TuningFindings> TuningDatabase::validate() const {
  Validator validator(folder_);
  STM32TVM_TRY(files, record_files(folder_));
  for (const std::string& file : workload_files(folder_)) {
    STM32TVM_CHECK(validator.check_workloads(file));
  }
  for (const std::string& file : files) {
    STM32TVM_CHECK(validator.check_records(file));
  }
  return std::move(validator).findings();
}

}  // namespace v1
}  // namespace stm32tvm
