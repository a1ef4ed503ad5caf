// SPDX-License-Identifier: Apache-2.0
// Step 3 for the graph executor: from a module's members to a NetworkDescriptor.
#pragma once

#include "network/module_sources.hpp"
#include "stm32tvm/model_library.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

Result<NetworkDescriptor> describe_graph(const Module& module, const ModuleSources& sources, const ModelLimits& limits);

}  // namespace stm32tvm
