// SPDX-License-Identifier: Apache-2.0
// CMake: a target for each unit, so that other builds can add_subdirectory() the tree.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "emit/build/build_files.hpp"
#include "emit/template.hpp"
#include "network/cmsis_nn.hpp"
#include "stm32tvm/version.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

/// A path of the tree as the CMakeLists.txt of a folder says it.
std::string inside(const std::string& folder, std::string_view path) {
  return std::string(path.substr(path.starts_with(folder + "/") ? folder.size() + 1 : 0));
}

std::string source_list(const BuildUnit& unit) {
  std::string list;
  for (const BuildSource& source : unit.sources) {
    list += "\n  " + inside(unit.folder, source.path);
  }
  for (const std::string& object : unit.objects) {
    list += "\n  " + inside(unit.folder, object);
  }
  return list;
}

/// The options and dependencies of single sources.
std::string source_properties(const BuildUnit& unit) {
  std::string text;
  std::map<std::vector<std::string>, std::vector<std::string>> sources_with;
  for (const BuildSource& source : unit.sources) {
    sources_with[source.options].push_back(inside(unit.folder, source.path));
  }
  for (const auto& [options, sources] : sources_with) {
    if (!options.empty()) {
      text += fmt::format("set_source_files_properties({} PROPERTIES\n  COMPILE_OPTIONS \"{}\")\n",
                          fmt::join(sources, " "), fmt::join(options, ";"));
    }
  }
  for (const BuildSource& source : unit.sources) {
    for (const std::string& dependency : source.dependencies) {
      const std::string file = inside(unit.folder, dependency);
      text += fmt::format(
          "# {0} brings in {1}, which the assembler finds on the include path.\n"
          "set_property(SOURCE {0} PROPERTY OBJECT_DEPENDS ${{CMAKE_CURRENT_SOURCE_DIR}}/{1})\n",
          inside(unit.folder, source.path), file);
    }
  }
  return text;
}

std::string include_list(const BuildUnit& unit, const std::vector<std::string>& folders) {
  std::string list;
  for (const std::string& folder : folders) {
    list += (list.empty() ? "" : " ") + std::string("${CMAKE_CURRENT_SOURCE_DIR}");
    if (folder != unit.folder) {
      list += "/" + inside(unit.folder, folder);
    }
  }
  return list;
}

Result<void> add(SourceTree& tree, const std::string& path, std::string_view name_of_template,
                 const TemplateValues& values) {
  STM32TVM_TRY(text, fill_template(name_of_template, values));
  return tree.add(path, text);
}

Result<void> add_runtime(const BuildDescription& build, SourceTree& tree) {
  if (!build.networks.empty() && !build.networks.front().kept_symbol.empty()) {
    STM32TVM_CHECK(add(tree, build.runtime.folder + "/model_iterator.cmake", "cmake/model_iterator.cmake",
                       {{"VERSION", STM32TVM_VERSION}}));
  }
  return add(tree, build.runtime.folder + "/CMakeLists.txt", "cmake/runtime_CMakeLists.txt",
             {{"VERSION", STM32TVM_VERSION},
              {"SOURCES", source_list(build.runtime)},
              {"INCLUDE_FOLDERS", include_list(build.runtime, build.runtime.include_folders)},
              {"HOST_INCLUDE_FOLDERS", include_list(build.runtime, build.host_include_folders)},
              {"OPTIONS", fmt::format("{}", fmt::join(build.runtime.options, " "))},
              {"SOURCE_PROPERTIES", source_properties(build.runtime)}});
}

/// The file that finds the sources of CMSIS-NN.
Result<void> add_cmsis_nn(const BuildUnit& network, SourceTree& tree) {
  std::string sources;
  for (const std::string& source : network.cmsis_nn_sources) {
    sources += "\n    " + source;
  }
  return add(tree, network.folder + "/cmsis_nn.cmake", "cmake/cmsis_nn.cmake",
             {{"VERSION", STM32TVM_VERSION},
              {"NAME", network.name},
              {"CMSIS_NN_VERSION", std::string(cmsis_nn_version)},
              {"CMSIS_NN_SOURCES", sources}});
}

Result<void> add_network(const BuildUnit& network, SourceTree& tree) {
  std::string iterator;
  if (!network.kept_symbol.empty()) {
    STM32TVM_TRY(text, fill_template("cmake/network_in_iterator.cmake",
                                     {{"NAME", network.name}, {"KEPT_SYMBOL", network.kept_symbol}}));
    iterator = text;
  }
  if (!network.cmsis_nn_sources.empty()) {
    STM32TVM_CHECK(add_cmsis_nn(network, tree));
  }
  return add(tree, network.folder + "/CMakeLists.txt", "cmake/network_CMakeLists.txt",
             {{"VERSION", STM32TVM_VERSION},
              {"NAME", network.name},
              {"SOURCES", source_list(network)},
              {"INCLUDE_FOLDERS", include_list(network, network.include_folders)},
              {"OPTIONS", fmt::format("{}", fmt::join(network.options, " "))},
              {"SOURCE_PROPERTIES", source_properties(network)},
              {"CMSIS_NN", network.cmsis_nn_sources.empty() ? "" : "include(cmsis_nn.cmake)\n"},
              {"MODEL_ITERATOR", iterator}});
}

std::string subdirectories(const BuildDescription& build) {
  std::vector<std::string> lines;
  for (const BuildUnit& network : build.networks) {
    lines.push_back(fmt::format("add_subdirectory({})", network.folder));
  }
  return fmt::format("{}", fmt::join(lines, "\n"));
}

/// "C", or "C CXX" when a kernel is C++.
std::string languages(const BuildDescription& build) {
  const bool cpp = std::ranges::any_of(build.networks, [](const BuildUnit& network) {
    return std::ranges::any_of(network.sources, [](const BuildSource& source) { return is_cpp(source.path); });
  });
  return cpp ? "C CXX" : "C";
}

std::string network_names(const BuildDescription& build) {
  std::vector<std::string_view> names;
  for (const BuildUnit& network : build.networks) {
    names.push_back(network.name);
  }
  return fmt::format("{} {}", names.size() == 1 ? "" : "s", fmt::join(names, ", "));
}

Result<void> add_firmware(const BuildDescription& build, const FirmwareBuild& firmware, SourceTree& tree) {
  const BuildUnit& unit = firmware.unit;
  const Target& target = firmware.target;
  std::vector<std::string_view> networks;
  for (const BuildUnit& network : build.networks) {
    networks.push_back(network.name);
  }
  STM32TVM_CHECK(add(tree, unit.folder + "/CMakeLists.txt", "cmake/firmware_CMakeLists.txt",
                     {{"VERSION", STM32TVM_VERSION},
                      {"NAME", unit.name},
                      {"APPLICATION", inside(unit.folder, firmware.application)},
                      {"SOURCES", source_list(unit)},
                      {"INCLUDE_FOLDERS", include_list(unit, unit.include_folders)},
                      {"OPTIONS", fmt::format("{}", fmt::join(unit.options, " "))},
                      {"SOURCE_PROPERTIES", source_properties(unit)},
                      {"LIBRARIES", fmt::format("{} {} {}", fmt::join(networks, " "), build.runtime.name,
                                                fmt::join(firmware.libraries, " "))},
                      {"LINKER_SCRIPT", inside(unit.folder, firmware.linker_script)},
                      {"LINK_OPTIONS", fmt::format("{}", fmt::join(firmware.link_options, " "))}}));
  if (!target.qemu_machine.empty()) {
    std::string loaders;
    for (const std::string& loader : qemu_loaders(build, "${CMAKE_CURRENT_LIST_DIR}/../")) {
      loaders += "\n    -device \"" + loader + "\"";
    }
    STM32TVM_CHECK(add(tree, unit.folder + "/run.cmake", "cmake/run.cmake",
                       {{"NAME", unit.name}, {"QEMU_MACHINE", target.qemu_machine}, {"LOADERS", loaders}}));
  }
  STM32TVM_CHECK(add(tree, "toolchain-arm-none-eabi.cmake", "cmake/toolchain-arm-none-eabi.cmake",
                     {{"PART", target.part},
                      {"CORE_FLAGS", core_flags(target)},
                      {"COMPILER", firmware.compiler},
                      {"RELEASE_OPTIONS", fmt::format("{}", fmt::join(release_options, " "))}}));
  return add(tree, "CMakePresets.json", "cmake/CMakePresets.json",
             {{"TARGET", target.name}, {"TARGET_DESCRIPTION", target.description}});
}

}  // namespace

Result<void> emit_cmake(const BuildDescription& build, SourceTree& tree) {
  STM32TVM_CHECK(add_runtime(build, tree));
  for (const BuildUnit& network : build.networks) {
    STM32TVM_CHECK(add_network(network, tree));
  }
  if (!build.firmware) {
    return add(tree, "CMakeLists.txt", "cmake/CMakeLists.txt",
               {{"VERSION", STM32TVM_VERSION},
                {"NAME", build.name},
                {"LANGUAGES", languages(build)},
                {"TARGETS", network_names(build)},
                {"SUBDIRECTORIES", subdirectories(build)}});
  }
  STM32TVM_CHECK(add_firmware(build, *build.firmware, tree));
  return add(tree, "CMakeLists.txt", "cmake/project_CMakeLists.txt",
             {{"VERSION", STM32TVM_VERSION},
              {"NAME", build.name},
              {"LANGUAGES", languages(build)},
              {"TARGETS", network_names(build)},
              {"TARGET", build.firmware->target.name},
              {"SUBDIRECTORIES", subdirectories(build)},
              {"FIRMWARE", build.firmware->unit.folder}});
}

}  // namespace stm32tvm
