// SPDX-License-Identifier: Apache-2.0
// One record: a line of canonical JSON in three parts, the key (what was measured), the result and the environment (how
// and on what). The key comes first, so sorting lines by their bytes brings the measurements of one key together.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/tuning_database.hpp"
#include "tuning/json_text.hpp"

namespace stm32tvm::tuning {

/// A line as the database keeps it. AutoTVM's and auto_scheduler's are their own with a member "provenance" at the end;
/// meta-schedule's is {"workload", "trace", "target", "args_info", "run_secs", "provenance"}.
struct StoredLine {
  RecordFormat format = RecordFormat::autotvm;
  std::string text;
  std::uint32_t key_size = 0;  ///< bytes of `text` before the result
  std::string target;          ///< as text; of meta-schedule the object's JSON
  std::string task;            ///< name of the task; of meta-schedule the workload's hash
};

/// What a record says, for those who choose among records.
struct Record {
  StoredLine line;
  std::string workload;       ///< what TVM looks up, beside the target
  std::vector<double> costs;  ///< seconds; NaN where the text has none that JSON knows
  std::int64_t error = 0;     ///< 0: measured
  double timestamp = 0;       ///< 0 for meta-schedule, which keeps none
  Provenance provenance;
  std::vector<std::string> scopes;  ///< as lookup_scopes() tells; meta-schedule: the target alone

  [[nodiscard]] bool succeeded() const;
  [[nodiscard]] double mean() const;
};

/// Reads lines, of logs and of the database alike; one object serves many lines without allocating for each.
class RecordReader {
 public:
  /// Brings a line into the database's form. `provenance` is the JSON of what the record does not say itself, and empty
  /// when it must. `line` needs simdjson's padding behind it. Fails with bad_json, bad_option or unsupported_version;
  /// the error has no place.
  Result<void> read(std::string_view line, std::string_view provenance, StoredLine& out);

  /// The same, and what the record says. Fails too where its result cannot be told.
  Result<void> read(std::string_view line, Record& out);

 private:
  struct Shape;
  Result<void> read_autotvm(json::Object row, std::string_view provenance, StoredLine& out);
  Result<void> read_auto_scheduler(json::Object row, std::string_view provenance, StoredLine& out);
  Result<void> read_meta_schedule(json::Object row, std::string_view provenance, StoredLine& out);
  Result<void> assemble(json::Object row, const Shape& shape, std::string_view provenance, StoredLine& out);

  LineParser parser_;
  json::Value root_;
  std::string spaced_;
  std::vector<TextMember> members_;
  std::vector<const TextMember*> ordered_;
};

/// The environment's part of a stored line: all behind the result.
std::string_view environment(const StoredLine& line);

/// A stored AutoTVM or auto_scheduler line as TVM writes it.
std::string_view without_provenance(std::string_view stored, std::string& storage);

}  // namespace stm32tvm::tuning
