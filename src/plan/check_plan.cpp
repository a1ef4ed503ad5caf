// SPDX-License-Identifier: Apache-2.0
// The proof that a plan holds; it shares nothing with the packing.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "plan/requirements.hpp"
#include "stm32tvm/memory_plan.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

Error invalid_plan(std::string message) {
  return Error{ErrorCode::invalid_plan, std::move(message) + "; make the plan again", {}};
}

/// Compares what the plan says of each buffer, but for its place, with what the network needs.
Result<void> check_buffers(const NetworkDescriptor& network, const MemoryPlan& plan, const Requirements& required) {
  for (std::size_t i = 0; i < required.buffers.size(); ++i) {
    const PlannedBuffer& wanted = required.buffers[i];
    if (i >= plan.buffers.size()) {
      return invalid_plan(fmt::format("the plan has {} buffers and the network needs {}: {} has none",
                                      plan.buffers.size(), required.buffers.size(), buffer_name(network, wanted)));
    }
    PlannedBuffer found = plan.buffers[i];
    found.pool = wanted.pool;
    found.offset = wanted.offset;
    if (found != wanted) {
      return invalid_plan(fmt::format(
          "{} needs buffer {} to have {} bytes aligned to {} and to live from step {} to {}, and that buffer is {} "
          "with "
          "{} bytes aligned to {} from step {} to {}",
          buffer_name(network, wanted), i, wanted.bytes, wanted.alignment, wanted.lifetime.first, wanted.lifetime.last,
          found.kind != wanted.kind || found.tensor != wanted.tensor || found.operator_index != wanted.operator_index ||
                  found.workspace_index != wanted.workspace_index
              ? "another's"
              : "its own",
          found.bytes, found.alignment, found.lifetime.first, found.lifetime.last));
    }
  }
  if (plan.handovers != required.handovers) {
    return invalid_plan("the plan lets other buffers overlap than the network's kernels allow");
  }
  if (plan.buffers.size() > required.buffers.size()) {
    return invalid_plan(
        fmt::format("the plan has {} buffers and the network needs {}", plan.buffers.size(), required.buffers.size()));
  }
  for (TensorIndex index = 0; index < network.tensors.size(); ++index) {
    if (index >= plan.buffer_of_tensor.size() || plan.buffer_of_tensor[index] != required.buffer_of_tensor[index]) {
      return invalid_plan(fmt::format("the plan does not lead from {} to its buffer", tensor_name(network, index)));
    }
  }
  return {};
}

/// Bytes with the room up to the next multiple of the alignment, which are a buffer's alone.
std::uint64_t whole_bytes(const PlannedBuffer& buffer) {
  return (buffer.bytes + buffer.alignment - 1) & ~(std::uint64_t{buffer.alignment} - 1);
}

/// Each pool within its limit, each buffer aligned and inside its pool.
Result<void> check_places(const NetworkDescriptor& network, const MemoryPlan& plan) {
  if (plan.pools.size() != plan.options.pools.size()) {
    return invalid_plan(
        fmt::format("the plan has {} pools and its options name {}", plan.pools.size(), plan.options.pools.size()));
  }
  for (std::size_t i = 0; i < plan.pools.size(); ++i) {
    if (plan.pools[i].bytes > plan.options.pools[i].size_bytes || plan.pools[i].name != plan.options.pools[i].name) {
      return invalid_plan(fmt::format("pool {} takes {} bytes where the options give {} bytes of {}",
                                      quoted(plan.pools[i].name), plan.pools[i].bytes, plan.options.pools[i].size_bytes,
                                      quoted(plan.options.pools[i].name)));
    }
  }
  std::vector<std::uint32_t> alignments(plan.pools.size(), plan.options.alignment);
  for (const PlannedBuffer& buffer : plan.buffers) {
    if (buffer.pool >= plan.pools.size() || buffer.offset % buffer.alignment != 0 ||
        whole_bytes(buffer) > plan.pools[buffer.pool].bytes ||
        buffer.offset > plan.pools[buffer.pool].bytes - whole_bytes(buffer)) {
      return invalid_plan(
          fmt::format("{} of {} bytes lies at offset {} of pool {}, and it must start at a multiple of "
                      "{} and end inside a pool of the plan",
                      buffer_name(network, buffer), buffer.bytes, buffer.offset, buffer.pool, buffer.alignment));
    }
    alignments[buffer.pool] = std::max(alignments[buffer.pool], buffer.alignment);
  }
  for (std::size_t i = 0; i < plan.pools.size(); ++i) {
    if (!std::has_single_bit(plan.pools[i].alignment) || plan.pools[i].alignment < alignments[i]) {
      return invalid_plan(fmt::format("pool {} is aligned to {}, and what lies in it needs {}",
                                      quoted(plan.pools[i].name), plan.pools[i].alignment, alignments[i]));
    }
  }
  return {};
}

/// Bytes that are a buffer's own for a while.
struct Claim {
  const PlannedBuffer* buffer = nullptr;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  Lifetime lifetime;
};

/// What is left of a run of bytes on both sides of another one.
void remove_bytes(std::uint64_t begin, std::uint64_t end, std::vector<Claim>& claims) {
  std::vector<Claim> left;
  for (const Claim& claim : claims) {
    if (claim.end <= begin || end <= claim.begin) {
      left.push_back(claim);
      continue;
    }
    for (const auto& [from, to] : {std::pair(claim.begin, begin), std::pair(end, claim.end)}) {
      if (from < to) {
        left.push_back({claim.buffer, from, to, claim.lifetime});
      }
    }
  }
  claims = std::move(left);
}

/// All bytes of all buffers at all steps of their lives, less what is handed to a buffer at its first step at the
/// distance that this needs.
std::vector<Claim> find_claims(const MemoryPlan& plan) {
  std::vector<std::vector<const PlannedBuffer*>> givers(plan.buffers.size());
  for (const PlannedHandover& handover : plan.handovers) {
    const PlannedBuffer& from = plan.buffers[handover.from];
    const PlannedBuffer& to = plan.buffers[handover.to];
    if (from.pool == to.pool && from.offset >= to.offset && from.offset - to.offset >= handover.lead) {
      givers[handover.to].push_back(&from);
    }
  }
  std::vector<Claim> claims;
  for (std::size_t i = 0; i < plan.buffers.size(); ++i) {
    const PlannedBuffer& buffer = plan.buffers[i];
    const Claim whole{&buffer, buffer.offset, buffer.offset + whole_bytes(buffer), buffer.lifetime};
    if (buffer.bytes == 0) {
      continue;
    }
    if (givers[i].empty()) {
      claims.push_back(whole);
      continue;
    }
    std::vector<Claim> at_first{whole};
    at_first[0].lifetime.last = buffer.lifetime.first;
    for (const PlannedBuffer* giver : givers[i]) {
      remove_bytes(giver->offset, giver->offset + whole_bytes(*giver), at_first);
    }
    claims.insert(claims.end(), at_first.begin(), at_first.end());
    if (buffer.lifetime.last > buffer.lifetime.first) {
      claims.push_back(whole);
      ++claims.back().lifetime.first;
    }
  }
  return claims;
}

/// Goes through time with the live claims of all pools in order of address. As long as these do not overlap, a new one
/// can only overlap its two neighbours.
Result<void> check_overlaps(const NetworkDescriptor& network, const MemoryPlan& plan) {
  const std::vector<Claim> claims = find_claims(plan);
  std::vector<const Claim*> by_first;
  std::ranges::transform(claims, std::back_inserter(by_first), [](const Claim& claim) { return &claim; });
  std::vector<const Claim*> by_last = by_first;
  std::ranges::stable_sort(by_first, {}, [](const Claim* claim) { return claim->lifetime.first; });
  std::ranges::stable_sort(by_last, {}, [](const Claim* claim) { return claim->lifetime.last; });
  std::map<std::pair<std::uint32_t, std::uint64_t>, const Claim*> live;
  auto ending = by_last.begin();
  for (const Claim* claim : by_first) {
    const std::uint32_t pool = claim->buffer->pool;
    for (; (*ending)->lifetime.last < claim->lifetime.first; ++ending) {
      live.erase({(*ending)->buffer->pool, (*ending)->begin});
    }
    const auto above = live.lower_bound({pool, claim->begin});
    const Claim* other = nullptr;
    if (above != live.end() && above->second->buffer->pool == pool && above->second->begin < claim->end) {
      other = above->second;
    } else if (above != live.begin()) {
      const Claim* below = std::prev(above)->second;
      other = below->buffer->pool == pool && below->end > claim->begin ? below : nullptr;
    }
    if (other != nullptr) {
      return invalid_plan(fmt::format(
          "{} at offset {} with {} bytes and {} at offset {} with {} bytes overlap in pool {} at step {}, {}",
          buffer_name(network, *other->buffer), other->buffer->offset, other->buffer->bytes,
          buffer_name(network, *claim->buffer), claim->buffer->offset, claim->buffer->bytes,
          quoted(plan.pools[pool].name), claim->lifetime.first, place_in_time(network, claim->lifetime.first)));
    }
    live.emplace(std::pair(pool, claim->begin), claim);
  }
  return {};
}

}  // namespace

Result<void> MemoryPlan::check(const NetworkDescriptor& network) const {
  const Result<Requirements> required = find_requirements(network, options);
  if (!required) {
    return required.error().code == ErrorCode::bad_option ? invalid_plan(required.error().message) : required.error();
  }
  STM32TVM_CHECK(check_buffers(network, *this, *required));
  STM32TVM_CHECK(check_places(network, *this));
  return check_overlaps(network, *this);
}

}  // namespace stm32tvm
