// SPDX-License-Identifier: Apache-2.0
// Cuts a source of kernels into units that are compiled with options of their own.
#pragma once

#include <string>
#include <vector>

#include "emit/kernel_edits.hpp"
#include "stm32tvm/kernel_profile.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

/// Kernels that are compiled with the same options.
struct KernelUnit {
  CompilerOptions options;
  std::vector<std::string> kernels;  ///< C functions, sorted; empty when the unit is the whole source
};

struct KernelUnits {
  std::vector<KernelUnit> units;  ///< at least one
  /// The source's text as it was edited. Where there are several units, each kernel stands between lines that leave it
  /// out of all units but its own, "#if <macro> == <unit>", counted from 1; and kernels that no operator calls are left
  /// out of all.
  Bytes text;
};

/// One unit for each set of options in the profile, or for each kernel when `separate`. A source that is not cut that
/// easily, because it is C++, its functions need one another or its text is unusual, is one unit with the profile's own
/// options.
KernelUnits cut_into_units(const KernelSource& source, const EditedSource& edited, const KernelProfile& profile,
                           bool separate, const std::string& macro);

/// bad_option when the profile names a kernel that no operator calls, names kernels in a memory but not the memory, or
/// holds something that is no option.
Result<void> check_profile(const NetworkDescriptor& network, const KernelProfile& profile);

}  // namespace stm32tvm
