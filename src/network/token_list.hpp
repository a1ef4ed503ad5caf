// SPDX-License-Identifier: Apache-2.0
// Tokens of a C text, kept small: of a megabyte of generated code they are some 300,000.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "network/c_lexer.hpp"

namespace stm32tvm {

/// Indices of tokens, from begin to before end.
struct TokenRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  [[nodiscard]] bool empty() const noexcept { return begin >= end; }
};

/// Where a token stands, and what it is.
struct TokenPlace {
  static constexpr unsigned size_bits = 24;
  static constexpr std::uint32_t maximum_size = (1U << size_bits) - 1;

  std::uint32_t offset = 0;
  std::uint32_t size_and_code = 0;

  /// The character of an operator or bracket that is one, the kind of any other token.
  [[nodiscard]] std::uint32_t code() const noexcept { return size_and_code >> size_bits; }
  [[nodiscard]] std::uint32_t size() const noexcept { return is_alone() ? 1 : number(); }
  /// To the partner of a bracket in a function, forth or back; 0 from any other token.
  [[nodiscard]] std::uint32_t way() const noexcept { return is_alone() ? number() : 0; }

 private:
  [[nodiscard]] bool is_alone() const noexcept { return (kCharacterClasses[code()] & kAlone) != 0; }
  /// What is one character has a way where others have their size.
  [[nodiscard]] std::uint32_t number() const noexcept { return size_and_code & maximum_size; }
};

/// A part of a TokenList, which must outlive it. Indices count from the part's begin; behind its end nothing is.
class TokenView {
 public:
  TokenView() = default;
  TokenView(const char* text, const TokenPlace* places, std::size_t size) noexcept
      : text_(text), places_(places), size_(size) {}

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  [[nodiscard]] Token operator[](std::size_t index) const noexcept { return {kind(index), text(index)}; }

  /// The token's text; empty behind the end.
  [[nodiscard]] std::string_view at(std::size_t index) const noexcept {
    return index < size_ ? text(index) : std::string_view{};
  }
  /// Whether the token is this operator or bracket.
  [[nodiscard]] bool is(std::size_t index, char spelling) const noexcept {
    return index < size_ && places_[index].code() == static_cast<unsigned char>(spelling);
  }
  [[nodiscard]] bool is(std::size_t index, TokenKind kind) const noexcept {
    return index < size_ && this->kind(index) == kind;
  }
  /// Of an operator or bracket that is one character; else what is none.
  [[nodiscard]] char character(std::size_t index) const noexcept {
    return index < size_ ? static_cast<char>(places_[index].code()) : '\0';
  }
  [[nodiscard]] bool is_identifier(std::size_t index) const noexcept {
    return index < size_ && places_[index].code() == static_cast<std::uint32_t>(TokenKind::identifier);
  }

  /// Of a bracket in a function: its partner; of any other token: itself. The index is that of a token.
  [[nodiscard]] std::uint32_t match(std::size_t index) const noexcept {
    const TokenPlace place = places_[index];
    const bool opens = place.code() == '(' || place.code() == '[' || place.code() == '{';
    return static_cast<std::uint32_t>(index) + (opens ? place.way() : 0 - place.way());
  }

  [[nodiscard]] TokenView part(TokenRange range) const noexcept {
    return {text_, places_ + range.begin, range.end - range.begin};
  }

 private:
  [[nodiscard]] TokenKind kind(std::size_t index) const noexcept {
    const std::uint32_t code = places_[index].code();
    return code < ' ' ? static_cast<TokenKind>(code) : TokenKind::punctuation;
  }
  [[nodiscard]] std::string_view text(std::size_t index) const noexcept {
    return {text_ + places_[index].offset, places_[index].size()};
  }

  const char* text_ = nullptr;
  const TokenPlace* places_ = nullptr;
  std::size_t size_ = 0;
};

class TokenList {
 public:
  static constexpr std::size_t maximum_text_bytes = std::size_t{1} << 28U;
  static constexpr std::size_t maximum_token_bytes = TokenPlace::maximum_size;

  /// `text` is no longer than the maximum, and outlives the list.
  explicit TokenList(std::string_view text) : text_(text) { places_.reserve(expected_count(text)); }

  /// Of generated code, tokens have some 4 bytes; a longer text may be the values of constants.
  static std::size_t expected_count(std::string_view text) { return std::min<std::size_t>(text.size() / 4, 100'000); }

  /// Of a token that is no longer than the maximum, and a part of the text.
  void push_back(const Token& token) {
    const bool is_character = token.kind == TokenKind::punctuation && token.character() >= ' ';
    const auto code =
        is_character ? static_cast<std::uint32_t>(token.text.front()) : static_cast<std::uint32_t>(token.kind);
    const auto size = static_cast<std::uint32_t>(token.text.size());
    places_.push_back({static_cast<std::uint32_t>(token.text.data() - text_.data()),
                       code << TokenPlace::size_bits | ((kCharacterClasses[code] & kAlone) != 0 ? 0 : size)});
  }

  /// Of brackets that are no more than maximum_token_bytes tokens apart.
  void pair(std::uint32_t open, std::uint32_t close) {
    places_[open].size_and_code |= close - open;
    places_[close].size_and_code |= close - open;
  }

  [[nodiscard]] std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(places_.size()); }
  [[nodiscard]] TokenView view() const noexcept { return {text_.data(), places_.data(), places_.size()}; }
  [[nodiscard]] TokenView view(TokenRange range) const noexcept { return view().part(range); }

 private:
  std::string_view text_;
  std::vector<TokenPlace> places_;
};

}  // namespace stm32tvm
