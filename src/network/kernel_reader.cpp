// SPDX-License-Identifier: Apache-2.0
// Finds the functions of a C source, the kernels among them, and who calls whom.
#include "network/kernel_reader.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "network/c_lexer.hpp"
#include "network/c_syntax.hpp"
#include "network/kernel_body.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

/// In one function. A megabyte of generated code has some 300,000.
constexpr std::size_t kMaximumTokens = 4'000'000;
/// Names in all kernels' lists of calls together; an archive has some thousands.
constexpr std::size_t kMaximumCalls = 1'000'000;

using Names = std::set<std::string_view>;

/// Words that a '(' may follow without a call.
bool is_no_callee(std::string_view word) {
  static constexpr std::string_view kWords[] = {"if",
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
  return word.starts_with("TVMBackend") || std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

/// Each name that a '(' follows.
Names called_names(const std::vector<Token>& tokens) {
  Names names;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i].is_identifier() && tokens[i + 1].is('(') && !is_no_callee(tokens[i].text)) {
      names.insert(tokens[i].text);
    }
  }
  return names;
}

/// A function's head: the tokens before its '{'.
struct Head {
  std::string_view name;
  bool external = true;
  bool returns_int32 = false;
  std::vector<CParameter> parameters;
  bool packed = false;
  bool unpacked = false;
};

/// The place of the last '(' at top level that opens a list of parameters; 0 when there is none.
std::size_t parameter_list(const std::vector<Token>& head) {
  std::size_t depth = 0;
  std::size_t found = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i].is('(')) {
      const bool follows_name = i > 0 && head[i - 1].is_identifier() && !is_no_callee(head[i - 1].text);
      found = depth == 0 && follows_name ? i : found;
      ++depth;
    } else if (head[i].is(')')) {
      depth -= depth > 0 ? 1 : 0;
    }
  }
  return found;
}

/// One parameter's declaration as type and name; an empty name when it is not that simple.
CParameter read_parameter(const Token* begin, const Token* end) {
  CParameter parameter;
  if (begin == end || !(end - 1)->is_identifier()) {
    return parameter;
  }
  for (const Token* token = begin; token != end - 1; ++token) {
    if (!token->is_identifier() && !token->is("*")) {
      return {};
    }
    const bool space = !parameter.type.empty() && !token->is("*");
    parameter.type += (space ? " " : "") + std::string(token->text);
  }
  parameter.name = (end - 1)->text;
  return parameter;
}

std::optional<Head> read_head(const std::vector<Token>& tokens) {
  const std::size_t open = parameter_list(tokens);
  if (open == 0) {
    return std::nullopt;
  }
  Head head;
  head.name = tokens[open - 1].text;
  head.returns_int32 = open >= 2 && tokens[open - 2].is("int32_t");
  head.external = std::none_of(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(open),
                               [](const Token& token) { return token.is("static") || token.is("inline"); });
  std::size_t begin = open + 1;
  std::size_t i = begin;
  for (; i < tokens.size() && !tokens[i].is(')') && !tokens[i].is('('); ++i) {
    if (tokens[i].is(',')) {
      head.parameters.push_back(read_parameter(&tokens[begin], &tokens[i]));
      begin = i + 1;
    }
  }
  if (i == tokens.size() || !tokens[i].is(')')) {
    return head;  // a parameter with parentheses: a function, but no kernel
  }
  head.parameters.push_back(read_parameter(&tokens[begin], &tokens[i]));
  // TVM's own entry functions say int where its kernels say int32_t, and TVM 0.8's kernels take the types as void*.
  constexpr std::array<std::string_view, 6> kPacked = {"void*", "int*", "int", "void*", "int*", "void*"};
  const bool kernel = head.external && head.returns_int32;
  head.packed = kernel && std::equal(head.parameters.begin(), head.parameters.end(), kPacked.begin(), kPacked.end(),
                                     [](const CParameter& a, std::string_view type) {
                                       return a.type == type || (type == "int*" && a.type == "void*") ||
                                              (a.type.starts_with("int32_t") && a.type.substr(7) == type.substr(3));
                                     });
  head.unpacked =
      kernel && !head.packed && std::all_of(head.parameters.begin(), head.parameters.end(), [](const CParameter& each) {
        return each.type.find('*') != std::string::npos && !each.name.empty();
      });
  return head;
}

class SourceReader {
 public:
  explicit SourceReader(const SourceText& source) : source_(source), lexer_(source.text) {}

  Result<SourceFacts> run() {
    for (Token token = lexer_.next(); token.kind != TokenKind::end; token = lexer_.next()) {
      STM32TVM_CHECK(read_token(token));
    }
    STM32TVM_CHECK(check_lexer());
    if (linkage_blocks_ != 0) {
      return unpaired("{", linkage_place_);
    }
    for (std::size_t i = 0; i < facts_.kernels.size(); ++i) {
      STM32TVM_CHECK(add_calls(facts_.kernels[i], own_calls_[i]));
    }
    return std::move(facts_);
  }

 private:
  Result<void> check_lexer() const {
    if (!lexer_.fault()) {
      return {};
    }
    const LexFault fault = *lexer_.fault();
    return source_.error(ErrorCode::bad_source,
                         std::string("found ") + fault.what +
                             " that is not closed; the source must be whole C, so export the archive again",
                         source_.text.substr(fault.offset, 0));
  }

  [[nodiscard]] Error unpaired(std::string_view brace, std::string_view place) const {
    return source_.error(
        ErrorCode::bad_source,
        "found '" + std::string(brace) +
            "' without its partner; braces must pair, so the source is damaged: export the archive again",
        place);
  }

  [[nodiscard]] Error too_long(std::string_view place) const {
    return source_.error(ErrorCode::limit_exceeded,
                         "found a function or declaration of more than " + std::to_string(kMaximumTokens) +
                             " tokens, which is more than is read; split the operator",
                         place);
  }

  Result<void> read_token(const Token& token) {
    if (token.kind == TokenKind::directive) {
      read_directive(token.text);
    } else if (token.is(';')) {
      add_variable();
      clear_head();
    } else if (token.is('{')) {
      return open_brace(token.text);
    } else if (token.is('}')) {
      if (linkage_blocks_ == 0) {
        return unpaired("}", token.text);
      }
      --linkage_blocks_;
      clear_head();
    } else {
      head_.push_back(token);
      if (head_.size() > kMaximumTokens) {
        return too_long(token.text);
      }
    }
    return {};
  }

  Result<void> open_brace(std::string_view place) {
    const std::size_t size = head_.size();
    if (size >= 2 && head_[size - 2].is("extern") && head_[size - 1].kind == TokenKind::text) {
      linkage_place_ = linkage_blocks_ == 0 ? place : linkage_place_;
      ++linkage_blocks_;
      clear_head();
      return {};
    }
    const auto any = [&](auto condition) { return std::any_of(head_.begin(), head_.end(), condition); };
    // A declaration's head is looked at once, however many braces follow before its ';'.
    const bool initializer = braces_skipped_ || any([](const Token& token) { return token.is('='); });
    const std::optional<Head> head = initializer ? std::nullopt : read_head(head_);
    if (head) {
      clear_head();
      return read_function(*head, place);
    }
    lexer_.skip_braces();
    braces_skipped_ = initializer || any([](const Token& token) {
                        return token.is("struct") || token.is("union") || token.is("enum");
                      });
    if (!braces_skipped_) {
      clear_head();
    }
    return {};
  }

  void clear_head() {
    head_.clear();
    braces_skipped_ = false;
  }

  /// Notes the variable that the tokens before a ';' at file scope define; what stood in braces is left out.
  void add_variable() {
    std::size_t words = 0;
    std::string_view name;
    bool tag = false;
    for (const Token& token : head_) {
      if (token.is('=') || token.is('[')) {
        break;
      }
      // A '(' means a prototype, an attribute or a pointer to a function: not what TVM writes for a variable with
      // external linkage.
      if (token.is('(') || token.is("static") || token.is("extern") || token.is("typedef")) {
        return;
      }
      name = token.is_identifier() ? token.text : name;
      words += token.is_identifier() ? 1U : 0U;
      tag = tag || token.is("struct") || token.is("union") || token.is("enum");
    }
    // "struct name;" is no variable.
    if (words >= (tag ? 3U : 2U)) {
      facts_.definitions.emplace(name);
    }
  }

  Result<void> read_function(const Head& head, std::string_view place) {
    std::vector<Token> body;
    std::size_t depth = 1;
    for (;;) {
      const Token token = lexer_.next();
      if (token.kind == TokenKind::end) {
        STM32TVM_CHECK(check_lexer());
        return unpaired("{", place);
      }
      depth += token.is('{') ? 1U : 0U;
      depth -= token.is('}') ? 1U : 0U;
      if (depth == 0) {
        break;
      }
      body.push_back(token);
      if (body.size() > kMaximumTokens) {
        return too_long(place);
      }
      if (token.kind == TokenKind::directive) {
        read_directive(token.text);
      }
    }
    for (std::size_t i = 3; i < body.size(); ++i) {
      facts_.casts_to_int = facts_.casts_to_int ||
                            (body[i - 2].is("int") && body[i - 3].is('(') && body[i - 1].is('*') && body[i].is(')'));
    }
    Names calls = called_names(body);
    functions_[head.name].insert(calls.begin(), calls.end());
    if (head.external) {
      facts_.definitions.emplace(head.name);
    }
    if (is_main_function(head.name)) {
      if (head.packed || head.unpacked) {
        facts_.main = KernelDefinition{head.name, head.packed, head.parameters, std::move(body)};
      }
    } else if (head.packed || head.unpacked) {
      STM32TVM_TRY(kernel, read_kernel(source_, {head.name, head.packed, head.parameters, std::move(body)}, macros_));
      facts_.kernels.push_back(std::move(kernel));
      own_calls_.push_back(std::move(calls));
    }
    return {};
  }

  void read_directive(std::string_view text) {
    CLexer lexer(text.substr(1));
    const Token word = lexer.next();
    if (word.is("include")) {
      read_include(text);
    } else if (word.is("define")) {
      const Token name = lexer.next();
      std::vector<Token> body;
      for (Token token = lexer.next(); token.kind != TokenKind::end && body.size() < kMaximumTokens;
           token = lexer.next()) {
        body.push_back(token);
      }
      macros_.insert(name.text);
      functions_[name.text].merge(called_names(body));
    }
  }

  void read_include(std::string_view text) {
    const std::size_t open = text.find_first_of("<\"");
    if (open != std::string_view::npos) {
      const std::size_t close = text.find(text[open] == '<' ? '>' : '"', open + 1);
      if (close != std::string_view::npos) {
        facts_.includes.emplace_back(text.substr(open + 1, close - open - 1));
      }
    }
  }

  /// The kernel's own calls, and those of the functions and macros of this source that it reaches.
  Result<void> add_calls(Kernel& kernel, const Names& own) {
    Names reached;
    std::vector<std::string_view> waiting(own.begin(), own.end());
    while (!waiting.empty()) {
      const std::string_view name = waiting.back();
      waiting.pop_back();
      if (!reached.insert(name).second) {
        continue;
      }
      const auto function = functions_.find(name);
      if (function != functions_.end()) {
        waiting.insert(waiting.end(), function->second.begin(), function->second.end());
        calls_followed_ += function->second.size();
      }
      if (++calls_followed_ > kMaximumCalls) {
        return source_.error(ErrorCode::limit_exceeded,
                             "found more than " + std::to_string(kMaximumCalls) +
                                 " calls in the kernels together, which is more than are followed; split the module",
                             source_.text.substr(0, 0));
      }
    }
    kernel.calls.assign(reached.begin(), reached.end());
    return {};
  }

  const SourceText& source_;
  CLexer lexer_;
  std::vector<Token> head_;      ///< what stands before the next ';' or '{' at file scope
  bool braces_skipped_ = false;  ///< of the declaration that head_ holds: an initialiser or an aggregate's body
  std::size_t linkage_blocks_ = 0;
  std::string_view linkage_place_;
  std::vector<Names> own_calls_;                 ///< by kernel
  std::map<std::string_view, Names> functions_;  ///< and macros: what each calls
  NameSet macros_;
  std::size_t calls_followed_ = 0;
  SourceFacts facts_;
};

}  // namespace

bool is_main_function(std::string_view name) noexcept {
  return name.ends_with("__tvm_main__");
}

Result<SourceFacts> read_kernels(std::string_view text, std::string_view where) {
  const SourceText source{text, where};
  return SourceReader(source).run();
}

}  // namespace stm32tvm
