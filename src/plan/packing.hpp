// SPDX-License-Identifier: Apache-2.0
// Packing: gives buffers with lifetimes their offsets in one or more pools. Knows nothing of networks.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "stm32tvm/memory_plan.hpp"

namespace stm32tvm {

/// What is to be packed. Sizes are rounded up to the alignment by the caller, and so every offset is a multiple of the
/// least alignment anyway.
struct PackingBuffer {
  std::uint64_t bytes = 0;
  Lifetime lifetime;
  std::uint64_t alignment = 1;  ///< of the offset, a power of two
};

/// Buffers that share one step, the last of `from` and the first of `to`, and may overlap then if `from` starts at
/// least `lead` bytes behind the start of `to`. A buffer that gives does not take at the same step.
struct PackingHandover {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint64_t lead = 0;
};

struct PackingPlace {
  std::uint32_t pool = 0;
  std::uint64_t offset = 0;
};

struct Packing {
  std::vector<PackingPlace> places;       ///< one for each buffer
  std::vector<std::uint64_t> pool_bytes;  ///< highest end in each pool
};

struct PackingPeak {
  std::uint64_t bytes = 0;
  std::uint32_t step = 0;
};

/// The most bytes that are live at one step, less what handovers can share, and the first such step. O(n log n).
PackingPeak packing_peak(std::span<const PackingBuffer> buffers, std::span<const PackingHandover> handovers = {});

/// Packs the buffers, all of them: the last pool's limit does not bind, so that a caller can tell by how much it is too
/// small. The earlier a pool, the fuller: the bytes of the last pool are made as few as possible, then those of the one
/// before, and so on. Any two buffers that share a step are kept apart, but for handovers. The sum of all sizes must
/// stay below 2^63.
///
/// The work is bounded: some 24 million looks at a placed buffer, or O(n log n) when there are more than 6,000 buffers.
Packing pack(std::span<const PackingBuffer> buffers, std::span<const std::uint64_t> pool_limits,
             std::span<const PackingHandover> handovers = {});

}  // namespace stm32tvm
