// SPDX-License-Identifier: Apache-2.0
// How a network's kernels must be compiled.
#pragma once

#include <string>
#include <vector>

#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {

/// Whether the plan, or TVM's own inside a pool, lets buffers of different types overlap inside one kernel. The
/// compiler must then not take accesses of different types for accesses to different memory (-fno-strict-aliasing).
bool shares_memory_across_types(const NetworkDescriptor& network, const MemoryPlan& plan);

/// Options of gcc and clang for the kernels' sources. They are TVM's text: their warnings are left alone, and floats
/// are computed as it wrote them.
std::vector<std::string> compile_options(const NetworkDescriptor& network, const MemoryPlan& plan);

}  // namespace stm32tvm
