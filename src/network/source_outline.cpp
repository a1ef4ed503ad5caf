// SPDX-License-Identifier: Apache-2.0
// Goes through a source at file scope.
#include "network/source_outline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace stm32tvm {
namespace {

/// In one function or declaration. A megabyte of generated code has some 300,000.
constexpr std::size_t maximum_tokens = 4'000'000;
constexpr std::size_t maximum_functions = 1'000'000;

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

SourceFault without_partner(std::string_view bracket) {
  return {
      ErrorCode::bad_source,
      fmt::format("found '{}' without its partner; brackets must pair, so the source is damaged: export the archive "
                  "again",
                  bracket),
      bracket};
}

bool changes_no_code(std::string_view directive) {
  directive.remove_prefix(1);
  directive.remove_prefix(std::min(directive.find_first_not_of(" \t"), directive.size()));
  return directive.starts_with("pragma") || directive.starts_with("line");
}

class OutlineReader {
 public:
  explicit OutlineReader(std::string_view text)
      : text_(text), lexer_(text), outline_{TokenList(text), {}, {}, {}, {}, {}, {}, {}, {}, std::nullopt} {
    outline_.words.reserve(TokenList::expected_count(text) / 3);
  }

  SourceOutline run() {
    for (Token token = lexer_.next(); is_read(token); token = lexer_.next()) {
      read_token(token);
    }
    if (linkage_blocks_ != 0) {
      fail(without_partner(linkage_place_));
    }
    return std::move(outline_);
  }

 private:
  [[nodiscard]] TokenView tokens() const { return outline_.tokens.view(); }
  [[nodiscard]] std::uint32_t count() const { return outline_.tokens.size(); }

  /// The first fault stays, and the source is not read on.
  void fail(SourceFault fault) {
    if (!outline_.fault) {
      outline_.fault = std::move(fault);
      lexer_ = CLexer({});
    }
  }

  /// Whether there is a token that is to be read: not the end of the text, nor one that is too long.
  [[nodiscard]] bool is_read(const Token& token) {
    if (token.kind != TokenKind::end && token.text.size() <= TokenList::maximum_token_bytes) {
      return true;
    }
    check_lexer();
    if (token.kind != TokenKind::end) {
      fail_too_long_token(token.text);
    }
    return false;
  }

  void check_lexer() {
    if (lexer_.fault()) {
      fail({ErrorCode::bad_source,
            fmt::format("found {} that is not closed; the source must be whole C, so export the archive again",
                        lexer_.fault()->what),
            text_.substr(lexer_.fault()->offset, 0)});
    }
  }

  void fail_too_long_token(std::string_view place) {
    fail({ErrorCode::limit_exceeded,
          fmt::format("found a word or line of more than {} bytes, which is more than is read; split it",
                      TokenList::maximum_token_bytes),
          place});
  }

  void fail_too_long(std::string_view place) {
    fail({ErrorCode::limit_exceeded,
          fmt::format("found a function or declaration of more than {} tokens, which is more than is read; split the "
                      "operator",
                      maximum_tokens),
          place});
  }

  void read_token(const Token& token) {
    if (token.kind == TokenKind::directive) {
      read_directive(token.text);
      return;
    }
    const std::uint32_t index = count();
    outline_.tokens.push_back(token);
    const bool linkage = token.kind == TokenKind::text && index == head_ + 1 && tokens().at(head_) == "extern";
    if (token.is(';')) {
      if (!behind_linkage_) {
        outline_.declarations.push_back({head_, index});
      }
      begin_head();
    } else if (token.is('{')) {
      open_brace(index);
    } else if (token.is('}')) {
      if (linkage_blocks_ == 0) {
        fail(without_partner(token.text));
        return;
      }
      --linkage_blocks_;
      begin_head();
    } else if (linkage) {
      begin_head();
      behind_linkage_ = true;
    } else if (token.is_identifier()) {
      outline_.words.push_back({index, NameFilter::mark_of(token.text)});
    }
    if (count() - head_ > maximum_tokens) {
      fail_too_long(token.text);
    }
  }

  void begin_head() {
    head_ = count();
    behind_linkage_ = false;
    braces_skipped_ = false;
  }

  void open_brace(std::uint32_t open) {
    if (behind_linkage_ && open == head_) {
      linkage_place_ = linkage_blocks_ == 0 ? tokens().at(open) : linkage_place_;
      ++linkage_blocks_;
      begin_head();
      return;
    }
    const TokenView head = outline_.tokens.view({head_, open});
    // A declaration's head is looked at once, however many braces follow before its ';'.
    const bool initializer = braces_skipped_ || has_any(head, {"="});
    const bool type = !initializer && has_any(head, {"struct", "union", "enum"});
    const std::uint32_t parameters = initializer ? 0 : parameter_list(head);
    if (parameters != 0 || (!type && !tokens().is(open - 1, '='))) {
      read_block(open, parameters);
    } else {
      lexer_.skip_braces();
      read_array(open);
    }
    braces_skipped_ = parameters == 0 && (initializer || type);
    if (!braces_skipped_) {
      begin_head();
    }
  }

  static bool has_any(TokenView tokens, std::initializer_list<std::string_view> words) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (std::find(words.begin(), words.end(), tokens.at(i)) != words.end()) {
        return true;
      }
    }
    return false;
  }

  /// The place of the last '(' at top level that opens a list of parameters; 0 when there is none.
  static std::uint32_t parameter_list(TokenView head) {
    std::size_t depth = 0;
    std::uint32_t found = 0;
    for (std::uint32_t i = 0; i < head.size(); ++i) {
      if (head.is(i, '(')) {
        const bool follows_name = i > 0 && head.is_identifier(i - 1) && is_callee(head.at(i - 1));
        found = depth == 0 && follows_name ? i : found;
        ++depth;
      } else if (head.is(i, ')')) {
        depth -= depth > 0 ? 1 : 0;
      }
    }
    return found;
  }

  /// At the '{' of a body: its tokens up to the '}' that closes it. `parameters` is the place of a function's list of
  /// them in its head.
  void read_block(std::uint32_t open, std::uint32_t parameters) {
    SourceFunction function;
    function.head = {head_, open};
    if (parameters != 0) {
      function.name = tokens().at(head_ + parameters - 1);
      function.parameters = head_ + parameters;
      pair_parameters(function);
    }
    brackets_.clear();
    function.words.begin = static_cast<std::uint32_t>(outline_.words.size());
    std::uint32_t index = open;
    for (std::size_t depth = 1; depth > 0;) {
      const Token token = lexer_.next();
      if (!is_read(token)) {
        fail(without_partner(tokens().at(open)));
        return;
      }
      outline_.tokens.push_back(token);
      ++index;
      if (token.kind == TokenKind::identifier) {
        outline_.words.push_back({index, NameFilter::mark_of(token.text)});
      } else if (token.kind == TokenKind::punctuation) {
        const char character = token.text.front();
        depth += character == '{' ? 1U : 0U;
        depth -= character == '}' ? 1U : 0U;
        if (depth > 0) {
          pair(index, character, function);
        }
      } else if (token.kind == TokenKind::directive) {
        read_directive(token.text);
        function.holds_directives = true;
        function.irregular = function.irregular || !changes_no_code(token.text);
      }
      if (index - open > maximum_tokens) {
        fail_too_long(tokens().at(open));
        return;
      }
    }
    function.body = {open + 1, index};
    function.words.end = static_cast<std::uint32_t>(outline_.words.size());
    if (function.unpaired == 0 && !brackets_.empty()) {
      function.unpaired = brackets_.back().token;
    }
    function.definition = between(tokens().at(head_).data(), tokens().at(index).data() + 1);
    outline_.functions.push_back(function);
    if (outline_.functions.size() > maximum_functions) {
      fail({ErrorCode::limit_exceeded,
            fmt::format("found more than {} functions, which is more than are read; split the module",
                        maximum_functions),
            tokens().at(open)});
    }
  }

  void pair_parameters(const SourceFunction& function) {
    std::size_t depth = 0;
    for (std::uint32_t i = function.parameters; i < function.head.end; ++i) {
      depth += tokens().is(i, '(') ? 1U : 0U;
      depth -= tokens().is(i, ')') ? 1U : 0U;
      if (depth == 0) {
        outline_.tokens.pair(function.parameters, i);
        return;
      }
    }
  }

  /// Pairs a bracket of a body, and notes what no reader of statements could make sense of.
  void pair(std::uint32_t token, char character, SourceFunction& function) {
    switch (character) {
      case '{':
        // A block or a compound literal inside an expression.
        function.irregular = function.irregular || (!brackets_.empty() && brackets_.back().partner != '}');
        open_bracket({token, '}'}, function);
        break;
      case '(':
        open_bracket({token, ')'}, function);
        break;
      case '[':
        open_bracket({token, ']'}, function);
        break;
      case ')':
      case ']':
      case '}':
        if (!brackets_.empty() && brackets_.back().partner == character) {
          outline_.tokens.pair(brackets_.back().token, token);
          brackets_.pop_back();
        } else if (function.unpaired == 0) {
          function.unpaired = token;
        }
        break;
      case '\\':
        function.irregular = true;
        break;
      default:
        break;
    }
  }

  struct Bracket {
    std::uint32_t token;
    char partner;
  };

  void open_bracket(Bracket bracket, SourceFunction& function) {
    brackets_.push_back(bracket);
    if (brackets_.size() > maximum_nesting && function.unpaired == 0) {
      function.unpaired = bracket.token;
    }
  }

  /// Behind the braces of an initializer: "static const int16_t ... name[768] = {...}".
  void read_array(std::uint32_t open) {
    const TokenView all = tokens();
    if (open < head_ + 8 || all.at(head_) != "static" || all.at(head_ + 1) != "const" || !all.is(open - 1, '=') ||
        !all.is(open - 2, ']') || !all.is(open - 4, '[') || !all.is_identifier(open - 5)) {
      return;
    }
    CLexer behind = lexer_;
    const Token semicolon = behind.next();
    const auto elements = decimal(all.at(open - 3));
    if (!semicolon.is(';') || !elements) {
      return;
    }
    SourceArray array;
    array.type = all.at(head_ + 2);
    array.name = all.at(open - 5);
    array.attributes = between(array.type.data() + array.type.size(), array.name.data());
    array.count = *elements;
    array.values = between(all.at(open).data() + 1, semicolon.text.data());
    array.values = array.values.substr(0, array.values.rfind('}'));
    array.declaration = between(all.at(head_).data(), semicolon.text.data() + 1);
    array.token = open - 5;
    outline_.arrays.push_back(array);
  }

  void read_directive(std::string_view text) {
    outline_.directives.push_back(text);
    CLexer lexer(text.substr(1));
    const bool define = lexer.next().is("define");
    bool first = true;
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
      if (token.is_identifier()) {
        outline_.words_of_directives.insert(token.text);
        if (define && first) {
          outline_.macros.insert(token.text);
          outline_.macro_filter.add(token.text);
        }
      }
      first = false;
    }
  }

  std::string_view text_;
  CLexer lexer_;
  SourceOutline outline_;
  std::uint32_t head_ = 0;       ///< the first token of the declaration in hand
  bool behind_linkage_ = false;  ///< `extern "C"` stands before it
  bool braces_skipped_ = false;  ///< of it: an initializer or an aggregate's body
  std::size_t linkage_blocks_ = 0;
  std::string_view linkage_place_;
  std::vector<Bracket> brackets_;  ///< open ones of the body in hand
};

}  // namespace

bool is_callee(std::string_view word) {
  constexpr std::array<std::string_view, 46> words = {"if",
                                                      "for",
                                                      "while",
                                                      "switch",
                                                      "return",
                                                      "sizeof",
                                                      "do",
                                                      "else",
                                                      "case",
                                                      "goto",
                                                      "_Alignof",
                                                      "_Alignas",
                                                      "_Generic",
                                                      "_Static_assert",
                                                      "__attribute__",
                                                      "__extension__",
                                                      "_Pragma",
                                                      "asm",
                                                      "__asm",
                                                      "__asm__",
                                                      "volatile",
                                                      "__volatile__",
                                                      "defined",
                                                      "typeof",
                                                      "__typeof__",
                                                      "void",
                                                      "char",
                                                      "short",
                                                      "int",
                                                      "long",
                                                      "float",
                                                      "double",
                                                      "signed",
                                                      "unsigned",
                                                      "bool",
                                                      "_Bool",
                                                      "int8_t",
                                                      "uint8_t",
                                                      "int16_t",
                                                      "uint16_t",
                                                      "int32_t",
                                                      "uint32_t",
                                                      "int64_t",
                                                      "uint64_t",
                                                      "size_t",
                                                      "const"};
  return !word.starts_with("TVMBackend") && std::find(words.begin(), words.end(), word) == words.end();
}

SourceOutline outline_source(std::string_view text) {
  if (text.size() > TokenList::maximum_text_bytes) {
    SourceOutline outline{TokenList({}), {}, {}, {}, {}, {}, {}, {}, {}, std::nullopt};
    outline.fault =
        SourceFault{ErrorCode::limit_exceeded,
                    fmt::format("found a source of more than {} bytes, which is more than is read; split it",
                                TokenList::maximum_text_bytes),
                    text.substr(0, 0)};
    return outline;
  }
  return OutlineReader(text).run();
}

}  // namespace stm32tvm
