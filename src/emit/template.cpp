// SPDX-License-Identifier: Apache-2.0
// A placeholder is '@', capital letters, digits and '_', '@'. Any other '@' stands for itself.
#include "emit/template.hpp"

#include <fmt/format.h>

#include <set>

#include "support/embedded_files.hpp"

namespace stm32tvm {
namespace {

Error fault(std::string message, std::string_view path) {
  return Error{ErrorCode::internal, std::move(message) + "; this is a fault of stm32tvm, please report it",
               std::string(path)};
}

constexpr bool is_key_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Length of the key that starts behind an '@'; 0 when there is none.
std::size_t key_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && is_key_character(text[length])) {
    ++length;
  }
  return length < text.size() && text[length] == '@' ? length : 0;
}

}  // namespace

Result<std::string> fill_text(std::string_view text, std::string_view path, const TemplateValues& values) {
  std::string filled;
  std::set<std::string_view> used;
  while (!text.empty()) {
    const std::size_t at = text.find('@');
    filled += text.substr(0, at);
    if (at == std::string_view::npos) {
      break;
    }
    text.remove_prefix(at + 1);
    const std::size_t length = key_length(text);
    if (length == 0) {
      filled += '@';
      continue;
    }
    const auto value = values.find(text.substr(0, length));
    if (value == values.end()) {
      return fault(fmt::format("the template asks for {}, which has no value", text.substr(0, length)), path);
    }
    used.insert(value->first);
    filled += value->second;
    text.remove_prefix(length + 1);
  }
  for (const auto& [key, value] : values) {
    if (!used.contains(key)) {
      return fault(fmt::format("the template does not use {}", key), path);
    }
  }
  return filled;
}

Result<std::string> fill_template(std::string_view path, const TemplateValues& values) {
  const std::string file = "src/emit/templates/" + std::string(path);
  const std::string_view text = embedded::file(file);
  if (text.empty()) {
    return fault("the template is not in the library", file);
  }
  return fill_text(text, file, values);
}

}  // namespace stm32tvm
