// SPDX-License-Identifier: Apache-2.0
// The lexer of TVM's generated C.
#include "network/c_lexer.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace stm32tvm {
bool CLexer::fail(const char* what, std::size_t offset) {
  if (!fault_) {
    fault_ = LexFault{what, offset};
  }
  place_ = text_.size();
  return false;
}

/// Moves to the newline that ends the logical line, or to the end of the text.
void CLexer::skip_line() {
  for (;;) {
    place_ = std::min(text_.find('\n', place_), text_.size());
    const std::size_t before = place_ > 0 && text_[place_ - 1] == '\r' ? place_ - 1 : place_;
    if (place_ == text_.size() || before == 0 || text_[before - 1] != '\\') {
      return;
    }
    ++place_;
  }
}

/// At a '/' that opens a comment: moves behind the comment.
bool CLexer::skip_comment() {
  if (at(place_ + 1, '/')) {
    skip_line();
    return true;
  }
  const std::size_t close = text_.find("*/", place_ + 2);
  if (close == std::string_view::npos) {
    return fail("a comment", place_);
  }
  place_ = close + 2;
  return true;
}

/// At a quote: where the constant ends that it opens; 0 when it does not close in this line.
std::size_t CLexer::quoted_end() const noexcept {
  const char quote = text_[place_];
  for (std::size_t i = place_ + 1; i < text_.size() && text_[i] != '\n'; ++i) {
    if (text_[i] == quote) {
      return i + 1;
    }
    if (text_[i] == '\\') {
      i += at(i + 1, '\r') && at(i + 2, '\n') ? 2 : 1;
    }
  }
  return 0;
}

bool CLexer::skip_quoted() {
  const std::size_t end = quoted_end();
  if (end == 0) {
    return fail(text_[place_] == '"' ? "a string" : "a character constant", place_);
  }
  place_ = end;
  return true;
}

/// At the '#' of a preprocessor line: moves to the newline behind it. A quote that does not close there is plain text,
/// as in "#error don't".
bool CLexer::skip_directive() {
  while (place_ < text_.size()) {
    const char c = text_[place_];
    if (c == '\n') {
      return true;
    }
    if (c == '\\') {
      place_ += at(place_ + 1, '\r') && at(place_ + 2, '\n') ? 3 : 2;
    } else if (c == '"' || c == '\'') {
      place_ = std::max(quoted_end(), place_ + 1);
    } else if (at_comment()) {
      if (!skip_comment()) {
        return false;
      }
    } else {
      ++place_;
    }
  }
  place_ = text_.size();
  return true;
}

bool CLexer::at_line_start() const noexcept {
  std::size_t before = place_;
  while (before > 0 && text_[before - 1] != '\n' && has_class(text_[before - 1], kSpace)) {
    --before;
  }
  return before == 0 || text_[before - 1] == '\n' ||
         (before > 1 && text_[before - 1] == '/' && text_[before - 2] == '*');
}

std::size_t CLexer::number_end() const noexcept {
  std::size_t end = place_ + 1;
  for (; end < text_.size(); ++end) {
    const char c = text_[end];
    const char before = text_[end - 1];
    const bool exponent_sign =
        (c == '+' || c == '-') && (before == 'e' || before == 'E' || before == 'p' || before == 'P');
    if (!has_class(c, kWord) && c != '.' && !exponent_sign) {
      break;
    }
  }
  return end;
}

/// Longest match, as C wants it. Digraphs and trigraphs are not known.
std::size_t CLexer::punctuation_length() const noexcept {
  const char first = text_[place_];
  const char second = place_ + 1 < text_.size() ? text_[place_ + 1] : '\0';
  if (first == '.' && second == '.' && at(place_ + 2, '.')) {
    return 3;
  }
  if (first == second && (first == '<' || first == '>')) {
    return at(place_ + 2, '=') ? 3 : 2;
  }
  const bool doubled = first == second && has_class(first, kDoubled);
  const bool with_equals = second == '=' && has_class(first, kWithEquals);
  return doubled || with_equals || (first == '-' && second == '>') ? 2 : 1;
}

/// At what is no space, comment, word or bracket.
Token CLexer::next_other() {
  const std::size_t begin = place_;
  const char c = text_[begin];
  const auto token = [&](TokenKind kind) { return Token{kind, text_.substr(begin, place_ - begin)}; };
  if (has_class(c, kDigit) || (c == '.' && begin + 1 < text_.size() && has_class(text_[begin + 1], kDigit))) {
    place_ = number_end();
    return token(TokenKind::number);
  }
  if (c == '"' || c == '\'') {
    return skip_quoted() ? token(TokenKind::text) : Token{};
  }
  if (c == '#' && at_line_start()) {
    return skip_directive() ? token(TokenKind::directive) : Token{};
  }
  place_ += has_class(c, kDoubled | kWithEquals) || c == '.' ? punctuation_length() : 1;
  return token(TokenKind::punctuation);
}

/// Moves over whatever starts with `c`, a byte of class kStop that is no brace.
bool CLexer::skip_in_braces(char c) {
  if (c == '"' || c == '\'') {
    return skip_quoted();
  }
  if (c == '#' && at_line_start()) {
    return skip_directive();
  }
  if (at_comment()) {
    return skip_comment();
  }
  ++place_;
  return true;
}

bool CLexer::skip_braces() {
  const std::size_t open = place_;
  for (std::size_t depth = 1; depth > 0;) {
    while (place_ < text_.size() && !has_class(text_[place_], kStop)) {
      ++place_;
    }
    if (place_ >= text_.size()) {
      return fault_ ? false : fail("a brace", open > 0 ? open - 1 : 0);
    }
    const char c = text_[place_];
    if (c == '{' || c == '}') {
      depth = c == '{' ? depth + 1 : depth - 1;
      ++place_;
    } else if (!skip_in_braces(c)) {
      return false;
    }
  }
  return true;
}

std::optional<std::uint64_t> decimal(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

}  // namespace stm32tvm
