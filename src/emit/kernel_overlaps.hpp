// SPDX-License-Identifier: Apache-2.0
// Where the memories of a kernel lie: which overlap, and which may lie askew.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {

/// Over all calls of a kernel. Parameters count from 0: inputs, outputs, pools.
struct KernelOverlaps {
  static constexpr std::uint32_t workspace = std::numeric_limits<std::uint32_t>::max();

  /// Buffers that overlap, the first one before the second: a kernel may access them as different types, whatever
  /// types their tensors have.
  std::set<std::pair<std::uint32_t, std::uint32_t>> confusable;
  std::set<std::uint32_t> shared;     ///< parameters that may overlap another memory
  std::set<std::uint32_t> unaligned;  ///< parameters that may lie at addresses that are no multiples of a word
  bool reuses_bytes = false;          ///< uses the bytes of a pool as several types

  [[nodiscard]] bool any() const { return reuses_bytes || !confusable.empty(); }
};

/// By the kernel's C function.
std::map<std::string, KernelOverlaps, std::less<>> kernel_overlaps(const NetworkDescriptor& network,
                                                                   const MemoryPlan& plan);

}  // namespace stm32tvm
