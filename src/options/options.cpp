// SPDX-License-Identifier: Apache-2.0
// Options as JSON: each option is one row, a key and what reads its value.
#include "stm32tvm/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <system_error>

#include <nlohmann/json.hpp>

#include "support/relative_path.hpp"
#include "support/try.hpp"

namespace stm32tvm {
inline namespace v1 {
namespace {

using Json = nlohmann::json;

/// Where errors say that the fault is.
constexpr const char* where = "options";

struct Row {
  std::string_view key;
  std::function<Result<void>(const Json&)> read;
};

Error wrong_value(std::string_view key, const Json& value, std::string_view needed) {
  std::string found = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  return {ErrorCode::bad_option, fmt::format("\"{}\" is {}; give {}", key, shown(found), needed), where};
}

/// Reads the members of an object by the rows of their keys.
Result<void> read_members(const Json& object, const std::vector<Row>& rows) {
  for (const auto& [key, value] : object.items()) {
    const auto row = std::ranges::find(rows, std::string_view(key), &Row::key);
    if (row == rows.end()) {
      std::string known;
      for (const Row& each : rows) {
        known += fmt::format("{}\"{}\"", known.empty() ? "" : ", ", each.key);
      }
      return Error{ErrorCode::bad_option,
                   fmt::format("there is no option \"{}\" here; known are {}", shown(key), known), where};
    }
    STM32TVM_CHECK(row->read(value));
  }
  return {};
}

Result<void> read_text(std::string_view text, const std::vector<Row>& rows) {
  if (text.empty()) {
    return {};
  }
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) {
    return Error{ErrorCode::bad_json, "the options are not a JSON object; give one like {\"name\": \"digits\"}", where};
  }
  return read_members(json, rows);
}

template <std::unsigned_integral Number>
Row number(std::string_view key, Number& number) {
  return {key, [key, &number](const Json& value) -> Result<void> {
            constexpr Number most = std::numeric_limits<Number>::max();
            if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most) {
              return wrong_value(key, value, fmt::format("a whole number from 0 to {}", most));
            }
            number = value.get<Number>();
            return {};
          }};
}

Row flag(std::string_view key, bool& flag) {
  return {key, [key, &flag](const Json& value) -> Result<void> {
            if (!value.is_boolean()) {
              return wrong_value(key, value, "true or false");
            }
            flag = value.get<bool>();
            return {};
          }};
}

Row text(std::string_view key, std::string& text) {
  return {key, [key, &text](const Json& value) -> Result<void> {
            if (!value.is_string()) {
              return wrong_value(key, value, "a text");
            }
            text = value.get<std::string>();
            return {};
          }};
}

template <class Value>
Row word(std::string_view key, Words<Value> words, Value& chosen) {
  return {key, [key, words = std::move(words), &chosen](const Json& value) -> Result<void> {
            std::string known;
            for (const auto& [word, meaning] : words) {
              if (value == word) {
                chosen = meaning;
                return {};
              }
              known += (known.empty() ? "\"" : ", \"") + word + "\"";
            }
            return wrong_value(key, value, words.size() == 1 ? known : "one of " + known);
          }};
}

Result<void> read_pools(const Json& value, std::vector<PoolOptions>& pools) {
  constexpr const char* needed = R"(a list like [{"name": "arena", "size_bytes": 65536}])";
  if (!value.is_array() || value.empty()) {
    return wrong_value("pools", value, needed);
  }
  pools.clear();
  for (const Json& each : value) {
    if (!each.is_object()) {
      return wrong_value("pools", value, needed);
    }
    PoolOptions pool;
    STM32TVM_CHECK(read_members(each, {text("name", pool.name), number("size_bytes", pool.size_bytes)}));
    pools.push_back(std::move(pool));
  }
  return {};
}

/// A list of words.
template <class Value>
Row word_list(std::string_view key, const Words<Value>& words, std::vector<Value>& chosen) {
  return {key, [key, words, &chosen](const Json& value) -> Result<void> {
            if (!value.is_array()) {
              return wrong_value(key, value, fmt::format("a list like [\"{}\"]", words.front().first));
            }
            chosen.clear();
            for (const Json& each : value) {
              STM32TVM_CHECK(word(key, words, chosen.emplace_back()).read(each));
            }
            return {};
          }};
}

/// "0x90000000" or a number.
Row address(std::string_view key, std::optional<std::uint64_t>& address) {
  return {key, [key, &address](const Json& value) -> Result<void> {
            std::uint64_t read = 0;
            if (value.is_number_unsigned()) {
              address = value.get<std::uint64_t>();
              return {};
            }
            const std::string text = value.is_string() ? value.get<std::string>() : "";
            const char* const digits = text.data() + (text.starts_with("0x") ? 2 : 0);
            const char* const end = text.data() + text.size();
            const auto [rest, error] = std::from_chars(digits, end, read, text.starts_with("0x") ? 16 : 10);
            if (digits == end || error != std::errc() || rest != end) {
              return wrong_value(key, value, R"(an address, like "0x90000000")");
            }
            address = read;
            return {};
          }};
}

/// A number that need not be there.
Row limit(std::string_view key, std::optional<std::uint64_t>& most) {
  return {key, [key, &most](const Json& value) -> Result<void> {
            if (!value.is_number_unsigned()) {
              return wrong_value(key, value, "a whole number");
            }
            most = value.get<std::uint64_t>();
            return {};
          }};
}

std::vector<Row> budget_rows(Budget& budget) {
  return {limit("ram_bytes", budget.ram_bytes), limit("flash_bytes", budget.flash_bytes), limit("ticks", budget.ticks)};
}

Row names(std::string_view key, std::vector<std::string>& names) {
  return {key, [key, &names](const Json& value) -> Result<void> {
            const auto is_text = [](const Json& each) { return each.is_string(); };
            if (!value.is_array() || !std::all_of(value.begin(), value.end(), is_text)) {
              return wrong_value(key, value, R"(a list of names, like ["p0", "p1"])");
            }
            names = value.get<std::vector<std::string>>();
            return {};
          }};
}

Result<void> read_groups(const Json& value, std::vector<WeightsGroup>& groups) {
  const auto is_object = [](const Json& each) { return each.is_object(); };
  if (!value.is_array() || !std::all_of(value.begin(), value.end(), is_object)) {
    return wrong_value("weights_groups", value, R"(a list like [{"place": "external", "address": "0x90000000"}])");
  }
  for (const Json& each : value) {
    WeightsGroup group;
    EmitOptions::Weights format = EmitOptions::Weights::incbin;
    STM32TVM_CHECK(read_members(
        each,
        {text("name", group.name), names("tensors", group.tensors), word("place", weights_place_words(), group.place),
         word("format", weights_words(), format), address("address", group.address), flag("check", group.is_checked)}));
    if (each.contains("format")) {
      group.format = format;
    }
    if (!each.contains("check")) {
      group.is_checked = group.address || group.place == WeightsGroup::Place::fetch;
    }
    groups.push_back(std::move(group));
  }
  return {};
}

/// Boards of the caller's own, in the form of the library's table.
Result<void> read_boards(const Json& value, std::vector<Target>& boards) {
  STM32TVM_TRY(read, read_targets(value.dump(-1, ' ', true, Json::error_handler_t::replace), where));
  boards = std::move(read);
  return {};
}

Result<void> read_profile(const Json& value, std::optional<KernelProfile>& profile) {
  STM32TVM_TRY(read, parse_kernel_profile(value.dump(-1, ' ', true, Json::error_handler_t::replace), where));
  profile = std::move(read);
  return {};
}

}  // namespace

Words<PlanOptions::Placement> placement_words() {
  return {{"arena", PlanOptions::Placement::arena},
          {"caller", PlanOptions::Placement::caller},
          {"double", PlanOptions::Placement::double_buffered}};
}

Words<PlanOptions::Inputs> inputs_words() {
  return {{"keep", PlanOptions::Inputs::keep}, {"consume", PlanOptions::Inputs::consume}};
}

Words<EmitOptions::DeviceApi> device_api_words() {
  return {{"tvm", EmitOptions::DeviceApi::tvm},
          {"st-ai", EmitOptions::DeviceApi::st_ai},
          {"legacy", EmitOptions::DeviceApi::legacy}};
}

Words<EmitOptions::Weights> weights_words() {
  return {{"incbin", EmitOptions::Weights::incbin},
          {"c-array", EmitOptions::Weights::c_array},
          {"elf", EmitOptions::Weights::elf_object},
          {"binary", EmitOptions::Weights::binary},
          {"hex", EmitOptions::Weights::intel_hex}};
}

Words<WeightsGroup::Place> weights_place_words() {
  return {{"flash", WeightsGroup::Place::flash},
          {"external", WeightsGroup::Place::external},
          {"ram", WeightsGroup::Place::ram},
          {"fetch", WeightsGroup::Place::fetch}};
}

Words<EmitOptions::Application> application_words() {
  return {{"golden-check", EmitOptions::Application::golden_check},
          {"minimal", EmitOptions::Application::minimal},
          {"performance", EmitOptions::Application::performance},
          {"validation", EmitOptions::Application::validation},
          {"self-test", EmitOptions::Application::self_test}};
}

Words<EmitOptions::BuildSystem> build_system_words() {
  return {{"cmake", EmitOptions::BuildSystem::cmake},           {"make", EmitOptions::BuildSystem::make},
          {"zephyr", EmitOptions::BuildSystem::zephyr},         {"arduino", EmitOptions::BuildSystem::arduino},
          {"platformio", EmitOptions::BuildSystem::platformio}, {"csolution", EmitOptions::BuildSystem::csolution},
          {"cubeide", EmitOptions::BuildSystem::cubeide}};
}

Words<EmitOptions::Console> console_words() {
  return {{"automatic", EmitOptions::Console::automatic},
          {"semihosting", EmitOptions::Console::semihosting},
          {"uart", EmitOptions::Console::uart},
          {"application", EmitOptions::Console::application}};
}

Result<Budget> read_budget(std::string_view json) {
  Budget budget;
  STM32TVM_CHECK(read_text(json, budget_rows(budget)));
  return budget;
}

Result<LoadOptions> read_load_options(std::string_view json) {
  LoadOptions options;
  STM32TVM_CHECK(read_text(
      json, {number("archive_bytes", options.archive.archive_bytes), number("total_bytes", options.archive.total_bytes),
             number("member_bytes", options.archive.member_bytes), number("members", options.archive.members),
             number("path_bytes", options.archive.path_bytes), number("expansion", options.archive.expansion),
             number("modules", options.model.modules), number("json_depth", options.model.json_depth),
             number("nodes", options.model.nodes), number("tensors", options.model.tensors),
             number("name_bytes", options.model.name_bytes), number("rank", options.model.rank),
             number("tensor_bytes", options.model.tensor_bytes)}));
  return options;
}

Result<NetworkOptions> read_network_options(std::string_view json) {
  NetworkOptions options;
  STM32TVM_CHECK(read_text(
      json, {flag("keep_constants", options.keep_constants),
             {"weights_groups", [&](const Json& value) { return read_groups(value, options.weights_groups); }}}));
  return options;
}

Result<std::vector<WeightsGroup>> read_placement(std::string_view json) {
  std::vector<WeightsGroup> groups;
  STM32TVM_CHECK(read_text(json, {{"weights_groups", [&](const Json& value) { return read_groups(value, groups); }}}));
  return groups;
}

Result<PlanOptions> read_plan_options(std::string_view json) {
  PlanOptions options;
  STM32TVM_CHECK(read_text(json, {word("inputs", inputs_words(), options.inputs),
                                  word_list("inputs_memory", placement_words(), options.input_placements),
                                  word_list("outputs_memory", placement_words(), options.output_placements),
                                  number("alignment", options.alignment),
                                  number("interface_alignment", options.interface_alignment),
                                  flag("whole_operators", options.whole_operators),
                                  {"pools", [&](const Json& value) { return read_pools(value, options.pools); }}}));
  return options;
}

Result<EmitOptions> read_emit_options(std::string_view json) {
  EmitOptions options;
  std::string target;
  std::vector<Target> boards;
  STM32TVM_CHECK(read_text(
      json, {text("name", options.name),
             names("names", options.names),
             word("c_api", device_api_words(), options.device_api),
             word("weights", weights_words(), options.weights),
             word("build_system", build_system_words(), options.build_system),
             word("console", console_words(), options.console),
             word("application", application_words(), options.application),
             text("target", target),
             text("self_test_table", options.self_test_table),
             {"kernel_profile", [&](const Json& value) { return read_profile(value, options.kernel_profile); }},
             {"budget",
              [&](const Json& value) {
                return value.is_object() ? read_members(value, budget_rows(options.budget))
                                         : wrong_value("budget", value, R"({"ram_bytes": 65536})");
              }},
             {"boards", [&](const Json& value) { return read_boards(value, boards); }}}));
  if (target.empty()) {
    return options;
  }
  const auto own = std::ranges::find(boards, target, &Target::name);
  if (own != boards.end()) {
    options.target = *own;
    return options;
  }
  STM32TVM_TRY(found, find_target(target));
  options.target = std::move(found);
  return options;
}

}  // namespace v1
}  // namespace stm32tvm
