// SPDX-License-Identifier: Apache-2.0
// Parses Relay text: recursive descent of bounded depth that resolves names as it goes.
#include "network/relay_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <system_error>
#include <utility>

#include "network/relay_lexer.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

using Kind = RelayExpression::Kind;
using relay::Token;
using relay::TokenStream;

// Tensor[(1, 8), int8], int8, (A, B), fn (A) -> B; other types are skipped.
class TypeParser {
 public:
  explicit TypeParser(TokenStream& tokens) : tokens_(tokens) {}

  // `depth` is how deep the text around the type is nested.
  Result<RelayType> type(unsigned depth) {
    if (depth >= relay_depth_maximum) {
      return tokens_.too_much("levels of nesting", relay_depth_maximum);
    }
    if (tokens_.token().is("(")) {
      return tuple(depth);
    }
    if (tokens_.token().is("fn")) {
      return function(depth);
    }
    if (tokens_.token().is("Tensor")) {
      return tensor();
    }
    if (tokens_.token().kind == Token::Kind::identifier) {
      if (const auto element = parse_data_type(tokens_.token().text)) {
        tokens_.advance();
        return RelayType{RelayType::Kind::tensor, element, std::vector<std::int64_t>(), {}};
      }
    }
    STM32TVM_TRY(skipped, tokens_.skip(true));
    if (skipped.empty()) {
      return tokens_.unexpected("a type");
    }
    return RelayType{};
  }

 private:
  Result<RelayType> tuple(unsigned depth) {
    RelayType read;
    read.kind = RelayType::Kind::tuple;
    STM32TVM_CHECK(tokens_.expect("("));
    while (!tokens_.accept(")")) {
      STM32TVM_TRY(field, type(depth + 1));
      read.fields.push_back(std::move(field));
      if (!tokens_.accept(",") && !tokens_.token().is(")")) {
        return tokens_.unexpected("\",\" or \")\"");
      }
    }
    return read;
  }

  Result<RelayType> function(unsigned depth) {
    tokens_.advance();
    if (tokens_.accept("[")) {
      STM32TVM_CHECK(tokens_.rest_of_brackets());
    }
    STM32TVM_TRY(read, tuple(depth));
    STM32TVM_CHECK(tokens_.expect("->"));
    STM32TVM_TRY(result, type(depth + 1));
    read.kind = RelayType::Kind::function;
    read.fields.push_back(std::move(result));
    return std::move(read);
  }

  Result<RelayType> tensor() {
    RelayType read;
    read.kind = RelayType::Kind::tensor;
    tokens_.advance();
    STM32TVM_CHECK(tokens_.expect("["));
    STM32TVM_CHECK(tokens_.expect("("));
    std::vector<std::int64_t> shape;
    bool known = true;
    while (!tokens_.accept(")")) {
      STM32TVM_TRY(dimension, tokens_.skip(false));
      std::int64_t extent = 0;
      const auto [end, error] = std::from_chars(dimension.data(), dimension.data() + dimension.size(), extent);
      known = known && error == std::errc{} && end == dimension.data() + dimension.size() && extent >= 0;
      shape.push_back(extent);
      if (dimension.empty() || (!tokens_.accept(",") && !tokens_.token().is(")"))) {
        return tokens_.unexpected("a dimension");
      }
    }
    if (known) {
      read.shape = std::move(shape);
    }
    STM32TVM_CHECK(tokens_.expect(","));
    STM32TVM_TRY(element, tokens_.skip(false));
    read.element = parse_data_type(element);
    STM32TVM_CHECK(tokens_.expect("]"));
    return read;
  }

  TokenStream& tokens_;
};

class Parser {
 public:
  Parser(std::string_view text, std::string_view where) : tokens_(text, where) {}

  Result<RelayModule> module() {
    while (token().kind != Token::Kind::end) {
      if (token().kind == Token::Kind::broken) {
        return tokens_.unexpected("a definition");
      }
      if (token().is("METADATA") || is_metadata()) {
        break;  // the rest is JSON with the constants
      }
      if (token().is("def") || token().is("fn")) {
        STM32TVM_TRY(index, definition());
        module_.functions[index].bare = module_.functions[index].name.empty();
      } else if (token().is("{") || token().is("(") || token().is("[")) {
        tokens_.advance();
        STM32TVM_CHECK(tokens_.rest_of_brackets());
      } else {
        tokens_.advance();  // of #[version = "0.0.5"], type declarations and the like
      }
    }
    if (module_.functions.empty()) {
      return tokens_.unexpected("a function (\"def @main\")");
    }
    return std::move(module_);
  }

 private:
  [[nodiscard]] const Token& token() const noexcept { return tokens_.token(); }

  [[nodiscard]] bool is_metadata() const {
    return token().is("#") && tokens_.text().substr(token().begin).starts_with("#[metadata]");
  }

  Result<RelayIndex> add(RelayExpression expression) {
    for (const RelayIndex operand : expression.operands) {
      const auto below = module_.expressions[operand].depth;
      expression.depth = std::max(expression.depth, static_cast<std::uint16_t>(below + 1));
    }
    if (expression.depth > relay_depth_maximum) {
      return tokens_.too_much("levels of nesting", relay_depth_maximum);
    }
    if (module_.expressions.size() >= relay_expressions_maximum) {
      return tokens_.too_much("expressions", relay_expressions_maximum);
    }
    module_.expressions.push_back(std::move(expression));
    return static_cast<RelayIndex>(module_.expressions.size() - 1);
  }

  // An expression that starts at the current token.
  [[nodiscard]] RelayExpression make(Kind kind) const {
    RelayExpression expression;
    expression.kind = kind;
    expression.line = token().line;
    expression.column = token().column;
    expression.text = token().text;
    return expression;
  }

  // A finished expression of one token.
  Result<RelayIndex> leaf(Kind kind) {
    RelayExpression expression = make(kind);
    tokens_.advance();
    return add(std::move(expression));
  }

  // Gives an expression what the comments behind it say: /* ty=int32 span=name:0:0 */.
  void annotate(RelayIndex index) {
    const std::string_view comments = token().comments;
    RelayExpression& expression = module_.expressions[index];
    if (expression.type == relay_none) {
      const std::string_view written = comment_entry(comments, "ty=");
      if (!written.empty()) {
        TokenStream stream(written, {});
        if (auto type = TypeParser(stream).type(0)) {
          expression.type = add_type(*std::move(type));
        }
      }
    }
    if (expression.span.empty()) {
      std::string_view written = comment_entry(comments, "span=");
      written = written.substr(0, written.find("*/"));
      expression.span = written.substr(0, written.find_last_not_of(' ') + 1);
    }
  }

  // The comments from behind `key` on; empty when they have no such entry.
  static std::string_view comment_entry(std::string_view comments, std::string_view key) {
    std::size_t at = comments.find(key);
    while (at != std::string_view::npos) {
      if (relay::is_space(comments[at - 1]) || comments[at - 1] == '*') {
        return comments.substr(at + key.size());
      }
      at = comments.find(key, at + 1);
    }
    return {};
  }

  RelayIndex add_type(RelayType type) {
    module_.types.push_back(std::move(type));
    return static_cast<RelayIndex>(module_.types.size() - 1);
  }

  // Scopes: names bound since `scope` are forgotten at its end.
  void bind(RelayIndex binder) {
    const std::string_view name = module_.expressions[binder].text;
    const auto [entry, added] = names_.try_emplace(name, binder);
    undo_.emplace_back(name, added ? relay_none : entry->second);
    entry->second = binder;
  }
  void end_scope(std::size_t scope) {
    for (; undo_.size() > scope; undo_.pop_back()) {
      const auto& [name, before] = undo_.back();
      if (before == relay_none) {
        names_.erase(name);
      } else {
        names_[name] = before;
      }
    }
  }

  // def @name[generics](parameters, attributes) -> type { block }, or the same with `fn` and no name.
  Result<RelayIndex> definition() {
    tokens_.advance();
    const auto index = static_cast<RelayIndex>(module_.functions.size());
    module_.functions.emplace_back();
    module_.functions[index].enclosing = enclosing_;
    if (token().kind == Token::Kind::global) {
      module_.functions[index].name = token().text;
      tokens_.advance();
    }
    if (tokens_.accept("[")) {
      STM32TVM_CHECK(tokens_.rest_of_brackets());
    }
    const std::size_t scope = undo_.size();
    STM32TVM_CHECK(tokens_.expect("("));
    while (!tokens_.accept(")")) {
      STM32TVM_CHECK(parameter_or_attribute(index));
      if (!tokens_.accept(",") && !token().is(")")) {
        return tokens_.unexpected("\",\" or \")\"");
      }
    }
    if (tokens_.accept("->")) {
      STM32TVM_TRY(type, TypeParser(tokens_).type(depth_));
      module_.functions[index].result_type = add_type(std::move(type));
    }
    const RelayIndex outer = std::exchange(enclosing_, index);
    STM32TVM_TRY(body, block());
    enclosing_ = outer;
    end_scope(scope);
    module_.functions[index].body = body;
    return index;
  }

  Result<void> parameter_or_attribute(RelayIndex function) {
    if (token().kind != Token::Kind::local) {
      return attribute(module_.functions[function].attributes);
    }
    STM32TVM_TRY(parameter, binder());
    bind(parameter);
    annotate(parameter);
    module_.functions[function].parameters.push_back(parameter);
    return {};
  }

  // %name or %name: type, where a name is bound.
  Result<RelayIndex> binder() {
    const std::string_view name = token().text;
    const std::size_t colon = name.rfind(':');
    if (colon != std::string_view::npos && !tokens_.followed_by(":")) {
      const std::string_view behind = name.substr(colon + 1);
      if (behind == "Tensor" || parse_data_type(behind)) {
        tokens_.split_name_at(colon);
      }
    }
    STM32TVM_TRY(index, leaf(Kind::parameter));
    if (tokens_.accept(":")) {
      STM32TVM_TRY(type, TypeParser(tokens_).type(depth_));
      module_.expressions[index].type = add_type(std::move(type));
    }
    return index;
  }

  // key=value; a value is whatever stands before the next comma or closing bracket.
  Result<void> attribute(std::vector<RelayAttribute>& attributes) {
    const std::string_view name = token().text;
    if (token().kind != Token::Kind::identifier && token().kind != Token::Kind::string) {
      return tokens_.unexpected("a parameter or an attribute");
    }
    tokens_.advance();
    STM32TVM_CHECK(tokens_.expect("="));
    STM32TVM_TRY(value, tokens_.skip(false));
    attributes.push_back({name, value});
    return {};
  }

  // { bindings; result }
  Result<RelayIndex> block() {
    RelayExpression expression = make(Kind::block);
    expression.text = {};
    STM32TVM_CHECK(tokens_.expect("{"));
    const std::size_t scope = undo_.size();
    while (true) {
      STM32TVM_TRY(last, statement(expression.operands));
      if (last) {
        break;
      }
    }
    end_scope(scope);
    STM32TVM_CHECK(tokens_.expect("}"));
    return add(std::move(expression));
  }

  // One `let %x = value;`, `%0 = value;`, `free_var %x: type;`, `value;` or, giving true, the block's result.
  Result<bool> statement(std::vector<RelayIndex>& operands) {
    if (tokens_.accept("free_var")) {
      STM32TVM_TRY(variable, binder());
      bind(variable);
      STM32TVM_CHECK(tokens_.expect(";"));
      return false;
    }
    const bool is_let = tokens_.accept("let");
    if (is_let || (token().kind == Token::Kind::local && tokens_.followed_by("="))) {
      if (token().kind != Token::Kind::local) {
        return tokens_.unexpected("a name to bind");
      }
      STM32TVM_TRY(name, binder());
      STM32TVM_CHECK(tokens_.expect("="));
      STM32TVM_TRY(value, expression());
      STM32TVM_CHECK(tokens_.expect(";"));
      bind(name);  // only now: the name does not stand for the value inside the value
      operands.insert(operands.end(), {name, value});
      return false;
    }
    STM32TVM_TRY(value, expression());
    if (tokens_.accept(";")) {
      RelayExpression unnamed = make(Kind::parameter);
      unnamed.text = {};
      STM32TVM_TRY(name, add(std::move(unnamed)));
      operands.insert(operands.end(), {name, value});
      return false;
    }
    operands.push_back(value);
    return true;
  }

  Result<RelayIndex> expression() {
    if (depth_ >= relay_depth_maximum) {
      return tokens_.too_much("levels of nesting", relay_depth_maximum);
    }
    ++depth_;
    auto result = primary();
    while (result) {
      annotate(*result);
      if (token().is("(")) {
        result = call(*result);
      } else if (token().kind == Token::Kind::projection) {
        result = projection(*result);
      } else {
        break;
      }
    }
    --depth_;
    return result;
  }

  Result<RelayIndex> primary() {
    switch (token().kind) {
      case Token::Kind::local:
        return variable();
      case Token::Kind::global:
        return leaf(Kind::global);
      case Token::Kind::integer:
        return leaf(Kind::integer);
      case Token::Kind::real:
        return leaf(Kind::real);
      case Token::Kind::string:
        return leaf(Kind::string);
      case Token::Kind::identifier:
        return word();
      default:
        break;
    }
    if (token().is("(")) {
      return tuple();
    }
    if (token().is("[")) {
      RelayExpression list = make(Kind::other);
      tokens_.advance();
      STM32TVM_CHECK(tokens_.rest_of_brackets());
      return add(std::move(list));
    }
    return tokens_.unexpected("an expression");
  }

  Result<RelayIndex> word() {
    if (token().is("fn")) {
      RelayExpression function = make(Kind::function);
      STM32TVM_TRY(index, definition());
      function.target = index;
      return add(std::move(function));
    }
    if (token().is("if")) {
      return branch();
    }
    if (token().is("meta")) {
      return constant();
    }
    if (token().is("match")) {
      RelayExpression match = make(Kind::other);
      while (!tokens_.accept("{")) {
        if (token().kind == Token::Kind::end || token().kind == Token::Kind::broken) {
          return tokens_.unexpected("\"{\"");
        }
        tokens_.advance();
      }
      STM32TVM_CHECK(tokens_.rest_of_brackets());
      return add(std::move(match));
    }
    return leaf(token().is("True") || token().is("False") ? Kind::boolean : Kind::op);
  }

  // %5.0 may be the name "5.0" or field 0 of %5: the longest name that is bound decides.
  Result<RelayIndex> variable() {
    constexpr int fields_maximum = 8;
    RelayExpression expression = make(Kind::variable);
    std::vector<std::uint32_t> fields;
    auto found = names_.find(expression.text);
    for (std::string_view name = expression.text; found == names_.end() && fields.size() < fields_maximum;) {
      const std::size_t point = name.rfind('.');
      std::uint32_t field = 0;
      if (point == std::string_view::npos || !parse_field(name.substr(point + 1), field)) {
        break;
      }
      fields.push_back(field);
      name = name.substr(0, point);
      found = names_.find(name);
    }
    if (found != names_.end()) {
      expression.text = found->first;
      expression.target = found->second;
    } else {
      fields.clear();
    }
    tokens_.advance();
    auto result = add(std::move(expression));
    for (; result && !fields.empty(); fields.pop_back()) {
      result = add_projection(*result, fields.back());
    }
    return result;
  }

  static bool parse_field(std::string_view text, std::uint32_t& field) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), field);
    return !text.empty() && error == std::errc{} && end == text.data() + text.size();
  }

  Result<RelayIndex> add_projection(RelayIndex tuple, std::uint32_t field) {
    RelayExpression expression = make(Kind::projection);
    expression.line = module_.expressions[tuple].line;
    expression.column = module_.expressions[tuple].column;
    expression.text = {};
    expression.target = field;
    expression.operands = {tuple};
    return add(std::move(expression));
  }

  Result<RelayIndex> projection(RelayIndex tuple) {
    std::uint32_t field = 0;
    if (!parse_field(token().text, field)) {
      return tokens_.unexpected("the index of a field");
    }
    tokens_.advance();
    return add_projection(tuple, field);
  }

  // (a) is a; (), (a,) and (a, b) are tuples.
  Result<RelayIndex> tuple() {
    RelayExpression expression = make(Kind::tuple);
    expression.text = {};
    tokens_.advance();
    bool comma = false;
    while (!tokens_.accept(")")) {
      STM32TVM_TRY(field, this->expression());
      expression.operands.push_back(field);
      if (tokens_.accept(",")) {
        comma = true;
      } else if (!token().is(")")) {
        return tokens_.unexpected("\",\" or \")\"");
      }
    }
    if (expression.operands.size() == 1 && !comma) {
      return expression.operands.front();
    }
    return add(std::move(expression));
  }

  Result<RelayIndex> call(RelayIndex callee) {
    RelayExpression expression = make(Kind::call);
    expression.line = module_.expressions[callee].line;
    expression.column = module_.expressions[callee].column;
    expression.text = {};
    expression.operands = {callee};
    tokens_.advance();
    while (!tokens_.accept(")")) {
      if (token().kind == Token::Kind::identifier && tokens_.followed_by("=")) {
        STM32TVM_CHECK(attribute(expression.attributes));
      } else {
        STM32TVM_TRY(argument, this->expression());
        expression.operands.push_back(argument);
      }
      if (!tokens_.accept(",") && !token().is(")")) {
        return tokens_.unexpected("\",\" or \")\"");
      }
    }
    return add(std::move(expression));
  }

  // if (condition) { block } else { block }
  Result<RelayIndex> branch() {
    RelayExpression expression = make(Kind::branch);
    expression.text = {};
    tokens_.advance();
    STM32TVM_CHECK(tokens_.expect("("));
    STM32TVM_TRY(condition, this->expression());
    STM32TVM_CHECK(tokens_.expect(")"));
    STM32TVM_TRY(first, block());
    STM32TVM_CHECK(tokens_.expect("else"));
    STM32TVM_TRY(second, block());
    expression.operands = {condition, first, second};
    return add(std::move(expression));
  }

  // meta[relay.Constant][k]
  Result<RelayIndex> constant() {
    RelayExpression expression = make(Kind::constant);
    tokens_.advance();
    while (tokens_.accept("[")) {
      std::uint32_t index = 0;
      if (token().kind == Token::Kind::integer && parse_field(token().text, index)) {
        expression.target = index;
      }
      STM32TVM_CHECK(tokens_.rest_of_brackets());
    }
    return add(std::move(expression));
  }

  TokenStream tokens_;
  RelayModule module_;
  std::map<std::string_view, RelayIndex> names_;
  std::vector<std::pair<std::string_view, RelayIndex>> undo_;
  RelayIndex enclosing_ = relay_none;
  unsigned depth_ = 0;
};

}  // namespace

Result<RelayModule> parse_relay(std::string_view text, std::string_view where) {
  return Parser(text, where).module();
}

std::optional<std::string_view> find_attribute(const std::vector<RelayAttribute>& attributes, std::string_view name) {
  for (const RelayAttribute& attribute : attributes) {
    if (attribute.name == name) {
      return attribute.value;
    }
  }
  return std::nullopt;
}

}  // namespace stm32tvm
