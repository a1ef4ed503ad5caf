// SPDX-License-Identifier: Apache-2.0
// TVM widens int8 weights to int16 for its plain C, and shifts to int32: stores what fits in the narrower type again.
#pragma once

#include <vector>

#include "network/source_outline.hpp"
#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {

/// Stores integer constants in the narrowest signed type that holds their values, where every kernel that gets them
/// reads nothing but single elements, ((int16_t*)p1_1)[i]: that is exact, because C converts both to int before it
/// computes. The kernels' reads change with the constants. Equal constants of a pool, or arrays of a source, are stored
/// once. Says in `constants` and `diagnostics` what was done, and what was left and why. `outlines` are those of the
/// network's sources, in their order.
void narrow_constants(const std::vector<SourceOutline>& outlines, NetworkDescriptor& network);

}  // namespace stm32tvm
