// SPDX-License-Identifier: Apache-2.0
// Finds buffers that one kernel touches at overlapping addresses.
#include "emit/kernel_options.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stm32tvm {
namespace {

/// One buffer that a kernel touches; a workspace's type is not known.
struct Touched {
  const PlannedBuffer* buffer;
  std::optional<DataType> type;
};

bool may_be_confused(const Touched& a, const Touched& b) {
  const bool overlaps = a.buffer->pool == b.buffer->pool && a.buffer->offset < b.buffer->offset + b.buffer->bytes &&
                        b.buffer->offset < a.buffer->offset + a.buffer->bytes;
  return a.buffer != b.buffer && overlaps && (!a.type || !b.type || a.type != b.type);
}

}  // namespace

bool shares_memory_across_types(const NetworkDescriptor& network, const MemoryPlan& plan) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, const PlannedBuffer*> workspaces;
  for (const PlannedBuffer& buffer : plan.buffers) {
    if (buffer.kind == PlannedBuffer::Kind::workspace) {
      workspaces[{buffer.operator_index, buffer.workspace_index}] = &buffer;
    }
  }
  for (std::uint32_t index = 0; index < network.operators.size(); ++index) {
    const Operator& call = network.operators[index];
    std::vector<Touched> touched;
    if (call.reuses_bytes) {
      return true;
    }
    for (const auto* arguments : {&call.inputs, &call.outputs, &call.pools}) {
      for (const Argument& argument : *arguments) {
        if (const auto buffer = plan.buffer_of_tensor[argument.tensor]) {
          touched.push_back({&plan.buffers[*buffer], network.tensors[argument.tensor].type});
        }
      }
    }
    for (std::uint32_t i = 0; i < call.workspaces.size(); ++i) {
      touched.push_back({workspaces.at({index, i}), std::nullopt});
    }
    for (std::size_t i = 0; i < touched.size(); ++i) {
      for (std::size_t j = i + 1; j < touched.size(); ++j) {
        if (may_be_confused(touched[i], touched[j])) {
          return true;
        }
      }
    }
  }
  return false;
}

std::vector<std::string> compile_options(const NetworkDescriptor& network, const MemoryPlan& plan) {
  std::vector<std::string> options = {"-w", "-ffp-contract=off"};
  if (shares_memory_across_types(network, plan)) {
    options.emplace_back("-fno-strict-aliasing");
  }
  return options;
}

}  // namespace stm32tvm
