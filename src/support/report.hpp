// SPDX-License-Identifier: Apache-2.0
// Telling the host how far a call has come.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "stm32tvm/progress.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

/// Fails with ErrorCode::cancelled when the host asks to stop. `done` is cut to `total`.
inline Result<void> report(const ProgressCallback& progress, std::string_view item, std::uint64_t done,
                           std::uint64_t total) {
  if (progress && !progress({item, std::min(done, total), total})) {
    return Error{ErrorCode::cancelled, "the program that made the call asked to stop", {}};
  }
  return {};
}

}  // namespace stm32tvm
