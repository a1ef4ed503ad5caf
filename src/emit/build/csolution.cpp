// SPDX-License-Identifier: Apache-2.0
// Open-CMSIS-Pack: a solution of one project for a device of the pack ARM::Cortex_DFP, with the tree's own startup code
// and linker script.
#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>

#include "emit/build/build_files.hpp"
#include "emit/template.hpp"
#include "stm32tvm/version.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

/// The device of ARM::Cortex_DFP with this core.
std::string device_of(const Target& target) {
  static const std::map<std::string_view, const char*> devices = {
      {"cortex-m0", "ARMCM0"}, {"cortex-m0plus", "ARMCM0P"}, {"cortex-m3", "ARMCM3"},   {"cortex-m4", "ARMCM4"},
      {"cortex-m7", "ARMCM7"}, {"cortex-m23", "ARMCM23"},    {"cortex-m33", "ARMCM33"}, {"cortex-m55", "ARMCM55"}};
  return devices.at(target.core);
}

/// The node `fpu` of a processor.
const char* fpu_of(const Target& target) {
  if (target.fpu.empty()) {
    return "off";
  }
  return target.fpu == "fpv5-d16" || target.fpu == "auto" ? "dp" : "sp";
}

std::string options_text(const std::vector<std::string>& options) {
  std::string text;
  for (const std::string& option : options) {
    text += (text.empty() ? "" : ", ") + ("\"" + option + "\"");
  }
  return text;
}

std::string groups(const BuildDescription& build, const FirmwareBuild& firmware) {
  std::string text;
  for (const BuildUnit* unit : units_of(build)) {
    text += fmt::format("    - group: {}\n      misc:\n        - for-compiler: GCC\n          C: [{}]\n      files:\n",
                        unit->name, options_text(unit->options));
    for (const BuildSource& source : unit->sources) {
      text += fmt::format("        - file: {}\n", source.path);
      if (!source.options.empty()) {
        text += fmt::format("          misc:\n            - for-compiler: GCC\n              C: [{}]\n",
                            options_text(source.options));
      }
    }
    if (unit == &firmware.unit) {
      text += fmt::format("        - file: {}\n", firmware.application);
    }
  }
  return text;
}

}  // namespace

Result<void> emit_csolution(const BuildDescription& build, SourceTree& tree) {
  const FirmwareBuild& firmware = *build.firmware;
  STM32TVM_TRY(solution, fill_template("csolution/solution.yml", {{"VERSION", STM32TVM_VERSION},
                                                                  {"NAME", build.name},
                                                                  {"TARGET", firmware.target.name},
                                                                  {"DEVICE", device_of(firmware.target)},
                                                                  {"FPU", fpu_of(firmware.target)}}));
  STM32TVM_CHECK(tree.add(build.name + ".csolution.yml", solution));
  std::string folders;
  for (const std::string& folder : include_folders_of(build)) {
    folders += fmt::format("\n    - {}", folder);
  }
  std::vector<std::string> link = firmware.link_options;
  for (const BuildUnit& network : build.networks) {
    if (!network.kept_symbol.empty()) {
      link.push_back("-Wl,-u," + network.kept_symbol);
    }
  }
  STM32TVM_TRY(project, fill_template("csolution/project.yml", {{"VERSION", STM32TVM_VERSION},
                                                                {"TARGET", firmware.target.name},
                                                                {"DEFINE", models_in_section},
                                                                {"INCLUDE_FOLDERS", folders},
                                                                {"LINKER_SCRIPT", firmware.linker_script},
                                                                {"LINK_OPTIONS", options_text(link)},
                                                                {"LIBRARIES", options_text({"-lm"})},
                                                                {"GROUPS", groups(build, firmware)}}));
  return tree.add(build.name + ".cproject.yml", project);
}

}  // namespace stm32tvm
