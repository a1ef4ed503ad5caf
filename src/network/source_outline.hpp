// SPDX-License-Identifier: Apache-2.0
// The outline of a C source that the kernel reader has accepted: its tokens, functions, constant arrays and macros.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "network/c_lexer.hpp"

namespace stm32tvm {

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
  std::vector<Token> tokens;
  std::vector<std::size_t> match;  ///< of a round or square bracket: its partner; of any other token: itself
  std::vector<SourceFunction> functions;
  std::vector<SourceArray> arrays;
  std::set<std::string_view> macros;               ///< that the source defines
  std::set<std::string_view> words_of_directives;  ///< identifiers in preprocessor lines
};

SourceOutline outline_source(std::string_view text);

}  // namespace stm32tvm
