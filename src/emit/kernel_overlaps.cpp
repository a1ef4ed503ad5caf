// SPDX-License-Identifier: Apache-2.0
// Compares the places of all that one call touches.
#include "emit/kernel_overlaps.hpp"

#include <algorithm>
#include <vector>

#include "emit/network_layout.hpp"
#include "network/views.hpp"

namespace stm32tvm {
namespace {

/// One buffer that a kernel touches.
struct Touched {
  const PlannedBuffer* buffer;
  std::uint32_t parameter;
};

bool is_interface(const NetworkDescriptor& network, TensorIndex tensor) {
  const auto among = [&](const std::vector<TensorIndex>& tensors) {
    return std::ranges::find(tensors, tensor) != tensors.end();
  };
  return among(network.inputs) || among(network.outputs);
}

bool overlap(const PlannedBuffer& a, const PlannedBuffer& b) {
  return a.pool == b.pool && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

void add_call(const NetworkDescriptor& network, const MemoryPlan& plan, const Operator& call,
              const std::vector<const PlannedBuffer*>& workspaces, KernelOverlaps& overlaps) {
  overlaps.reuses_bytes = overlaps.reuses_bytes || call.reuses_bytes;
  std::vector<Touched> touched;
  std::uint32_t parameter = 0;
  for (const Argument& argument : arguments_of(call)) {
    const ViewPlace place = view_place(network, argument.tensor);
    std::uint64_t address = place.offset;
    if (const auto buffer = plan.buffer_of_tensor[argument.tensor]) {
      touched.push_back({&plan.buffers[*buffer], parameter});
      address += plan.buffers[*buffer].offset;
    }
    // Wherever the plan has inputs and outputs, the application may give them memory of its own.
    if (is_interface(network, argument.tensor) || is_interface(network, place.root)) {
      overlaps.shared.insert(parameter);
      overlaps.unaligned.insert(parameter);
    }
    if (address % NetworkLayout::word != 0) {
      overlaps.unaligned.insert(parameter);
    }
    ++parameter;
  }
  for (const PlannedBuffer* const buffer : workspaces) {
    touched.push_back({buffer, KernelOverlaps::workspace});
  }
  for (std::size_t i = 0; i < touched.size(); ++i) {
    for (std::size_t j = i + 1; j < touched.size(); ++j) {
      const Touched& a = touched[i];
      const Touched& b = touched[j];
      if (!overlap(*a.buffer, *b.buffer)) {
        continue;
      }
      overlaps.shared.insert({a.parameter, b.parameter});
      if (a.buffer != b.buffer) {
        overlaps.confusable.emplace(a.parameter, b.parameter);
      }
    }
  }
}

}  // namespace

std::map<std::string, KernelOverlaps, std::less<>> kernel_overlaps(const NetworkDescriptor& network,
                                                                   const MemoryPlan& plan) {
  std::vector<std::vector<const PlannedBuffer*>> workspaces(network.operators.size());
  for (const PlannedBuffer& buffer : plan.buffers) {
    if (buffer.kind == PlannedBuffer::Kind::workspace) {
      workspaces[buffer.operator_index].push_back(&buffer);
    }
  }
  std::map<std::string, KernelOverlaps, std::less<>> kernels;
  for (std::size_t index = 0; index < network.operators.size(); ++index) {
    const Operator& call = network.operators[index];
    if (call.kind == Operator::Kind::kernel) {
      add_call(network, plan, call, workspaces[index], kernels[call.kernel]);
    }
  }
  return kernels;
}

}  // namespace stm32tvm
