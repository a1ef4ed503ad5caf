// SPDX-License-Identifier: Apache-2.0
// Progress: how a long call tells its host how far it has come, and how the host stops it.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace stm32tvm {
inline namespace v1 {

/// How far a long call has come.
struct Progress {
  std::string_view item;    ///< what was just done: an archive's member, a part of the emitted tree; for the call only
  std::uint64_t done = 0;   ///< of `total`, in units of the call's own
  std::uint64_t total = 0;  ///< never less than `done`
};

/// Called by the thread that made the call. Returning false stops it: it fails with ErrorCode::cancelled.
using ProgressCallback = std::function<bool(const Progress&)>;

}  // namespace v1
}  // namespace stm32tvm
