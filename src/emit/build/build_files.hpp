// SPDX-License-Identifier: Apache-2.0
// The build files of a tree: one source for each build system.
#pragma once

#include "emit/build/build_description.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/source_tree.hpp"

namespace stm32tvm {

/// Adds the CMakeLists.txt of every unit and of the project; with firmware also presets and a toolchain file.
Result<void> emit_cmake(const BuildDescription& build, SourceTree& tree);

}  // namespace stm32tvm
