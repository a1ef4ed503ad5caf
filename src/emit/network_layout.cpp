// SPDX-License-Identifier: Apache-2.0
// Numbering of tensors and operators for the emitted tables.
#include "emit/network_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <numeric>
#include <string_view>
#include <utility>

#include "plan/requirements.hpp"

namespace stm32tvm {
namespace {

constexpr std::uint32_t widest_alignment = 8;

}  // namespace

std::string join_shape(const std::vector<std::int64_t>& shape) {
  return fmt::format("{}", fmt::join(shape, ", "));
}

NetworkLayout::NetworkLayout(const NetworkDescriptor& network_, const MemoryPlan& plan_, const CIdentifier& name_,
                             std::vector<SharedArena> shared_)
    : network(network_), plan(plan_), name(name_.lower()), upper(name_.upper()), shared(std::move(shared_)) {
  interface = network.inputs;
  interface.insert(interface.end(), network.outputs.begin(), network.outputs.end());
  rows_.assign(network.tensors.size(), SIZE_MAX);
  for (std::size_t i = 0; i < interface.size(); ++i) {
    rows_[interface[i]] = i;
  }
  std::vector<bool> used(network.tensors.size(), false);
  for (std::uint32_t i = 0; i < network.operators.size(); ++i) {
    const Operator& call = network.operators[i];
    const auto fixed = [&](const Argument& argument) { return !is_interface(argument.tensor); };
    // A view whose ends are both fixed at link time costs nothing at run time.
    if (call.kind == Operator::Kind::copy && fixed(call.inputs[0]) && fixed(call.outputs[0]) &&
        network.tensors[call.outputs[0].tensor].view_of == call.inputs[0].tensor &&
        network.tensors[call.outputs[0].tensor].view_offset == 0) {
      continue;
    }
    operators.push_back(i);
    const std::vector<Argument> arguments = arguments_of(call);
    longest_call = std::max(longest_call, arguments.size());
    for (const Argument& argument : arguments) {
      used[argument.tensor] = true;
    }
  }
  for (TensorIndex tensor = 0; tensor < network.tensors.size(); ++tensor) {
    if (used[tensor] && !is_interface(tensor)) {
      rows_[tensor] = interface.size() + table.size();
      table.push_back(tensor);
    }
  }
  place_weights();
  for (const std::uint32_t index : operators) {
    packed_calls += is_packed(network.operators[index]) ? 1 : 0;
  }
  for (const KernelSource& source : network.sources) {
    definitions.insert(source.definitions.begin(), source.definitions.end());
  }
  for (const KernelObject& object : network.objects) {
    std::ranges::copy_if(object.definitions, std::inserter(compiled, compiled.end()),
                         [&](const std::string& definition) { return !definitions.contains(definition); });
  }
}

void NetworkLayout::place_weights() {
  blocks = weights_blocks(network);
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    block_contents.emplace_back(bytes_of(blocks[block], network));
    for (const auto& [tensor, offset] : blocks[block].offsets) {
      block_of.emplace(tensor, block);
    }
  }
}

std::uint64_t NetworkLayout::weights_bytes() const {
  return std::accumulate(blocks.begin(), blocks.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const WeightsBlock& block) { return sum + block.bytes; });
}

std::vector<std::uint64_t> NetworkLayout::data_sizes() const {
  std::vector<std::uint64_t> sizes;
  for (const WeightsBlock& block : blocks) {
    if (block.has_data()) {
      sizes.push_back(block.bytes);
    }
  }
  return sizes;
}

std::string NetworkLayout::stored_symbol(std::size_t block, const std::string& symbol) const {
  const std::string& group = blocks[block].group.name;
  return group == WeightsGroup{}.name ? symbol : fmt::format("{}_{}", symbol, group);
}

std::string NetworkLayout::data_symbol(std::size_t block, const std::string& symbol) const {
  const std::string stored = stored_symbol(block, symbol);
  return blocks[block].group.place == WeightsGroup::Place::ram ? stored + "_in_ram" : stored;
}

std::string NetworkLayout::fetch_function(std::size_t block) const {
  return fmt::format("{}_fetch_{}", name, blocks[block].group.name);
}

std::optional<std::size_t> NetworkLayout::fetched_block(const Operator& call) const {
  if (call.kind != Operator::Kind::copy) {
    return std::nullopt;
  }
  const auto block = block_of.find(call.inputs[0].tensor);
  return block == block_of.end() || blocks[block->second].has_data() ? std::nullopt : std::optional(block->second);
}

NetworkLayout::Place NetworkLayout::planned_place(TensorIndex tensor) const {
  const PlannedBuffer& buffer = plan.buffers[*plan.buffer_of_tensor[tensor]];
  return {buffer.pool, buffer.offset + view_place(network, tensor).offset};
}

NetworkLayout::Place NetworkLayout::place(TensorIndex tensor) const {
  if (is_interface(tensor)) {
    return {weights_pool() + weights_pools() + row(tensor), 0};
  }
  const ViewPlace shown = view_place(network, tensor);
  if (network.tensors[shown.root].constant) {
    const std::size_t block = block_of.at(shown.root);
    return {weights_pool() + block, blocks[block].offsets.at(shown.root) + shown.offset};
  }
  return planned_place(tensor);
}

std::uint32_t NetworkLayout::interface_alignment(TensorIndex tensor, std::uint32_t least) const {
  const auto element = static_cast<std::uint32_t>((network.tensors[tensor].type.bits + 7U) / 8U);
  return std::clamp(std::bit_floor(element), std::max(least, network.needs.arm_simd ? word : 1U), widest_alignment);
}

std::uint32_t NetworkLayout::needed_alignment() const {
  std::uint32_t alignment = word;
  for (const KernelObject& object : network.objects) {
    alignment = std::max(alignment, object_alignment(object));
  }
  for (TensorIndex tensor = 0; tensor < network.tensors.size(); ++tensor) {
    alignment = std::max(alignment, interface_alignment(tensor));
  }
  return alignment;
}

std::uint32_t NetworkLayout::planned_alignment(TensorIndex tensor) const {
  const auto& buffer = plan.buffer_of_tensor[tensor];
  if (!buffer) {
    return std::max(plan.options.alignment, plan.options.interface_alignment);
  }
  const std::uint64_t offset = view_place(network, tensor).offset;
  const std::uint32_t of_buffer = plan.buffers[*buffer].alignment;
  return offset % of_buffer == 0 ? of_buffer : 1U << static_cast<std::uint32_t>(std::countr_zero(offset));
}

std::uint32_t NetworkLayout::asked_alignment(TensorIndex tensor) const {
  const std::uint32_t planned = planned_alignment(tensor);
  const std::uint32_t needed = interface_alignment(tensor, word);
  return planned > PlanOptions{}.alignment ? std::max(planned, needed) : needed;
}

std::uint32_t NetworkLayout::asked_arena_alignment(std::size_t pool) const {
  const std::uint32_t planned = plan.pools[pool].alignment;
  return planned > PlanOptions{}.alignment ? std::max(planned, needed_alignment()) : needed_alignment();
}

std::uint64_t NetworkLayout::defined_arena_bytes(std::size_t pool) const {
  if (pool < shared.size() && !shared[pool].name.empty()) {
    return shared[pool].is_defined ? shared[pool].bytes : 0;
  }
  return plan.pools[pool].bytes;
}

std::string NetworkLayout::arena(std::size_t pool) const {
  if (plan.pools[pool].bytes == 0 && plan.pools.size() > 1) {
    return "NULL";
  }
  if (pool < shared.size() && !shared[pool].name.empty()) {
    return shared[pool].name;
  }
  return pool == 0 ? fmt::format("{}_activations", name) : fmt::format("{}_activations_{}", name, pool + 1);
}

std::string NetworkLayout::arena_section(std::size_t pool) const {
  const std::string& of_pool = plan.pools[pool].name;
  return of_pool == "RAM" || of_pool == PoolOptions{}.name ? fmt::format(".{}.nn_data_act", name)
                                                           : fmt::format(".nn_data.{}", of_pool);
}

std::string NetworkLayout::address(TensorIndex tensor) const {
  const ViewPlace shown = view_place(network, tensor);
  if (network.tensors[shown.root].constant) {
    const std::size_t block = block_of.at(shown.root);
    const std::uint64_t offset = blocks[block].offsets.at(shown.root) + shown.offset;
    return "(void*)(" + data_symbol(block, name.text() + "_weights") + " + " + std::to_string(offset) + ")";
  }
  if (!plan.buffer_of_tensor[tensor]) {
    return "NULL";
  }
  const Place planned = planned_place(tensor);
  return arena(planned.pool) + " + " + std::to_string(planned.offset);
}

bool NetworkLayout::is_packed(const Operator& call) const {
  if (fetched_block(call)) {
    return false;
  }
  if (call.kind == Operator::Kind::kernel) {
    return call.parameter_types.empty();
  }
  return std::any_of(operators.begin(), operators.end(), [&](std::uint32_t index) {
    const Operator& other = network.operators[index];
    return other.kind == Operator::Kind::kernel && other.parameter_types.empty();
  });
}

std::string NetworkLayout::symbol(const std::string& kernel) const {
  return definitions.contains(kernel) || compiled.contains(kernel) ? name.text() + "_" + kernel : kernel;
}

std::string NetworkLayout::shape(TensorIndex tensor) const {
  const auto& dimensions = network.tensors[tensor].shape;
  return dimensions.empty() ? "NULL" : fmt::format("{}_shape_{}", name, fmt::join(dimensions, "_"));
}

std::string NetworkLayout::describe(TensorIndex index) const {
  const Tensor& tensor = network.tensors[index];
  const std::string_view shown = tensor.source_name.empty() ? tensor.name : tensor.source_name;
  return fmt::format("{}, {}[{}]", shown.substr(0, 64), to_string(tensor.type), fmt::join(tensor.shape, ", "));
}

}  // namespace stm32tvm
