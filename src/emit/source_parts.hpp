// SPDX-License-Identifier: Apache-2.0
// The functions of a source by what happens to them when its kernels are compiled with different options.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "network/source_outline.hpp"
#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {

/// Texts are parts of the source.
struct SourceParts {
  struct Function {
    std::string_view name;
    std::string_view definition;
  };
  std::vector<Function> kernels;  ///< that operators call
  std::vector<Function> unused;   ///< what no operator calls, and nothing that stays
};

/// The kernels that the network's operators call.
NameSet called_kernels(const NetworkDescriptor& network);

/// Nothing when the source is no set of functions that stand for themselves. `called` are the network's kernels.
std::optional<SourceParts> parts_of(const KernelSource& source, const SourceOutline& outline, const NameSet& called);

}  // namespace stm32tvm
