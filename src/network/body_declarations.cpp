// SPDX-License-Identifier: Apache-2.0
// The first pass over a kernel's body: the variables that hold its arguments, and other pointers.
#include <algorithm>
#include <array>
#include <string>

#include "network/body_reader.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

constexpr std::uint32_t kMaximumParameters = 1024;

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

}  // namespace

std::uint32_t BodyReader::find(std::string_view name) const {
  const auto found = name_index_.find(name);
  return found == name_index_.end() ? kNone : found->second;
}

std::uint32_t BodyReader::add_name(std::string_view name, bool of_numbers) {
  const auto [place, is_new] = name_index_.try_emplace(name, static_cast<std::uint32_t>(names_.size()));
  if (is_new) {
    names_.push_back({.text = name, .group = place->second});
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
    open = body_.match(open) > open ? body_.match(open) + 1 : open + 1;
  }
  const TokenRange base = peel(body_, {element.begin, open});
  return base.end == base.begin + 1 ? body_.at(base.begin) : std::string_view{};
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

}  // namespace stm32tvm
