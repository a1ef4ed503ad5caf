// SPDX-License-Identifier: Apache-2.0
// Kernels that run from another memory than FLASH: the linker's part.
#pragma once

#include <string>

#include "emit/network_layout.hpp"
#include "stm32tvm/kernel_profile.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/target.hpp"

namespace stm32tvm {

/// Lines of PHDRS and of SECTIONS; empty where kernels run from FLASH.
struct KernelsMemory {
  std::string headers;  ///< in front of the others
  std::string section;  ///< in front of .text, which would take the kernels
};

/// Fails with bad_option when the profile's memory is none of the target's, or no code can be copied to it and run.
Result<KernelsMemory> kernels_memory(const NetworkLayout& layout, const KernelProfile& profile, const Target& target);

}  // namespace stm32tvm
