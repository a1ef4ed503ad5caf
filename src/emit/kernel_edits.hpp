// SPDX-License-Identifier: Apache-2.0
// Small edits of the kernels' text that tell the compiler what is known of their memory.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "emit/source_parts.hpp"
#include "stm32tvm/kernel_profile.hpp"
#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "support/text_edits.hpp"

namespace stm32tvm {

/// What was edited in a kernel.
struct EditNote {
  std::string kernel;
  std::string text;

  bool operator==(const EditNote&) const = default;
};

/// One of the network's sources.
struct EditedSource {
  std::optional<SourceParts> parts;  ///< see parts_of()
  std::vector<TextEdit> edits;       ///< of its text as the network has it
  std::vector<EditNote> notes;       ///< one for each kernel that was edited
};

struct EditedKernels {
  std::vector<EditedSource> sources;  ///< the network's, in its order
  /// Kernels in which buffers of different types overlap, and the text does not tell: the compiler must not take
  /// accesses of different types for accesses to different memory (-fno-strict-aliasing).
  std::set<std::string, std::less<>> confusable;
};

EditedKernels edit_kernels(const NetworkDescriptor& network, const MemoryPlan& plan, const KernelEdits& edits);

}  // namespace stm32tvm
