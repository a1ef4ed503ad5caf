// SPDX-License-Identifier: Apache-2.0
// The self-test: samples, and what each operator puts out for them on the machine that recorded the table.
#pragma once

#include "emit/build/build_description.hpp"
#include "emit/network_layout.hpp"
#include "stm32tvm/project_emitter.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/source_tree.hpp"

namespace stm32tvm {

/// What the self-test asks of the other options.
Result<void> check_self_test(const NetworkDescriptor& network, const EmitOptions& options);

/// Adds <name>_self_test.h and .c to the network's sources, and the folder self_test/ with what records the table.
Result<void> add_self_test(const NetworkLayout& layout, const EmitOptions& options, BuildUnit& unit, SourceTree& tree);

}  // namespace stm32tvm
