// SPDX-License-Identifier: Apache-2.0
// The outline of a C source: its tokens, functions, declarations, constant arrays and preprocessor lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "network/c_lexer.hpp"
#include "network/token_list.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

/// What is wrong with a source. `place` is a part of it.
struct SourceFault {
  ErrorCode code = ErrorCode::bad_source;
  std::string message;
  std::string_view place;
};

/// An identifier.
struct SourceWord {
  std::uint32_t token = 0;
  unsigned mark = 0;  ///< see NameFilter
};

/// A function's definition, or another block at file scope: a part of the source, and of its tokens.
struct SourceFunction {
  std::string_view name;          ///< empty for a block that is no function's as C and TVM write it
  std::string_view definition;    ///< from its first word, behind `extern "C"`, to the '}' of its body
  TokenRange head;                ///< what stands before the '{'
  std::uint32_t parameters = 0;   ///< token of the '(' before its parameters
  TokenRange body;                ///< what stands between the braces, preprocessor lines too
  TokenRange words;               ///< of the body: indices into SourceOutline::words
  bool holds_directives = false;  ///< preprocessor lines stand in the body
  bool irregular = false;         ///< the body holds what is more than statements and expressions
  std::uint32_t unpaired = 0;     ///< token of a bracket that has no partner or is nested too deeply; 0: there is none
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
  /// Without preprocessor lines at file scope, and without what stands in the braces of initializers and types there.
  TokenList tokens;
  std::vector<SourceWord> words;  ///< in the order of the text
  std::vector<SourceFunction> functions;
  std::vector<TokenRange> declarations;  ///< what ends with a ';' at file scope, but for `extern "C"` ones
  std::vector<SourceArray> arrays;
  std::vector<std::string_view> directives;  ///< all, in the order of the text
  NameSet macros;                            ///< that the source defines
  NameFilter macro_filter;                   ///< of these
  NameSet words_of_directives;               ///< identifiers in preprocessor lines
  std::optional<SourceFault> fault;          ///< why the outline is not that of the whole source

  [[nodiscard]] std::span<const SourceWord> words_of(const SourceFunction& function) const noexcept {
    return std::span(words).subspan(function.words.begin, function.words.end - function.words.begin);
  }
};

/// Of brackets in a function's body, and of its statements.
constexpr std::size_t maximum_nesting = 4096;

/// Whether a '(' behind the word may be a call's, and the word is no function of TVM's runtime.
bool is_callee(std::string_view word);

SourceOutline outline_source(std::string_view text);

}  // namespace stm32tvm
