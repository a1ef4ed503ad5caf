// SPDX-License-Identifier: Apache-2.0
// What planner and emitter both ask of a descriptor: all arguments of a call, and where the bytes of a view are.
#pragma once

#include <cstdint>
#include <vector>

#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {

/// All arguments of a call: inputs, outputs, pools.
std::vector<Argument> arguments_of(const Operator& call);

/// Where a tensor's bytes are: the tensor at the end of its chain of views, and the offset in it.
struct ViewPlace {
  TensorIndex root = 0;
  std::uint64_t offset = 0;
};
ViewPlace view_place(const NetworkDescriptor& network, TensorIndex tensor);

}  // namespace stm32tvm
