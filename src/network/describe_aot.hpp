// SPDX-License-Identifier: Apache-2.0
// Step 3 for the ahead-of-time executor: from a module's members to a NetworkDescriptor.
#pragma once

#include "network/module_sources.hpp"
#include "stm32tvm/model_library.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

/// The operators are the calls of the generated main function. A memory that TVM planned is one tensor, and what lies
/// in it are views; a workspace that the main function takes itself is one tensor for each time it gets new values.
Result<NetworkDescriptor> describe_aot(const Module& module, const ModuleSources& sources, const ModelLimits& limits);

}  // namespace stm32tvm
