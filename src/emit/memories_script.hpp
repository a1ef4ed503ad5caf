// SPDX-License-Identifier: Apache-2.0
// Emits memories.ld: the linker's part of a plan in several memories, and of weights that have an address.
#pragma once

#include <string>
#include <vector>

#include "plan/weights_blocks.hpp"
#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/project_emitter.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/source_tree.hpp"

namespace stm32tvm {

/// What the blocks of weights that are in the image, at an address, ask of a linker script: lines of MEMORY, of PHDRS
/// and of SECTIONS. Empty where there are none.
struct WeightsRegions {
  std::string memories;
  std::string headers;
  std::string sections;  ///< each in its header where `has_headers`
};
WeightsRegions weights_regions(const std::vector<WeightsBlock>& blocks, EmitOptions::Weights weights, bool has_headers);

/// Adds the script for pools and weights that have an address; a firmware's own linker script has them already.
Result<void> add_memories_script(const PlanOptions& plan, const std::vector<WeightsBlock>& blocks,
                                 const EmitOptions& options, SourceTree& tree);

}  // namespace stm32tvm
