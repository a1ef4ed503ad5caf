// SPDX-License-Identifier: Apache-2.0
// RFC 1952, section 2.3.1: a member ends with the CRC-32 and the length of what it held.
#include "archive/gzip.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

#include "support/crc32.hpp"

namespace stm32tvm {
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
