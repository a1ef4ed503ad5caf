// SPDX-License-Identifier: Apache-2.0
// What a network's sources need beside themselves.
#pragma once

#include <vector>

#include "network/kernel_reader.hpp"
#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {

/// From the headers that the sources include and the functions that their kernels call.
Needs needs_of(const std::vector<SourceFacts>& sources);

}  // namespace stm32tvm
