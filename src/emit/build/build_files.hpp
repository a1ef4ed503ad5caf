// SPDX-License-Identifier: Apache-2.0
// The build files of a tree: one source for each build system.
#pragma once

#include "emit/build/build_description.hpp"
#include "stm32tvm/project_emitter.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/source_tree.hpp"

namespace stm32tvm {

/// Adds the files of the build system. Fails with bad_option when it has no use for firmware, or is for firmware alone.
Result<void> emit_build_files(const BuildDescription& build, EmitOptions::BuildSystem build_system, SourceTree& tree);

/// The CMakeLists.txt of every unit and of the project; with firmware also presets and a toolchain file.
Result<void> emit_cmake(const BuildDescription& build, SourceTree& tree);

/// A Makefile, and stm32tvm.mk for the Makefile of another project.
Result<void> emit_make(const BuildDescription& build, SourceTree& tree);

/// A Zephyr module: zephyr/module.yml, Kconfig and CMakeLists.txt.
Result<void> emit_zephyr(const BuildDescription& build, SourceTree& tree);

/// Makes the tree an Arduino library: library.properties, and all sources in one folder.
Result<void> emit_arduino(const BuildDescription& build, SourceTree& tree);

/// A PlatformIO library: library.json.
Result<void> emit_platformio(const BuildDescription& build, SourceTree& tree);

/// An Open-CMSIS-Pack solution of one project.
Result<void> emit_csolution(const BuildDescription& build, SourceTree& tree);

/// A project of STM32CubeIDE that runs the Makefile, which is emitted, too.
Result<void> emit_cubeide(const BuildDescription& build, SourceTree& tree);

/// stm32tvm.json: the commands that build, flash and run the firmware. And ci.sh, which does so and holds the budget,
/// where there is an emulator.
Result<void> emit_project_record(const BuildDescription& build, EmitOptions::BuildSystem build_system,
                                 SourceTree& tree);

}  // namespace stm32tvm
