// SPDX-License-Identifier: Apache-2.0
// Escaping for C literals and comments.
#include "emit/c_writer.hpp"

namespace stm32tvm {
namespace {

constexpr bool is_printable(char c) {
  return c >= ' ' && c <= '~';
}

}  // namespace

std::string c_literal(std::string_view text) {
  std::string literal = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '?') {
      literal += '\\';
      literal += c;
    } else if (is_printable(c)) {
      literal += c;
    } else {
      // Three octal digits end by themselves, whatever follows.
      fmt::format_to(std::back_inserter(literal), "\\{:03o}", static_cast<unsigned char>(c));
    }
  }
  return literal + "\"";
}

std::string c_comment_text(std::string_view text, std::size_t width) {
  std::string safe(text.substr(0, width));
  char before = '\0';
  for (char& c : safe) {
    // "*/" would end the comment, "/*" and a trailing backslash draw warnings.
    const bool pairs = (before == '*' && c == '/') || (before == '/' && c == '*');
    c = !is_printable(c) || pairs || c == '\\' ? '_' : c;
    before = c;
  }
  return text.size() > width ? safe + "..." : safe;
}

}  // namespace stm32tvm
