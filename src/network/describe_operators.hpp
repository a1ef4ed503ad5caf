// SPDX-License-Identifier: Apache-2.0
// Step 3 for operator style archives: from a module's members to a NetworkDescriptor.
#pragma once

#include "network/module_sources.hpp"
#include "stm32tvm/model_library.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

/// A network with one operator for each function of the archive, in the order of the metadata. Arguments that a
/// function stores to are outputs of the network, all others inputs.
Result<NetworkDescriptor> describe_operators(const Module& module, const ModuleSources& sources,
                                             const ModelLimits& limits);

}  // namespace stm32tvm
