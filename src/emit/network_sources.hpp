// SPDX-License-Identifier: Apache-2.0
// Emits a network's own sources: <name>.h, <name>.c, <name>_data.h, <name>_data.c and its weights.
#pragma once

#include <string>

#include "emit/network_layout.hpp"
#include "stm32tvm/project_emitter.hpp"

namespace stm32tvm {

/// The first lines of every emitted file: what made it, from what, and that it is not to be edited.
std::string file_banner(const NetworkDescriptor& network, const char* purpose);

std::string emit_network_header(const NetworkLayout& layout);
std::string emit_network_source(const NetworkLayout& layout);
/// Gives all symbols of the kernels' sources the network's name.
std::string emit_symbols_header(const NetworkLayout& layout);
/// Includes a source of the archive behind these.
std::string emit_kernel_source(const NetworkLayout& layout, const KernelSource& source);
std::string emit_data_header(const NetworkLayout& layout);
std::string emit_data_source(const NetworkLayout& layout, EmitOptions::Weights weights);

}  // namespace stm32tvm
