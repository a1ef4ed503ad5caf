// SPDX-License-Identifier: Apache-2.0
// What a fuzzer holds the library to beside not harming itself.
#pragma once

#include <cstdlib>
#include <string_view>
#include <vector>

#include "network/c_lexer.hpp"

namespace fuzz {

/// Ends the program, which is how a fuzzer reports.
inline void check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

/// The kinds of a C text's tokens. The text must end outside comments and strings, with every bracket closed.
inline std::vector<stm32tvm::TokenKind> token_kinds(std::string_view text) {
  using stm32tvm::TokenKind;
  stm32tvm::CLexer lexer(text);
  std::vector<TokenKind> kinds;
  std::vector<char> open;
  for (stm32tvm::Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    kinds.push_back(token.kind);
    if (token.is('(') || token.is('[') || token.is('{')) {
      open.push_back(token.is('(') ? ')' : token.is('[') ? ']' : '}');
    } else if (token.is(')') || token.is(']') || token.is('}')) {
      check(!open.empty() && token.is(open.back()));
      open.pop_back();
    }
  }
  check(!lexer.fault() && open.empty());
  return kinds;
}

}  // namespace fuzz
