// SPDX-License-Identifier: Apache-2.0
// --c-api tvm: ai_* of TVM's STM32 port.
#pragma once

#include <string>

#include "emit/network_layout.hpp"
#include "stm32tvm/project_emitter.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/source_tree.hpp"

namespace stm32tvm {

/// The API's own limits.
Result<void> check_tvm_api(const NetworkDescriptor& network);
/// Adds <name>.h, <name>.hpp, <name>.c, <name>_data.h and <name>_data.c.
Result<void> add_tvm_api(const NetworkLayout& layout, const EmitOptions& options, SourceTree& tree);
/// Symbol of the block of weights of the group "weights".
std::string tvm_weights_symbol(const NetworkLayout& layout);

}  // namespace stm32tvm
