// SPDX-License-Identifier: Apache-2.0
// Choosing compiler options kernel by kernel from measurements. Building and measuring is the caller's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "stm32tvm/kernel_profile.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {
inline namespace v1 {

/// What one kernel costs when it is compiled with certain options.
struct KernelCost {
  std::uint64_t time = 0;         ///< of all its calls in the same runs, in any unit
  std::uint64_t flash_bytes = 0;  ///< code and constants of its own

  friend bool operator==(const KernelCost&, const KernelCost&) = default;
};

/// All that was measured of one network.
struct TuningTable {
  std::vector<std::string> kernels;            ///< C functions
  std::vector<CompilerOptions> candidates;     ///< the first one is what budgets are measured from
  std::vector<std::vector<KernelCost>> costs;  ///< by candidate, then by kernel
};

/// One candidate for each kernel.
struct TuningChoice {
  std::vector<std::size_t> candidates;  ///< by kernel
  std::uint64_t time = 0;               ///< sum over the kernels
  std::uint64_t flash_bytes = 0;        ///< sum over the kernels
};

/// Options worth measuring: plain ones first, then those that won somewhere. Both compilers take those of either.
std::vector<CompilerOptions> tuning_candidates(Compiler compiler);

/// The choice of least time within `flash_bytes` for all kernels together; of equal times the smallest, and of equal
/// sizes that of the earliest candidates. Exact. bad_option for a table whose parts do not fit each other;
/// does_not_fit when no choice is small enough.
Result<TuningChoice> choose_options(const TuningTable& table, std::uint64_t flash_bytes);

/// For KernelProfile::in_memory: of all kernels that fit a memory of so many bytes together, those that leave the least
/// time to the others. Exact, as choose_options(). Each cost is that of the kernel at the same place.
std::set<std::string, std::less<>> choose_for_memory(const std::vector<std::string>& kernels,
                                                     const std::vector<KernelCost>& costs, std::uint64_t bytes);

/// The choice as a profile.
KernelProfile profile_of(const TuningTable& table, const TuningChoice& choice);

}  // namespace v1
}  // namespace stm32tvm
