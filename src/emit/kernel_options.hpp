// SPDX-License-Identifier: Apache-2.0
// How a network's kernels must be compiled.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "stm32tvm/kernel_profile.hpp"
#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {

/// The profile with what each kernel needs to be right, behind its own options. The kernels are TVM's text: their
/// warnings are left alone, and floats are computed as it wrote them. `confusable`: EditedKernels::confusable.
KernelProfile with_required_options(const KernelProfile& profile, const NetworkDescriptor& network,
                                    const std::set<std::string, std::less<>>& confusable);

}  // namespace stm32tvm
