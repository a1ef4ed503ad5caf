// SPDX-License-Identifier: Apache-2.0
// What a network, its plan and the options must be before anything is emitted.
#pragma once

#include <cstddef>
#include <string>

#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/project_emitter.hpp"
#include "stm32tvm/result.hpp"
#include "support/c_identifier.hpp"

namespace stm32tvm {

/// The C name of a network that is to be called so, in lower case; bad_option where the emitted tree could not have it.
Result<CIdentifier> network_name(const std::string& text);

/// The device can run the network by this plan, and the options are of this network, the one with this index of
/// several.
Result<void> check_emission(const NetworkDescriptor& network, const MemoryPlan& plan, const EmitOptions& options,
                            std::size_t index);

}  // namespace stm32tvm
