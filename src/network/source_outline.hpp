// SPDX-License-Identifier: Apache-2.0
// The outline of a C source that the kernel reader has accepted: its tokens, functions, constant arrays and macros.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "network/c_lexer.hpp"

namespace stm32tvm {

/// Tokens of one text by their places in it: of a megabyte of generated code they are some 300,000.
class TokenList {
 public:
  /// Tokens and texts that do not fit a place are more than is outlined.
  static constexpr std::uint32_t maximum_text_bytes = 1U << 29U;

  explicit TokenList(std::string_view text) noexcept : text_(text) {}

  void reserve(std::size_t count) { places_.reserve(count); }
  void push_back(const Token& token) {
    Place& place = places_.emplace_back();
    place.offset = static_cast<std::uint32_t>(token.text.data() - text_.data());
    place.size = static_cast<std::uint32_t>(token.text.size()) & (maximum_text_bytes - 1);
    place.kind = token.kind;
  }

  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }
  [[nodiscard]] Token operator[](std::size_t index) const noexcept {
    const Place& place = places_[index];
    return {place.kind, std::string_view(text_.data() + place.offset, place.size)};
  }
  [[nodiscard]] Token back() const noexcept { return (*this)[size() - 1]; }

 private:
  struct Place {
    std::uint32_t offset;
    std::uint32_t size : 29;
    TokenKind kind : 3;
  };

  std::string_view text_;
  std::vector<Place> places_;
};

/// A function's definition: a part of the source, and of its tokens.
struct SourceFunction {
  std::string_view name;
  std::string_view definition;    ///< from its first word, behind `extern "C"`, to the '}' of its body
  std::size_t parameters = 0;     ///< token of the '(' before its parameters
  std::size_t begin = 0;          ///< first token of the body, behind its '{'
  std::size_t end = 0;            ///< token of the '}'
  bool holds_directives = false;  ///< preprocessor lines stand in the body
};

/// `static const int16_t constant[768] = {...};` at file scope.
struct SourceArray {
  std::string_view type;
  std::string_view attributes;  ///< between type and name
  std::string_view name;
  std::uint64_t count = 0;
  std::string_view values;       ///< between the braces
  std::string_view declaration;  ///< from "static" to its ';'
  std::size_t token = 0;         ///< of the name
};

/// Texts are parts of the source.
struct SourceOutline {
  /// Without preprocessor lines, and without what stands in the braces of initializers and types at file scope.
  TokenList tokens;
  std::vector<SourceFunction> functions;
  std::vector<SourceArray> arrays;
  NameSet macros;               ///< that the source defines
  NameSet words_of_directives;  ///< identifiers in preprocessor lines
};

/// Of a text longer than TokenList holds, nothing.
SourceOutline outline_source(std::string_view text);

}  // namespace stm32tvm
