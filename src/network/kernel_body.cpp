// SPDX-License-Identifier: Apache-2.0
// Follows a kernel's pointers through its statements.
#include "network/kernel_body.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "network/workspace_table.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t kMaximumParameters = 1024;

/// Shorter names first: most comparisons end at the length.
struct ByLength {
  bool operator()(std::string_view a, std::string_view b) const noexcept {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  }
};

/// A variable that may hold a pointer to a tensor or workspace, or to a DLTensor.
struct Name {
  std::uint32_t group = 0;          ///< another name of the same group, or itself
  std::uint32_t handle_of = kNone;  ///< the parameter whose DLTensor it points to
  bool of_numbers = true;           ///< what it points at are numbers, wherever it is declared
  bool escaped = false;             ///< its pointer went where it is not followed
  bool written = false;             ///< the target of an assignment to one of its elements
  std::string_view base = {};       ///< of a pointer into a memory of several things: "pool" of &pool[64]
  std::string_view cast = {};       ///< the first word of the last cast on it: "int16_t"
  std::uint32_t first_token = kNone;
  std::uint32_t last_token = 0;
  std::uint32_t first = kNone;  ///< top-level statements that mention it
  std::uint32_t last = 0;
};

/// One parameter as far as it is known.
struct Seen {
  std::string_view name;
  std::uint32_t data = kNone;  ///< Name of the variable with its data
  bool escaped = false;
};

/// An initializer that only fetches something is shorter than this.
using Words = std::array<std::string_view, 16>;

/// Whether the word may belong to a cast, or be a variable.
bool is_cast_word(std::string_view word) {
  const char c = word[0];
  return word == "*" || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// The fields of a DLTensor but its data.
bool is_metadata_field(std::string_view word) {
  return word == "shape" || word == "strides" || word == "device" || word == "ctx" || word == "ndim" ||
         word == "dtype" || word == "byte_offset";
}

class BodyReader {
 public:
  BodyReader(const SourceText& source, const KernelDefinition& definition, CodeBody body)
      : source_(source), definition_(definition), body_(std::move(body)) {}

  Result<Kernel> run() {
    STM32TVM_CHECK(declare());
    STM32TVM_CHECK(follow());
    table_.finish(body_.statement_count == 0 ? 0 : body_.statement_count - 1, body_.has_jump);
    if (!body_.understood) {
      table_.set_irregular();
    }
    return finish();
  }

 private:
  // The first pass: declarations.
  Result<void> declare();
  Result<void> declare_piece(std::size_t piece);
  Result<bool> bind(const Declaration& declaration);
  Result<void> bind_handle(const Declaration& declaration, std::string_view index);
  void bind_data(const Declaration& declaration, Seen& seen);
  Result<Seen*> parameter(std::string_view index);
  std::uint32_t add_name(std::string_view name, bool of_numbers);

  // The second pass: mentions.
  Result<void> follow();
  Result<void> follow_piece(const Piece& piece);
  Result<void> mention(const Piece& piece, std::uint32_t token);
  Result<bool> workspace_call(const Piece& piece, const std::optional<Declaration>& declaration);
  bool take_workspace(const Piece& piece, std::uint32_t target, TokenRange value, std::uint64_t bytes);
  bool give_workspace(const Piece& piece);
  void flow(const Piece& piece, const std::optional<Declaration>& declaration);
  [[nodiscard]] bool reads_number(std::uint32_t token, const Name& name) const;
  [[nodiscard]] bool is_assigned(std::uint32_t token) const;
  [[nodiscard]] bool address_taken(std::uint32_t begin) const;
  [[nodiscard]] bool compared_with_null(std::uint32_t token) const;
  [[nodiscard]] std::uint32_t find(std::string_view name) const;
  std::uint32_t group_of(std::uint32_t name);
  void unite(std::uint32_t a, std::uint32_t b) { names_[group_of(a)].group = group_of(b); }

  // The result.
  Result<Kernel> finish();
  [[nodiscard]] std::string_view base_of(TokenRange range) const;
  [[nodiscard]] bool may_reuse_bytes() const;
  void merge_groups();
  void number_statements();
  [[nodiscard]] StatementSpan whole() const { return {0, statement_count_ - 1}; }
  StatementSpan span_of(std::uint32_t name);
  void add_parameters(Kernel& kernel);
  void add_workspaces(Kernel& kernel);
  void add_stack(Kernel& kernel) const;

  const SourceText& source_;
  const KernelDefinition& definition_;
  CodeBody body_;
  std::vector<Name> names_;
  std::map<std::string_view, std::uint32_t, ByLength> name_index_;
  std::vector<Seen> parameters_;
  bool arguments_escaped_ = false;  ///< packed: the argument array is used in a way that is not followed
  std::vector<bool> bound_;         ///< pieces that only fetch a handle, a data pointer, a shape or the like
  std::vector<std::uint64_t> block_bytes_;
  std::vector<std::uint32_t> bare_;  ///< names in the current piece that are mentioned as pointers
  WorkspaceTable table_;
  std::vector<bool> touches_;           ///< by top-level statement
  std::vector<std::uint32_t> numbers_;  ///< by top-level statement: how many before it touch memory
  std::uint32_t statement_count_ = 1;
};

std::uint32_t BodyReader::find(std::string_view name) const {
  const auto found = name_index_.find(name);
  return found == name_index_.end() ? kNone : found->second;
}

std::uint32_t BodyReader::add_name(std::string_view name, bool of_numbers) {
  const auto [place, is_new] = name_index_.try_emplace(name, static_cast<std::uint32_t>(names_.size()));
  if (is_new) {
    names_.push_back({.group = place->second});
  }
  names_[place->second].of_numbers = names_[place->second].of_numbers && of_numbers;
  return place->second;
}

std::uint32_t BodyReader::group_of(std::uint32_t name) {
  while (names_[name].group != name) {
    names_[name].group = names_[names_[name].group].group;
    name = names_[name].group;
  }
  return name;
}

Result<void> BodyReader::declare() {
  bound_.resize(body_.pieces.size());
  block_bytes_.resize(body_.block_parents.size());
  if (!definition_.packed) {
    for (const CParameter& each : definition_.parameters) {
      const std::string_view base = std::string_view(each.type).substr(0, each.type.find('*'));
      const bool one_star = std::count(each.type.begin(), each.type.end(), '*') == 1;
      const bool of_numbers = one_star && is_number_word(base.substr(base.rfind(' ') + 1));
      parameters_.push_back({each.name, add_name(each.name, of_numbers), false});
    }
  }
  for (std::size_t i = 0; i < body_.pieces.size(); ++i) {
    STM32TVM_CHECK(declare_piece(i));
  }
  return {};
}

Result<void> BodyReader::declare_piece(std::size_t piece) {
  const std::optional<Declaration> declaration = parse_declaration(body_, body_.pieces[piece].tokens);
  if (!declaration) {
    return {};
  }
  body_.understood = body_.understood && !declaration->lasting;
  if (declaration->array) {
    std::uint64_t& bytes = block_bytes_[body_.pieces[piece].block];
    const std::uint64_t more = array_bytes(body_, *declaration).value_or(0);
    bytes = bytes > std::numeric_limits<std::uint64_t>::max() - more ? std::numeric_limits<std::uint64_t>::max()
                                                                     : bytes + more;
    return {};
  }
  if (definition_.packed && !declaration->several) {
    STM32TVM_TRY(bound, bind(*declaration));
    bound_[piece] = bound;
    if (bound) {
      return {};
    }
  }
  if (declaration->kind == Declaration::Kind::pointer) {
    const std::uint32_t name = add_name(body_.at(declaration->name), declaration->of_numbers);
    names_[name].base = base_of(peel(body_, declaration->initializer));
  }
  return {};
}

/// "pool" of &pool[64] and &(((uint8_t*)pool)[64]); empty for anything else.
std::string_view BodyReader::base_of(TokenRange range) const {
  if (!body_.is(range.begin, '&')) {
    return {};
  }
  const TokenRange element = peel(body_, {range.begin + 1, range.end});
  std::uint32_t open = element.begin;
  while (open < element.end && !body_.is(open, '[')) {
    open = body_.match[open] > open ? body_.match[open] + 1 : open + 1;
  }
  const TokenRange base = peel(body_, {element.begin, open});
  return base.end == base.begin + 1 ? body_.at(base.begin) : std::string_view{};
}

/// The tokens without parentheses; nothing when there are more than `words` holds, or a call among them.
std::optional<std::size_t> strip(const CodeBody& body, TokenRange range, Words& words) {
  std::size_t count = 0;
  for (std::uint32_t i = range.begin; i < range.end; ++i) {
    if (body.is(i, '(')) {
      if (i > range.begin && body.is_identifier(i - 1)) {
        return std::nullopt;
      }
    } else if (!body.is(i, ')')) {
      if (count == words.size()) {
        return std::nullopt;
      }
      words[count++] = body.at(i);
    }
  }
  return count;
}

/// Whether the declaration fetches something of the arguments: args[i].v_handle, or a field of such a DLTensor, or the
/// type of an argument; parentheses and casts do not matter.
Result<bool> BodyReader::bind(const Declaration& declaration) {
  Words words;
  const std::size_t count = strip(body_, declaration.initializer, words).value_or(0);
  // Casts, the variable that is read (words[root - 1]), and the way into it.
  const auto root = static_cast<std::size_t>(
      std::find_if_not(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count), is_cast_word) -
      words.begin());
  if (root == 0) {
    return false;
  }
  const std::string_view variable = words[root - 1];
  const auto word = [&](std::size_t i) { return root + i < count ? words[root + i] : std::string_view{}; };
  const bool subscript = word(0) == "[" && word(2) == "]";
  const bool pointer = declaration.kind == Declaration::Kind::pointer;
  if (subscript && variable == definition_.parameters[1].name && root + 3 == count) {
    STM32TVM_CHECK(parameter(word(1)));
    return true;
  }
  if (subscript && variable == definition_.parameters[0].name && word(3) == "." && root + 5 == count && pointer) {
    STM32TVM_CHECK(bind_handle(declaration, word(1)));
    return true;
  }
  const std::uint32_t name = find(variable);
  if (name == kNone || names_[name].handle_of == kNone) {
    return false;
  }
  const bool direct = subscript && word(1) == "0" && word(3) == ".";
  if (!direct && word(0) != "->") {
    return false;
  }
  const std::size_t field = direct ? 4 : 1;
  if (word(field) == "data" && root + field + 1 == count && pointer) {
    bind_data(declaration, parameters_[names_[name].handle_of]);
    return true;
  }
  // shape[0] and device.device_id are fine, an operator behind them could bring in anything.
  bool path = is_metadata_field(word(field));
  for (std::size_t i = field + 1; root + i < count; ++i) {
    path = path && (word(i) == "[" || word(i) == "]" || word(i) == "." || word(i - 1) == "." ||
                    (word(i)[0] >= '0' && word(i)[0] <= '9'));
  }
  return path;
}

void BodyReader::bind_data(const Declaration& declaration, Seen& seen) {
  const std::uint32_t data = add_name(body_.at(declaration.name), declaration.of_numbers);
  if (seen.data != kNone) {
    unite(seen.data, data);
  }
  seen.data = data;
}

Result<Seen*> BodyReader::parameter(std::string_view index) {
  std::uint32_t value = 0;
  for (const char c : index) {
    const bool digit = c >= '0' && c <= '9';
    value = digit && value < kMaximumParameters ? 10 * value + static_cast<std::uint32_t>(c - '0') : kMaximumParameters;
  }
  if (value >= kMaximumParameters) {
    return source_.error(ErrorCode::bad_source,
                         "kernel " + std::string(definition_.name) + " reads argument '" + std::string(index) +
                             "', but only plain numbers below " + std::to_string(kMaximumParameters) +
                             " are read; regenerate this source with TVM's C target",
                         index);
  }
  if (value >= parameters_.size()) {
    parameters_.resize(value + 1);
  }
  return &parameters_[value];
}

Result<void> BodyReader::bind_handle(const Declaration& declaration, std::string_view index) {
  STM32TVM_TRY(seen, parameter(index));
  const std::string_view name = body_.at(declaration.name);
  const bool repeated = find(name) != kNone || !seen->name.empty();
  Name& handle = names_[add_name(name, false)];
  handle.handle_of = static_cast<std::uint32_t>(seen - parameters_.data());
  seen->name = name;
  // Two handles of one name, or one argument under two names: not TVM's way, and not worth following.
  arguments_escaped_ = arguments_escaped_ || repeated;
  return {};
}

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
    if (body_.is(open, '[') && body_.match[open] == open + 2 && body_.tokens[open + 1].kind == TokenKind::number) {
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
    name.cast = body_.at(body_.match[token - 1] + 1);
  }
  if (reads_number(token, name)) {
    name.written = name.written || is_assigned(token);
  } else {
    bare_.push_back(index);
    // The variable's own address, as in &p or &(p), but not &p[1].
    std::uint32_t begin = token;
    std::uint32_t end = token + 1;
    while (begin > piece.tokens.begin && body_.is(begin - 1, '(') && body_.match[begin - 1] == end) {
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
  const std::uint32_t cast = body_.match[token - 1];
  const bool around = cast > 0 && body_.match[token + 1] == cast - 1;
  return around && is_number_type(body_, {cast + 1, token - 1}, true) && !address_taken(cast - 1);
}

/// Whether the element that the mention p[...] or ((number_t*)p)[...] names is assigned to.
bool BodyReader::is_assigned(std::uint32_t token) const {
  const std::uint32_t open = body_.is(token + 1, '[') ? token + 1 : token + 2;
  const std::string_view sign = body_.at(body_.match[open] + 1);
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
  const Token& before = body_.tokens[begin - 2];
  const bool value = before.kind == TokenKind::number || before.is(']') || before.is_identifier() ||
                     (before.is(')') && !is_cast(body_, body_.match[begin - 2]));
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
    const bool assigns = body_.tokens[i].kind == TokenKind::punctuation && text.back() == '=' && !compares;
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
                      body_.match[call.begin + 1] + 1 == call.end;
  table_.take(bytes, name, piece.statement, piece.block);
  if (!simple) {
    table_.set_irregular();
  }
  return simple;
}

bool BodyReader::give_workspace(const Piece& piece) {
  TokenRange range = peel(body_, piece.tokens);
  if (range.end >= range.begin + 3 && (body_.at(range.end - 2) == "!=" || body_.at(range.end - 2) == "==") &&
      body_.is(range.end - 1, '0')) {
    range = peel(body_, {range.begin, range.end - 2});
  }
  const bool call = body_.at(range.begin) == "TVMBackendFreeWorkspace" && body_.is(range.begin + 1, '(') &&
                    body_.match[range.begin + 1] + 1 == range.end;
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

/// Whether two pointers into one memory are used as different types one after the other: TVM's planner may have given
/// them the same bytes. Those whose uses interleave are live together and have bytes of their own.
bool BodyReader::may_reuse_bytes() const {
  struct Uses {
    std::uint32_t first_end = kNone;
    std::uint32_t last_begin = 0;
  };
  constexpr std::size_t maximum_types = 1000;                             // TVM has some ten
  std::set<std::string_view> changed;                                     // memories that are not only read
  std::map<std::pair<std::string_view, std::string_view>, Uses> uses_of;  // by memory and type
  for (const Name& name : names_) {
    if (!name.base.empty() && name.first_token != kNone) {
      Uses& uses = uses_of[{name.base, name.cast}];
      uses.first_end = std::min(uses.first_end, name.last_token);
      uses.last_begin = std::max(uses.last_begin, name.first_token);
      if (name.written || name.escaped) {
        changed.insert(name.base);
      }
    }
  }
  if (uses_of.size() > maximum_types) {
    return true;
  }
  for (auto a = uses_of.begin(); a != uses_of.end(); ++a) {
    // The types of one memory stand next to each other.
    for (auto b = std::next(a); b != uses_of.end() && b->first.first == a->first.first; ++b) {
      const bool one_after_other =
          a->second.first_end < b->second.last_begin || b->second.first_end < a->second.last_begin;
      if (one_after_other && changed.contains(a->first.first)) {
        return true;
      }
    }
  }
  return false;
}

void BodyReader::merge_groups() {
  for (std::uint32_t i = 0; i < names_.size(); ++i) {
    const Name& name = names_[i];
    Name& group = names_[group_of(i)];
    group.first = std::min(group.first, name.first);
    group.last = std::max(group.last, name.last);
    group.escaped = group.escaped || name.escaped;
    group.written = group.written || name.written;
  }
}

void BodyReader::number_statements() {
  std::uint32_t count = 0;
  for (const bool touches : touches_) {
    numbers_.push_back(count);
    count += touches ? 1U : 0U;
  }
  statement_count_ = body_.understood ? std::max(count, 1U) : 1;
}

/// To be called for a name that is mentioned.
StatementSpan BodyReader::span_of(std::uint32_t name) {
  const Name& group = names_[group_of(name)];
  return group.escaped || !body_.understood ? whole() : StatementSpan{numbers_[group.first], numbers_[group.last]};
}

void BodyReader::add_parameters(Kernel& kernel) {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Seen& seen = parameters_[i];
    KernelParameter parameter;
    parameter.name = seen.name.empty() ? "p" + std::to_string(i) : std::string(seen.name);
    parameter.type = definition_.packed ? "" : definition_.parameters[i].type;
    const bool mentioned = seen.data != kNone && names_[group_of(seen.data)].first != kNone;
    const bool lost = arguments_escaped_ || seen.escaped || !body_.understood;
    parameter.used = mentioned || lost;
    parameter.written = mentioned && names_[group_of(seen.data)].written;
    parameter.use = mentioned && !lost ? span_of(seen.data) : whole();
    kernel.parameters.push_back(std::move(parameter));
  }
}

void BodyReader::add_workspaces(Kernel& kernel) {
  constexpr StatementSpan kUnset{kNone, 0};
  kernel.workspaces.assign(table_.entry_count(), {0, kUnset});
  for (const WorkspaceSite& site : table_.sites()) {
    Workspace& workspace = kernel.workspaces[site.entry];
    workspace.bytes = site.bytes;
    const auto include = [&](StatementSpan span) {
      workspace.use = {std::min(workspace.use.first, span.first), std::max(workspace.use.last, span.last)};
    };
    if (table_.irregular() || !body_.understood) {
      include(whole());
      continue;
    }
    const bool mentioned = names_[group_of(site.name)].first != kNone;
    if (mentioned) {
      include(span_of(site.name));
    }
    const std::optional<StatementSpan> required = table_.required_span(site);
    if (required || !mentioned) {
      const StatementSpan span = required.value_or(StatementSpan{site.statement, site.statement});
      include({numbers_[span.first], std::min(numbers_[span.last], statement_count_ - 1)});
    }
  }
}

/// The most bytes of local arrays in blocks that are open at the same time.
void BodyReader::add_stack(Kernel& kernel) const {
  std::vector<std::uint64_t> open = block_bytes_;
  for (std::size_t i = 0; i < open.size(); ++i) {
    const std::uint64_t around = i == 0 ? 0 : open[body_.block_parents[i]];
    open[i] = around > std::numeric_limits<std::uint64_t>::max() - open[i] ? std::numeric_limits<std::uint64_t>::max()
                                                                           : around + open[i];
    kernel.stack_bytes = std::max(kernel.stack_bytes, open[i]);
  }
}

Result<Kernel> BodyReader::finish() {
  if (table_.entry_count() > WorkspaceTable::kMaximumEntries) {
    return source_.error(ErrorCode::bad_source,
                         "kernel " + std::string(definition_.name) + " needs more than " +
                             std::to_string(WorkspaceTable::kMaximumEntries) +
                             " workspaces, which is as many as the device runtime serves to one operator; split the "
                             "operator or disable fusion",
                         definition_.name);
  }
  const bool reuses = may_reuse_bytes();
  merge_groups();
  number_statements();
  Kernel kernel;
  kernel.reuses_bytes = reuses;
  kernel.name = definition_.name;
  kernel.packed = definition_.packed;
  kernel.statement_count = statement_count_;
  kernel.statement_numbers = body_.understood ? numbers_ : std::vector<std::uint32_t>{};
  add_parameters(kernel);
  add_workspaces(kernel);
  add_stack(kernel);
  return kernel;
}

}  // namespace

Result<Kernel> read_kernel(const SourceText& source, KernelDefinition definition,
                           const std::set<std::string_view>& macros) {
  STM32TVM_TRY(body, cut_body(source, std::move(definition.body)));
  const bool uses_macro =
      !macros.empty() && std::any_of(body.tokens.begin(), body.tokens.end(), [&](const Token& token) {
        return token.is_identifier() && macros.contains(token.text);
      });
  body.understood = body.understood && !uses_macro;
  return BodyReader(source, definition, std::move(body)).run();
}

}  // namespace stm32tvm
