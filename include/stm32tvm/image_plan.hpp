// SPDX-License-Identifier: Apache-2.0
// ImagePlan: the memory of several networks in one image, and the proof that none disturbs another.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {
inline namespace v1 {

/// Networks, as indices into the list that goes with it, that never run at the same time and whose inputs and outputs
/// are done with before another of them runs: they share their arenas.
using NetworkGroup = std::vector<std::uint32_t>;

/// The memory that the networks of a group have in one pool; each network's own offsets count from its start.
struct ImageArena {
  std::uint32_t pool = 0;
  std::uint64_t offset = 0;     ///< in the pool, bytes
  std::uint64_t bytes = 0;      ///< what the largest of the networks takes
  std::uint32_t alignment = 8;  ///< of its address, in bytes: the largest that one of them needs
  NetworkGroup networks;

  friend bool operator==(const ImageArena&, const ImageArena&) = default;
};

/// The memory of several networks in one image, and the proof that none disturbs another.
class ImagePlan {
 public:
  /// Plans each network in what the groups before it leave of the pools. A network that no group names is a group of
  /// its own, behind the others. Deterministic. bad_option when a group names a network that is not there or in another
  /// group; does_not_fit, and the other errors of MemoryPlan::make(), for a network.
  static Result<ImagePlan> make(const std::vector<NetworkDescriptor>& networks, const PlanOptions& options,
                                const std::vector<NetworkGroup>& groups = {});

  /// Proves the plan: each network's own plan holds, each of its pools lies inside an arena that is its group's, and no
  /// two arenas of different groups overlap or leave their pool. invalid_plan says what does not hold.
  [[nodiscard]] Result<void> check(const std::vector<NetworkDescriptor>& networks) const;

  PlanOptions options;
  std::vector<NetworkGroup> groups;  ///< each network is in one
  std::vector<MemoryPlan> plans;     ///< by network
  std::vector<ImageArena> arenas;    ///< by group, then by pool: one for each

  /// The arena of a network in a pool; the plan must hold.
  [[nodiscard]] const ImageArena& arena(std::uint32_t network, std::uint32_t pool) const {
    std::size_t group = 0;
    while (!contains(groups[group], network)) {
      ++group;
    }
    return arenas[group * options.pools.size() + pool];
  }

  /// The bytes of all arenas together.
  [[nodiscard]] std::uint64_t bytes() const noexcept {
    std::uint64_t sum = 0;
    for (const ImageArena& each : arenas) {
      sum += each.bytes;
    }
    return sum;
  }

  friend bool operator==(const ImagePlan&, const ImagePlan&) = default;

 private:
  static bool contains(const NetworkGroup& group, std::uint32_t network) noexcept {
    return std::find(group.begin(), group.end(), network) != group.end();
  }
};

}  // namespace v1
}  // namespace stm32tvm
