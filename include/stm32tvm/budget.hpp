// SPDX-License-Identifier: Apache-2.0
// Budget: what a project may take of a device.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {
inline namespace v1 {

/// Each limit is the most there may be; nothing: no limit.
struct Budget {
  std::optional<std::uint64_t> ram_bytes;    ///< of the firmware's RAM, with what it keeps for the stack
  std::optional<std::uint64_t> flash_bytes;  ///< of the firmware's image
  std::optional<std::uint64_t> ticks;        ///< of one inference in emulation

  friend bool operator==(const Budget&, const Budget&) = default;
};

/// Reads {"ram_bytes": 65536, "flash_bytes": 262144, "ticks": 500000}; every key may be missing. Fails as the readers
/// of options do.
Result<Budget> read_budget(std::string_view json);

/// Holds what is known before a build: the network's own RAM without the stack, and its weights and tables in flash.
/// Fails with does_not_fit and the figures.
Result<void> check_budget(const NetworkDescriptor& network, const MemoryPlan& plan, const Budget& budget);

}  // namespace v1
}  // namespace stm32tvm
