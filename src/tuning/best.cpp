// SPDX-License-Identifier: Apache-2.0
// Which record TVM would pick, and what there is.
#include <map>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "stm32tvm/tuning_database.hpp"
#include "support/try.hpp"
#include "tuning/folder.hpp"
#include "tuning/machines.hpp"
#include "tuning/provenance.hpp"
#include "tuning/scan.hpp"

namespace stm32tvm {
namespace {

using namespace tuning;

struct Pick {
  BestRecord best;
  double timestamp = 0;
};

}  // namespace

inline namespace v1 {

Result<std::vector<BestRecord>> TuningDatabase::best(const Provenance& filter) const {
  std::map<std::tuple<RecordFormat, std::string, std::string>, Pick> picks;
  Machines machines;
  STM32TVM_TRY(files, record_files(folder_));
  STM32TVM_CHECK(scan(folder_, files, [&](const std::string&, const Record& record) -> Result<void> {
    if (!record.succeeded() || !matches(record.provenance, filter)) {
      return {};
    }
    machines.add(record);
    const double seconds = record.mean();
    for (const std::string& scope : record.scopes) {
      const auto [found, added] = picks.try_emplace({record.line.format, scope, record.workload});
      Pick& pick = found->second;
      if (added || seconds < pick.best.seconds || (seconds == pick.best.seconds && record.timestamp < pick.timestamp)) {
        pick = {{record.line.format, record.line.target, record.line.task, record.workload, scope, seconds,
                 record.provenance, record.line.text},
                record.timestamp};
      }
    }
    return {};
  }));
  if (picks.empty()) {
    return Error{ErrorCode::bad_option,
                 "no record that was measured without failure matches; see what there is with stm32tvm tuning stats",
                 folder_.string()};
  }
  STM32TVM_CHECK(machines.check_comparable(folder_));
  std::vector<BestRecord> best;
  best.reserve(picks.size());
  for (auto& [key, pick] : picks) {
    best.push_back(std::move(pick.best));
  }
  return best;
}

Result<std::vector<TaskStatistics>> TuningDatabase::statistics() const {
  std::map<std::tuple<RecordFormat, std::string, std::string, Provenance::Measured>, TaskStatistics> tasks;
  std::map<const TaskStatistics*, std::unordered_set<std::string>> workloads;
  STM32TVM_TRY(files, record_files(folder_));
  STM32TVM_CHECK(scan(folder_, files, [&](const std::string&, const Record& record) -> Result<void> {
    TaskStatistics& task =
        tasks[{record.line.format, record.line.target, record.line.task, record.provenance.measured}];
    task.format = record.line.format;
    task.target = record.line.target;
    task.task = record.line.task;
    task.measured = record.provenance.measured;
    ++task.records;
    if (!record.succeeded()) {
      ++task.failed;
    } else if (!task.least_seconds || record.mean() < *task.least_seconds) {
      task.least_seconds = record.mean();
    }
    if (workloads[&task].insert(record.workload).second) {
      ++task.workloads;
    }
    return {};
  }));
  std::vector<TaskStatistics> rows;
  rows.reserve(tasks.size());
  for (auto& [key, task] : tasks) {
    rows.push_back(std::move(task));
  }
  return rows;
}

}  // namespace v1
}  // namespace stm32tvm
