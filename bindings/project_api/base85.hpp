// SPDX-License-Identifier: Apache-2.0
// Base 85 with the alphabet of RFC 1924, as Python's base64.b85encode writes it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stm32tvm::project_api {

std::string base85_encode(std::string_view bytes);

/// Nothing when a character is not of the alphabet or five of them are more than 32 bits.
std::optional<std::string> base85_decode(std::string_view text);

}  // namespace stm32tvm::project_api
