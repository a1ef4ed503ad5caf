// SPDX-License-Identifier: Apache-2.0
// RFC 1952, sections 2.3.1 and 8: the CRC-32 of ISO 3309, least significant bit first.
#include "archive/gzip.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace stm32tvm {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = remainder >> 1U ^ ((remainder & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    table[byte] = remainder;
  }
  return table;
}

std::uint32_t crc32(std::string_view bytes) noexcept {
  static constexpr std::array<std::uint32_t, 256> table = make_table();
  std::uint32_t remainder = 0xFFFFFFFFU;
  for (const char byte : bytes) {
    remainder = remainder >> 8U ^ table[(remainder ^ static_cast<unsigned char>(byte)) & 0xFFU];
  }
  return ~remainder;
}

}  // namespace

bool gzip_is_whole(std::string_view file, std::string_view contents) noexcept {
  constexpr std::string_view magic = "\x1f\x8b\x08";
  constexpr std::size_t end_bytes = 8;
  if (file.find(magic, magic.size()) != std::string_view::npos) {
    return true;
  }
  std::array<char, end_bytes> expected{};
  const std::uint64_t end = std::uint64_t{contents.size()} << 32U | crc32(contents);
  for (std::size_t i = 0; i < end_bytes; ++i) {
    expected[i] = static_cast<char>(end >> (8 * i) & 0xFFU);
  }
  for (; file.size() >= end_bytes; file.remove_suffix(1)) {
    if (file.ends_with(std::string_view(expected.data(), end_bytes))) {
      return true;
    }
    if (file.back() != '\0') {
      return false;
    }
  }
  return false;
}

}  // namespace stm32tvm
