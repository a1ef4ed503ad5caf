// SPDX-License-Identifier: Apache-2.0
// Names of kernel sources: they come from the archive and become part of emitted build files.
#pragma once

#include <string_view>

namespace stm32tvm {

/// Letters, digits, '_' and '.', as TVM names sources; at most 100 characters, no leading '.'.
inline bool is_safe_source_name(std::string_view name) noexcept {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.";
  return !name.empty() && name.size() <= 100 && name.front() != '.' &&
         name.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace stm32tvm
