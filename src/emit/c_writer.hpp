// SPDX-License-Identifier: Apache-2.0
// CWriter: the indenting writer behind every emitted file that has a loop in it.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace stm32tvm {

/// `text` as a C string literal with its quotes; safe for any bytes, trigraphs included.
std::string c_literal(std::string_view text);

/// `text` fit for the inside of a comment: printable ASCII, no comment end, at most `width` characters.
std::string c_comment_text(std::string_view text, std::size_t width = 80);

class CWriter {
 public:
  /// One line at the present indentation.
  template <class... Arguments>
  CWriter& line(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    indent();
    fmt::format_to(fmt::appender(text_), format, std::forward<Arguments>(arguments)...);
    return blank();
  }
  /// Text that is lines already.
  CWriter& lines(std::string_view text) {
    text_.append(text);
    return *this;
  }
  CWriter& blank() {
    text_.push_back('\n');
    return *this;
  }
  /// A comment of one line; what the archive names is made safe.
  CWriter& comment(std::string_view text) { return line("/* {} */", c_comment_text(text, 112)); }

  /// Indents what follows by two spaces until close().
  template <class... Arguments>
  CWriter& open(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    line(format, std::forward<Arguments>(arguments)...);
    ++depth_;
    return *this;
  }
  CWriter& close(std::string_view text) {
    --depth_;
    return line("{}", text);
  }

  /// Ends an indentation without a line of its own.
  CWriter& outdent() {
    --depth_;
    return *this;
  }

  /// Comma-separated values, wrapped at 120 columns.
  template <class Range>
  CWriter& values(const Range& range) {
    std::string row;
    for (const auto& value : range) {
      const std::string next = fmt::format("{},", value);
      if (row.size() + next.size() + 1 + 2 * depth_ > 118) {
        line("{}", row);
        row.clear();
      }
      row += (row.empty() ? "" : " ") + next;
    }
    return row.empty() ? *this : line("{}", row);
  }

  [[nodiscard]] std::string text() const { return fmt::to_string(text_); }

 private:
  void indent() { std::fill_n(fmt::appender(text_), 2 * depth_, ' '); }

  fmt::memory_buffer text_;
  std::size_t depth_ = 0;
};

}  // namespace stm32tvm
