// SPDX-License-Identifier: Apache-2.0
// Constants go to groups; those that are fetched get an operator that reads them into the arena.
#pragma once

#include <vector>

#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

/// Fails with bad_option when a group is none that can be, names no constant, or one that another group has.
Result<void> place_weights(const std::vector<WeightsGroup>& groups, NetworkDescriptor& network);

/// What can be said of the groups alone: names, and addresses where there must be one. The emitter asks it again, for
/// descriptors made by hand.
Result<void> check_weights_groups(const NetworkDescriptor& network);

}  // namespace stm32tvm
