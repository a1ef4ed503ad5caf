// SPDX-License-Identifier: Apache-2.0
// Making identifiers from any text, without the locale.
#include "support/c_identifier.hpp"

#include <algorithm>
#include <array>

namespace stm32tvm {
namespace {

constexpr std::array<std::string_view, 99> reserved_words = {"alignas",
                                                             "alignof",
                                                             "and",
                                                             "and_eq",
                                                             "asm",
                                                             "auto",
                                                             "bitand",
                                                             "bitor",
                                                             "bool",
                                                             "break",
                                                             "case",
                                                             "catch",
                                                             "char",
                                                             "char16_t",
                                                             "char32_t",
                                                             "char8_t",
                                                             "class",
                                                             "co_await",
                                                             "co_return",
                                                             "co_yield",
                                                             "compl",
                                                             "concept",
                                                             "const",
                                                             "const_cast",
                                                             "consteval",
                                                             "constexpr",
                                                             "constinit",
                                                             "continue",
                                                             "decltype",
                                                             "default",
                                                             "delete",
                                                             "do",
                                                             "double",
                                                             "dynamic_cast",
                                                             "else",
                                                             "enum",
                                                             "explicit",
                                                             "export",
                                                             "extern",
                                                             "false",
                                                             "float",
                                                             "for",
                                                             "friend",
                                                             "goto",
                                                             "if",
                                                             "inline",
                                                             "int",
                                                             "long",
                                                             "mutable",
                                                             "namespace",
                                                             "new",
                                                             "noexcept",
                                                             "not",
                                                             "not_eq",
                                                             "nullptr",
                                                             "operator",
                                                             "or",
                                                             "or_eq",
                                                             "private",
                                                             "protected",
                                                             "public",
                                                             "register",
                                                             "reinterpret_cast",
                                                             "requires",
                                                             "restrict",
                                                             "return",
                                                             "short",
                                                             "signed",
                                                             "sizeof",
                                                             "static",
                                                             "static_assert",
                                                             "static_cast",
                                                             "struct",
                                                             "switch",
                                                             "template",
                                                             "this",
                                                             "thread_local",
                                                             "throw",
                                                             "true",
                                                             "try",
                                                             "typedef",
                                                             "typeid",
                                                             "typename",
                                                             "typeof",
                                                             "union",
                                                             "unsigned",
                                                             "using",
                                                             "virtual",
                                                             "void",
                                                             "volatile",
                                                             "wchar_t",
                                                             "while",
                                                             "xor",
                                                             "xor_eq",
                                                             "main",
                                                             "errno",
                                                             "NULL",
                                                             "linux",
                                                             "unix"};

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string mapped(std::string text, char first, char last, int offset) {
  for (char& c : text) {
    if (c >= first && c <= last) {
      c = static_cast<char>(c + offset);
    }
  }
  return text;
}

}  // namespace

CIdentifier CIdentifier::from(std::string_view text, std::string_view prefix) {
  std::string made;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c)) {
      made += c;
    } else if (made.empty() || made.back() != '_') {
      made += '_';
    }
  }
  const bool reserved = std::find(reserved_words.begin(), reserved_words.end(), made) != reserved_words.end();
  // A leading underscore is the implementation's in C, two underscores anywhere are in C++.
  if (made.empty() || !is_letter(made.front()) || reserved) {
    made.insert(0, prefix).erase(prefix.size(), made.find_first_not_of('_', prefix.size()) - prefix.size());
  }
  return CIdentifier(std::move(made));
}

std::string CIdentifier::upper() const {
  return mapped(text_, 'a', 'z', 'A' - 'a');
}

CIdentifier CIdentifier::lower() const {
  return from(mapped(text_, 'A', 'Z', 'a' - 'A'));
}

bool is_c_identifier(std::string_view text) {
  return !text.empty() && (is_letter(text.front()) || text.front() == '_') &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '_'; }) &&
         std::find(reserved_words.begin(), reserved_words.end(), text) == reserved_words.end();
}

}  // namespace stm32tvm
