// SPDX-License-Identifier: Apache-2.0
// Make: a Makefile for the tree alone, and a fragment for the Makefile of another project, like one of STM32CubeMX.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "emit/build/build_files.hpp"
#include "emit/template.hpp"
#include "stm32tvm/version.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

std::string object_of(const std::string& source) {
  return source.substr(0, source.size() - 1) + "o";
}

std::string joined_options(const BuildUnit& unit, const BuildSource& source) {
  return fmt::format("{}", fmt::join(options_of(unit, source), " "));
}

/// The objects' names, and the rules of single ones.
struct Objects {
  std::string names;
  std::string rules;
};

Objects objects_of(const BuildDescription& build) {
  Objects objects;
  for (const BuildUnit* unit : units_of(build)) {
    for (const BuildSource& source : unit->sources) {
      const std::string object = "$(BUILD)/" + object_of(source.path);
      objects.names += " \\\n  " + object;
      objects.rules += fmt::format("{}: OPTIONS = {}\n", object, joined_options(*unit, source));
      if (!source.dependencies.empty()) {
        objects.rules += fmt::format("{}: {}\n", object, fmt::join(source.dependencies, " "));
      }
    }
    for (const std::string& object : unit->objects) {
      objects.names += " \\\n  " + object;
    }
  }
  return objects;
}

std::string include_options(const BuildDescription& build, const char* prefix) {
  std::string text;
  for (const std::string& folder : include_folders_of(build)) {
    text += fmt::format(" -I{}{}", prefix, folder);
  }
  return text;
}

/// For the Makefile of another project: sources, include folders, and options of single objects.
Result<void> add_fragment(const BuildDescription& build, SourceTree& tree) {
  std::string sources;
  std::string rules;
  for (const BuildUnit* unit : units_of(build)) {
    for (const BuildSource& source : unit->sources) {
      sources += " \\\n  $(STVM_FOLDER)" + source.path;
      const std::string name = source.path.substr(source.path.rfind('/') + 1);
      rules += fmt::format("$(BUILD_DIR)/{}: CFLAGS += {}\n", object_of(name), fmt::join(source.options, " "));
      for (const std::string& dependency : source.dependencies) {
        rules += fmt::format("$(BUILD_DIR)/{}: $(STVM_FOLDER){}\n", object_of(name), dependency);
      }
    }
  }
  STM32TVM_TRY(text, fill_template("make/stm32tvm.mk", {{"VERSION", STM32TVM_VERSION},
                                                        {"SOURCES", sources},
                                                        {"INCLUDES", include_options(build, "$(STVM_FOLDER)")},
                                                        {"RULES", rules}}));
  return tree.add("stm32tvm.mk", text);
}

Result<void> add_firmware(const BuildDescription& build, const FirmwareBuild& firmware, SourceTree& tree) {
  const Objects objects = objects_of(build);
  std::string link = fmt::format("{}", fmt::join(firmware.link_options, " "));
  for (const BuildUnit& network : build.networks) {
    link += network.kept_symbol.empty() ? "" : " -Wl,-u," + network.kept_symbol;
  }
  std::string libraries;
  for (const std::string& library : firmware.libraries) {
    libraries += " -l" + library;
  }
  std::string run;
  if (!firmware.target.qemu_machine.empty()) {
    std::string loaders;
    for (const std::string& loader : qemu_loaders(build, "")) {
      loaders += " -device " + loader;
    }
    STM32TVM_TRY(rule,
                 fill_template("make/run.mk", {{"QEMU_MACHINE", firmware.target.qemu_machine}, {"LOADERS", loaders}}));
    run = rule;
  }
  STM32TVM_TRY(text, fill_template("make/firmware.mk",
                                   {{"VERSION", STM32TVM_VERSION},
                                    {"TARGET", firmware.target.name},
                                    {"NAME", firmware.unit.name},
                                    {"APPLICATION", firmware.application},
                                    {"APPLICATION_OPTIONS", fmt::format("{}", fmt::join(firmware.unit.options, " "))},
                                    {"CORE_FLAGS", core_flags(firmware.target)},
                                    {"RELEASE_OPTIONS", fmt::format("{}", fmt::join(release_options, " "))},
                                    {"DEFINE", models_in_section},
                                    {"INCLUDES", include_options(build, "")},
                                    {"LINKER_SCRIPT", firmware.linker_script},
                                    {"LINK_OPTIONS", link},
                                    {"LIBRARIES", libraries},
                                    {"OBJECTS", objects.names},
                                    {"RULES", objects.rules},
                                    {"RUN", run}}));
  return tree.add("Makefile", text);
}

}  // namespace

Result<void> emit_make(const BuildDescription& build, SourceTree& tree) {
  if (build.firmware) {
    return add_firmware(build, *build.firmware, tree);
  }
  std::string host_includes;
  for (const std::string& folder : build.host_include_folders) {
    host_includes += " -I" + folder;
  }
  const Objects objects = objects_of(build);
  STM32TVM_TRY(
      text, fill_template("make/library.mk", {{"VERSION", STM32TVM_VERSION},
                                              {"NAME", build.name},
                                              {"RELEASE_OPTIONS", fmt::format("{}", fmt::join(release_options, " "))},
                                              {"INCLUDES", include_options(build, "")},
                                              {"HOST_INCLUDES", host_includes},
                                              {"OBJECTS", objects.names},
                                              {"RULES", objects.rules}}));
  STM32TVM_CHECK(tree.add("Makefile", text));
  return add_fragment(build, tree);
}

}  // namespace stm32tvm
