// SPDX-License-Identifier: Apache-2.0
// Only int16_t and int32_t become narrower: C computes with both, and with whatever is narrower, as int. Of a wider
// type the width of the arithmetic would change, of an unsigned one its sign.
#include "network/constant_widths.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace stm32tvm {
namespace {

template <class Integer>
Integer element(const char* bytes) {
  std::make_unsigned_t<Integer> bits = 0;
  for (std::size_t i = 0; i < sizeof bits; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    bits = static_cast<decltype(bits)>(bits | static_cast<decltype(bits)>(byte) << (8 * i));
  }
  return static_cast<Integer>(bits);
}

/// The narrowest width that holds all elements, which are Integers.
template <class Integer>
std::uint32_t needed_width(std::string_view values) {
  Integer bits = 0;  // that differ from the sign's in any of them
  for (std::size_t offset = 0; offset < values.size(); offset += sizeof(Integer)) {
    const auto value = element<Integer>(values.data() + offset);
    bits = static_cast<Integer>(bits | (value < 0 ? ~value : value));
  }
  return bits <= INT8_MAX ? 1U : bits <= INT16_MAX ? 2U : std::uint32_t{sizeof(Integer)};
}

/// The first Narrow of each Wide bytes.
template <std::size_t Wide, std::size_t Narrow>
std::string cut_elements(std::string_view values) {
  const std::size_t count = values.size() / Wide;
  std::string bytes(count * Narrow, '\0');
  const char* const from = values.data();
  char* const to = bytes.data();
  for (std::size_t i = 0; i < count; ++i) {
    std::copy_n(from + i * Wide, Narrow, to + i * Narrow);
  }
  return bytes;
}

}  // namespace

DataType Constant::stored_type() const noexcept {
  DataType stored = type;
  if (narrower()) {
    stored.bits = static_cast<std::uint8_t>(8 * width);
  }
  return stored;
}

std::string Constant::stored_values() const {
  if (!narrower()) {
    return std::string(values);
  }
  if (type.bytes() == 2) {
    return cut_elements<2, 1>(values);
  }
  return width == 1 ? cut_elements<4, 1>(values) : cut_elements<4, 2>(values);
}

std::string signed_type(std::uint32_t width) {
  return "int" + std::to_string(8 * width) + "_t";
}

std::size_t ConstantWidths::add(std::string name, DataType type, std::string_view values, std::string reason) {
  constants_.push_back({std::move(name), type, values, std::move(reason), 0, {}});
  return constants_.size() - 1;
}

void ConstantWidths::add_reader(Reader reader) {
  for (const std::size_t index : reader.constants) {
    Constant& constant = constants_[index];
    constant.readers.push_back(readers_.size());
    if (constant.reason.empty()) {
      constant.reason = reader.reads->other_use;
    }
  }
  readers_.push_back(std::move(reader));
}

void ConstantWidths::decide_alone(Constant& constant) const {
  constant.width = constant.type.bytes();
  const bool integer = constant.type.code == DataType::Code::signed_integer && constant.type.lanes == 1 &&
                       (constant.type.bits == 16 || constant.type.bits == 32);
  const std::string type = signed_type(constant.width);
  const bool unread = std::all_of(constant.readers.begin(), constant.readers.end(),
                                  [&](std::size_t index) { return readers_[index].reads->type.empty(); });
  if (!integer && constant.reason.empty()) {
    constant.reason = unread ? "no kernel reads it" : "only int16 and int32 become narrower";
  }
  for (const std::size_t index : constant.readers) {
    const std::string_view read = readers_[index].reads->type;
    if (constant.reason.empty() && !read.empty() && read != type) {
      constant.reason = fmt::format("its elements are read as {}", read);
    }
  }
  if (!constant.reason.empty() || constant.values.size() % constant.width != 0) {
    return;
  }
  const std::uint32_t needed =
      constant.width == 2 ? needed_width<std::int16_t>(constant.values) : needed_width<std::int32_t>(constant.values);
  if (needed == constant.width) {
    constant.reason = "its values need the width";
  }
  constant.width = needed;
}

void ConstantWidths::decide() {
  std::vector<std::size_t> raised;
  for (std::size_t i = 0; i < constants_.size(); ++i) {
    decide_alone(constants_[i]);
    raised.push_back(i);
  }
  std::vector<std::uint32_t> reader_widths(readers_.size(), 0);
  while (!raised.empty()) {
    const Constant& wide = constants_[raised.back()];
    raised.pop_back();
    for (const std::size_t index : wide.readers) {
      if (reader_widths[index] >= wide.width) {
        continue;
      }
      reader_widths[index] = wide.width;
      for (const std::size_t other : readers_[index].constants) {
        Constant& constant = constants_[other];
        const std::uint32_t width = std::min(wide.width, constant.type.bytes());
        if (constant.width < width) {
          constant.width = width;
          constant.reason = constant.narrower() ? "" : "the same code reads others that need the width";
          raised.push_back(other);
        }
      }
    }
  }
}

}  // namespace stm32tvm
