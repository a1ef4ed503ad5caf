// SPDX-License-Identifier: Apache-2.0
// The archive's C in the emitted tree: its text as it is, under symbols that carry the network's name.
#pragma once

#include <string>

#include "emit/network_layout.hpp"

namespace stm32tvm {

/// Gives all symbols of the kernels' sources the network's name.
std::string emit_symbols_header(const NetworkLayout& layout);
/// Includes a source of the archive behind these.
std::string emit_kernel_source(const NetworkLayout& layout, const KernelSource& source);

}  // namespace stm32tvm
