// SPDX-License-Identifier: Apache-2.0
// The part of <name>.c that no device API has a say in: the network as const tables for runtime_c/stvm.h.
#pragma once

#include <string>

#include "emit/c_writer.hpp"
#include "emit/network_layout.hpp"

namespace stm32tvm {

/// Where the network's memory is known.
enum class Memory {
  fixed,  ///< at link time: the API emits arenas, and <name>_interface[] with the descriptors of inputs and outputs
  bound   ///< at run time: each instance brings the addresses of its pools
};

/// The first lines of every emitted file: what made it, from what, and that it is not to be edited.
std::string file_banner(const NetworkDescriptor& network, const char* purpose);

/// Refuses a runtime of another contract, and declares the kernels.
void write_declarations(CWriter& out, const NetworkLayout& layout);
/// The const arrays of the tensors' dimensions.
void write_shapes(CWriter& out, const NetworkLayout& layout);
/// <name>_stvm, the stvm_network, with all it refers to, and <name>_stvm_details.
void write_network(CWriter& out, const NetworkLayout& layout, Memory memory);
/// <name>.c of an API that binds the network's memory at run time, up to its own tables and functions. `runtime_header`
/// is that of the API's runtime.
CWriter bound_network_source(const NetworkLayout& layout, const char* runtime_header);
/// The initialiser of a DLTensor with this C expression as its data.
std::string dltensor(const NetworkLayout& layout, TensorIndex index, const std::string& data);

}  // namespace stm32tvm
