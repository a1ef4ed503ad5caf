// SPDX-License-Identifier: Apache-2.0
// Cuts C text into tokens; comments are dropped, a preprocessor line is one token.
#pragma once

#include <array>
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

  constexpr void add(std::string_view name) noexcept { marks_ |= std::uint64_t{1} << mark_of(name); }
  [[nodiscard]] constexpr bool may_hold(unsigned mark) const noexcept { return (marks_ >> mark & 1U) != 0; }

  /// Below 64.
  static constexpr unsigned mark_of(std::string_view word) noexcept {
    const std::size_t first = word.empty() ? 0 : static_cast<unsigned char>(word.front());
    return static_cast<unsigned>((word.size() + 7 * first) % 64);
  }

 private:
  std::uint64_t marks_ = 0;
};

/// Classes of a byte in C.
enum CharacterClass : unsigned char {
  kSpace = 1,
  kWord = 2,  ///< may stand in an identifier or a number
  kDigit = 4,
  kAlone = 8,        ///< a token by itself, whatever follows
  kStop = 16,        ///< matters between the braces of an initializer
  kDoubled = 32,     ///< one operator with itself
  kWithEquals = 64,  ///< one operator with a '=' behind it
};

constexpr std::array<unsigned char, 256> kCharacterClasses = [] {
  std::array<unsigned char, 256> classes{};
  const auto add = [&](std::string_view characters, CharacterClass added) {
    for (const char c : characters) {
      classes[static_cast<unsigned char>(c)] |= added;
    }
  };
  add(" \t\n\r\v\f", kSpace);
  add("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$", kWord);
  for (std::size_t c = 0x80; c < classes.size(); ++c) {
    classes[c] = kWord;
  }
  add("0123456789", kDigit);
  add("(){}[];,?:~", kAlone);
  add("{}\"'/#", kStop);
  add("+-&|#=", kDoubled);
  add("<>!+-*/%&|^", kWithEquals);
  return classes;
}();

constexpr bool has_class(char c, unsigned char wanted) {
  return (kCharacterClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

/// What stopped the lexer.
struct LexFault {
  const char* what = "";   ///< "a comment", "a string": what does not close
  std::size_t offset = 0;  ///< where it opens
};

/// Linear in the text; keeps no state but its place.
class CLexer {
 public:
  explicit CLexer(std::string_view text) noexcept : text_(text) {}

  /// Most tokens are words and brackets, so these are read here.
  Token next() {
    for (;;) {
      while (place_ < text_.size() && has_class(text_[place_], kSpace)) {
        ++place_;
      }
      if (place_ >= text_.size()) {
        return {};
      }
      const std::size_t begin = place_;
      const unsigned char classes = kCharacterClasses[static_cast<unsigned char>(text_[begin])];
      if ((classes & kAlone) != 0) {
        ++place_;
        return {TokenKind::punctuation, {text_.data() + begin, 1}};
      }
      if ((classes & (kWord | kDigit)) == kWord) {
        std::size_t end = begin + 1;
        while (end < text_.size() && has_class(text_[end], kWord)) {
          ++end;
        }
        place_ = end;
        return {TokenKind::identifier, {text_.data() + begin, end - begin}};
      }
      if (!at_comment()) {
        return next_other();
      }
      if (!skip_comment()) {
        return {};
      }
    }
  }

  /// Called behind a '{': moves behind the '}' that closes it, without making tokens.
  bool skip_braces();

  [[nodiscard]] const std::optional<LexFault>& fault() const noexcept { return fault_; }

 private:
  Token next_other();
  bool skip_comment();
  bool skip_quoted();
  bool skip_directive();
  bool skip_in_braces(char c);
  void skip_line();
  bool fail(const char* what, std::size_t offset);
  [[nodiscard]] bool at(std::size_t place, char c) const noexcept { return place < text_.size() && text_[place] == c; }
  [[nodiscard]] bool at_comment() const noexcept {
    return text_[place_] == '/' && (at(place_ + 1, '/') || at(place_ + 1, '*'));
  }
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
