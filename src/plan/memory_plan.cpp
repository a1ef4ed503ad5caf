// SPDX-License-Identifier: Apache-2.0
// MemoryPlan: gives the buffers that a network needs their places.
#include "stm32tvm/memory_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plan/packing.hpp"
#include "plan/requirements.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

Error does_not_fit(const NetworkDescriptor& network, const MemoryPlan& plan) {
  constexpr std::size_t count_maximum = 5;
  std::vector<PlannedBuffer> live;
  std::ranges::copy_if(plan.buffers, std::back_inserter(live), [&](const PlannedBuffer& buffer) {
    return buffer.bytes > 0 && buffer.lifetime.overlaps({plan.peak_step, plan.peak_step});
  });
  std::ranges::stable_sort(live, std::ranges::greater{}, &PlannedBuffer::bytes);
  std::string largest;
  for (std::size_t i = 0; i < std::min(live.size(), count_maximum); ++i) {
    largest += fmt::format("{}{} ({} bytes)", i == 0 ? "" : ", ", buffer_name(network, live[i]), live[i].bytes);
  }
  const PlannedPool& pool = plan.pools.back();
  const std::uint64_t size = plan.options.pools.back().size_bytes;
  const bool may_consume = plan.options.inputs == PlanOptions::Inputs::keep && !network.inputs.empty();
  return Error{
      ErrorCode::does_not_fit,
      fmt::format("the network needs {} bytes of pool {}{}, {} more than the {} it may take, and most is live "
                  "{}, the largest being {}; give the pool more memory, add a pool{} or make the model smaller",
                  pool.bytes, quoted(pool.name), plan.pools.size() > 1 ? " beside the pools before it" : "",
                  pool.bytes - size, size, place_in_time(network, plan.peak_step), largest,
                  may_consume ? ", let the inputs be consumed" : ""),
      {}};
}

}  // namespace

Result<MemoryPlan> MemoryPlan::make(const NetworkDescriptor& network, const PlanOptions& options) {
  STM32TVM_TRY(required, find_requirements(network, options));
  std::vector<PackingBuffer> buffers;
  for (const PlannedBuffer& buffer : required.buffers) {
    buffers.push_back({round_up(buffer.bytes, buffer.alignment), buffer.lifetime, buffer.alignment});
  }
  std::vector<std::uint64_t> limits;
  for (const PoolOptions& pool : options.pools) {
    limits.push_back(pool.size_bytes - pool.size_bytes % options.alignment);
  }
  std::vector<PackingHandover> handovers;
  for (const PlannedHandover& handover : required.handovers) {
    handovers.push_back({handover.from, handover.to, handover.lead});
  }
  const Packing packing = pack(buffers, limits, handovers);
  const PackingPeak peak = packing_peak(buffers, handovers);

  MemoryPlan plan;
  plan.options = options;
  plan.buffers = std::move(required.buffers);
  plan.handovers = std::move(required.handovers);
  plan.buffer_of_tensor = std::move(required.buffer_of_tensor);
  plan.lower_bound_bytes = peak.bytes;
  plan.peak_step = peak.step;
  for (std::size_t i = 0; i < plan.buffers.size(); ++i) {
    plan.buffers[i].pool = packing.places[i].pool;
    plan.buffers[i].offset = packing.places[i].offset;
  }
  for (std::size_t i = 0; i < options.pools.size(); ++i) {
    plan.pools.push_back({options.pools[i].name, packing.pool_bytes[i], options.alignment});
  }
  for (const PlannedBuffer& buffer : plan.buffers) {
    std::uint32_t& alignment = plan.pools[buffer.pool].alignment;
    alignment = std::max(alignment, buffer.alignment);
  }
  if (plan.pools.back().bytes > limits.back()) {
    return does_not_fit(network, plan);
  }
  return plan;
}

inline namespace v1 {

std::uint32_t first_step(const NetworkDescriptor& network, std::size_t operator_index) {
  std::uint32_t step = 1;
  for (std::size_t i = 0; i < std::min(operator_index, network.operators.size()); ++i) {
    step += network.operators[i].statement_count;
  }
  return step;
}

std::optional<std::uint32_t> operator_at(const NetworkDescriptor& network, std::uint32_t step) {
  std::uint64_t end = 1;  // the step behind the operators so far
  for (std::uint32_t i = 0; step > 0 && i < network.operators.size(); ++i) {
    end += network.operators[i].statement_count;
    if (step < end) {
      return i;
    }
  }
  return std::nullopt;
}

}  // namespace v1
}  // namespace stm32tvm
