// SPDX-License-Identifier: Apache-2.0
// Chooses the emitter of a build system, and adds what a build needs that finds no networks by itself.
#include "emit/build/build_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "emit/c_writer.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

using BuildSystem = EmitOptions::BuildSystem;

/// Builds but CMake's know their networks when they are emitted: a table of them for the ai_* iterator, where no linker
/// script gathers them.
Result<void> add_models(BuildDescription& build, SourceTree& tree) {
  const auto has_iterator = std::ranges::any_of(
      build.runtime.sources, [](const BuildSource& source) { return source.path.ends_with("/ai_model_iterator.c"); });
  if (build.firmware || !has_iterator) {
    return {};
  }
  CWriter out;
  out.comment("All networks of this folder, for ai_model_iterator_begin() and the functions beside it.");
  out.line("#include \"ai_runtime_api.h\"").blank();
  std::string addresses;
  for (const BuildUnit& network : build.networks) {
    out.line("extern const ai_model_info {};", network.kept_symbol);
    addresses += fmt::format("&{}, ", network.kept_symbol);
  }
  out.line("extern const ai_model_info* const ai_models[];");
  out.line("const ai_model_info* const ai_models[] = {{{}NULL}};", addresses);
  build.runtime.sources.push_back({build.runtime.folder + "/ai_models.c"});
  return tree.add(build.runtime.sources.back().path, out.text());
}

Result<void> check(const BuildDescription& build, BuildSystem build_system) {
  const bool brings_startup = build_system == BuildSystem::zephyr || build_system == BuildSystem::arduino ||
                              build_system == BuildSystem::platformio;
  if (build.firmware && brings_startup) {
    return Error{ErrorCode::bad_option,
                 "Zephyr, Arduino and PlatformIO bring startup and boards of their own; emit without a target",
                 {}};
  }
  const bool links_objects =
      build.firmware && (build_system == BuildSystem::make || build_system == BuildSystem::cubeide);
  const bool special = std::ranges::any_of(build.networks, [&](const BuildUnit& network) {
    return (!network.objects.empty() && !links_objects) || !network.cmsis_nn_sources.empty() ||
           std::ranges::any_of(network.sources, [](const BuildSource& source) { return is_cpp(source.path); });
  });
  if (special && build_system != BuildSystem::cmake) {
    return Error{
        ErrorCode::bad_option,
        "the network has object files or C++, or calls CMSIS-NN, which only the files for CMake bring in; emit "
        "for CMake",
        {}};
  }
  if (!build.firmware && (build_system == BuildSystem::csolution || build_system == BuildSystem::cubeide)) {
    return Error{ErrorCode::bad_option, "a project of this build system is firmware; name a target", {}};
  }
  return {};
}

}  // namespace

Result<void> emit_build_files(const BuildDescription& build, BuildSystem build_system, SourceTree& tree) {
  STM32TVM_CHECK(check(build, build_system));
  if (build.firmware) {
    STM32TVM_CHECK(emit_project_record(build, build_system, tree));
  }
  if (build_system == BuildSystem::cmake) {
    return emit_cmake(build, tree);
  }
  BuildDescription whole = build;
  STM32TVM_CHECK(add_models(whole, tree));
  switch (build_system) {
    case BuildSystem::cmake:
      break;
    case BuildSystem::make:
      return emit_make(whole, tree);
    case BuildSystem::zephyr:
      return emit_zephyr(whole, tree);
    case BuildSystem::arduino:
      return emit_arduino(whole, tree);
    case BuildSystem::platformio:
      return emit_platformio(whole, tree);
    case BuildSystem::csolution:
      return emit_csolution(whole, tree);
    case BuildSystem::cubeide:
      return emit_cubeide(whole, tree);
  }
  return {};
}

}  // namespace stm32tvm
