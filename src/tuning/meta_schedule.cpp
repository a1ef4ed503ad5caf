// SPDX-License-Identifier: Apache-2.0
#include "tuning/meta_schedule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "support/try.hpp"
#include "tree/manifest.hpp"

namespace stm32tvm::tuning {
namespace {

Error bad(std::string_view needed) {
  return {ErrorCode::bad_json,
          fmt::format("the line is not {}; take meta-schedule's two files again from where they came", needed), ""};
}

}  // namespace

Result<WorkloadLine> read_workload(std::string_view line, LineParser& parser) {
  constexpr std::string_view needed = "a workload, [\"hash\", \"module\"]";
  STM32TVM_TRY(root, parser.parse(line));
  json::Array array;
  std::string_view structural_hash;
  std::string_view module;
  if (root.get(array) != simdjson::SUCCESS || array.size() != 2 ||
      array.at(0).get(structural_hash) != simdjson::SUCCESS || array.at(1).get(module) != simdjson::SUCCESS) {
    return bad(needed);
  }
  WorkloadLine workload{hash_of(module), {}};
  append_spaced(line, workload.text);
  return workload;
}

Result<PairRecord> read_pair_record(std::string_view line, LineParser& parser) {
  constexpr std::string_view needed = "a record, [index, [trace, run_secs, target, args_info]]";
  STM32TVM_TRY(root, parser.parse(line));
  json::Array outer;
  json::Array inner;
  PairRecord record;
  if (root.get(outer) != simdjson::SUCCESS || outer.size() != 2 ||
      outer.at(0).get(record.workload) != simdjson::SUCCESS || outer.at(1).get(inner) != simdjson::SUCCESS ||
      inner.size() != 4) {
    return bad(needed);
  }
  std::string spaced;
  append_spaced(line, spaced);
  const std::vector<std::string_view> fields = elements(elements(spaced)[1]);
  record.trace = fields[0];
  record.run_seconds = fields[1];
  record.target = fields[2];
  record.arguments = fields[3];
  return record;
}

std::string stored_text(const PairRecord& record, std::string_view hash) {
  return fmt::format(R"({{"workload": "{}", "trace": {}, "target": {}, "args_info": {}, "run_secs": {}}})", hash,
                     record.trace, record.target, record.arguments, record.run_seconds);
}

std::string pair_text(std::string_view stored, std::uint64_t index) {
  std::vector<TextMember> all;
  members(stored, all);
  const auto value = [&](std::string_view key) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const TextMember& each) { return each.key == key; });
    return found == all.end() ? std::string_view("null") : found->value;
  };
  std::string text;
  append_compact(
      fmt::format("[{},[{},{},{},{}]]", index, value("trace"), value("run_secs"), value("target"), value("args_info")),
      text);
  return text;
}

}  // namespace stm32tvm::tuning
