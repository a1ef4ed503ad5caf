// SPDX-License-Identifier: Apache-2.0
// What metadata.json says wrongly of a network that was read from the archive's other members.
#pragma once

#include <cstdint>
#include <map>

#include "stm32tvm/model_library.hpp"
#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {

/// Adds a diagnostic when the metadata lists the inputs in another order than the calls take them.
void check_input_order(const Module& module, NetworkDescriptor& network);

/// Adds a diagnostic when the metadata's sizes of storage are not those of the graph's tensors: `needed` is by storage
/// id.
void check_storage(const Module& module, const std::map<std::int64_t, std::uint64_t>& needed,
                   NetworkDescriptor& network);

}  // namespace stm32tvm
