// SPDX-License-Identifier: Apache-2.0
// The second pass over a kernel's body: follows the pointers through its statements.
#include <algorithm>
#include <string>

#include "network/body_reader.hpp"
#include "support/try.hpp"

namespace stm32tvm {

Result<void> BodyReader::follow() {
  touches_.resize(
      std::max<std::size_t>(body_.statement_count, body_.pieces.empty() ? 0 : body_.pieces.back().statement + 1));
  for (std::size_t i = 0; i < body_.pieces.size(); ++i) {
    if (!bound_[i]) {
      STM32TVM_CHECK(follow_piece(body_.pieces[i]));
    }
  }
  return {};
}

Result<void> BodyReader::follow_piece(const Piece& piece) {
  const std::optional<Declaration> declaration = parse_declaration(body_, piece.tokens);
  STM32TVM_TRY(followed, workspace_call(piece, declaration));
  if (followed) {
    return {};
  }
  bare_.clear();
  const std::uint32_t begin = declaration ? declaration->name + 1 : piece.tokens.begin;
  for (std::uint32_t i = begin; i < piece.tokens.end; ++i) {
    if (body_.is_identifier(i) && (i == begin || (!body_.is(i - 1, '.') && body_.at(i - 1) != "->"))) {
      STM32TVM_CHECK(mention(piece, i));
    }
  }
  flow(piece, declaration);
  return {};
}

Result<void> BodyReader::mention(const Piece& piece, std::uint32_t token) {
  const std::string_view text = body_.at(token);
  if (definition_.packed && (text == definition_.parameters[0].name || text == definition_.parameters[1].name)) {
    arguments_escaped_ = arguments_escaped_ || text == definition_.parameters[0].name;
    const std::uint32_t open = body_.is(token + 1, ')') ? token + 2 : token + 1;
    if (body_.is(open, '[') && body_.match(open) == open + 2 && body_.tokens.is(open + 1, TokenKind::number)) {
      STM32TVM_CHECK(parameter(body_.at(open + 1)));
    }
    return {};
  }
  const std::uint32_t index = find(text);
  if (index == kNone) {
    return {};
  }
  Name& name = names_[index];
  if (name.handle_of != kNone) {
    parameters_[name.handle_of].escaped = true;
  }
  if (compared_with_null(token)) {
    return {};
  }
  name.first = std::min(name.first, piece.statement);
  name.last = std::max(name.last, piece.statement);
  touches_[piece.statement] = true;
  name.first_token = std::min(name.first_token, token);
  name.last_token = token;
  if (token > 0 && body_.is(token - 1, ')')) {
    name.cast = body_.at(body_.match(token - 1) + 1);
  }
  if (reads_number(token, name)) {
    name.written = name.written || is_assigned(token);
  } else {
    bare_.push_back(index);
    // The variable's own address, as in &p or &(p), but not &p[1].
    std::uint32_t begin = token;
    std::uint32_t end = token + 1;
    while (begin > piece.tokens.begin && body_.is(begin - 1, '(') && body_.match(begin - 1) == end) {
      --begin;
      ++end;
    }
    const bool address = begin > piece.tokens.begin && body_.is(begin - 1, '&');
    name.escaped = name.escaped || (address && !body_.is(end, '['));
  }
  return {};
}

bool BodyReader::compared_with_null(std::uint32_t token) const {
  const auto is_comparison = [](std::string_view text) { return text == "==" || text == "!="; };
  return (is_comparison(body_.at(token + 1)) && body_.at(token + 2) == "NULL") ||
         (token >= 2 && is_comparison(body_.at(token - 1)) && body_.at(token - 2) == "NULL" &&
          body_.is(token + 1, ')'));
}

/// Whether the mention is p[...] or ((number_t*)p)[...] and no pointer comes out of it.
bool BodyReader::reads_number(std::uint32_t token, const Name& name) const {
  if (body_.is(token + 1, '[')) {
    return name.of_numbers && !address_taken(token);
  }
  if (token < 2 || !body_.is(token - 1, ')') || !body_.is(token + 1, ')') || !body_.is(token + 2, '[')) {
    return false;
  }
  const std::uint32_t cast = body_.match(token - 1);
  const bool around = cast > 0 && body_.match(token + 1) == cast - 1;
  return around && is_number_type(body_, {cast + 1, token - 1}, true) && !address_taken(cast - 1);
}

/// Whether the element that the mention p[...] or ((number_t*)p)[...] names is assigned to.
bool BodyReader::is_assigned(std::uint32_t token) const {
  const std::uint32_t open = body_.is(token + 1, '[') ? token + 1 : token + 2;
  const std::string_view sign = body_.at(body_.match(open) + 1);
  return sign.ends_with('=') && sign != "==" && sign != "!=" && sign != "<=" && sign != ">=";
}

/// Whether a unary '&' stands before the expression that begins at a token; parentheses between do not matter.
bool BodyReader::address_taken(std::uint32_t begin) const {
  while (begin > 0 && body_.is(begin - 1, '(')) {
    --begin;
  }
  if (begin == 0 || !body_.is(begin - 1, '&')) {
    return false;
  }
  if (begin == 1) {
    return true;
  }
  const Token before = body_.tokens[begin - 2];
  const bool value = before.kind == TokenKind::number || before.is(']') || before.is_identifier() ||
                     (before.is(')') && !is_cast(body_, body_.match(begin - 2)));
  return !value;
}

/// Where the pointers go that the piece mentions: to nowhere, to one local variable, or out of sight.
void BodyReader::flow(const Piece& piece, const std::optional<Declaration>& declaration) {
  if (bare_.empty()) {
    return;
  }
  std::uint32_t begin = piece.tokens.begin;
  if (declaration) {
    begin = declaration->initializer.empty() ? declaration->name + 1 : declaration->initializer.begin;
  }
  std::uint32_t assignments = 0;
  for (std::uint32_t i = begin; i < piece.tokens.end; ++i) {
    const std::string_view text = body_.at(i);
    const bool compares = text == "==" || text == "!=" || text == "<=" || text == ">=";
    const bool assigns = body_.tokens.is(i, TokenKind::punctuation) && text.back() == '=' && !compares;
    assignments += assigns ? 1U : 0U;
  }
  std::uint32_t target = kNone;
  if (declaration) {
    const bool simple = declaration->kind == Declaration::Kind::pointer && !declaration->several && assignments == 0;
    target = simple && !body_.is(begin, '{') ? find(body_.at(declaration->name)) : kNone;
  } else {
    const std::string_view sign = body_.at(begin + 1);
    const bool simple = assignments == 1 && (sign == "=" || sign == "+=" || sign == "-=");
    target = simple && body_.is_identifier(begin) ? find(body_.at(begin)) : kNone;
    if (assignments == 0) {
      return;
    }
  }
  for (const std::uint32_t name : bare_) {
    if (target == kNone) {
      names_[name].escaped = true;
    } else {
      unite(name, target);
    }
  }
}

/// Handles a piece that takes or frees a workspace; false when it mentions pointers that are still to be followed.
Result<bool> BodyReader::workspace_call(const Piece& piece, const std::optional<Declaration>& declaration) {
  bool found_free = false;
  bool followed = false;
  for (std::uint32_t i = piece.tokens.begin; i < piece.tokens.end; ++i) {
    if (!body_.is_identifier(i)) {
      continue;
    }
    found_free = found_free || body_.at(i) == "TVMBackendFreeWorkspace";
    if (body_.at(i) != "TVMBackendAllocWorkspace") {
      continue;
    }
    touches_[piece.statement] = true;
    const std::vector<TokenRange> arguments =
        body_.is(i + 1, '(') ? call_arguments(body_, i + 1) : std::vector<TokenRange>{};
    const std::optional<std::uint64_t> bytes =
        arguments.size() >= 3 ? fold_constant(body_, arguments[2]) : std::nullopt;
    if (!bytes) {
      return source_.error(
          ErrorCode::bad_source,
          "kernel " + std::string(definition_.name) +
              " takes a workspace whose size is not a constant; only constant sizes can be planned, so "
              "export the model with static shapes",
          body_.at(i));
    }
    const bool assigns =
        !declaration && body_.is_identifier(piece.tokens.begin) && body_.is(piece.tokens.begin + 1, '=');
    const std::uint32_t target = declaration ? declaration->name : assigns ? piece.tokens.begin : kNone;
    const TokenRange value =
        declaration ? declaration->initializer : TokenRange{piece.tokens.begin + 2, piece.tokens.end};
    followed = take_workspace(piece, target, value, *bytes);
  }
  if (found_free) {
    touches_[piece.statement] = true;
    followed = give_workspace(piece);
  }
  return followed;
}

bool BodyReader::take_workspace(const Piece& piece, std::uint32_t target, TokenRange value, std::uint64_t bytes) {
  const TokenRange call = peel(body_, value);
  const std::uint32_t name = target == kNone ? kNone : find(body_.at(target));
  const bool simple = piece.plain && name != kNone && body_.at(call.begin) == "TVMBackendAllocWorkspace" &&
                      body_.match(call.begin + 1) + 1 == call.end;
  table_.take(bytes, name, piece.statement, piece.block);
  if (!simple) {
    table_.set_irregular();
  }
  return simple;
}

bool BodyReader::give_workspace(const Piece& piece) {
  TokenRange range = peel(body_, piece.tokens);
  if (range.end >= range.begin + 3 && (body_.at(range.end - 2) == "!=" || body_.at(range.end - 2) == "==") &&
      body_.at(range.end - 1) == "0") {
    range = peel(body_, {range.begin, range.end - 2});
  }
  const bool call = body_.at(range.begin) == "TVMBackendFreeWorkspace" && body_.is(range.begin + 1, '(') &&
                    body_.match(range.begin + 1) + 1 == range.end;
  const std::vector<TokenRange> arguments = call ? call_arguments(body_, range.begin + 1) : std::vector<TokenRange>{};
  const TokenRange pointer = arguments.size() == 3 ? peel(body_, arguments[2]) : TokenRange{};
  const bool variable = pointer.end == pointer.begin + 1 && find(body_.at(pointer.begin)) != kNone;
  if (!variable || !piece.plain) {
    table_.set_irregular();
    return false;
  }
  table_.give(find(body_.at(pointer.begin)), piece.statement, piece.block);
  return true;
}

}  // namespace stm32tvm
