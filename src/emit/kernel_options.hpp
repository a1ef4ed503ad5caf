// SPDX-License-Identifier: Apache-2.0
// How a network's kernels must be compiled.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "stm32tvm/kernel_profile.hpp"
#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {

/// The kernels in which the plan, or TVM's own inside a pool, lets buffers of different types overlap. The compiler
/// must then not take accesses of different types for accesses to different memory (-fno-strict-aliasing).
std::set<std::string, std::less<>> kernels_that_share_memory(const NetworkDescriptor& network, const MemoryPlan& plan);

/// The profile with what each kernel needs to be right, behind its own options. The kernels are TVM's text: their
/// warnings are left alone, and floats are computed as it wrote them.
KernelProfile with_required_options(const KernelProfile& profile, const NetworkDescriptor& network,
                                    const MemoryPlan& plan);

}  // namespace stm32tvm
