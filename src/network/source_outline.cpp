// SPDX-License-Identifier: Apache-2.0
// Goes through a source at file scope.
#include "network/source_outline.hpp"

#include <optional>
#include <utility>

namespace stm32tvm {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

class OutlineReader {
 public:
  explicit OutlineReader(std::string_view text) : lexer_(text), outline_{TokenList(text), {}, {}, {}, {}} {
    constexpr std::size_t bytes_of_a_token = 4;  // in generated code, or a little more
    tokens().reserve(text.size() / bytes_of_a_token);
  }

  SourceOutline run() {
    std::size_t head = 0;  // the first token of the declaration in hand
    for (Token token = lexer_.next(); token.kind != TokenKind::end; token = lexer_.next()) {
      if (token.kind == TokenKind::directive) {
        note_directive(token.text);
        continue;
      }
      tokens().push_back(token);
      const std::size_t last = tokens().size() - 1;
      const bool is_linkage = token.kind == TokenKind::text && last == head + 1 && tokens()[head].is("extern");
      const bool is_open = token.is('{');
      if (token.is(';') || token.is('}') || is_linkage || (is_open && last == head)) {
        head = last + 1;
      } else if (is_open) {
        if (tokens()[last - 1].is(')')) {
          read_function(head, last);
          head = tokens().size();
        } else {
          lexer_.skip_braces();
          read_array(head, last);
        }
      }
    }
    return std::move(outline_);
  }

 private:
  TokenList& tokens() { return outline_.tokens; }

  /// At the '{' of a body: its tokens up to the '}' that closes it.
  void read_function(std::size_t head, std::size_t open) {
    SourceFunction function;
    for (std::size_t depth = 1; depth > 0;) {
      const Token token = lexer_.next();
      if (token.kind == TokenKind::end) {
        return;
      }
      if (token.kind == TokenKind::directive) {
        note_directive(token.text);
        function.holds_directives = true;
        continue;
      }
      const char brace = token.character();
      depth += brace == '{' ? 1U : 0U;
      depth -= brace == '}' ? 1U : 0U;
      tokens().push_back(token);
    }
    std::size_t parameters = open - 1;
    for (std::size_t depth = 0; parameters > head; --parameters) {
      depth += tokens()[parameters].is(')') ? 1U : 0U;
      depth -= tokens()[parameters].is('(') ? 1U : 0U;
      if (depth == 0) {
        break;
      }
    }
    if (parameters > head) {
      function.name = tokens()[parameters - 1].text;
      function.definition = between(tokens()[head].text.data(), tokens().back().text.data() + 1);
      function.parameters = parameters;
      function.begin = open + 1;
      function.end = tokens().size() - 1;
      outline_.functions.push_back(function);
    }
  }

  /// Behind the braces of an initializer: "static const int16_t ... name[768] = {...}".
  void read_array(std::size_t head, std::size_t open) {
    const TokenList& all = tokens();
    if (open < head + 8 || !all[head].is("static") || !all[head + 1].is("const") || !all[open - 1].is('=') ||
        !all[open - 2].is(']') || !all[open - 4].is('[') || !all[open - 5].is_identifier()) {
      return;
    }
    CLexer behind = lexer_;
    const Token semicolon = behind.next();
    const auto count = decimal(all[open - 3].text);
    if (!semicolon.is(';') || !count) {
      return;
    }
    SourceArray array;
    array.type = all[head + 2].text;
    array.name = all[open - 5].text;
    array.attributes = between(array.type.data() + array.type.size(), array.name.data());
    array.count = *count;
    array.values = between(all[open].text.data() + 1, semicolon.text.data());
    array.values = array.values.substr(0, array.values.rfind('}'));
    array.declaration = between(all[head].text.data(), semicolon.text.data() + 1);
    array.token = open - 5;
    outline_.arrays.push_back(array);
  }

  void note_directive(std::string_view text) {
    CLexer lexer(text.substr(1));
    const bool define = lexer.next().is("define");
    bool first = true;
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
      if (token.is_identifier()) {
        outline_.words_of_directives.insert(token.text);
        if (define && first) {
          outline_.macros.insert(token.text);
        }
      }
      first = false;
    }
  }

  CLexer lexer_;
  SourceOutline outline_;
};

}  // namespace

SourceOutline outline_source(std::string_view text) {
  return OutlineReader(text.size() < TokenList::maximum_text_bytes ? text : std::string_view{}).run();
}

}  // namespace stm32tvm
