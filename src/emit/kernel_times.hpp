// SPDX-License-Identifier: Apache-2.0
// Firmware that reports the time of each kernel.
#pragma once

#include <string>
#include <vector>

#include "emit/network_layout.hpp"

namespace stm32tvm {

/// A source with a function for each kernel that times it, and one before main() that reports.
std::string emit_kernel_times(const NetworkLayout& layout);

/// Has the linker call these functions in the kernels' stead.
std::vector<std::string> kernel_times_link_options(const NetworkLayout& layout);

}  // namespace stm32tvm
