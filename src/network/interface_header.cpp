// SPDX-License-Identifier: Apache-2.0
// Token patterns of TVM's interface header and of its mapping functions.
#include "network/interface_header.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "network/c_lexer.hpp"

namespace stm32tvm {
namespace {

/// #define name value
void read_macro(std::string_view directive, InterfaceHeader& header) {
  CLexer lexer(directive.substr(1));
  const Token word = lexer.next();
  const Token name = lexer.next();
  const Token value = lexer.next();
  if (!word.is("define") || !name.is_identifier()) {
    return;
  }
  const auto behind = static_cast<std::size_t>(name.text.data() + name.text.size() - directive.data());
  header.macros.emplace(name.text, value.kind == TokenKind::number ? value.text : directive.substr(behind));
}

/// Behind "struct name {": void* member; void* member; }
std::vector<std::string> read_members(CLexer& lexer) {
  std::vector<std::string> names;
  std::string_view last;
  for (Token token = lexer.next(); token.kind != TokenKind::end && !token.is('}'); token = lexer.next()) {
    if (token.is(';') && !last.empty()) {
      names.emplace_back(last);
    }
    last = token.is_identifier() ? token.text : std::string_view{};
  }
  return names;
}

/// At the '.' of .name = &((uint8_t*)workspace_pools->pool)[offset]
std::optional<PooledTensor> read_place(CLexer& lexer) {
  PooledTensor tensor;
  tensor.name = lexer.next().text;
  constexpr std::array<std::string_view, 9> words = {"=", "&", "(", "(", "uint8_t", "*", ")", "workspace_pools", "->"};
  for (const std::string_view word : words) {
    if (!lexer.next().is(word)) {
      return std::nullopt;
    }
  }
  tensor.pool = lexer.next().text;
  const bool subscript = lexer.next().is(')') && lexer.next().is('[');
  const std::string_view number = lexer.next().text;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), tensor.offset);
  const bool whole = error == std::errc() && end == number.data() + number.size();
  return subscript && whole ? std::optional(tensor) : std::nullopt;
}

}  // namespace

void read_interface_header(std::string_view text, InterfaceHeader& header) {
  CLexer lexer(text);
  std::array<Token, 2> before{};
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    if (token.kind == TokenKind::directive) {
      read_macro(token.text, header);
    } else if (token.is('{') && before[0].is("struct")) {
      const std::string_view name = before[1].text;
      if (name.ends_with("_inputs")) {
        header.inputs = read_members(lexer);
      } else if (name.ends_with("_devices")) {
        header.devices = read_members(lexer);
      } else if (name.ends_with("_outputs")) {
        header.outputs = read_members(lexer);
        header.found = true;
      }
    }
    before = {before[1], token};
  }
}

void read_pool_mapping(std::string_view text, PoolMapping& mapping) {
  CLexer lexer(text);
  std::vector<PooledTensor>* list = nullptr;
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    if (token.is_identifier() && token.text.ends_with("_map_inputs")) {
      list = &mapping.inputs;
    } else if (token.is_identifier() && token.text.ends_with("_map_outputs")) {
      list = &mapping.outputs;
    } else if (token.is_identifier() && token.text.ends_with("_run")) {
      list = nullptr;
    } else if (token.is('.') && list != nullptr) {
      if (auto tensor = read_place(lexer)) {
        list->push_back(std::move(*tensor));
      }
    }
  }
}

}  // namespace stm32tvm
