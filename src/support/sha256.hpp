// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4), for names that follow from content.
#pragma once

#include <string>
#include <string_view>

namespace stm32tvm {

/// 64 small hexadecimal digits.
std::string sha256(std::string_view text);

}  // namespace stm32tvm
