// SPDX-License-Identifier: Apache-2.0
// KernelProfile: the options that a network's kernels are compiled with, one by one.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {
inline namespace v1 {

/// Options of gcc and clang, in order: {"-O2", "-funroll-loops"}.
using CompilerOptions = std::vector<std::string>;

enum class Compiler { gcc, clang };

/// "gcc" and "clang".
const char* name(Compiler compiler) noexcept;

/// Small edits of the kernels' text, by which the compiler learns what the memory plan proves. Results are the same to
/// the bit.
struct KernelEdits {
  /// Elements of memory that overlaps nothing else in its kernel get a type of their own where they are int8_t or
  /// uint8_t, since a store through these may change anything; and memory that does overlap memory of another type is
  /// marked in place of giving the whole kernel -fno-strict-aliasing.
  bool memory_types = false;
  /// What lies at multiples of four in all calls is said to, in kernels that take DLTensors.
  bool alignment = false;

  friend bool operator==(const KernelEdits&, const KernelEdits&) = default;
};

/// From names: "memory-types", "alignment"; "none" alone. bad_option for any other.
Result<KernelEdits> parse_kernel_edits(const std::vector<std::string>& names);

/// Which options compile which kernel.
struct KernelProfile {
  CompilerOptions options;                                      ///< of kernels that are not listed
  std::map<std::string, CompilerOptions, std::less<>> kernels;  ///< by the kernel's C function in the archive
  /// What emitted firmware for CMake is compiled with where the user names no other. Both take the options of either.
  Compiler compiler = Compiler::gcc;
  KernelEdits edits = {};
  /// An executable memory of the firmware's target beside FLASH, as ITCM: the start-up code copies kernels there, and
  /// they run from it. Empty: kernels run from FLASH.
  std::string memory = {};
  std::set<std::string, std::less<>> in_memory = {};  ///< the kernels that do; none: all

  /// The options of a kernel.
  [[nodiscard]] const CompilerOptions& of(std::string_view kernel) const {
    const auto found = kernels.find(kernel);
    return found == kernels.end() ? options : found->second;
  }

  friend bool operator==(const KernelProfile&, const KernelProfile&) = default;
};

/// What TVM's kernels do, as far as it matters to compilers.
enum class KernelKind { convolution, depthwise_convolution, dense, pooling, softmax, elementwise };

const char* name(KernelKind kind) noexcept;

/// Told by the kernel's name and text.
KernelKind kernel_kind(const NetworkDescriptor& network, std::string_view kernel);

/// The profile for networks that were not measured: the options that won for kernels of their kinds in the measurements
/// of docs/tuning.md, made with GCC 12 for Cortex-M7.
KernelProfile default_profile(const NetworkDescriptor& network);

/// Reads what to_json() writes; bad_option says what is wrong with it. `where` names the text in messages.
Result<KernelProfile> parse_kernel_profile(std::string_view text, std::string_view where);

/// {"compiler": "gcc", "edits": ["memory-types"], "options": [...], "kernels": {"tvmgen_default_fused_nn_conv2d":
/// [...]}}, two-space indent, with "memory": "ITCM", "in_memory": ["tvmgen_default_fused_nn_conv2d"] where there is
/// one. All but the options may be left out; there are no edits then.
std::string to_json(const KernelProfile& profile);

}  // namespace v1
}  // namespace stm32tvm
