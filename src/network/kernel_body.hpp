// SPDX-License-Identifier: Apache-2.0
// What a kernel's body touches, and when.
#pragma once

#include <string_view>
#include <utility>

#include "network/c_syntax.hpp"
#include "network/kernel_reader.hpp"

namespace stm32tvm {

/// Everything of the kernel but its calls. A body that mentions one of the source's own macros is not understood: they
/// may expand to anything.
///
/// Soundness rests on names: variables that may hold pointers into the same memory form a group, whatever the order
/// and the scope of their assignments, and each mention of one counts for the whole group.
Result<Kernel> read_kernel(const SourceText& source, const SourceOutline& outline, const KernelDefinition& definition);

}  // namespace stm32tvm
