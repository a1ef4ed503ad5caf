// SPDX-License-Identifier: Apache-2.0
// What a build of the emitted tree consists of, in the words of no build system. What emits sources also says here how
// they are compiled; each build system's files are written from it by a source of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/budget.hpp"
#include "stm32tvm/target.hpp"

namespace stm32tvm {

/// One source that the compiler gets; all paths are those of the tree.
struct BuildSource {
  std::string path;                            ///< of C, or of C++ when it ends so
  std::vector<std::string> options = {};       ///< of gcc and clang, after those of its unit
  std::vector<std::string> dependencies = {};  ///< files that it takes in without the compiler's knowledge: .incbin
};

/// A file that is written to the device beside the image.
struct FlashedFile {
  std::string path;
  std::optional<std::uint64_t> address = {};  ///< nothing: where the application reads it
};

/// Sources that are compiled as one: a library, or the program.
struct BuildUnit {
  std::string name;    ///< name of its target: "stvm_runtime", "digits", "digits_firmware"
  std::string folder;  ///< its folder in the tree: "runtime", "digits", "firmware"
  std::vector<BuildSource> sources = {};
  std::vector<std::string> objects = {};  ///< object files, linked as they are
  std::vector<FlashedFile> flashed = {};
  std::vector<std::string> cmsis_nn_sources = {};  ///< in a checkout of CMSIS-NN that the user names: see Needs
  std::vector<std::string> include_folders;        ///< for the unit and for those that use it
  std::vector<std::string> options = {};           ///< for all its sources
  /// A symbol that the linker keeps though only the ai_* iterator finds it, by a table; empty where there is none.
  std::string kept_symbol = {};
};

/// A whole program for a target.
struct FirmwareBuild {
  Target target;
  BuildUnit unit;                         ///< all but the application
  std::string application;                ///< the C file with main(); users put their own in its place
  std::string linker_script;              ///< gathers section .nn_models
  std::vector<std::string> link_options;  ///< beside the core's and the linker script
  std::vector<std::string> libraries = {"m"};
  std::string compiler = "gcc";   ///< where the build system has a choice: "gcc" or "clang"
  bool has_golden_check = false;  ///< what its run prints tells ticks
  Budget budget = {};
};

struct BuildDescription {
  std::string name;  ///< of the project
  BuildUnit runtime = {};
  std::vector<std::string> host_include_folders;  ///< of the runtime where the processor is no Arm
  std::vector<BuildUnit> networks = {};
  std::optional<FirmwareBuild> firmware = {};
};

/// The runtime, the networks, and the firmware if there is one.
std::vector<const BuildUnit*> units_of(const BuildDescription& build);

/// Of all units.
std::vector<std::string> include_folders_of(const BuildDescription& build);

/// Of all networks, those that have an address.
std::vector<FlashedFile> flashed_files(const BuildDescription& build);

/// What QEMU's option -device takes to put these files into memory; `prefix` comes before their paths.
std::vector<std::string> qemu_loaders(const BuildDescription& build, const std::string& prefix);

/// Those of the unit, then those of the source.
std::vector<std::string> options_of(const BuildUnit& unit, const BuildSource& source);

/// What the runtime is compiled with where a linker script gathers section .nn_models.
inline constexpr const char* models_in_section = "STVM_MODELS_IN_SECTION";

/// Whether a source is C++.
inline bool is_cpp(std::string_view path) {
  return path.ends_with(".cc") || path.ends_with(".cpp");
}

/// Options of a release build. Only the kernels have to be fast, and bring options of their own.
inline const std::vector<std::string> release_options = {"-Os", "-g"};

/// Warnings that the project's own C is free of.
inline const std::vector<std::string> warning_options = {"-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow"};

/// Lets the linker leave out what nobody uses.
inline const std::vector<std::string> section_options = {"-ffunction-sections", "-fdata-sections"};

}  // namespace stm32tvm
