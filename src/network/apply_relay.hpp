// SPDX-License-Identifier: Apache-2.0
// What a module's Relay text and metadata tell of a described network's inputs and outputs.
#pragma once

#include "stm32tvm/model_library.hpp"
#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {

/// Sets source names, identifiers and quantization of the inputs and outputs. Float tensors are unquantized; what
/// nothing tells stays unknown. Text that cannot be read, that contradicts itself or that does not fit the network
/// becomes a diagnostic.
void apply_relay(const Module& module, NetworkDescriptor& network);

}  // namespace stm32tvm
