// SPDX-License-Identifier: Apache-2.0
// Emits memory_pools.ld: the linker's part of a plan in several memories.
#pragma once

#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/project_emitter.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/source_tree.hpp"

namespace stm32tvm {

/// Adds the script for the pools that have an address; a firmware's own linker script has its target's memories
/// already.
Result<void> add_pools_script(const PlanOptions& plan, const EmitOptions& options, SourceTree& tree);

}  // namespace stm32tvm
