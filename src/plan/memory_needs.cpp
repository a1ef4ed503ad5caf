// SPDX-License-Identifier: Apache-2.0
// Adding up what a plan takes.
#include "stm32tvm/memory_needs.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include <nlohmann/json.hpp>

#include "plan/weights_blocks.hpp"

namespace stm32tvm {
inline namespace v1 {
namespace {

// Sizes of the runtime's types on a 32-bit target; the emitted source asserts their sum.
constexpr std::uint64_t tensor_size = 48;            // stvm_tensor
constexpr std::uint64_t interface_tensor_size = 48;  // ai_tensor
constexpr std::uint64_t handle_size = 24;            // ai_model_handle
constexpr std::uint64_t pool_address_size = 4;       // uint8_t*
constexpr std::uint64_t operator_size = 28;          // stvm_operator
constexpr std::uint64_t argument_size = 8 + 2;       // TVMValue and index of an operand
constexpr std::uint64_t workspace_size = 12;         // stvm_workspace
constexpr std::uint64_t dimension_size = 8;          // int64_t
constexpr std::uint64_t weights_row_size = 24;       // stvm_weights

std::uint64_t rounded_up(std::uint64_t bytes, std::uint64_t alignment) {
  return (bytes + alignment - 1) / alignment * alignment;
}

void add_weights(const std::vector<WeightsBlock>& blocks, MemoryNeeds& needs) {
  for (const WeightsBlock& block : blocks) {
    needs.weights_bytes += block.bytes;
    needs.external_weights_bytes += block.group.address || !block.has_data() ? block.bytes : 0;
    needs.copied_weights_bytes += block.group.place == WeightsGroup::Place::ram ? block.bytes : 0;
    needs.tables_bytes += weights_row_size;
  }
}

void add_tables(const NetworkDescriptor& network, MemoryNeeds& needs) {
  std::set<std::vector<std::int64_t>> shapes;
  for (const Tensor& tensor : network.tensors) {
    if (shapes.insert(tensor.shape).second) {
      needs.tables_bytes += dimension_size * tensor.shape.size();
    }
  }
  needs.tables_bytes += tensor_size * network.tensors.size();
  for (const Operator& call : network.operators) {
    needs.tables_bytes += operator_size +
                          argument_size * (call.inputs.size() + call.outputs.size() + call.pools.size()) +
                          workspace_size * call.workspaces.size();
    needs.stack_bytes = std::max(needs.stack_bytes, call.stack_bytes);
  }
}

void add_steps(const NetworkDescriptor& network, const MemoryPlan& plan, MemoryNeeds& needs) {
  const std::uint32_t last = first_step(network, network.operators.size());
  std::vector<std::vector<std::uint32_t>> starting(last + 1);
  for (std::uint32_t i = 0; i < plan.buffers.size(); ++i) {
    if (plan.buffers[i].bytes > 0) {
      starting[std::min(plan.buffers[i].lifetime.first, last)].push_back(i);
    }
  }
  std::vector<std::uint32_t> live;
  for (std::uint32_t step = 0; step <= last; ++step) {
    std::erase_if(live, [&](std::uint32_t buffer) { return plan.buffers[buffer].lifetime.last < step; });
    live.insert(live.end(), starting[step].begin(), starting[step].end());
    StepNeeds at{step, 0, live};
    for (const std::uint32_t buffer : live) {
      at.bytes += rounded_up(plan.buffers[buffer].bytes, plan.buffers[buffer].alignment);
    }
    needs.steps.push_back(std::move(at));
  }
  // A buffer cannot share more than it has.
  std::vector<std::uint64_t> left(plan.buffers.size());
  std::ranges::transform(plan.buffers, left.begin(),
                         [&](const PlannedBuffer& buffer) { return rounded_up(buffer.bytes, buffer.alignment); });
  for (const PlannedHandover& handover : plan.handovers) {
    const std::uint64_t shared = std::min(handover.shared_bytes, left[handover.to]);
    left[handover.to] -= shared;
    needs.steps[handover.step].bytes -= shared;
  }
}

}  // namespace

MemoryNeeds memory_needs(const NetworkDescriptor& network, const MemoryPlan& plan) {
  MemoryNeeds needs;
  needs.arena_bytes = plan.bytes();
  // The pools are those of the plan, the weights, and each input and output.
  const std::uint64_t interface = network.inputs.size() + network.outputs.size();
  const std::vector<WeightsBlock> blocks = weights_blocks(network);
  const std::uint64_t weights = std::max<std::uint64_t>(blocks.size(), 1);
  needs.context_bytes =
      interface_tensor_size * interface + handle_size + pool_address_size * (plan.pools.size() + weights + interface);
  add_weights(blocks, needs);
  add_tables(network, needs);
  add_steps(network, plan, needs);
  return needs;
}

std::string to_json(const MemoryNeeds& needs, const NetworkDescriptor& network, const MemoryPlan& plan) {
  using Json = nlohmann::ordered_json;
  Json pools = Json::array();
  for (const PlannedPool& pool : plan.pools) {
    pools.push_back({{"name", pool.name}, {"bytes", pool.bytes}, {"alignment", pool.alignment}});
  }
  Json buffers = Json::array();
  constexpr std::array<const char*, 3> kinds = {"tensor", "workspace", "second"};
  for (const PlannedBuffer& buffer : plan.buffers) {
    const bool is_tensor = buffer.kind != PlannedBuffer::Kind::workspace;
    buffers.push_back(
        {{"kind", kinds[static_cast<std::size_t>(buffer.kind)]},
         {"name", is_tensor ? network.tensors[buffer.tensor].name : network.operators[buffer.operator_index].name},
         {"bytes", buffer.bytes},
         {"alignment", buffer.alignment},
         {"pool", buffer.pool},
         {"offset", buffer.offset},
         {"first_step", buffer.lifetime.first},
         {"last_step", buffer.lifetime.last}});
  }
  Json handovers = Json::array();
  for (const PlannedHandover& handover : plan.handovers) {
    handovers.push_back({{"from", handover.from},
                         {"to", handover.to},
                         {"step", handover.step},
                         {"lead", handover.lead},
                         {"shared_bytes", handover.shared_bytes}});
  }
  Json steps = Json::array();
  for (const StepNeeds& step : needs.steps) {
    const auto running = operator_at(network, step.step);
    steps.push_back({{"step", step.step},
                     {"operator", running ? Json(*running) : Json()},
                     {"live_bytes", step.bytes},
                     {"live_buffers", step.buffers}});
  }
  const Json json{{"ram_bytes", needs.ram_bytes()},
                  {"flash_bytes", needs.flash_bytes()},
                  {"arena_bytes", needs.arena_bytes},
                  {"arena_lower_bound_bytes", plan.lower_bound_bytes},
                  {"context_bytes", needs.context_bytes},
                  {"heap_bytes", needs.heap_bytes},
                  {"stack_bytes", needs.stack_bytes},
                  {"weights_bytes", needs.weights_bytes},
                  {"external_weights_bytes", needs.external_weights_bytes},
                  {"copied_weights_bytes", needs.copied_weights_bytes},
                  {"tables_bytes", needs.tables_bytes},
                  {"peak_step", plan.peak_step},
                  {"pools", pools},
                  {"buffers", buffers},
                  {"handovers", handovers},
                  {"steps", steps}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace v1
}  // namespace stm32tvm
