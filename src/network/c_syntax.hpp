// SPDX-License-Identifier: Apache-2.0
// The structure of a C function's body, as far as TVM's code generator goes: statements, declarations, constants.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "network/source_outline.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

/// A source and its name, to say where something stands in it.
struct SourceText {
  std::string_view text;
  std::string_view where;

  /// `place` is a part of `text`; the error names its line.
  [[nodiscard]] Error error(ErrorCode code, std::string message, std::string_view place) const;
};

/// A part of a body without further statements in it: a declaration, an expression, the head of an `if`, or one of the
/// three parts of a `for` head.
struct Piece {
  TokenRange tokens;
  std::uint32_t statement = 0;  ///< the top-level statement that it belongs to
  std::uint32_t block = 0;      ///< the innermost block around it; 0 is the body
  bool plain = true;            ///< stands in its block itself, and runs once whenever the block does
};

struct CodeBody {
  TokenView tokens;
  std::vector<Piece> pieces;  ///< in the order of the text
  std::vector<std::uint32_t> block_parents;
  std::uint32_t statement_count = 0;  ///< at top level, all kinds
  bool understood = true;             ///< false: control flow or syntax that the pieces do not show
  bool has_jump = false;              ///< `break` or `continue`

  /// See TokenView.
  [[nodiscard]] std::string_view at(std::uint32_t index) const noexcept { return tokens.at(index); }
  [[nodiscard]] bool is(std::uint32_t index, char spelling) const noexcept { return tokens.is(index, spelling); }
  [[nodiscard]] bool is_identifier(std::uint32_t index) const noexcept { return tokens.is_identifier(index); }
  [[nodiscard]] std::uint32_t match(std::uint32_t index) const noexcept { return tokens.match(index); }
};

/// Cuts what stands between a function's braces. An error when brackets do not pair or nest too deeply.
Result<CodeBody> cut_body(const SourceText& source, const SourceOutline& outline, const SourceFunction& function);

/// The first declarator of a declaration.
struct Declaration {
  enum class Kind {
    arithmetic,  ///< a number, or an array of numbers
    pointer,     ///< one pointer to whatever
    other        ///< struct, array of pointers, pointer to pointer, unknown type name
  };
  std::uint32_t name = 0;  ///< token
  Kind kind = Kind::other;
  bool of_numbers = false;          ///< its elements, or what it points at, are numbers
  bool array = false;               ///< with dimensions, from `dimensions` on
  bool lasting = false;             ///< static, extern or typedef: more than a local variable
  bool several = false;             ///< more declarators follow
  std::uint32_t dimensions = 0;     ///< token of the first '['
  std::uint64_t element_bytes = 0;  ///< on the device; 0 when unknown
  TokenRange initializer;           ///< behind '='
};

std::optional<Declaration> parse_declaration(const CodeBody& body, TokenRange range);

/// Bytes of all elements of a declared array; nothing when its dimensions are no constants. Saturates.
std::optional<std::uint64_t> array_bytes(const CodeBody& body, const Declaration& declaration);

/// Whether a word names a type of numbers, or a part of such a name.
bool is_number_word(std::string_view word) noexcept;

/// Whether the tokens are a type in the way of a cast, like "const int8_t*": words of number types, and at most one
/// '*'.
bool is_number_type(const CodeBody& body, TokenRange range, bool pointer);

/// Bytes of the number type that the tokens name, a '*' apart; 0 when they name none or compilers differ on it.
std::uint64_t number_type_bytes(const CodeBody& body, TokenRange range);
std::uint64_t number_type_bytes(std::string_view type);

/// Whether the '(' at a token opens a cast: words, then stars.
bool is_cast(const CodeBody& body, std::uint32_t open);

/// Without the parentheses around all of it and the casts before it.
TokenRange peel(const CodeBody& body, TokenRange range);

/// The value of a constant expression of non-negative integers; nothing when it is none or needs more than 64 bits.
std::optional<std::uint64_t> fold_constant(const CodeBody& body, TokenRange range);

/// The arguments of the call whose '(' is at `open`.
std::vector<TokenRange> call_arguments(const CodeBody& body, std::uint32_t open);

}  // namespace stm32tvm
