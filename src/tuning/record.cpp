// SPDX-License-Identifier: Apache-2.0
#include "tuning/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>

#include "support/relative_path.hpp"
#include "support/try.hpp"
#include "tuning/provenance.hpp"
#include "tuning/target_text.hpp"

namespace stm32tvm::tuning {
namespace {

constexpr std::string_view provenance_member = "provenance";

Error bad(std::string message) {
  return {ErrorCode::bad_json, std::move(message), ""};
}

const TextMember* find(const std::vector<TextMember>& members, std::string_view key) {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const TextMember& member) { return member.key == key; });
  return found == members.end() ? nullptr : &*found;
}

/// The element of an array, or an error that names it.
Result<json::Value> at(json::Value array, std::size_t index, std::string_view what) {
  json::Array values;
  json::Value value;
  if (array.get(values) != simdjson::SUCCESS || values.at(index).get(value) != simdjson::SUCCESS) {
    return bad(fmt::format("the record's {} is missing; take the line again from where it came", what));
  }
  return value;
}

Result<std::string_view> text_at(json::Value array, std::size_t index, std::string_view what) {
  STM32TVM_TRY(value, at(array, index, what));
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) {
    return bad(fmt::format("the record's {} is {} where a string is needed; take the line again from where it came",
                           what, json::type_name(value)));
  }
  return text;
}

/// Name of the function in auto_scheduler's workload key, which is a JSON array as a string.
std::string_view function_of(std::string_view workload_key) {
  if (!workload_key.starts_with("[\"")) {
    return workload_key;
  }
  workload_key.remove_prefix(2);
  return workload_key.substr(0, workload_key.find('"'));
}

double number_or_nan(json::Value value) {
  double number = 0;
  return value.get(number) == simdjson::SUCCESS ? number : std::numeric_limits<double>::quiet_NaN();
}

Result<std::vector<double>> read_costs(json::Value value) {
  json::Array array;
  if (value.get(array) != simdjson::SUCCESS) {
    return bad("the record's costs are no array; take the line again from where it came");
  }
  std::vector<double> costs;
  for (const json::Value each : array) {
    costs.push_back(number_or_nan(each));
  }
  return costs;
}

/// AutoTVM's and auto_scheduler's [[costs], error, time it took, time stamp].
Result<void> read_result(json::Value result, Record& out) {
  STM32TVM_TRY(costs, at(result, 0, "array of costs"));
  STM32TVM_TRY(numbers, read_costs(costs));
  out.costs = std::move(numbers);
  STM32TVM_TRY(error, at(result, 1, "error number"));
  if (error.get(out.error) != simdjson::SUCCESS) {
    return bad("the record's error number is no whole number; take the line again from where it came");
  }
  STM32TVM_TRY(timestamp, at(result, 3, "time stamp"));
  out.timestamp = number_or_nan(timestamp);
  return {};
}

/// meta-schedule has no error number: times that are missing, or all 1e10, mean that nothing was measured.
Result<void> read_run_seconds(json::Value value, Record& out) {
  constexpr double undefined = 1e10;
  out.costs.clear();
  out.timestamp = 0;
  if (!value.is_null()) {
    STM32TVM_TRY(costs, read_costs(value));
    out.costs = std::move(costs);
  }
  const bool measured = std::any_of(out.costs.begin(), out.costs.end(), [](double cost) { return cost != undefined; });
  out.error = measured ? 0 : 1;
  return {};
}

}  // namespace

/// The members of a format: the key's, the result, and those that follow it if they are there. Others come after them
/// in the order found.
struct RecordReader::Shape {
  std::array<std::string_view, 4> key;
  std::size_t key_count;
  std::string_view result;
  std::array<std::string_view, 2> environment;
};

Result<void> RecordReader::assemble(json::Object row, const Shape& shape, std::string_view provenance,
                                    StoredLine& out) {
  ordered_.clear();
  for (const std::string_view key : std::span(shape.key).first(shape.key_count)) {
    ordered_.push_back(find(members_, key));
  }
  ordered_.push_back(find(members_, shape.result));
  if (std::find(ordered_.begin(), ordered_.end(), nullptr) != ordered_.end()) {
    return bad(
        fmt::format("the record lacks one of the members \"{}\" and \"{}\"; take the line again from where it came",
                    fmt::join(std::span(shape.key).first(shape.key_count), "\", \""), shape.result));
  }
  for (const std::string_view name : shape.environment) {
    if (const TextMember* const member = name.empty() ? nullptr : find(members_, name)) {
      ordered_.push_back(member);
    }
  }
  for (const TextMember& member : members_) {
    if (find(members_, member.key) != &member) {
      return bad(fmt::format("the record has \"{}\" twice; remove one", shown(member.key)));
    }
    if (member.key.find('\\') != std::string_view::npos) {
      return bad(fmt::format("the member \"{}\" is written with an escape, which TVM never does; remove it",
                             shown(member.key)));
    }
    if (member.key != provenance_member && std::find(ordered_.begin(), ordered_.end(), &member) == ordered_.end()) {
      ordered_.push_back(&member);
    }
  }
  std::string own;
  if (json::Value value; json::find(row, provenance_member, value)) {
    STM32TVM_TRY(read, read_provenance(value));
    own = write_provenance(read);
    provenance = own;
  }
  if (provenance.empty()) {
    return Error{ErrorCode::bad_option,
                 "the record does not say what it was measured on; give its provenance, at least hardware or emulation",
                 ""};
  }
  out.text.clear();
  for (const TextMember* const member : ordered_) {
    out.text += out.text.empty() ? "{\"" : ", \"";
    if (member->key == shape.result) {
      out.key_size = static_cast<std::uint32_t>(out.text.size());
    }
    out.text.append(member->key).append("\": ").append(member->value);
  }
  out.text.append(", \"provenance\": ").append(provenance).append("}");
  return {};
}

Result<void> RecordReader::read_autotvm(json::Object row, std::string_view provenance, StoredLine& out) {
  static constexpr Shape shape{{"input", "config"}, 2, "result", {"version", "tvm_version"}};
  json::Value version;
  double number = 0;
  if (!json::find(row, "version", version) || version.get(number) != simdjson::SUCCESS || number != 0.2) {
    return Error{ErrorCode::unsupported_version, "the record is not of AutoTVM's version 0.2; tune or export it again",
                 ""};
  }
  out.format = RecordFormat::autotvm;
  STM32TVM_TRY(input, json::require(row, "input", ""));
  STM32TVM_TRY(target, text_at(input, 0, "target"));
  STM32TVM_TRY(task, text_at(input, 1, "task name"));
  out.target = target;
  out.task = task;
  return assemble(row, shape, provenance, out);
}

Result<void> RecordReader::read_auto_scheduler(json::Object row, std::string_view provenance, StoredLine& out) {
  static constexpr Shape shape{{"i"}, 1, "r", {"v", ""}};
  json::Value version;
  std::string_view text;
  if (!json::find(row, "v", version) || version.get(text) != simdjson::SUCCESS || text != "v0.6") {
    return Error{
        ErrorCode::unsupported_version,
        "the record is of neither AutoTVM's version 0.2 nor auto_scheduler's v0.6, the ones that TVM 0.8 to 0.18 "
        "read; tune again",
        ""};
  }
  out.format = RecordFormat::auto_scheduler;
  STM32TVM_TRY(input, json::require(row, "i", ""));
  STM32TVM_TRY(task, at(input, 0, "task"));
  STM32TVM_TRY(workload, text_at(task, 0, "workload key"));
  STM32TVM_TRY(target, text_at(task, 1, "target"));
  out.target = target;
  out.task = function_of(workload);
  return assemble(row, shape, provenance, out);
}

Result<void> RecordReader::read_meta_schedule(json::Object row, std::string_view provenance, StoredLine& out) {
  static constexpr Shape shape{{"workload", "trace", "target", "args_info"}, 4, "run_secs", {}};
  out.format = RecordFormat::meta_schedule;
  STM32TVM_TRY(workload, json::require(row, "workload", ""));
  std::string_view hash;
  if (workload.get(hash) != simdjson::SUCCESS) {
    return bad("\"workload\" must be the hash of a workload; import meta-schedule's files again");
  }
  out.task = hash;
  const TextMember* const target = find(members_, "target");
  out.target = target == nullptr ? "null" : target->value;
  return assemble(row, shape, provenance, out);
}

Result<void> RecordReader::read(std::string_view line, std::string_view provenance, StoredLine& out) {
  if (line.starts_with("<<<<<<<") || line.starts_with("=======") || line.starts_with(">>>>>>>")) {
    return bad("this is a conflict marker of git; remove it, and keep the records of both sides");
  }
  if (line.size() > std::numeric_limits<std::uint32_t>::max() / 4) {
    return Error{ErrorCode::limit_exceeded, "the line is longer than a gigabyte; no record is", ""};
  }
  STM32TVM_TRY(root, parser_.parse(line));
  root_ = root;
  json::Object row;
  if (root.get(row) != simdjson::SUCCESS) {
    return bad(
        fmt::format("the line is {} where a record, an object, is needed; remove the line", json::type_name(root)));
  }
  space_object(line, spaced_, members_);
  if (find(members_, "input") != nullptr) {
    return read_autotvm(row, provenance, out);
  }
  if (find(members_, "workload") != nullptr) {
    return read_meta_schedule(row, provenance, out);
  }
  return read_auto_scheduler(row, provenance, out);
}

Result<void> RecordReader::read(std::string_view line, Record& out) {
  STM32TVM_CHECK(read(line, "", out.line));
  json::Object row;
  if (root_.get(row) != simdjson::SUCCESS) {
    return bad("the record is no object");
  }
  STM32TVM_TRY(provenance, read_provenance(row["provenance"].value_unsafe()));
  out.provenance = std::move(provenance);
  if (out.line.format == RecordFormat::meta_schedule) {
    out.workload = out.line.task;
    out.scopes = {"target " + out.line.target};
    return read_run_seconds(row["run_secs"].value_unsafe(), out);
  }
  out.scopes = lookup_scopes(read_target(out.line.target));
  if (out.line.format == RecordFormat::auto_scheduler) {
    STM32TVM_TRY(task, at(row["i"].value_unsafe(), 0, "task"));
    STM32TVM_TRY(workload, text_at(task, 0, "workload key"));
    out.workload = workload;
    return read_result(row["r"].value_unsafe(), out);
  }
  const std::vector<std::string_view> input = elements(find(members_, "input")->value);
  out.workload = out.line.task;
  if (input.size() > 2) {
    out.workload.append(" ").append(input[2]);
  }
  return read_result(row["result"].value_unsafe(), out);
}

bool Record::succeeded() const {
  return error == 0 && std::isfinite(mean());
}

double Record::mean() const {
  double sum = 0;
  for (const double cost : costs) {
    sum += cost;
  }
  return costs.empty() ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(costs.size());
}

std::string_view environment(const StoredLine& line) {
  std::vector<TextMember> all;
  members(line.text, all);
  const auto* const result = std::find_if(all.data(), all.data() + all.size(), [&](const TextMember& member) {
    return member.key.data() >= line.text.data() + line.key_size;
  });
  const char* const end = result->value.data() + result->value.size();
  return {end, static_cast<std::size_t>(line.text.data() + line.text.size() - end)};
}

std::string_view without_provenance(std::string_view stored, std::string& storage) {
  std::vector<TextMember> all;
  members(stored, all);
  if (all.empty() || all.back().key != provenance_member) {
    return stored;
  }
  constexpr std::size_t separator = std::string_view(", \"").size();
  storage.assign(stored.substr(0, static_cast<std::size_t>(all.back().key.data() - stored.data()) - separator));
  storage += '}';
  return storage;
}

}  // namespace stm32tvm::tuning
