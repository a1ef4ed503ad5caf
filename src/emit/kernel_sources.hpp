// SPDX-License-Identifier: Apache-2.0
// The archive's C in the emitted tree: its text as it is, under symbols that carry the network's name.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "emit/kernel_units.hpp"
#include "emit/network_layout.hpp"

namespace stm32tvm {

/// Gives all symbols of the kernels' sources the network's name.
std::string emit_symbols_header(const NetworkLayout& layout);
/// The file that compiles unit `index` of a source: it includes the source behind these. `edits` say how the source
/// differs from the network's; the file lists those of the unit's kernels.
std::string emit_kernel_source(const NetworkLayout& layout, const KernelSource& source, const KernelUnits& cut,
                               std::size_t index, const std::vector<EditNote>& edits);

}  // namespace stm32tvm
