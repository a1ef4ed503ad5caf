// SPDX-License-Identifier: Apache-2.0
// Indices as sums over loop counters, and the classic test of dependence distances over them (U. Banerjee, "Dependence
// Analysis for Supercomputing", 1988), exact where all indices are such sums.
#include "network/index_analysis.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <string>

namespace stm32tvm {
namespace {

/// No factor, and no factor times its loop's rounds, may be greater: sums of what a kernel has then never wrap.
constexpr std::int64_t kLargest = std::int64_t{1} << 40;
constexpr std::size_t kMaximumTerms = 64;
constexpr std::size_t kMaximumAccesses = 1000;
constexpr std::size_t kMaximumVariables = 500;  // in scope at the same time
constexpr int kMaximumDepth = 100;

using Value = std::optional<Affine>;

bool is_moderate(std::int64_t value) {
  return -kLargest <= value && value <= kLargest;
}

Value checked(Affine value) {
  std::erase_if(value.terms, [](const auto& term) { return term.second == 0; });
  const bool moderate =
      is_moderate(value.low) && is_moderate(value.high) && value.terms.size() <= kMaximumTerms &&
      std::all_of(value.terms.begin(), value.terms.end(), [](const auto& term) { return is_moderate(term.second); });
  return moderate ? Value(std::move(value)) : std::nullopt;
}

std::int64_t factor_of(const Affine& value, std::uint32_t loop) {
  for (const auto& [index, factor] : value.terms) {
    if (index == loop) {
      return factor;
    }
  }
  return 0;
}

/// a + sign * b
Value sum(const Affine& a, const Affine& b, std::int64_t sign) {
  Affine made = a;
  for (const auto& [loop, factor] : b.terms) {
    const auto place = std::lower_bound(made.terms.begin(), made.terms.end(), loop,
                                        [](const auto& term, std::uint32_t index) { return term.first < index; });
    if (place != made.terms.end() && place->first == loop) {
      place->second += sign * factor;
    } else {
      made.terms.insert(place, {loop, sign * factor});
    }
  }
  made.low += sign > 0 ? b.low : -b.high;
  made.high += sign > 0 ? b.high : -b.low;
  return checked(std::move(made));
}

std::optional<std::int64_t> constant_of(const Affine& value) {
  return value.terms.empty() && value.low == value.high ? std::optional(value.low) : std::nullopt;
}

Value times(Affine value, std::int64_t number) {
  if (std::max(number, -number) > (std::int64_t{1} << 20U)) {
    return std::nullopt;
  }
  for (auto& term : value.terms) {
    term.second *= number;
  }
  value.low *= number;
  value.high *= number;
  if (number < 0) {
    std::swap(value.low, value.high);
  }
  return checked(std::move(value));
}

/// A local variable as far as the text was read.
struct Variable {
  std::string_view name;
  bool is_number = false;
  Value value;  ///< of a number; nothing when it is not known
};

class StatementReader {
 public:
  StatementReader(const CodeBody& body, const ElementBytes& element_bytes)
      : body_(body), element_bytes_(element_bytes) {}

  std::optional<Accesses> run(TokenRange range) {
    place_ = range.begin;
    find_assigned(range);
    const bool read = statement(0) && place_ == range.end && made_.accesses.size() <= kMaximumAccesses;
    return read ? std::optional(std::move(made_)) : std::nullopt;
  }

 private:
  [[nodiscard]] std::string_view at(std::uint32_t i) const { return body_.at(i); }
  [[nodiscard]] bool is(std::uint32_t i, char c) const { return body_.is(i, c); }
  [[nodiscard]] bool is_word(std::uint32_t i, std::string_view word) const {
    return body_.is_identifier(i) && at(i) == word;
  }

  bool statement(int depth);
  bool loop(int depth);
  [[nodiscard]] bool is_changed(std::string_view counter, TokenRange range) const;
  [[nodiscard]] std::optional<std::int64_t> divisor_at(std::uint32_t sign) const;
  [[nodiscard]] std::vector<std::int64_t> divisors(std::string_view counter, TokenRange range) const;
  bool branch(int depth);
  bool block(int depth);
  bool simple();
  void find_assigned(TokenRange range);
  [[nodiscard]] const Variable* find_number(std::string_view name) const;

  bool expression(TokenRange range);
  void mention(TokenRange range, std::uint32_t token);
  [[nodiscard]] bool address_taken(std::uint32_t first) const;

  // Values of indices, by precedence climbing.
  Value value_of(TokenRange range);
  Value bits_value(std::uint32_t end, int depth);
  Value sum_value(std::uint32_t end, int depth);
  Value product_value(std::uint32_t end, int depth);
  Value operand_value(std::uint32_t end, int depth);
  [[nodiscard]] Value quotient(const Affine& value, std::int64_t divisor, bool rest) const;
  [[nodiscard]] std::pair<std::int64_t, std::int64_t> range_of(const Affine& value) const;

  const CodeBody& body_;
  const ElementBytes& element_bytes_;
  Accesses made_;
  std::uint32_t place_ = 0;
  std::uint32_t time_ = 0;
  std::vector<std::uint32_t> loops_;
  std::vector<Variable> variables_;      ///< in scope, the innermost last
  std::set<std::string_view> assigned_;  ///< variables that are changed after their declaration
};

bool is_assignment(std::string_view text) {
  return text.size() <= 3 && text.ends_with('=') && text != "==" && text != "!=" && text != "<=" && text != ">=";
}

/// Counters of loops are among them: loop() looks after these.
void StatementReader::find_assigned(TokenRange range) {
  for (std::uint32_t i = range.begin; i < range.end; ++i) {
    if (!body_.is_identifier(i)) {
      continue;
    }
    const bool step = i > 0 && (at(i - 1) == "++" || at(i - 1) == "--" || at(i + 1) == "++" || at(i + 1) == "--");
    const bool declared = i > 0 && at(i - 1) != "else" && (body_.is_identifier(i - 1) || is(i - 1, '*'));
    const bool shown = i > 0 && is(i - 1, '&');
    if ((is_assignment(at(i + 1)) && !declared) || step || shown) {
      assigned_.insert(at(i));
    }
  }
}

/// Whether the body of its loop changes a counter.
bool StatementReader::is_changed(std::string_view counter, TokenRange range) const {
  for (std::uint32_t i = range.begin; i < range.end; ++i) {
    if (is_word(i, counter) && (is_assignment(at(i + 1)) || at(i + 1) == "++" || at(i + 1) == "--" ||
                                at(i - 1) == "++" || at(i - 1) == "--" || is(i - 1, '&'))) {
      return true;
    }
  }
  return false;
}

/// The variable that the name stands for here, if it is a number.
const Variable* StatementReader::find_number(std::string_view name) const {
  const auto found = std::find_if(variables_.rbegin(), variables_.rend(),
                                  [&](const Variable& variable) { return variable.name == name; });
  return found != variables_.rend() && found->is_number ? &*found : nullptr;
}

bool StatementReader::statement(int depth) {
  if (depth > kMaximumDepth || place_ >= body_.tokens.size()) {
    return false;
  }
  const std::string_view word = at(place_);
  if (is(place_, '{')) {
    return block(depth);
  }
  if (word == "for") {
    return loop(depth);
  }
  if (word == "if") {
    return branch(depth);
  }
  return simple();
}

bool StatementReader::block(int depth) {
  const std::size_t outer = variables_.size();
  const std::uint32_t close = body_.match(place_++);
  while (place_ < close) {
    if (!statement(depth + 1)) {
      return false;
    }
  }
  place_ = close + 1;
  variables_.resize(outer);
  return true;
}

/// for (int32_t i = 0; i < 16; ++i)
bool StatementReader::loop(int depth) {
  const std::uint32_t open = place_ + 1;
  if (!is(open, '(')) {
    return false;
  }
  const std::uint32_t close = body_.match(open);
  std::uint32_t first = open + 1;
  while (first < close && !is(first, ';')) {
    ++first;
  }
  std::uint32_t second = first + 1;
  while (second < close && !is(second, ';')) {
    ++second;
  }
  const auto declaration = parse_declaration(body_, {open + 1, first});
  if (!declaration || declaration->kind != Declaration::Kind::arithmetic || declaration->array || second >= close) {
    return false;
  }
  const std::string_view counter = at(declaration->name);
  const auto begin = fold_constant(body_, declaration->initializer);
  const auto end =
      at(first + 1) == counter && is(first + 2, '<') ? fold_constant(body_, {first + 3, second}) : std::nullopt;
  const bool steps = close == second + 3 && ((at(second + 1) == "++" && at(second + 2) == counter) ||
                                             (at(second + 2) == "++" && at(second + 1) == counter));
  if (!begin || !end || !steps || *end > static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max())) {
    return false;
  }
  if (!is(close + 1, '{') || is_changed(counter, {close + 2, body_.match(close + 1)})) {
    return false;
  }
  const std::size_t outer_variables = variables_.size();
  const std::size_t outer_loops = loops_.size();
  const auto start = static_cast<std::int64_t>(std::min(*begin, *end));
  Affine value{{}, start, start};
  std::int64_t rounds = static_cast<std::int64_t>(*end) - start;
  for (const std::int64_t divisor :
       start == 0 ? divisors(counter, {close + 2, body_.match(close + 1)}) : std::vector<std::int64_t>{1}) {
    value.terms.emplace_back(static_cast<std::uint32_t>(made_.rounds.size()), divisor);
    loops_.push_back(static_cast<std::uint32_t>(made_.rounds.size()));
    made_.rounds.push_back((rounds + divisor - 1) / divisor);
    made_.exact = made_.exact && rounds % divisor == 0;
    rounds = divisor;
  }
  variables_.push_back({counter, true, std::move(value)});
  place_ = close + 1;
  const bool read = block(depth + 1);
  loops_.resize(outer_loops);
  variables_.resize(outer_variables);
  return read;
}

/// The number by which the operator at a token and what follows it divide: / 8, % 8, >> 3 or & 7.
std::optional<std::int64_t> StatementReader::divisor_at(std::uint32_t sign) const {
  const auto number = fold_constant(body_, {sign + 1, sign + 2});
  if (!number || *number > static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max())) {
    return std::nullopt;
  }
  if (is(sign, '/') || is(sign, '%')) {
    return static_cast<std::int64_t>(*number);
  }
  if (at(sign) == ">>" && *number < 31) {
    return std::int64_t{1} << *number;
  }
  return is(sign, '&') && std::has_single_bit(*number + 1) ? std::optional(static_cast<std::int64_t>(*number + 1))
                                                           : std::nullopt;
}

/// TVM fuses loops and takes the counter of each out of the common one again, by division. These are the divisors by
/// which such a loop comes apart, the greatest first, and 1 at the end. Each divides the one before. The last round of
/// the outermost loop may be one that the fused loop leaves early: to go through all of it is to suppose more accesses.
std::vector<std::int64_t> StatementReader::divisors(std::string_view counter, TokenRange range) const {
  std::set<std::int64_t> found;
  for (std::uint32_t i = range.begin; i < range.end; ++i) {
    if (const auto divisor = is_word(i, counter) ? divisor_at(i + 1) : std::nullopt; divisor && *divisor > 1) {
      found.insert(*divisor);
    }
  }
  std::vector<std::int64_t> chain{1};
  for (const std::int64_t number : found) {
    if (number % chain.back() == 0) {
      chain.push_back(number);
    }
  }
  std::reverse(chain.begin(), chain.end());
  return chain;
}

/// Both ways count as taken.
bool StatementReader::branch(int depth) {
  const std::uint32_t open = place_ + 1;
  if (!is(open, '(') || !expression({open + 1, body_.match(open)})) {
    return false;
  }
  place_ = body_.match(open) + 1;
  made_.exact = false;
  if (!statement(depth + 1)) {
    return false;
  }
  if (at(place_) == "else") {
    ++place_;
    return statement(depth + 1);
  }
  return true;
}

bool is_unread_keyword(std::string_view word) {
  constexpr std::string_view kWords[] = {"while", "do", "switch", "goto", "break", "continue", "case", "default"};
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

bool StatementReader::simple() {
  if (is_unread_keyword(at(place_))) {
    return false;
  }
  std::uint32_t end = place_;
  while (end < body_.tokens.size() && !is(end, ';')) {
    end = body_.match(end) > end ? body_.match(end) + 1 : end + 1;
  }
  if (end >= body_.tokens.size()) {
    return false;
  }
  const TokenRange range{at(place_) == "return" ? place_ + 1 : place_, end};
  place_ = end + 1;
  const auto declaration = parse_declaration(body_, range);
  if (!declaration) {
    return expression(range);
  }
  if (declaration->several || declaration->lasting || !expression(declaration->initializer)) {
    return false;
  }
  const std::string_view name = at(declaration->name);
  const bool is_number = declaration->kind == Declaration::Kind::arithmetic && !declaration->array;
  Value value = is_number && !assigned_.contains(name) ? value_of(declaration->initializer) : std::nullopt;
  variables_.push_back({name, is_number, std::move(value)});
  return variables_.size() <= kMaximumVariables;
}

/// Notes what an expression mentions. Its reads come before its one assignment.
bool StatementReader::expression(TokenRange range) {
  time_ += 2;
  int assignments = 0;
  for (std::uint32_t i = range.begin; i < range.end; ++i) {
    assignments += is_assignment(at(i)) || at(i) == "++" || at(i) == "--" ? 1 : 0;
    const bool field = i > range.begin && (is(i - 1, '.') || at(i - 1) == "->");
    const bool called = is(i + 1, '(');
    const bool type = is_number_word(at(i));
    if (body_.is_identifier(i) && !field && !called && !type && find_number(at(i)) == nullptr) {
      mention(range, i);
    }
  }
  return assignments <= 1;
}

/// Whether a '&' stands before, parentheses and casts apart.
bool StatementReader::address_taken(std::uint32_t first) const {
  while (first > 0) {
    if (is(first - 1, '(')) {
      --first;
    } else if (is(first - 1, ')') && is_cast(body_, body_.match(first - 1))) {
      first = body_.match(first - 1);
    } else {
      return is(first - 1, '&');
    }
  }
  return false;
}

/// p[index] and ((int8_t*)p)[index] are accesses; whatever else is done with a variable is not followed, but for the
/// test of a new workspace and its return.
void StatementReader::mention(TokenRange range, std::uint32_t token) {
  const std::string_view name = at(token);
  const bool tested = (at(token + 1) == "==" || at(token + 1) == "!=") && at(token + 2) == "NULL";
  const bool freed = is(token + 1, ')') && at(body_.match(token + 1) - 1) == "TVMBackendFreeWorkspace";
  if (tested || freed) {
    return;
  }
  std::uint32_t first = token;
  std::uint32_t open = token + 1;
  std::uint64_t bytes = element_bytes_(name);
  const bool cast = token >= range.begin + 2 && is(token - 1, ')') && is(token + 1, ')') && is(token + 2, '[');
  if (cast) {
    const std::uint32_t type = body_.match(token - 1);
    if (type == 0 || body_.match(token + 1) != type - 1 || !is_number_type(body_, {type + 1, token - 1}, true)) {
      made_.uncertain.insert(name);
      return;
    }
    first = type - 1;
    open = token + 2;
    bytes = number_type_bytes(body_, {type + 1, token - 1});
  }
  const Value index = is(open, '[') ? value_of({open + 1, body_.match(open)}) : std::nullopt;
  const Value begin = index && bytes > 0 ? times(*index, static_cast<std::int64_t>(bytes)) : std::nullopt;
  const std::string_view behind = begin ? at(body_.match(open) + 1) : std::string_view{};
  if (!begin || address_taken(first) || behind == "[" || behind == "." || behind == "->") {
    made_.uncertain.insert(name);
    return;
  }
  const bool writes =
      is_assignment(behind) || behind == "++" || behind == "--" || at(first - 1) == "++" || at(first - 1) == "--";
  made_.accesses.push_back(
      {name, writes, loops_, writes ? time_ + 1 : time_, *begin, static_cast<std::int64_t>(bytes)});
}

Value StatementReader::value_of(TokenRange range) {
  if (range.empty()) {
    return std::nullopt;
  }
  const std::uint32_t outer = place_;
  place_ = range.begin;
  Value value = bits_value(range.end, 0);
  const bool whole = place_ == range.end;
  place_ = outer;
  return whole ? value : std::nullopt;
}

/// Of shifts and masks, those that divide by a power of two, as TVM writes them.
Value StatementReader::bits_value(std::uint32_t end, int depth) {
  Value value = sum_value(end, depth);
  while (value && place_ < end && (at(place_) == ">>" || is(place_, '&'))) {
    const auto divisor = place_ + 2 == end || !is(place_ + 2, '*') ? divisor_at(place_) : std::nullopt;
    value = divisor ? quotient(*value, *divisor, is(place_, '&')) : std::nullopt;
    place_ += 2;
  }
  return value;
}

Value StatementReader::sum_value(std::uint32_t end, int depth) {
  Value value = product_value(end, depth);
  while (value && place_ < end && (is(place_, '+') || is(place_, '-'))) {
    const std::int64_t sign = is(place_++, '+') ? 1 : -1;
    const Value right = product_value(end, depth);
    value = right ? sum(*value, *right, sign) : std::nullopt;
  }
  return value;
}

Value StatementReader::product_value(std::uint32_t end, int depth) {
  Value value = operand_value(end, depth);
  while (value && place_ < end && (is(place_, '*') || is(place_, '/') || is(place_, '%'))) {
    const char sign = at(place_++)[0];
    const Value right = operand_value(end, depth);
    const auto number = right ? constant_of(*right) : std::nullopt;
    if (sign != '*') {
      value = number ? quotient(*value, *number, sign == '%') : std::nullopt;
    } else if (number) {
      value = times(*value, *number);
    } else {
      const auto left = constant_of(*value);
      value = left && right ? times(*right, *left) : std::nullopt;
    }
  }
  return value;
}

Value StatementReader::operand_value(std::uint32_t end, int depth) {
  if (depth > kMaximumDepth || place_ >= end) {
    return std::nullopt;
  }
  if (is(place_, '(') && is_cast(body_, place_)) {
    // A narrow type could cut bits off.
    const TokenRange type{place_ + 1, body_.match(place_)};
    place_ = type.end + 1;
    return is_number_type(body_, type, false) && number_type_bytes(body_, type) >= 4 ? operand_value(end, depth + 1)
                                                                                     : std::nullopt;
  }
  if (is(place_, '(')) {
    const std::uint32_t close = body_.match(place_++);
    const Value value = bits_value(close, depth + 1);
    const bool whole = place_ == close;
    place_ = close + 1;
    return whole ? value : std::nullopt;
  }
  const auto number = fold_constant(body_, {place_, place_ + 1});
  if (number) {
    ++place_;
    return *number <= static_cast<std::uint64_t>(kLargest)
               ? checked({{}, static_cast<std::int64_t>(*number), static_cast<std::int64_t>(*number)})
               : std::nullopt;
  }
  const Variable* const variable = find_number(at(place_++));
  return variable == nullptr ? std::nullopt : variable->value;
}

/// The least and the greatest value over all rounds.
std::pair<std::int64_t, std::int64_t> StatementReader::range_of(const Affine& value) const {
  std::pair<std::int64_t, std::int64_t> range{value.low, value.high};
  for (const auto& [loop, factor] : value.terms) {
    if (std::max(factor, -factor) > kLargest / std::max<std::int64_t>(made_.rounds[loop], 1)) {
      return {-kLargest - 1, kLargest + 1};
    }
    const std::int64_t most = factor * std::max<std::int64_t>(made_.rounds[loop] - 1, 0);
    (most < 0 ? range.first : range.second) += most;
  }
  return range;
}

/// Exact when all but multiples of the divisor stay below it; otherwise only the range is known.
Value StatementReader::quotient(const Affine& value, std::int64_t divisor, bool rest) const {
  const auto [low, high] = range_of(value);
  if (divisor <= 0 || low < 0 || !is_moderate(high)) {
    return std::nullopt;
  }
  Affine multiples;
  Affine remainder{{}, value.low, value.high};
  for (const auto& [loop, factor] : value.terms) {
    const bool divides = factor % divisor == 0;
    (divides ? multiples : remainder).terms.emplace_back(loop, divides ? factor / divisor : factor);
  }
  const auto [least, most] = range_of(remainder);
  if (least >= 0 && most < divisor) {
    return rest ? remainder : multiples;
  }
  return rest ? checked({{}, 0, std::min(divisor - 1, high)}) : checked({{}, low / divisor, high / divisor});
}

/// Adds the most that `factor` times a counter of so many rounds comes to.
void add_most(std::int64_t factor, std::int64_t rounds, std::int64_t& total) {
  total += std::max<std::int64_t>(0, factor * (rounds - 1));
}

/// The most by which the end of the write lies over the begin of a read that comes later; nothing when none does.
std::optional<std::int64_t> greatest_overtaking(const Accesses& statement, const Access& write, const Access& read) {
  const auto& rounds = statement.rounds;
  const std::size_t common = static_cast<std::size_t>(
      std::mismatch(write.loops.begin(), write.loops.end(), read.loops.begin(), read.loops.end()).first -
      write.loops.begin());
  std::optional<std::int64_t> most;
  // Both in the same round of the outer `level` loops; in the next one, the read is in a later round.
  for (std::size_t level = 0; level <= common; ++level) {
    std::int64_t total = write.begin.high + write.bytes - read.begin.low;
    for (std::size_t i = 0; i < level; ++i) {
      const std::uint32_t loop = write.loops[i];
      add_most(factor_of(write.begin, loop) - factor_of(read.begin, loop), rounds[loop], total);
    }
    std::size_t free = level;
    if (level < common) {
      const std::uint32_t loop = write.loops[level];
      const std::int64_t last = rounds[loop] - 1;
      if (last < 1) {
        continue;
      }
      const std::int64_t w = factor_of(write.begin, loop);
      const std::int64_t r = factor_of(read.begin, loop);
      total += std::max({-r, w * (last - 1) - r * last, -r * last});
      ++free;
    } else if (read.time <= write.time) {
      continue;
    }
    for (std::size_t i = free; i < write.loops.size(); ++i) {
      add_most(factor_of(write.begin, write.loops[i]), rounds[write.loops[i]], total);
    }
    for (std::size_t i = free; i < read.loops.size(); ++i) {
      add_most(-factor_of(read.begin, read.loops[i]), rounds[read.loops[i]], total);
    }
    most = std::max(most.value_or(total), total);
  }
  return most;
}

bool runs(const Accesses& statement, const Access& access) {
  return std::all_of(access.loops.begin(), access.loops.end(),
                     [&](std::uint32_t loop) { return statement.rounds[loop] > 0; });
}

/// Whether no sum over the loops can wrap.
bool is_small(const Accesses& statement, const Access& access) {
  return std::all_of(access.begin.terms.begin(), access.begin.terms.end(), [&](const auto& term) {
    return std::max(term.second, -term.second) <= kLargest / std::max<std::int64_t>(statement.rounds[term.first], 1);
  });
}

std::int64_t end_of(const Accesses& statement, const Access& access) {
  std::int64_t end = access.begin.high + access.bytes;
  for (const auto& [loop, factor] : access.begin.terms) {
    add_most(factor, statement.rounds[loop], end);
  }
  return end;
}

}  // namespace

std::optional<Accesses> read_accesses(const CodeBody& body, TokenRange statement, const ElementBytes& element_bytes) {
  return StatementReader(body, element_bytes).run(statement);
}

std::optional<std::uint64_t> written_end(const Accesses& statement, std::string_view array) {
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  std::int64_t end = 0;
  for (const Access& access : statement.accesses) {
    if (access.array != array || !access.writes) {
      continue;
    }
    std::int64_t low = access.begin.low;
    std::int64_t high = access.begin.high;
    for (const auto& [loop, factor] : access.begin.terms) {
      const std::int64_t rounds = statement.rounds[loop];
      if (rounds == 0 || std::max(factor, -factor) > kLargest / rounds) {
        return std::nullopt;
      }
      (factor > 0 ? high : low) += factor * (rounds - 1);
    }
    first = std::min(first, low);
    end = std::max(end, high + access.bytes);
  }
  const bool known = statement.exact && !statement.uncertain.contains(array) && (first == 0 || end == 0);
  return known ? std::optional(static_cast<std::uint64_t>(end)) : std::nullopt;
}

std::optional<std::uint64_t> least_lead(const Accesses& statement, std::string_view emptied, std::string_view filled) {
  if (statement.uncertain.contains(emptied) || statement.uncertain.contains(filled)) {
    return std::nullopt;
  }
  std::int64_t lead = 0;
  std::int64_t end = 0;  // of what is filled, or more
  for (const Access& read : statement.accesses) {
    if (read.array != emptied || !runs(statement, read)) {
      continue;
    }
    if (read.writes || !is_small(statement, read)) {
      return std::nullopt;
    }
    for (const Access& write : statement.accesses) {
      if (write.array != filled || !write.writes || !runs(statement, write)) {
        continue;
      }
      if (!is_small(statement, write)) {
        return std::nullopt;
      }
      lead = std::max(lead, greatest_overtaking(statement, write, read).value_or(0));
      end = std::max(end, end_of(statement, write));
    }
  }
  return lead < end ? std::optional(static_cast<std::uint64_t>(lead)) : std::nullopt;
}

}  // namespace stm32tvm
