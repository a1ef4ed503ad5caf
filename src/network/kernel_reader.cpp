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

#include "network/kernel_body.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

/// Names in all kernels' lists of calls together; an archive has some thousands.
constexpr std::size_t kMaximumCalls = 1'000'000;

using Names = std::set<std::string_view>;

/// Each name that a '(' follows.
Names called_names(TokenView tokens) {
  Names names;
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    if (tokens.is(i, '(') && tokens.is_identifier(i - 1) && is_callee(tokens.at(i - 1))) {
      names.insert(tokens.at(i - 1));
    }
  }
  return names;
}

/// What stands before a function's '{'.
struct Head {
  bool external = true;
  bool returns_int32 = false;
  std::vector<CParameter> parameters;
  bool packed = false;
  bool unpacked = false;
};

/// One parameter's declaration as type and name; an empty name when it is not that simple.
CParameter read_parameter(TokenView tokens) {
  CParameter parameter;
  if (tokens.size() == 0 || !tokens.is_identifier(tokens.size() - 1)) {
    return parameter;
  }
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const bool star = tokens.is(i, '*');
    if (!tokens.is_identifier(i) && !star) {
      return {};
    }
    parameter.type += parameter.type.empty() || star ? "" : " ";
    parameter.type += tokens.at(i);
  }
  parameter.name = tokens.at(tokens.size() - 1);
  return parameter;
}

Head read_head(const SourceOutline& outline, const SourceFunction& function) {
  const TokenView before = outline.tokens.view({function.head.begin, function.parameters});
  Head head;
  head.returns_int32 = before.size() >= 2 && before.at(before.size() - 2) == "int32_t";
  for (std::size_t i = 0; i < before.size(); ++i) {
    head.external = head.external && before.at(i) != "static" && before.at(i) != "inline";
  }
  const TokenView list = outline.tokens.view({function.parameters + 1, function.head.end});
  std::uint32_t begin = 0;
  std::uint32_t i = begin;
  for (; i < list.size() && !list.is(i, ')') && !list.is(i, '('); ++i) {
    if (list.is(i, ',')) {
      head.parameters.push_back(read_parameter(list.part({begin, i})));
      begin = i + 1;
    }
  }
  if (!list.is(i, ')')) {
    return head;  // a parameter with parentheses: a function, but no kernel
  }
  head.parameters.push_back(read_parameter(list.part({begin, i})));
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

/// Whether somewhere "(int*)" stands.
bool casts_to_int(TokenView tokens) {
  for (std::size_t i = 3; i < tokens.size(); ++i) {
    if (tokens.is(i, ')') && tokens.is(i - 1, '*') && tokens.is(i - 3, '(') && tokens.at(i - 2) == "int") {
      return true;
    }
  }
  return false;
}

class SourceReader {
 public:
  SourceReader(const SourceText& source, const SourceOutline& outline) : source_(source), outline_(outline) {}

  Result<SourceFacts> run() {
    for (const std::string_view directive : outline_.directives) {
      read_directive(directive);
    }
    for (const TokenRange declaration : outline_.declarations) {
      add_variable(outline_.tokens.view(declaration));
    }
    for (std::size_t i = 0; i < outline_.functions.size(); ++i) {
      STM32TVM_CHECK(read_function(i));
    }
    if (outline_.fault) {
      return source_.error(outline_.fault->code, outline_.fault->message, outline_.fault->place);
    }
    for (std::size_t i = 0; i < facts_.kernels.size(); ++i) {
      STM32TVM_CHECK(add_calls(facts_.kernels[i], own_calls_[i]));
    }
    return std::move(facts_);
  }

 private:
  /// Notes the variable that a declaration defines; what stands in braces is left out.
  void add_variable(TokenView declaration) {
    std::size_t words = 0;
    std::string_view name;
    bool tag = false;
    for (std::size_t i = 0; i < declaration.size() && !declaration.is(i, '=') && !declaration.is(i, '['); ++i) {
      const Token token = declaration[i];
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

  Result<void> read_function(std::size_t index) {
    const SourceFunction& function = outline_.functions[index];
    if (function.name.empty()) {
      return {};
    }
    Head head = read_head(outline_, function);
    const TokenView body = outline_.tokens.view(function.body);
    facts_.casts_to_int = facts_.casts_to_int || casts_to_int(body);
    Names calls = called_names(body);
    functions_[function.name].insert(calls.begin(), calls.end());
    if (head.external) {
      facts_.definitions.emplace(function.name);
    }
    if (!head.packed && !head.unpacked) {
      return {};
    }
    KernelDefinition definition{function.name, head.packed, std::move(head.parameters), index};
    if (is_main_function(function.name)) {
      facts_.main = std::move(definition);
      return {};
    }
    STM32TVM_TRY(kernel, read_kernel(source_, outline_, definition));
    facts_.kernels.push_back(std::move(kernel));
    own_calls_.push_back(std::move(calls));
    return {};
  }

  void read_directive(std::string_view text) {
    CLexer lexer(text.substr(1));
    const Token word = lexer.next();
    if (word.is("include")) {
      read_include(text);
    } else if (word.is("define")) {
      Names& calls = functions_[lexer.next().text];
      Token before;
      for (Token token = lexer.next(); token.kind != TokenKind::end; before = token, token = lexer.next()) {
        if (token.is('(') && before.is_identifier() && is_callee(before.text)) {
          calls.insert(before.text);
        }
      }
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
  const SourceOutline& outline_;
  std::vector<Names> own_calls_;                 ///< by kernel
  std::map<std::string_view, Names> functions_;  ///< and macros: what each calls
  std::size_t calls_followed_ = 0;
  SourceFacts facts_;
};

}  // namespace

bool is_main_function(std::string_view name) noexcept {
  return name.ends_with("__tvm_main__");
}

Result<SourceFacts> read_kernels(const SourceText& source, const SourceOutline& outline) {
  return SourceReader(source, outline).run();
}

}  // namespace stm32tvm
