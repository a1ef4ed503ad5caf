// SPDX-License-Identifier: Apache-2.0
// A descriptor that the plan accepts has no circle of views.
#include "network/views.hpp"

namespace stm32tvm {

std::vector<Argument> arguments_of(const Operator& call) {
  std::vector<Argument> arguments = call.inputs;
  arguments.insert(arguments.end(), call.outputs.begin(), call.outputs.end());
  arguments.insert(arguments.end(), call.pools.begin(), call.pools.end());
  return arguments;
}

ViewPlace view_place(const NetworkDescriptor& network, TensorIndex tensor) {
  ViewPlace place{tensor, 0};
  while (network.tensors[place.root].view_of) {
    place.offset += network.tensors[place.root].view_offset;
    place.root = *network.tensors[place.root].view_of;
  }
  return place;
}

}  // namespace stm32tvm
