// SPDX-License-Identifier: Apache-2.0
#include "base85.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace stm32tvm::project_api {
namespace {

constexpr std::string_view alphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
static_assert(alphabet.size() == 85);
constexpr std::size_t group_bytes = 4;
constexpr std::size_t group_digits = 5;

}  // namespace

std::string base85_encode(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += group_bytes) {
    const std::string_view group = bytes.substr(at, group_bytes);
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < group_bytes; ++i) {
      value = value << 8U | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    }
    std::array<char, group_digits> digits{};
    for (std::size_t i = group_digits; i > 0; --i) {
      digits.at(i - 1) = alphabet[value % alphabet.size()];
      value /= static_cast<std::uint32_t>(alphabet.size());
    }
    text.append(digits.data(), group.size() + 1);
  }
  return text;
}

std::optional<std::string> base85_decode(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); at += group_digits) {
    const std::string_view group = text.substr(at, group_digits);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < group_digits; ++i) {
      const std::size_t digit = alphabet.find(i < group.size() ? group[i] : alphabet.back());
      if (digit == std::string_view::npos) {
        return std::nullopt;
      }
      value = value * alphabet.size() + digit;
    }
    if (value > UINT32_MAX) {
      return std::nullopt;
    }
    for (std::size_t i = 0; i + 1 < group.size(); ++i) {
      bytes += static_cast<char>(value >> (8 * (group_bytes - 1 - i)) & 0xffU);
    }
  }
  return bytes;
}

}  // namespace stm32tvm::project_api
