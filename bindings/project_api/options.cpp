// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "project_folder.hpp"
#include "stm32tvm/target.hpp"
#include "support/try.hpp"

namespace stm32tvm::project_api {
namespace {

enum class Type { boolean, integer, text, words };

/// Methods that take an option.
constexpr unsigned generate = 1, build = 2, flash = 4, open = 8;

struct Option {
  const char* name;
  Type type;
  unsigned methods;
  bool is_required;
  const char* help;
};

constexpr std::array options = {
    Option{"project_type", Type::text, generate, true, "Kind of project to generate."},
    Option{"board", Type::text, generate, true, "Name of the board, or of the emulated machine, to build for."},
    Option{"verbose", Type::boolean, generate | build | flash | open, false, "Show the output of all tools."},
    Option{"cmsis_path", Type::text, generate, false, "Folder of CMSIS, for models that call CMSIS-NN."},
    Option{"warning_as_error", Type::boolean, generate, false, "Treat warnings of the compiler as errors."},
    Option{"compile_definitions", Type::words, generate, false, "Definitions for the model's sources, like -DX=1."},
    Option{"samples", Type::text, generate, false,
           "Folder of inI_K.bin, which self-test needs, and outO_K.bin, which minimal then checks."},
    Option{"extra_files_tar", Type::text, generate, false, "Archive whose files are put into the project last."},
    Option{"workspace_size_bytes", Type::integer, generate, false,
           "RAM that tensors and workspaces need at least; they get all that is left."},
    Option{"config_main_stack_size", Type::integer, generate, false, "Bytes of the stack of host-driven firmware."},
    Option{"serial_number", Type::text, flash | open, false, "Serial number of the board's debug probe."},
    Option{"port", Type::text, open, false, "Serial port of the board; found by the serial number when not given."},
    Option{"session_start_retry_timeout_sec", Type::integer, open, false,
           "Seconds after which the start of a session is tried again."},
    Option{"session_start_timeout_sec", Type::integer, open, false,
           "Seconds after which a session has failed to start; 0 for never."},
    Option{"session_established_timeout_sec", Type::integer, open, false,
           "Seconds that an answer may take, the kernels' run time included; 0 for any."}};

const Option* find(std::string_view name) {
  const auto* const found = std::ranges::find(options, name, &Option::name);
  return found == options.end() ? nullptr : found;
}

std::vector<std::string> choices_of(const Option& option) {
  if (option.name == std::string_view("board")) {
    std::vector<std::string> names;
    names.reserve(targets().size());
    for (const Target& target : targets()) {
      names.push_back(target.name);
    }
    return names;
  }
  return option.name == std::string_view("project_type") ? project_type_names() : std::vector<std::string>{};
}

Json methods_of(unsigned methods) {
  Json names = Json::array();
  for (const auto& [bit, name] : {std::pair{generate, "generate_project"}, std::pair{build, "build"},
                                  std::pair{flash, "flash"}, std::pair{open, "open_transport"}}) {
    if ((methods & bit) != 0) {
      names.push_back(name);
    }
  }
  return names;
}

Error wrong(const Option& option, const Json& value, std::string_view wanted) {
  return {ErrorCode::bad_option,
          fmt::format("option {} is {}; needed is {}", option.name,
                      value.dump(-1, ' ', true, Json::error_handler_t::replace).substr(0, 100), wanted),
          {}};
}

std::optional<std::int64_t> as_number(const Json& value) {
  if (value.is_number_integer()) {
    return value.get<std::int64_t>();
  }
  const auto* const text = value.get_ptr<const std::string*>();
  std::int64_t number = 0;
  if (text != nullptr) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error == std::errc{} && end == text->data() + text->size() && !text->empty()) {
      return number;
    }
  }
  return std::nullopt;
}

/// A value as what the option is.
Result<Json> coerced(const Option& option, const Json& value) {
  const auto* const text = value.get_ptr<const std::string*>();
  switch (option.type) {
    case Type::boolean: {
      const std::string word = text == nullptr ? value.dump(-1, ' ', true, Json::error_handler_t::replace) : *text;
      const bool is_true = word == "true" || word == "True" || word == "1";
      if (!is_true && word != "false" && word != "False" && word != "0") {
        return wrong(option, value, "true or false");
      }
      return Json(is_true);
    }
    case Type::integer:
      if (const auto number = as_number(value); number && *number >= 0) {
        return Json(*number);
      }
      return wrong(option, value, "a whole number from 0 on");
    case Type::words:
      if (value.is_array() && std::ranges::all_of(value, [](const Json& each) { return each.is_string(); })) {
        return Json(value);
      }
      return text == nullptr ? Result<Json>(wrong(option, value, "text or a list of texts")) : Json(*text);
    case Type::text:
      break;
  }
  if (text == nullptr) {
    return wrong(option, value, "text");
  }
  const std::vector<std::string> choices = choices_of(option);
  if (!choices.empty() && std::ranges::find(choices, *text) == choices.end()) {
    return wrong(option, value, fmt::format("one of {}", fmt::join(choices, ", ")));
  }
  return Json(*text);
}

}  // namespace

Json option_table() {
  Json table = Json::array();
  for (const Option& option : options) {
    const std::vector<std::string> choices = choices_of(option);
    const Json methods = methods_of(option.methods);
    table.push_back({{"name", option.name},
                     {"choices", choices.empty() ? Json() : Json(choices)},
                     {"default", option.type == Type::boolean ? Json(false) : Json()},
                     {"type", option.type == Type::boolean   ? "bool"
                              : option.type == Type::integer ? "int"
                                                             : "str"},
                     {"required", option.is_required ? methods : Json()},
                     {"optional", option.is_required ? Json() : methods},
                     {"help", option.help}});
  }
  return table;
}

Result<void> Options::set(const Json& values) {
  for (const auto& [name, value] : values.items()) {
    const Option* const option = find(name);
    if (option == nullptr) {
      return Error{ErrorCode::bad_option, fmt::format("there is no option {}", name.substr(0, 100)), {}};
    }
    if (!value.is_null()) {
      STM32TVM_TRY(read, coerced(*option, value));
      values_[name] = read;
    }
  }
  return {};
}

std::string Options::text(const char* name) const {
  return values_.value(name, std::string());
}

bool Options::flag(const char* name) const {
  return values_.value(name, false);
}

std::int64_t Options::number(const char* name, std::int64_t otherwise) const {
  return values_.value(name, otherwise);
}

std::vector<std::string> Options::words(const char* name) const {
  const Json value = values_.value(name, Json::array());
  if (value.is_array()) {
    return value.get<std::vector<std::string>>();
  }
  std::vector<std::string> result;
  const auto text = value.get<std::string>();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) {
      result.push_back(text.substr(at, end - at));
    }
    at = end + 1;
  }
  return result;
}

}  // namespace stm32tvm::project_api
