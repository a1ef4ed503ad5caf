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

/// Whether the kernel of this call touches the same bytes as more than one type.
bool shares_memory(const NetworkDescriptor& network, const MemoryPlan& plan, const Operator& call,
                   const std::vector<const PlannedBuffer*>& workspaces) {
  if (call.reuses_bytes) {
    return true;
  }
  std::vector<Touched> touched;
  for (const auto* arguments : {&call.inputs, &call.outputs, &call.pools}) {
    for (const Argument& argument : *arguments) {
      if (const auto buffer = plan.buffer_of_tensor[argument.tensor]) {
        touched.push_back({&plan.buffers[*buffer], network.tensors[argument.tensor].type});
      }
    }
  }
  for (const PlannedBuffer* workspace : workspaces) {
    touched.push_back({workspace, std::nullopt});
  }
  for (std::size_t i = 0; i < touched.size(); ++i) {
    for (std::size_t j = i + 1; j < touched.size(); ++j) {
      if (may_be_confused(touched[i], touched[j])) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

std::set<std::string, std::less<>> kernels_that_share_memory(const NetworkDescriptor& network, const MemoryPlan& plan) {
  std::vector<std::vector<const PlannedBuffer*>> workspaces(network.operators.size());
  for (const PlannedBuffer& buffer : plan.buffers) {
    if (buffer.kind == PlannedBuffer::Kind::workspace) {
      workspaces[buffer.operator_index].push_back(&buffer);
    }
  }
  std::set<std::string, std::less<>> kernels;
  for (std::size_t index = 0; index < network.operators.size(); ++index) {
    const Operator& call = network.operators[index];
    if (call.kind == Operator::Kind::kernel && shares_memory(network, plan, call, workspaces[index])) {
      kernels.insert(call.kernel);
    }
  }
  return kernels;
}

KernelProfile with_required_options(const KernelProfile& profile, const NetworkDescriptor& network,
                                    const MemoryPlan& plan) {
  const auto sharing = kernels_that_share_memory(network, plan);
  const auto complete = [&](CompilerOptions options, bool shares) {
    options.insert(options.end(), {"-w", "-ffp-contract=off"});
    if (shares) {
      options.emplace_back("-fno-strict-aliasing");
    }
    return options;
  };
  KernelProfile required{complete(profile.options, !sharing.empty()), {}, profile.compiler};
  for (const Operator& call : network.operators) {
    if (call.kind == Operator::Kind::kernel) {
      required.kernels.emplace(call.kernel, complete(profile.of(call.kernel), sharing.contains(call.kernel)));
    }
  }
  return required;
}

}  // namespace stm32tvm
