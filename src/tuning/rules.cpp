// SPDX-License-Identifier: Apache-2.0
#include "tuning/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

#include "support/relative_path.hpp"
#include "tuning/target_text.hpp"

namespace stm32tvm::tuning {
namespace {

using Faults = std::vector<std::string>;

/// Elements of an array; none when it is something else.
std::vector<json::Value> values(json::Value value) {
  json::Array array;
  std::vector<json::Value> found;
  if (value.get(array) == simdjson::SUCCESS) {
    for (const json::Value each : array) {
      found.push_back(each);
    }
  }
  return found;
}

std::string_view text_of(json::Value value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? text : std::string_view();
}

bool is_whole(json::Value value) {
  return value.is<std::int64_t>() || value.is<std::uint64_t>();
}

bool is_permutation(const std::vector<json::Value>& order) {
  std::vector<bool> seen(order.size(), false);
  for (const json::Value each : order) {
    std::uint64_t index = 0;
    if (each.get(index) != simdjson::SUCCESS || index >= seen.size() || seen[index]) {
      return false;
    }
    seen[index] = true;
  }
  return true;
}

/// One of AutoTVM's [name, kind, value].
void check_entity(json::Value entity, Faults& faults) {
  const std::vector<json::Value> parts = values(entity);
  if (parts.size() != 3 || !parts[0].is_string()) {
    faults.emplace_back("an entity of the configuration is not [name, kind, value]");
    return;
  }
  const std::string name = shown(text_of(parts[0]));
  const std::string_view kind = text_of(parts[1]);
  const std::vector<json::Value> list = values(parts[2]);
  if (kind == "sp") {
    const bool sizes = std::all_of(list.begin(), list.end(), [](json::Value each) {
      std::int64_t size = 0;
      return each.get(size) == simdjson::SUCCESS && (size > 0 || size == -1);
    });
    if (!parts[2].is_array() || !sizes) {
      faults.push_back(fmt::format("the split \"{}\" is no list of sizes above 0, or -1", name));
    }
  } else if (kind == "re") {
    if (!parts[2].is_array() || !is_permutation(list)) {
      faults.push_back(fmt::format("the order \"{}\" does not have each of its places once", name));
    }
  } else if (kind == "an") {
    if (!parts[2].is_array()) {
      faults.push_back(fmt::format("the annotation \"{}\" is no list", name));
    }
  } else if (kind != "ot") {
    faults.push_back(
        fmt::format("the entity \"{}\" has the kind \"{}\", which is none of sp, re, an, ot", name, shown(kind)));
  }
}

void check_target(const TargetText& target, Faults& faults) {
  if (target.kind.empty()) {
    faults.emplace_back("the target does not start with its kind, such as c or llvm");
  } else if (target.model == "unknown") {
    faults.emplace_back("the target's model is \"unknown\", which TVM never matches; name the part");
  } else if (target.model.empty() && target.mcpu.empty()) {
    faults.emplace_back("the target names neither -model nor -mcpu, so it does not tell what the record is for");
  }
}

/// `failed` is the cost that stands for no measurement.
void check_costs(const Record& record, Faults& faults) {
  constexpr double autotvm_failed = 1e9;
  const bool autotvm = record.line.format == RecordFormat::autotvm;
  if (record.error == 0) {
    const bool times = !record.costs.empty() && std::all_of(record.costs.begin(), record.costs.end(), [](double cost) {
      return std::isfinite(cost) && cost > 0 && cost < autotvm_failed;
    });
    if (!times) {
      faults.emplace_back("the measurement succeeded, but its times are not all seconds above 0 and below 1e9");
    }
  } else if (record.error < 0 || record.error > 8) {
    faults.push_back(fmt::format("the error number is {}, which is none of 0 to 8", record.error));
  } else if (autotvm ? record.costs != std::vector<double>{autotvm_failed}
                     : std::any_of(record.costs.begin(), record.costs.end(),
                                   [](double cost) { return !(cost >= autotvm_failed); })) {
    faults.emplace_back("the measurement failed, but its costs are not the 1e9 that stands for that");
  }
}

void check_result(json::Value result, const Record& record, Faults& faults) {
  constexpr double year_2016 = 1451606400;  // TVM is no older
  constexpr double year_2100 = 4102444800;
  const std::vector<json::Value> parts = values(result);
  if (parts.size() != 4) {
    faults.emplace_back("the result is not [costs, error number, time it took, time stamp]");
    return;
  }
  check_costs(record, faults);
  double took = 0;
  if (parts[2].get(took) != simdjson::SUCCESS || took < 0) {
    faults.emplace_back("the time that the measurement took is no number from 0 on");
  }
  if (!(record.timestamp >= year_2016 && record.timestamp < year_2100)) {
    faults.emplace_back("the time stamp does not lie between the years 2016 and 2100");
  }
}

void check_autotvm(json::Object row, const Record& record, Faults& faults) {
  const std::vector<json::Value> input = values(row["input"].value_unsafe());
  if (input.size() != 4 || !input[2].is_array() || !input[3].is_object()) {
    faults.emplace_back("the input is not [target, task, arguments, {keyword arguments}]");
  }
  check_target(read_target(record.line.target), faults);
  json::Value entities;
  json::Value index;
  json::Object config;
  std::uint64_t number = 0;
  const bool has_config = row["config"].get(config) == simdjson::SUCCESS;
  if (!has_config || !json::find(config, "index", index) || index.get(number) != simdjson::SUCCESS) {
    faults.emplace_back("the configuration has no index, a whole number from 0 on");
  }
  if (!has_config || !json::find(config, "entity", entities) || !entities.is_array()) {
    faults.emplace_back("the configuration has no list of entities");
  } else {
    for (const json::Value entity : values(entities)) {
      check_entity(entity, faults);
    }
  }
  check_result(row["result"].value_unsafe(), record, faults);
}

void check_auto_scheduler(json::Object row, const Record& record, Faults& faults) {
  static constexpr std::array<std::string_view, 14> steps{"AN", "FU", "PR", "RE", "SP",  "FSP", "FFSP",
                                                          "SA", "CA", "CI", "CR", "CHR", "CHW", "RF"};
  LineParser parser;
  const auto workload = parser.parse_unpadded(record.workload);
  if (!workload || values(*workload).empty() || !values(*workload)[0].is_string()) {
    faults.emplace_back("the workload key is no JSON array that starts with a name");
  }
  check_target(read_target(record.line.target), faults);
  const std::vector<json::Value> input = values(row["i"].value_unsafe());
  const std::vector<json::Value> task = input.empty() ? input : values(input[0]);
  const std::vector<json::Value> hardware = task.size() > 2 ? values(task[2]) : std::vector<json::Value>();
  if (task.size() > 2 && (hardware.size() != 8 || !std::all_of(hardware.begin(), hardware.end(), is_whole))) {
    faults.emplace_back("the hardware parameters are not eight whole numbers");
  }
  const std::vector<json::Value> state = input.size() == 2 ? values(input[1]) : std::vector<json::Value>();
  if (state.size() != 2 || !state[1].is_array()) {
    faults.emplace_back("the input is not [task, [stages, steps]]");
  } else {
    for (const json::Value step : values(state[1])) {
      const std::vector<json::Value> parts = values(step);
      const std::string_view tag = parts.empty() ? std::string_view() : text_of(parts[0]);
      if (std::find(steps.begin(), steps.end(), tag) == steps.end()) {
        faults.push_back(fmt::format("the step \"{}\" is none that auto_scheduler knows", shown(tag)));
      }
    }
  }
  for (const auto& [key, value] : row) {
    if (key != "i" && key != "r" && key != "v" && key != "provenance") {
      faults.push_back(fmt::format("the record has \"{}\", at which auto_scheduler gives up", shown(key)));
    }
  }
  check_result(row["r"].value_unsafe(), record, faults);
}

void check_meta_schedule(json::Object row, const Record& record, Faults& faults) {
  const std::vector<json::Value> trace = values(row["trace"].value_unsafe());
  const auto is_instruction = [](json::Value each) { return values(each).size() == 4; };
  const auto is_decision = [](json::Value each) { return values(each).size() == 2 && is_whole(values(each)[0]); };
  const std::vector<json::Value> instructions = trace.size() == 2 ? values(trace[0]) : trace;
  const std::vector<json::Value> decisions = trace.size() == 2 ? values(trace[1]) : trace;
  if (trace.size() != 2 || instructions.empty() ||
      !std::all_of(instructions.begin(), instructions.end(), is_instruction) ||
      !std::all_of(decisions.begin(), decisions.end(), is_decision)) {
    faults.emplace_back("the trace is not [instructions of four parts, decisions of two]");
  }
  json::Value target = row["target"].value_unsafe();
  check_target(target.is_string() ? read_target(text_of(target)) : read_target(target), faults);
  const json::Value arguments = row["args_info"].value_unsafe();
  for (const json::Value each : values(arguments)) {
    const std::vector<json::Value> parts = values(each);
    if (parts.size() != 3 || text_of(parts[0]) != "TENSOR" || !parts[1].is_string() || !parts[2].is_array()) {
      faults.emplace_back("an argument is not [\"TENSOR\", type, shape]");
    }
  }
  check_costs(record, faults);
}

}  // namespace

std::vector<std::string> broken_rules(std::string_view text, const Record& record) {
  Faults faults;
  LineParser parser;
  json::Object row;
  const auto root = parser.parse_unpadded(record.line.text);
  if (!root || root->get(row) != simdjson::SUCCESS) {
    faults.emplace_back("the record cannot be read");
    return faults;
  }
  switch (record.line.format) {
    case RecordFormat::autotvm:
      check_autotvm(row, record, faults);
      break;
    case RecordFormat::auto_scheduler:
      check_auto_scheduler(row, record, faults);
      break;
    case RecordFormat::meta_schedule:
      check_meta_schedule(row, record, faults);
      break;
  }
  if (text != record.line.text) {
    faults.emplace_back("the line is not in the database's form; bring it there with stm32tvm tuning merge");
  }
  return faults;
}

}  // namespace stm32tvm::tuning
