// SPDX-License-Identifier: Apache-2.0
// Declarations, casts and constant expressions.
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "network/c_syntax.hpp"

namespace stm32tvm {
namespace {

constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kPointerBytes = 4;

struct TypeWord {
  std::string_view word;
  std::uint64_t bytes;  ///< on the device; 0 for a word that only goes with others
};

constexpr std::array kNumberWords = {
    TypeWord{"int8_t", 1},  TypeWord{"uint8_t", 1},  TypeWord{"int16_t", 2},  TypeWord{"uint16_t", 2},
    TypeWord{"int32_t", 4}, TypeWord{"uint32_t", 4}, TypeWord{"int64_t", 8},  TypeWord{"uint64_t", 8},
    TypeWord{"float", 4},   TypeWord{"double", 8},   TypeWord{"char", 1},     TypeWord{"short", 2},
    TypeWord{"int", 4},     TypeWord{"long", 4},     TypeWord{"unsigned", 4}, TypeWord{"signed", 4},
    TypeWord{"bool", 1},    TypeWord{"_Bool", 1},    TypeWord{"size_t", 4},   TypeWord{"ptrdiff_t", 4},
    TypeWord{"half", 2},    TypeWord{"_Float16", 2}, TypeWord{"__fp16", 2},   TypeWord{"uint", 4},
};

bool is_qualifier(std::string_view word) {
  return word == "const" || word == "volatile" || word == "register" || word == "restrict" || word == "__restrict" ||
         word == "__restrict__";
}

constexpr NameFilter kNumberWordFilter = [] {
  NameFilter filter;
  for (const TypeWord& each : kNumberWords) {
    filter.add(each.word);
  }
  return filter;
}();

const TypeWord* number_word(std::string_view word) {
  if (!kNumberWordFilter.may_hold(NameFilter::mark_of(word))) {
    return nullptr;
  }
  const auto* const found =
      std::find_if(kNumberWords.begin(), kNumberWords.end(), [&](const TypeWord& each) { return each.word == word; });
  return found == kNumberWords.end() ? nullptr : &*found;
}

/// What the words before a declared name, or in a cast, say.
struct TypeWords {
  std::uint32_t bases = 0;  ///< words that are no qualifiers
  std::uint32_t stars = 0;
  std::uint32_t longs = 0;
  bool numbers = true;  ///< all words are of number types
  bool lasting = false;
  bool varies = false;  ///< as large as an address
  std::uint64_t bytes = 0;

  void add(std::string_view word) {
    if (word == "*") {
      ++stars;
    } else if (word == "static" || word == "extern" || word == "typedef") {
      lasting = true;
    } else if (!is_qualifier(word)) {
      ++bases;
      const TypeWord* const number = number_word(word);
      numbers = numbers && number != nullptr;
      longs += word == "long" ? 1U : 0U;
      varies = varies || word == "size_t" || word == "ptrdiff_t";
      // "unsigned short" is as large as its second word says.
      bytes = number == nullptr || word == "int" || word == "unsigned" || word == "signed" ? bytes : number->bytes;
      bytes = word == "TVMValue" ? 8 : bytes;
    }
  }
  /// Without the stars; 0 for what is no number or differs between compilers.
  [[nodiscard]] std::uint64_t number_bytes() const {
    return bases > 0 && numbers && longs != 1 && !varies ? arithmetic_bytes() : 0;
  }
  [[nodiscard]] std::uint64_t element_bytes() const {
    if (stars > 0) {
      return kPointerBytes;
    }
    return arithmetic_bytes();
  }

 private:
  [[nodiscard]] std::uint64_t arithmetic_bytes() const { return longs > 1 ? 8 : bytes == 0 && numbers ? 4 : bytes; }
};

bool skip_attribute(const CodeBody& body, std::uint32_t& i) {
  if (body.at(i) == "__attribute__" && body.is(i + 1, '(')) {
    i = body.match(i + 1) + 1;
    return true;
  }
  return false;
}

bool has_comma(const CodeBody& body, TokenRange range) {
  for (std::uint32_t i = range.begin; i<range.end; i = body.match(i)> i ? body.match(i) + 1 : i + 1) {
    if (body.is(i, ',')) {
      return true;
    }
  }
  return false;
}

std::optional<std::uint64_t> literal(std::string_view text) {
  while (!text.empty() && std::string_view("uUlL").find(text.back()) != std::string_view::npos) {
    text.remove_suffix(1);
  }
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
  }
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value, base);
  return code == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

struct BinaryOperator {
  std::string_view spelling;
  int precedence;
};

constexpr std::array kBinaryOperators = {BinaryOperator{"*", 3}, BinaryOperator{"/", 3}, BinaryOperator{"%", 3},
                                         BinaryOperator{"+", 2}, BinaryOperator{"-", 2}, BinaryOperator{"<<", 1},
                                         BinaryOperator{">>", 1}};

std::optional<std::uint64_t> apply(std::string_view spelling, std::uint64_t a, std::uint64_t b) {
  switch (spelling[0]) {
    case '*':
      return b != 0 && a > kLargest / b ? std::nullopt : std::optional(a * b);
    case '+':
      return a > kLargest - b ? std::nullopt : std::optional(a + b);
    case '-':
      return a < b ? std::nullopt : std::optional(a - b);
    case '/':
      return b == 0 ? std::nullopt : std::optional(a / b);
    case '%':
      return b == 0 ? std::nullopt : std::optional(a % b);
    case '<':
      return b > 63 || a > (kLargest >> b) ? std::nullopt : std::optional(a << b);
    default:
      return b > 63 ? std::nullopt : std::optional(a >> b);
  }
}

/// Precedence climbing; the depth of parentheses is bounded.
class Folder {
 public:
  Folder(const CodeBody& body, TokenRange range) : body_(body), place_(range.begin), end_(range.end) {}

  std::optional<std::uint64_t> run() {
    const std::optional<std::uint64_t> value = expression(1);
    return place_ == end_ ? value : std::nullopt;
  }

 private:
  [[nodiscard]] std::string_view current() const { return place_ < end_ ? body_.at(place_) : std::string_view{}; }

  std::optional<std::uint64_t> expression(int lowest) {
    std::optional<std::uint64_t> left = operand();
    while (left) {
      const auto* const found = std::find_if(kBinaryOperators.begin(), kBinaryOperators.end(),
                                             [&](const BinaryOperator& each) { return each.spelling == current(); });
      if (found == kBinaryOperators.end() || found->precedence < lowest) {
        break;
      }
      ++place_;
      const std::optional<std::uint64_t> right = expression(found->precedence + 1);
      left = right ? apply(found->spelling, *left, *right) : std::nullopt;
    }
    return left;
  }

  std::optional<std::uint64_t> operand() {
    if (++depth_ > 64) {
      return std::nullopt;
    }
    const std::optional<std::uint64_t> value = nested_operand();
    --depth_;
    return value;
  }

  std::optional<std::uint64_t> nested_operand() {
    if (current() == "sizeof" && body_.is(place_ + 1, '(')) {
      ++place_;
      const TypeWords words = parenthesized_type();
      return words.numbers && words.bases > 0 ? std::optional(words.element_bytes()) : std::nullopt;
    }
    if (current() == "(" && is_cast(body_, place_)) {
      const TypeWords words = parenthesized_type();
      const std::uint64_t bytes = words.element_bytes();
      const std::optional<std::uint64_t> value = operand();
      const bool fits = value && words.numbers && words.stars == 0 && (bytes >= 8 || (*value >> (8 * bytes)) == 0);
      return fits ? value : std::nullopt;
    }
    if (current() == "(") {
      ++place_;
      const std::optional<std::uint64_t> value = expression(1);
      if (current() != ")") {
        return std::nullopt;
      }
      ++place_;
      return value;
    }
    const bool number = place_ < end_ && body_.tokens.is(place_, TokenKind::number);
    return number ? literal(body_.at(place_++)) : std::nullopt;
  }

  /// At the '(' around a type: moves behind its ')'.
  TypeWords parenthesized_type() {
    TypeWords words;
    const std::uint32_t close = body_.match(place_);
    for (++place_; place_ < close; ++place_) {
      words.add(body_.at(place_));
    }
    ++place_;
    return words;
  }

  const CodeBody& body_;
  std::uint32_t place_;
  std::uint32_t end_;
  int depth_ = 0;
};

}  // namespace

bool is_number_word(std::string_view word) noexcept {
  return number_word(word) != nullptr;
}

std::optional<Declaration> parse_declaration(const CodeBody& body, TokenRange range) {
  std::uint32_t i = range.begin;
  std::optional<std::uint32_t> name;
  TypeWords words;
  while (i < range.end && (body.is_identifier(i) || body.is(i, '*'))) {
    if (skip_attribute(body, i)) {
      continue;
    }
    if (name) {
      words.add(body.at(*name));
      name.reset();
    }
    if (body.is(i, '*')) {
      words.add("*");
    } else {
      name = i;
    }
    ++i;
  }
  if (!name || words.bases == 0 || is_qualifier(body.at(*name))) {
    return std::nullopt;
  }
  Declaration declaration;
  declaration.name = *name;
  declaration.array = body.is(i, '[') && i < range.end;
  declaration.dimensions = i;
  while (i < range.end && (body.is(i, '[') || body.at(i) == "__attribute__")) {
    i = skip_attribute(body, i) ? i : body.match(i) + 1;
  }
  if (i < range.end && !body.is(i, '=') && !body.is(i, ',')) {
    return std::nullopt;
  }
  if (i < range.end && body.is(i, '=')) {
    declaration.initializer = {i + 1, range.end};
  }
  declaration.several = i < range.end && has_comma(body, {i, range.end});
  declaration.lasting = words.lasting;
  declaration.of_numbers = words.numbers && words.stars < 2;
  declaration.element_bytes = words.element_bytes();
  const bool one_pointer = words.stars == 1 && !declaration.array;
  declaration.kind = words.numbers && words.stars == 0 ? Declaration::Kind::arithmetic
                     : one_pointer                     ? Declaration::Kind::pointer
                                                       : Declaration::Kind::other;
  return declaration;
}

std::optional<std::uint64_t> array_bytes(const CodeBody& body, const Declaration& declaration) {
  std::uint64_t bytes = declaration.element_bytes;
  for (std::uint32_t open = declaration.dimensions; body.is(open, '['); open = body.match(open) + 1) {
    const std::optional<std::uint64_t> count = fold_constant(body, {open + 1, body.match(open)});
    if (!count) {
      return std::nullopt;
    }
    bytes = apply("*", bytes, *count).value_or(kLargest);
  }
  return bytes;
}

bool is_cast(const CodeBody& body, std::uint32_t open) {
  const std::uint32_t close = body.match(open);
  std::uint32_t i = open + 1;
  bool numbers = true;
  while (i < close && body.is_identifier(i)) {
    numbers = numbers && (number_word(body.at(i)) != nullptr || is_qualifier(body.at(i)));
    ++i;
  }
  const bool words = i > open + 1;
  const bool pointer = i < close && body.is(i, '*');
  while (i < close && (body.is(i, '*') || is_qualifier(body.at(i)))) {
    ++i;
  }
  return words && i == close && (pointer || numbers);
}

bool is_number_type(const CodeBody& body, TokenRange range, bool pointer) {
  TypeWords words;
  for (std::uint32_t i = range.begin; i < range.end; ++i) {
    if (!body.is_identifier(i) && !body.is(i, '*')) {
      return false;
    }
    words.add(body.at(i));
  }
  return words.bases > 0 && words.numbers && words.stars == (pointer ? 1U : 0U);
}

std::uint64_t number_type_bytes(const CodeBody& body, TokenRange range) {
  TypeWords words;
  for (std::uint32_t i = range.begin; i < range.end; ++i) {
    words.add(body.at(i));
  }
  return words.number_bytes();
}

std::uint64_t number_type_bytes(std::string_view type) {
  TypeWords words;
  CLexer lexer(type);
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    words.add(token.text);
  }
  return words.number_bytes();
}

TokenRange peel(const CodeBody& body, TokenRange range) {
  while (!range.empty() && body.is(range.begin, '(')) {
    const std::uint32_t close = body.match(range.begin);
    if (close + 1 == range.end) {
      ++range.begin;
      --range.end;
    } else if (is_cast(body, range.begin) && close < range.end) {
      range.begin = close + 1;
    } else {
      break;
    }
  }
  return range;
}

std::optional<std::uint64_t> fold_constant(const CodeBody& body, TokenRange range) {
  return Folder(body, range).run();
}

std::vector<TokenRange> call_arguments(const CodeBody& body, std::uint32_t open) {
  std::vector<TokenRange> arguments;
  const std::uint32_t close = body.match(open);
  std::uint32_t begin = open + 1;
  for (std::uint32_t i = begin; i<close; i = body.match(i)> i ? body.match(i) + 1 : i + 1) {
    if (body.is(i, ',')) {
      arguments.push_back({begin, i});
      begin = i + 1;
    }
  }
  if (begin < close || !arguments.empty()) {
    arguments.push_back({begin, close});
  }
  return arguments;
}

}  // namespace stm32tvm
