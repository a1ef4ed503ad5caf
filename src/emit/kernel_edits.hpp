// SPDX-License-Identifier: Apache-2.0
// Small edits of the kernels' text that tell the compiler what is known of their memory.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "stm32tvm/kernel_profile.hpp"
#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {

struct EditedKernels {
  std::vector<KernelSource> sources;            ///< the network's
  std::vector<std::vector<std::string>> notes;  ///< for each: what was edited in which kernel
  /// Kernels in which buffers of different types overlap, and the text does not tell: the compiler must not take
  /// accesses of different types for accesses to different memory (-fno-strict-aliasing).
  std::set<std::string, std::less<>> confusable;
};

EditedKernels edit_kernels(const NetworkDescriptor& network, const MemoryPlan& plan, const KernelEdits& edits);

}  // namespace stm32tvm
