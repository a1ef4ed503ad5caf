// SPDX-License-Identifier: Apache-2.0
// The tokens of Relay text, with their places and the comments before them; part of relay_parser.cpp.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "stm32tvm/result.hpp"

namespace stm32tvm::relay {

struct Token {
  enum class Kind { end, local, global, identifier, integer, real, string, projection, punctuation, broken };
  Kind kind = Kind::end;
  std::string_view text;      // local, global, string: without % @ "; projection: without the point
  std::string_view comments;  // from the first comment before the token to the last
  std::size_t begin = 0;      // offset of the first byte
  std::size_t end = 0;        // offset behind the last byte
  std::uint32_t line = 1;
  std::uint32_t column = 1;

  [[nodiscard]] bool is(std::string_view symbol) const noexcept {
    return (kind == Kind::punctuation || kind == Kind::identifier) && text == symbol;
  }
};

inline bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
inline bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
inline bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
inline bool is_word(char c) noexcept {
  return is_letter(c) || is_digit(c);
}
inline bool ends_name(char c) noexcept {
  return is_space(c) || std::string_view("(){}[],;=\"%@").find(c) != std::string_view::npos;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Token next() {
    Token token;
    if (!skip_blanks(token)) {
      token.kind = Token::Kind::broken;
      token.text = "a comment that does not end";
    }
    token.begin = position_;
    token.line = line_;
    token.column = static_cast<std::uint32_t>(position_ - line_start_ + 1);
    if (token.kind != Token::Kind::broken) {
      read(token);
    }
    token.end = position_;
    return token;
  }

  // Reads on from an offset inside the token just read, which has no line break in it.
  void rewind(std::size_t offset) noexcept { position_ = offset; }

 private:
  [[nodiscard]] char at(std::size_t offset) const noexcept { return offset < text_.size() ? text_[offset] : '\0'; }
  [[nodiscard]] bool starts(std::string_view symbol) const noexcept {
    return text_.substr(position_, symbol.size()) == symbol;
  }

  void step() noexcept {
    if (text_[position_++] == '\n') {
      ++line_;
      line_start_ = position_;
    }
  }

  void skip_to(std::size_t offset) noexcept {
    const std::string_view skipped = text_.substr(0, offset);
    for (auto end = skipped.find('\n', position_); end != std::string_view::npos; end = skipped.find('\n', end + 1)) {
      ++line_;
      line_start_ = end + 1;
    }
    position_ = offset;
  }

  // Skips spaces and comments; false when a comment does not end.
  bool skip_blanks(Token& token) {
    std::size_t first = std::string_view::npos;
    while (position_ < text_.size()) {
      if (is_space(text_[position_])) {
        step();
      } else if (starts("/*")) {
        first = std::min(first, position_);
        const std::size_t close = text_.find("*/", position_ + 2);
        if (close == std::string_view::npos) {
          position_ = text_.size();
          return false;
        }
        skip_to(close + 2);
        token.comments = text_.substr(first, position_ - first);
      } else if (starts("//")) {
        skip_to(std::min(text_.find('\n', position_), text_.size()));
      } else {
        break;
      }
    }
    return true;
  }

  void read(Token& token) {
    if (position_ == text_.size()) {
      return;
    }
    const char c = text_[position_];
    if (c == '%' || c == '@') {
      read_name(token);
    } else if (is_letter(c)) {
      read_identifier(token);
    } else if (is_digit(c) || (c == '-' && is_digit(at(position_ + 1)))) {
      read_number(token);
    } else if (c == '"' || c == '\'') {
      read_string(token);
    } else if (c == '.' && is_digit(at(position_ + 1))) {
      ++position_;
      token.kind = Token::Kind::projection;
      take(token, [](char d) { return is_digit(d); });
    } else {
      token.kind = Token::Kind::punctuation;
      token.text = text_.substr(position_, starts("->") ? 2 : 1);
      position_ += token.text.size();
    }
  }

  template <class Belongs>
  void take(Token& token, Belongs belongs) {
    const std::size_t first = position_;
    while (position_ < text_.size() && belongs(text_[position_])) {
      ++position_;
    }
    token.text = text_.substr(first, position_ - first);
  }

  // Names may hold ':', '/', '.', '-' and more, so a name ends at what cannot be in one; of "%right:0: Tensor" the last
  // ':' is the one before the type.
  void read_name(Token& token) {
    token.kind = text_[position_] == '%' ? Token::Kind::local : Token::Kind::global;
    ++position_;
    const std::size_t first = position_;
    while (position_ < text_.size() && !ends_name(text_[position_]) && !starts("/*")) {
      ++position_;
    }
    if (position_ > first + 1 && text_[position_ - 1] == ':') {
      --position_;
    }
    token.text = text_.substr(first, position_ - first);
    if (token.text.empty()) {
      token.kind = Token::Kind::broken;
      token.text = "a % or @ without a name";
    }
  }

  void read_identifier(Token& token) {
    token.kind = Token::Kind::identifier;
    const std::size_t first = position_;
    while (is_word(at(position_)) || (at(position_) == '.' && is_letter(at(position_ + 1)))) {
      ++position_;
    }
    token.text = text_.substr(first, position_ - first);
  }

  void read_number(Token& token) {
    token.kind = Token::Kind::integer;
    const std::size_t first = position_;
    ++position_;
    const auto digits = [this] {
      while (is_digit(at(position_))) {
        ++position_;
      }
    };
    digits();
    if (at(position_) == '.') {
      token.kind = Token::Kind::real;
      ++position_;
      digits();
    }
    const char sign = at(position_ + 1);
    const bool has_sign = sign == '-' || sign == '+';
    if (at(position_) == 'e' && is_digit(at(position_ + (has_sign ? 2U : 1U)))) {
      token.kind = Token::Kind::real;
      position_ += 2;
      digits();
    }
    if (at(position_) == 'f' || at(position_) == 'h') {
      token.kind = Token::Kind::real;
    }
    while (is_word(at(position_))) {
      ++position_;
    }
    token.text = text_.substr(first, position_ - first);
  }

  void read_string(Token& token) {
    const char quote = text_[position_];
    const std::size_t first = position_ + 1;
    step();
    while (position_ < text_.size() && text_[position_] != quote) {
      if (text_[position_] == '\\' && position_ + 1 < text_.size()) {
        step();
      }
      step();
    }
    if (position_ == text_.size()) {
      token.kind = Token::Kind::broken;
      token.text = "a string that does not end";
      return;
    }
    token.kind = Token::Kind::string;
    token.text = text_.substr(first, position_ - first);
    ++position_;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
};

inline std::string describe(const Token& token) {
  if (token.kind == Token::Kind::end) {
    return "the text's end";
  }
  if (token.kind == Token::Kind::broken) {
    return std::string(token.text);
  }
  std::string shown = "\"";
  for (const char c : token.text.substr(0, 40)) {
    shown += c >= ' ' && c <= '~' ? c : '?';
  }
  return shown + '"';
}

// The tokens of a text, one at a time, and what expressions and types have in common.
class TokenStream {
 public:
  TokenStream(std::string_view text, std::string_view where) : text_(text), where_(where), lexer_(text) { advance(); }

  [[nodiscard]] const Token& token() const noexcept { return token_; }
  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  void advance() { token_ = lexer_.next(); }

  bool accept(std::string_view symbol) {
    const bool found = token_.is(symbol);
    if (found) {
      advance();
    }
    return found;
  }

  Result<void> expect(std::string_view symbol) {
    return accept(symbol) ? Result<void>() : Result<void>(unexpected(fmt::format("\"{}\"", symbol)));
  }

  // Whether the token behind the current one is this symbol.
  [[nodiscard]] bool followed_by(std::string_view symbol) const {
    Lexer ahead = lexer_;
    return ahead.next().is(symbol);
  }

  // Cuts the current name before its last ':', which then is the next token.
  void split_name_at(std::size_t colon) {
    token_.text = token_.text.substr(0, colon);
    token_.end = token_.begin + 1 + colon;
    lexer_.rewind(token_.end);
  }

  // Skips what stands before `,` `;` `=` or a closing bracket, brackets and their contents included, or before an
  // opening `{` when braces end it. Gives the text that was skipped.
  Result<std::string_view> skip(bool braces_end) {
    const std::size_t first = token_.begin;
    std::size_t last = first;
    std::size_t open = 0;
    while (open > 0 || !ends_skipped(braces_end)) {
      if (token_.kind == Token::Kind::end || token_.kind == Token::Kind::broken) {
        return unexpected("a closing bracket");
      }
      if (token_.is("(") || token_.is("[") || token_.is("{")) {
        ++open;
      } else if (open > 0 && (token_.is(")") || token_.is("]") || token_.is("}"))) {
        --open;
      }
      last = token_.end;
      advance();
    }
    return text_.substr(first, last - first);
  }

  // What is left of a bracket whose opening was read.
  Result<void> rest_of_brackets() {
    for (std::size_t open = 1; open > 0; advance()) {
      if (token_.kind == Token::Kind::end || token_.kind == Token::Kind::broken) {
        return unexpected("a closing bracket");
      }
      if (token_.is("(") || token_.is("[") || token_.is("{")) {
        ++open;
      } else if (token_.is(")") || token_.is("]") || token_.is("}")) {
        --open;
      }
    }
    return {};
  }

  [[nodiscard]] Error unexpected(std::string_view needed) const {
    return Error{
        ErrorCode::bad_source,
        fmt::format("the Relay text has {} where {} is needed; export the model again", describe(token_), needed),
        place()};
  }

  [[nodiscard]] Error too_much(std::string_view what, std::size_t maximum) const {
    return Error{ErrorCode::limit_exceeded,
                 fmt::format("the Relay text has more than {} {}, which is the limit; leave the Relay text out of the "
                             "archive or simplify the model",
                             maximum, what),
                 place()};
  }

 private:
  [[nodiscard]] std::string place() const { return fmt::format("{}:{}:{}", where_, token_.line, token_.column); }
  [[nodiscard]] bool ends_skipped(bool braces_end) const {
    if (token_.kind == Token::Kind::end) {
      return true;
    }
    return token_.kind == Token::Kind::punctuation && token_.text.size() == 1 &&
           std::string_view(braces_end ? ",;=)]}{" : ",;)]}").find(token_.text.front()) != std::string_view::npos;
  }

  std::string_view text_;
  std::string_view where_;
  Lexer lexer_;
  Token token_;
};

}  // namespace stm32tvm::relay
