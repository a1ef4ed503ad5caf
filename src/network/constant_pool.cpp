// SPDX-License-Identifier: Apache-2.0
// The values of a pool of constants are megabytes of text, so they are read without making tokens.
#include "network/constant_pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "network/c_lexer.hpp"
#include "network/c_syntax.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

/// TVM aligns members to 16. A hostile source must not make much padding from little text.
constexpr std::uint64_t maximum_alignment = 256;

enum class Format : std::uint8_t { integer, single, wide };

struct ElementType {
  std::string_view name;
  std::uint8_t bytes;
  Format format;
};

// TVM prints 16-bit floating point as the integers that have its bits.
constexpr std::array element_types = {
    ElementType{"int8_t", 1, Format::integer},   ElementType{"uint8_t", 1, Format::integer},
    ElementType{"int16_t", 2, Format::integer},  ElementType{"uint16_t", 2, Format::integer},
    ElementType{"int32_t", 4, Format::integer},  ElementType{"uint32_t", 4, Format::integer},
    ElementType{"int64_t", 8, Format::integer},  ElementType{"uint64_t", 8, Format::integer},
    ElementType{"bool", 1, Format::integer},     ElementType{"half", 2, Format::integer},
    ElementType{"_Float16", 2, Format::integer}, ElementType{"float", 4, Format::single},
    ElementType{"double", 8, Format::wide}};

struct Member {
  const ElementType* type = nullptr;
  std::uint64_t count = 0;
  std::uint64_t offset = 0;
  bool set = false;
};

void store(std::string& bytes, std::uint64_t offset, std::uint64_t value, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    bytes[offset + i] = static_cast<char>(value >> (8 * i) & 0xFF);
  }
}

/// Reads values one by one from text that is not cut into tokens.
class ValueScanner {
 public:
  explicit ValueScanner(std::string_view text) : text_(text), place_(text.data()), end_(text.data() + text.size()) {}

  void skip_space() {
    while (place_ < end_ && (*place_ == ' ' || *place_ == '\n' || *place_ == '\t' || *place_ == '\r')) {
      ++place_;
    }
  }
  bool take(char c) {
    skip_space();
    const bool there = place_ < end_ && *place_ == c;
    place_ += there ? 1 : 0;
    return there;
  }
  std::string_view word() {
    skip_space();
    const char* const begin = place_;
    while (place_ < end_ && (is_letter(*place_) || (*place_ >= '0' && *place_ <= '9'))) {
      ++place_;
    }
    return {begin, static_cast<std::size_t>(place_ - begin)};
  }
  [[nodiscard]] bool at_end() const { return place_ == end_; }
  /// Where the scanner stands, as an empty part of the text.
  [[nodiscard]] std::string_view here() const {
    return text_.substr(static_cast<std::size_t>(place_ - text_.data()), 0);
  }

  /// A value as the bits of its type; nothing for text that is none, or out of the type's range.
  std::optional<std::uint64_t> value(const ElementType& type) {
    skip_space();
    const bool negative = place_ < end_ && *place_ == '-';
    place_ += place_ < end_ && (*place_ == '-' || *place_ == '+') ? 1 : 0;
    switch (type.format) {
      case Format::single:
        return real<float, std::uint32_t>(negative);
      case Format::wide:
        return real<double, std::uint64_t>(negative);
      case Format::integer:
        break;
    }
    return integer(type, negative);
  }

 private:
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

  bool take_hex_prefix() {
    const bool there = end_ - place_ >= 2 && place_[0] == '0' && (place_[1] == 'x' || place_[1] == 'X');
    place_ += there ? 2 : 0;
    return there;
  }

  std::optional<std::uint64_t> integer(const ElementType& type, bool negative) {
    skip_space();
    std::uint64_t magnitude = 0;
    const int base = take_hex_prefix() ? 16 : 10;
    const auto [after, error] = std::from_chars(place_, end_, magnitude, base);
    if (error != std::errc()) {
      return std::nullopt;
    }
    place_ = after;
    while (place_ < end_ && (*place_ == 'L' || *place_ == 'l' || *place_ == 'U' || *place_ == 'u')) {
      ++place_;
    }
    const unsigned bits = 8U * type.bytes;
    const bool is_signed = type.name[0] == 'i';
    const std::uint64_t most = is_signed    ? (1ULL << (bits - 1U)) - (negative ? 0U : 1U)
                               : bits == 64 ? std::numeric_limits<std::uint64_t>::max()
                                            : (1ULL << bits) - 1U;
    if (magnitude > most || (negative && !is_signed && magnitude != 0)) {
      return std::nullopt;
    }
    return negative ? 0 - magnitude : magnitude;
  }

  template <class Real, class Integer>
  std::optional<std::uint64_t> real(bool negative) {
    skip_space();
    Real value = 0;
    if (place_ < end_ && is_letter(*place_)) {
      const std::string_view name = word();
      if (name != "INFINITY" && name != "NAN") {
        return std::nullopt;
      }
      value = name == "NAN" ? std::numeric_limits<Real>::quiet_NaN() : std::numeric_limits<Real>::infinity();
    } else {
      const auto format = take_hex_prefix() ? std::chars_format::hex : std::chars_format::general;
      const auto [after, error] = std::from_chars(place_, end_, value, format);
      // A number that is too large or too small for the type is one that TVM did not print from it.
      if (error != std::errc()) {
        return std::nullopt;
      }
      place_ = after;
      place_ += place_ < end_ && (*place_ == 'f' || *place_ == 'F') ? 1 : 0;
    }
    return std::bit_cast<Integer>(negative ? -value : value);
  }

  std::string_view text_;
  const char* place_;
  const char* end_;
};

/// Goes through a source at file scope.
class PoolReader {
 public:
  PoolReader(const SourceText& source, PoolDefinitions& pools) : source_(source), pools_(pools), lexer_(source.text) {}

  Result<void> run() {
    std::vector<Token> head;
    for (Token token = lexer_.next(); token.kind != TokenKind::end; token = lexer_.next()) {
      if (token.is('{')) {
        const bool pool = head.size() >= 2 && head[head.size() - 2].is("struct");
        const bool linkage = !head.empty() && head.back().kind == TokenKind::text;
        if (pool) {
          STM32TVM_CHECK(read_struct(head.back().text));
        } else if (is_linked_parameter(head)) {
          STM32TVM_CHECK(read_linked_parameter(head, token.text));
        } else if (!linkage) {
          lexer_.skip_braces();
        }
        head.clear();
      } else if (token.is(';') || token.is('}')) {
        add_array(head);
        head.clear();
      } else if (token.kind != TokenKind::directive && head.size() < maximum_head) {
        head.push_back(token);
      }
    }
    return {};  // the kernel reader tells what is wrong with text that does not end well
  }

 private:
  static constexpr std::size_t maximum_head = 1000;
  static constexpr std::string_view linked_parameter_prefix = "__tvm_param__";

  [[nodiscard]] Error bad(std::string_view place, std::string message) const {
    return source_.error(ErrorCode::bad_source, std::move(message) + "; export the model again", place);
  }

  /// static uint8_t name[bytes];
  void add_array(const std::vector<Token>& head) {
    const std::size_t size = head.size();
    if (size >= 5 && head[size - 1].is(']') && head[size - 3].is('[') && head[size - 4].is_identifier() &&
        head[size - 5].is("uint8_t")) {
      if (const auto bytes = decimal(head[size - 2].text)) {
        pools_.workspaces.emplace(head[size - 4].text, *bytes);
      }
    }
  }

  /// static const float __attribute__((aligned(16))) __tvm_param__p0[16] =
  static bool is_linked_parameter(const std::vector<Token>& head) {
    const std::size_t size = head.size();
    return size >= 6 && head[size - 1].is('=') && head[size - 2].is(']') && head[size - 4].is('[') &&
           head[size - 5].text.starts_with(linked_parameter_prefix);
  }

  /// Behind the '{' of such an array.
  Result<void> read_linked_parameter(const std::vector<Token>& head, std::string_view open) {
    const std::string_view name = head[head.size() - 5].text;
    const auto* type = element_types.end();
    for (auto token = head.begin(); token != head.end() && type == element_types.end(); ++token) {
      type = find_type(*token);
    }
    const auto count = decimal(head[head.size() - 3].text);
    if (type == element_types.end() || !count || *count > source_.text.size()) {
      return bad(name,
                 fmt::format("the linked parameter {} is no array of numbers that is understood", name.substr(0, 100)));
    }
    const auto begin = static_cast<std::size_t>(open.data() - source_.text.data()) + 1;
    ValueScanner scanner(source_.text.substr(begin));
    std::string bytes(*count * type->bytes, '\0');
    STM32TVM_CHECK(read_values(scanner, {type, *count, 0, true}, name, bytes));
    pools_.constants.emplace(name, Bytes(std::move(bytes)));
    lexer_ = CLexer(source_.text.substr(static_cast<std::size_t>(scanner.here().data() - source_.text.data())));
    return {};
  }

  static auto find_type(const Token& token) -> decltype(element_types)::const_iterator {
    return std::find_if(element_types.begin(), element_types.end(),
                        [&](const ElementType& each) { return token.is(each.name); });
  }

  /// Behind "struct name {". A type without an initializer is none of ours.
  Result<void> read_struct(std::string_view tag) {
    members_.clear();
    bytes_ = 0;
    bool regular = true;
    for (Token token = lexer_.next(); !token.is('}'); token = lexer_.next()) {
      if (token.kind == TokenKind::end) {
        return {};
      }
      if (regular) {
        STM32TVM_TRY(understood, read_member(token, tag));
        regular = understood;
      } else if (token.is('{')) {
        lexer_.skip_braces();
      }
    }
    const Token name = lexer_.next();
    if (!name.is_identifier()) {
      return {};
    }
    if (!lexer_.next().is('=') || !regular) {
      return bad(name.text, fmt::format("struct {} has members that are no arrays of numbers, so the constants are not "
                                        "understood",
                                        tag.substr(0, 100)));
    }
    const Token open = lexer_.next();
    if (!open.is('{')) {
      return bad(open.text, "the constants have no initializer in braces");
    }
    return read_initializer(name.text, open.text);
  }

  /// type name[count] __attribute__((packed, aligned(n)));
  Result<bool> read_member(const Token& first, std::string_view tag) {
    const auto* const type = find_type(first);
    const Token name = lexer_.next();
    const Token open = lexer_.next();
    const auto count = decimal(lexer_.next().text);
    const Token close = lexer_.next();
    if (type == element_types.end() || !name.is_identifier() || !open.is('[') || !count || !close.is(']')) {
      return false;
    }
    std::uint64_t alignment = type->bytes;
    std::optional<std::uint64_t> wanted;
    Token token = lexer_.next();
    for (; !token.is(';') && token.kind != TokenKind::end; token = lexer_.next()) {
      alignment = token.is("packed") ? 1 : alignment;
      if (token.is("aligned")) {
        lexer_.next();
        wanted = decimal(lexer_.next().text);
        if (!wanted || *wanted == 0 || *wanted > maximum_alignment || !std::has_single_bit(*wanted)) {
          return bad(name.text, fmt::format("member {} of struct {} has an alignment that is no power of two up to {}",
                                            name.text.substr(0, 100), tag.substr(0, 100), maximum_alignment));
        }
      }
    }
    alignment = std::max(alignment, wanted.value_or(1));
    const std::uint64_t offset = (bytes_ + alignment - 1) / alignment * alignment;
    // No value is shorter than two characters, so a count beyond the text is never met.
    if (*count > source_.text.size() || !members_.emplace(name.text, Member{type, *count, offset, false}).second) {
      return bad(name.text, fmt::format("member {} of struct {} is too large or there twice", name.text.substr(0, 100),
                                        tag.substr(0, 100)));
    }
    STM32TVM_CHECK(check_comment(token.text, offset, name.text));
    bytes_ = offset + *count * type->bytes;
    return true;
  }

  /// TVM writes where a member should lie behind it: "// 144 bytes, aligned offset: 7424".
  Result<void> check_comment(std::string_view semicolon, std::uint64_t offset, std::string_view name) const {
    constexpr std::string_view words = "aligned offset: ";
    if (semicolon.empty()) {
      return {};
    }
    const auto begin = static_cast<std::size_t>(semicolon.data() - source_.text.data());
    const std::string_view line = source_.text.substr(begin, source_.text.substr(begin, 200).find('\n'));
    const std::size_t found = line.find(words);
    if (found == std::string_view::npos) {
      return {};
    }
    const std::string_view number = line.substr(found + words.size());
    const std::size_t end = std::min(number.find_first_not_of("0123456789"), number.size());
    if (decimal(number.substr(0, end)) != offset) {
      return bad(name, fmt::format("constant {} lies at byte {} of its pool and the kernels read it at byte {}",
                                   name.substr(0, 100), offset, number.substr(0, end)));
    }
    return {};
  }

  Result<void> read_initializer(std::string_view name, std::string_view open) {
    const auto begin = static_cast<std::size_t>(open.data() - source_.text.data()) + 1;
    ValueScanner scanner(source_.text.substr(begin));
    if (bytes_ > 16 * source_.text.size()) {
      return bad(name, fmt::format("the pool {} has more constants than values", name.substr(0, 100)));
    }
    std::string bytes(bytes_, '\0');
    while (!scanner.take('}')) {
      const bool dot = scanner.take('.');
      const std::string_view member_name = scanner.word();
      const auto found = members_.find(member_name);
      if (!dot || found == members_.end() || found->second.set || !scanner.take('=') || !scanner.take('{')) {
        return bad(scanner.here(),
                   fmt::format("the pool {} sets something that is no member, or sets one twice", name.substr(0, 100)));
      }
      found->second.set = true;
      STM32TVM_CHECK(read_values(scanner, found->second, member_name, bytes));
      scanner.take(',');
    }
    for (const auto& [member_name, member] : members_) {
      if (!member.set) {
        return bad(name,
                   fmt::format("the pool {} gives no values to {}", name.substr(0, 100), member_name.substr(0, 100)));
      }
    }
    pools_.constants.emplace(name, Bytes(std::move(bytes)));
    lexer_ = CLexer(source_.text.substr(static_cast<std::size_t>(scanner.here().data() - source_.text.data())));
    return {};
  }

  Result<void> read_values(ValueScanner& scanner, const Member& member, std::string_view name, std::string& bytes) {
    std::uint64_t offset = member.offset;
    for (std::uint64_t i = 0; i < member.count; ++i) {
      const auto value = scanner.value(*member.type);
      if (!value || (i + 1 < member.count && !scanner.take(','))) {
        return bad(scanner.here(), fmt::format("value {} of constant {} is no {}, or is not there", i,
                                               name.substr(0, 100), member.type->name));
      }
      store(bytes, offset, *value, member.type->bytes);
      offset += member.type->bytes;
    }
    scanner.take(',');
    return scanner.take('}') ? Result<void>{}
                             : bad(scanner.here(), fmt::format("constant {} has more than its {} values",
                                                               name.substr(0, 100), member.count));
  }

  const SourceText& source_;
  PoolDefinitions& pools_;
  CLexer lexer_;
  std::map<std::string_view, Member> members_;  ///< of the struct in hand
  std::uint64_t bytes_ = 0;                     ///< of the members so far
};

}  // namespace

Result<void> read_pools(std::string_view text, std::string_view where, PoolDefinitions& pools) {
  const SourceText source{text, where};
  return PoolReader(source, pools).run();
}

std::optional<std::string> read_integers(std::string_view list, std::string_view type, std::uint64_t count) {
  const auto* const element =
      std::find_if(element_types.begin(), element_types.end(), [&](const auto& each) { return each.name == type; });
  // No value is shorter than two characters, its comma counted.
  if (element == element_types.end() || element->format != Format::integer || count > (list.size() + 1) / 2) {
    return std::nullopt;
  }
  ValueScanner scanner(list);
  std::string bytes(count * element->bytes, '\0');
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto value = scanner.value(*element);
    if (!value || (i + 1 < count && !scanner.take(','))) {
      return std::nullopt;
    }
    store(bytes, i * element->bytes, *value, element->bytes);
  }
  scanner.take(',');
  scanner.skip_space();
  return scanner.at_end() ? std::optional(std::move(bytes)) : std::nullopt;
}

Result<Bytes> read_byte_list(std::string_view text, std::string_view list, std::string_view where) {
  constexpr ElementType byte{"uint8_t", 1, Format::integer};
  ValueScanner scanner(list);
  std::string bytes;
  const auto skip_separators = [&] {
    while (scanner.take(',') || scanner.take('\\')) {
    }
  };
  for (skip_separators(); !scanner.at_end(); skip_separators()) {
    const auto value = scanner.value(byte);
    if (!value) {
      return SourceText{text, where}.error(
          ErrorCode::bad_source, "the list of a pool's bytes has something else in it; export the model again",
          scanner.here());
    }
    bytes += static_cast<char>(*value);
  }
  return Bytes(std::move(bytes));
}

}  // namespace stm32tvm
