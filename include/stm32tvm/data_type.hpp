// SPDX-License-Identifier: Apache-2.0
// DataType: the type of a tensor's elements, as DLPack and TVM write it.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace stm32tvm {
inline namespace v1 {

/// Type of one element: DLDataType of dlpack.h.
struct DataType {
  /// DLDataTypeCode; the values are DLPack's.
  enum class Code : std::uint8_t {
    signed_integer = 0,
    unsigned_integer = 1,
    floating_point = 2,
    handle = 3,
    bfloat = 4
  };

  Code code = Code::signed_integer;
  std::uint8_t bits = 8;    ///< bits of one lane; 1 for bool
  std::uint16_t lanes = 1;  ///< lanes of a vector type, 1 for a scalar

  /// Bytes that one element takes in memory: each lane is rounded up to whole bytes.
  [[nodiscard]] constexpr std::uint32_t bytes() const noexcept { return (bits + 7U) / 8U * lanes; }
  [[nodiscard]] constexpr bool is_integer() const noexcept {
    return code == Code::signed_integer || code == Code::unsigned_integer;
  }

  friend constexpr bool operator==(const DataType&, const DataType&) = default;
};

/// TVM's name of the type: "int8", "uint8", "float32", "bool", "float32x4".
inline std::string to_string(DataType type) {
  if (type == DataType{DataType::Code::unsigned_integer, 1, 1}) {
    return "bool";
  }
  static constexpr const char* names[] = {"int", "uint", "float", "handle", "bfloat"};
  std::string text = names[static_cast<std::uint8_t>(type.code)] + std::to_string(type.bits);
  return type.lanes == 1 ? text : text + "x" + std::to_string(type.lanes);
}

/// Reads what to_string() writes; nothing for anything else, or for a width that no C type holds.
inline std::optional<DataType> parse_data_type(std::string_view text) {
  if (text == "bool") {
    return DataType{DataType::Code::unsigned_integer, 1, 1};
  }
  DataType type;
  if (text.starts_with("uint")) {
    type.code = DataType::Code::unsigned_integer;
    text.remove_prefix(4);
  } else if (text.starts_with("int")) {
    type.code = DataType::Code::signed_integer;
    text.remove_prefix(3);
  } else if (text.starts_with("float")) {
    type.code = DataType::Code::floating_point;
    text.remove_prefix(5);
  } else if (text.starts_with("bfloat")) {
    type.code = DataType::Code::bfloat;
    text.remove_prefix(6);
  } else {
    return std::nullopt;
  }
  const char* end = text.data() + text.size();
  auto [after, error] = std::from_chars(text.data(), end, type.bits);
  if (error == std::errc{} && after != end && *after == 'x') {
    const auto lanes = std::from_chars(after + 1, end, type.lanes);
    after = lanes.ptr;
    error = lanes.ec;
  }
  const bool known_width =
      type.bits == 1 || type.bits == 4 || type.bits == 8 || type.bits == 16 || type.bits == 32 || type.bits == 64;
  if (error != std::errc{} || after != end || !known_width || type.lanes == 0) {
    return std::nullopt;
  }
  return type;
}

}  // namespace v1
}  // namespace stm32tvm
