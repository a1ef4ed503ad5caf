// SPDX-License-Identifier: Apache-2.0
// Shares a target's pools between networks.
#include "stm32tvm/image_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "plan/requirements.hpp"
#include "support/try.hpp"

namespace stm32tvm {
inline namespace v1 {
namespace {

/// The groups that are asked for, and one for each network that is in none.
Result<std::vector<NetworkGroup>> complete(std::vector<NetworkGroup> groups, std::size_t network_count) {
  std::vector<bool> found(network_count);
  for (const NetworkGroup& group : groups) {
    for (const std::uint32_t network : group) {
      if (network >= network_count || found[network]) {
        return Error{ErrorCode::bad_option,
                     fmt::format("a group names network {}, and each of the {} networks may be in one group", network,
                                 network_count),
                     "groups"};
      }
      found[network] = true;
    }
  }
  std::erase_if(groups, [](const NetworkGroup& group) { return group.empty(); });
  for (std::uint32_t network = 0; network < network_count; ++network) {
    if (!found[network]) {
      groups.push_back({network});
    }
  }
  return groups;
}

Error invalid_plan(std::string message) {
  return Error{ErrorCode::invalid_plan, std::move(message) + "; make the image's plan again", {}};
}

/// No arena needs more.
std::uint32_t widest_alignment(const std::vector<NetworkDescriptor>& networks, const PlanOptions& options) {
  std::uint32_t widest = std::max(options.alignment, options.interface_alignment);
  for (const NetworkDescriptor& network : networks) {
    for (const KernelObject& object : network.objects) {
      widest = std::max(widest, object_alignment(object));
    }
  }
  return widest;
}

/// Each arena inside its pool, and apart from all others there.
Result<void> check_arenas(const ImagePlan& plan) {
  std::vector<const ImageArena*> sorted;
  for (std::size_t i = 0; i < plan.arenas.size(); ++i) {
    const ImageArena& arena = plan.arenas[i];
    const std::size_t pool_count = plan.options.pools.size();
    if (arena.pool != i % pool_count || arena.networks != plan.groups[i / pool_count]) {
      return invalid_plan(fmt::format("arena {} is not that of its group and pool", i));
    }
    const std::uint64_t size = plan.options.pools[arena.pool].size_bytes;
    if (arena.alignment == 0 || arena.offset % arena.alignment != 0 || arena.bytes > size ||
        arena.offset > size - arena.bytes) {
      return invalid_plan(
          fmt::format("arena {} of {} bytes lies at offset {} of pool {}, which has {} bytes, and it "
                      "must start at a multiple of {} and end inside",
                      i, arena.bytes, arena.offset, plan.options.pools[arena.pool].name, size, arena.alignment));
    }
    if (arena.bytes > 0) {
      sorted.push_back(&arena);
    }
  }
  std::ranges::sort(sorted, {}, [](const ImageArena* arena) { return std::pair(arena->pool, arena->offset); });
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    const ImageArena& below = *sorted[i - 1];
    if (below.pool == sorted[i]->pool && sorted[i]->offset - below.offset < below.bytes) {
      return invalid_plan(fmt::format("the arenas of networks {} and {} overlap in pool {}", below.networks.front(),
                                      sorted[i]->networks.front(), plan.options.pools[below.pool].name));
    }
  }
  return {};
}

}  // namespace

Result<ImagePlan> ImagePlan::make(const std::vector<NetworkDescriptor>& networks, const PlanOptions& options,
                                  const std::vector<NetworkGroup>& groups) {
  ImagePlan image;
  image.options = options;
  STM32TVM_TRY(all_groups, complete(groups, networks.size()));
  image.groups = std::move(all_groups);
  image.plans.resize(networks.size());
  std::vector<std::uint64_t> taken(options.pools.size());
  const std::uint32_t widest = widest_alignment(networks, options);
  for (const NetworkGroup& group : image.groups) {
    PlanOptions left = options;
    for (std::size_t pool = 0; pool < taken.size(); ++pool) {
      left.pools[pool].size_bytes -= std::min(taken[pool], left.pools[pool].size_bytes);
    }
    std::vector<ImageArena> arenas;
    for (std::uint32_t pool = 0; pool < taken.size(); ++pool) {
      arenas.push_back({pool, 0, 0, options.alignment, group});
    }
    for (const std::uint32_t network : group) {
      STM32TVM_TRY(plan, MemoryPlan::make(networks[network], left));
      for (ImageArena& arena : arenas) {
        arena.bytes = std::max(arena.bytes, plan.pools[arena.pool].bytes);
        arena.alignment = std::max(arena.alignment, plan.pools[arena.pool].alignment);
      }
      image.plans[network] = std::move(plan);
    }
    for (ImageArena& arena : arenas) {
      arena.offset = arena.bytes > 0 ? taken[arena.pool] : 0;
      taken[arena.pool] += round_up(arena.bytes, widest);
    }
    image.arenas.insert(image.arenas.end(), arenas.begin(), arenas.end());
  }
  return image;
}

Result<void> ImagePlan::check(const std::vector<NetworkDescriptor>& networks) const {
  const auto whole = complete(groups, networks.size());
  if (!whole || *whole != groups || plans.size() != networks.size() || options.pools.empty() ||
      arenas.size() != groups.size() * options.pools.size()) {
    return invalid_plan(
        fmt::format("{} networks need as many plans and a group each, and each group an arena in each "
                    "pool; the image has {} plans, {} groups and {} arenas",
                    networks.size(), plans.size(), groups.size(), arenas.size()));
  }
  STM32TVM_CHECK(check_arenas(*this));
  for (std::uint32_t network = 0; network < networks.size(); ++network) {
    STM32TVM_CHECK(plans[network].check(networks[network]));
    if (plans[network].pools.size() != options.pools.size() ||
        options.alignment % plans[network].options.alignment != 0) {
      return invalid_plan(fmt::format("the plan of network {} is for other pools than the image's", network));
    }
    for (std::uint32_t pool = 0; pool < options.pools.size(); ++pool) {
      if (plans[network].pools[pool].bytes > arena(network, pool).bytes) {
        return invalid_plan(fmt::format("network {} takes {} bytes of pool {}, and its arena has {}", network,
                                        plans[network].pools[pool].bytes, options.pools[pool].name,
                                        arena(network, pool).bytes));
      }
      if (arena(network, pool).alignment % plans[network].pools[pool].alignment != 0) {
        return invalid_plan(fmt::format("network {} needs pool {} aligned to {}, and its arena is to {}", network,
                                        options.pools[pool].name, plans[network].pools[pool].alignment,
                                        arena(network, pool).alignment));
      }
    }
  }
  return {};
}

}  // namespace v1
}  // namespace stm32tvm
