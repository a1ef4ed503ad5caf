// SPDX-License-Identifier: Apache-2.0
// Cuts C text into tokens; comments are dropped, a preprocessor line is one token.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

namespace stm32tvm {

enum class TokenKind : std::uint8_t {
  end,          ///< no more text, or a fault: see CLexer::fault()
  identifier,   ///< keywords too
  number,       ///< a preprocessing number: "0x10UL", "1.0e-3f"
  text,         ///< a string or character constant, with its quotes
  punctuation,  ///< operators at full length; a stray backslash too
  directive     ///< a whole preprocessor line with its continuations, from '#' on
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;  ///< points into the lexed text

  [[nodiscard]] bool is(std::string_view spelling) const noexcept { return text == spelling; }
  [[nodiscard]] bool is(char spelling) const noexcept { return text.size() == 1 && text[0] == spelling; }
  [[nodiscard]] bool is_identifier() const noexcept { return kind == TokenKind::identifier; }

  /// The character of a token that is one; else '\0'.
  [[nodiscard]] char character() const noexcept { return text.size() == 1 ? text[0] : '\0'; }
};

/// Shorter names first: most comparisons end at the length. A generated name is long, and starts like the others.
struct ByLength {
  bool operator()(std::string_view a, std::string_view b) const noexcept {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  }
};
using NameSet = std::set<std::string_view, ByLength>;

/// Tells most words that are not in a set of names without a search for them.
class NameFilter {
 public:
  NameFilter() = default;
  explicit NameFilter(const NameSet& names) {
    for (const std::string_view name : names) {
      add(name);
    }
  }

  void add(std::string_view name) noexcept { marks_ |= mark(name); }
  [[nodiscard]] bool may_hold(std::string_view word) const noexcept { return (marks_ & mark(word)) != 0; }

 private:
  static std::uint64_t mark(std::string_view word) noexcept {
    const std::size_t first = word.empty() ? 0 : static_cast<unsigned char>(word.front());
    return std::uint64_t{1} << ((word.size() + 7 * first) % 64);
  }

  std::uint64_t marks_ = 0;
};

/// What stopped the lexer.
struct LexFault {
  const char* what = "";   ///< "a comment", "a string": what does not close
  std::size_t offset = 0;  ///< where it opens
};

/// Linear in the text; keeps no state but its place.
class CLexer {
 public:
  explicit CLexer(std::string_view text) noexcept : text_(text) {}

  Token next();

  /// Called behind a '{': moves behind the '}' that closes it, without making tokens.
  bool skip_braces();

  [[nodiscard]] const std::optional<LexFault>& fault() const noexcept { return fault_; }

 private:
  bool skip_space_and_comments();
  bool skip_comment();
  bool skip_quoted();
  bool skip_directive();
  bool skip_in_braces(char c);
  void skip_line();
  bool fail(const char* what, std::size_t offset);
  [[nodiscard]] bool at(std::size_t place, char c) const noexcept { return place < text_.size() && text_[place] == c; }
  [[nodiscard]] std::size_t end_of_class(std::size_t place, unsigned char wanted) const noexcept;
  [[nodiscard]] bool at_line_start() const noexcept;
  [[nodiscard]] std::size_t quoted_end() const noexcept;
  [[nodiscard]] std::size_t number_end() const noexcept;
  [[nodiscard]] std::size_t punctuation_length() const noexcept;

  std::string_view text_;
  std::size_t place_ = 0;
  std::optional<LexFault> fault_;
};

/// The whole text as a decimal number; nothing when it is none, or too large.
std::optional<std::uint64_t> decimal(std::string_view text);

}  // namespace stm32tvm
