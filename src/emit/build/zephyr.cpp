// SPDX-License-Identifier: Apache-2.0
// Zephyr: a module, that is a folder with zephyr/module.yml, whose library a Kconfig symbol switches on.
#include <fmt/format.h>

#include <string>

#include "emit/build/build_files.hpp"
#include "emit/template.hpp"
#include "stm32tvm/version.hpp"
#include "support/c_identifier.hpp"
#include "support/try.hpp"

namespace stm32tvm {

Result<void> emit_zephyr(const BuildDescription& build, SourceTree& tree) {
  std::string sources;
  std::string properties;
  for (const BuildUnit* unit : units_of(build)) {
    for (const BuildSource& source : unit->sources) {
      sources += fmt::format("\n    ${{folder}}/{}", source.path);
      if (!source.options.empty()) {
        properties += fmt::format("  set_property(SOURCE ${{folder}}/{} APPEND PROPERTY COMPILE_OPTIONS {})\n",
                                  source.path, fmt::join(source.options, " "));
      }
      for (const std::string& dependency : source.dependencies) {
        properties +=
            fmt::format("  set_property(SOURCE ${{folder}}/{} APPEND PROPERTY OBJECT_DEPENDS ${{folder}}/{})\n",
                        source.path, dependency);
      }
    }
  }
  std::string folders;
  for (const std::string& folder : include_folders_of(build)) {
    folders += fmt::format("\n    ${{folder}}/{}", folder);
  }
  const std::string symbol = "STM32TVM_" + CIdentifier::from(build.name).upper();
  STM32TVM_TRY(lists, fill_template("zephyr/CMakeLists.txt", {{"VERSION", STM32TVM_VERSION},
                                                              {"SYMBOL", symbol},
                                                              {"NAME", build.name},
                                                              {"SOURCES", sources},
                                                              {"INCLUDE_FOLDERS", folders},
                                                              {"SOURCE_PROPERTIES", properties}}));
  STM32TVM_CHECK(tree.add("zephyr/CMakeLists.txt", lists));
  STM32TVM_TRY(kconfig, fill_template("zephyr/Kconfig",
                                      {{"VERSION", STM32TVM_VERSION}, {"SYMBOL", symbol}, {"NAME", build.name}}));
  STM32TVM_CHECK(tree.add("zephyr/Kconfig", kconfig));
  STM32TVM_TRY(module, fill_template("zephyr/module.yml", {{"VERSION", STM32TVM_VERSION}, {"NAME", build.name}}));
  return tree.add("zephyr/module.yml", module);
}

}  // namespace stm32tvm
