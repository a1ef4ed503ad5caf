// SPDX-License-Identifier: Apache-2.0
// MemoryNeeds: what a planned network takes of a 32-bit target's memories, and when.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {
inline namespace v1 {

/// What is live at one step of a plan.
struct StepNeeds {
  std::uint32_t step = 0;
  std::uint64_t bytes = 0;  ///< of all live buffers, each rounded up to the plan's alignment, less what they can share
  std::vector<std::uint32_t> buffers;  ///< the live ones: indices into MemoryPlan::buffers
};

/// All figures in bytes, for a target with 32-bit pointers and one handle.
struct MemoryNeeds {
  std::uint64_t arena_bytes = 0;             ///< inputs, outputs, inner tensors and workspaces
  std::uint64_t context_bytes = 0;           ///< writable descriptors of inputs and outputs, handle, addresses of pools
  std::uint64_t heap_bytes = 0;              ///< always 0: nothing allocates
  std::uint64_t stack_bytes = 0;             ///< the local arrays of the kernel that has most; calls come on top
  std::uint64_t weights_bytes = 0;           ///< parameters, equal ones counted once, each on a 16-byte boundary
  std::uint64_t external_weights_bytes = 0;  ///< of these, what is stored elsewhere than in the image's flash
  std::uint64_t copied_weights_bytes = 0;    ///< of these, what is copied to RAM
  std::uint64_t tables_bytes = 0;            ///< const descriptors, arguments, operators and shapes
  std::vector<StepNeeds> steps;              ///< in the order of time, from before the run to after it

  /// The network's RAM without the stack: the figure of the emitted ..._RAM_BYTES macro.
  [[nodiscard]] std::uint64_t ram_bytes() const noexcept {
    return arena_bytes + context_bytes + heap_bytes + copied_weights_bytes;
  }

  /// Weights and tables in the image's flash, without code.
  [[nodiscard]] std::uint64_t flash_bytes() const noexcept {
    return weights_bytes - external_weights_bytes + tables_bytes;
  }
};

/// Adds up a plan that check() accepts.
MemoryNeeds memory_needs(const NetworkDescriptor& network, const MemoryPlan& plan);

/// The needs, the plan and its buffers as JSON, keys in a fixed order, two-space indent.
std::string to_json(const MemoryNeeds& needs, const NetworkDescriptor& network, const MemoryPlan& plan);

}  // namespace v1
}  // namespace stm32tvm
