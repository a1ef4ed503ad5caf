// SPDX-License-Identifier: Apache-2.0
// meta-schedule's pair of files: records name their workload by its place in the other file; the database, by a hash.
#pragma once

#include <string>
#include <string_view>

#include "stm32tvm/result.hpp"
#include "tuning/json_text.hpp"

namespace stm32tvm::tuning {

/// A line of database_workload.json, ["structural hash", "module in base64"]. The database's hash of a workload is the
/// XXH128 of the module's base64 text: TVM's own hash differs between environments.
struct WorkloadLine {
  std::string hash;
  std::string text;  ///< spaced
};
Result<WorkloadLine> read_workload(std::string_view line, LineParser& parser);

/// A line of database_tuning_record.json, [workload's index, [trace, run_secs, target, args_info]], with texts as TVM
/// wrote them, spaced.
struct PairRecord {
  std::uint64_t workload = 0;
  std::string trace;
  std::string run_seconds;
  std::string target;
  std::string arguments;
};
Result<PairRecord> read_pair_record(std::string_view line, LineParser& parser);

/// The record as a line that RecordReader reads.
std::string stored_text(const PairRecord& record, std::string_view hash);

/// A stored line as meta-schedule writes it, for the workload of this index.
std::string pair_text(std::string_view stored, std::uint64_t index);

}  // namespace stm32tvm::tuning
