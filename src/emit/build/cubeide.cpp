// SPDX-License-Identifier: Apache-2.0
// STM32CubeIDE is Eclipse CDT: a project that runs the emitted Makefile, which its own make and compiler build.
#include <fmt/format.h>

#include <string>

#include "emit/build/build_files.hpp"
#include "emit/template.hpp"
#include "support/try.hpp"

namespace stm32tvm {

Result<void> emit_cubeide(const BuildDescription& build, SourceTree& tree) {
  STM32TVM_CHECK(emit_make(build, tree));
  STM32TVM_TRY(project, fill_template("cubeide/project.xml", {{"NAME", build.firmware->unit.name}}));
  STM32TVM_CHECK(tree.add(".project", project));
  std::string folders;
  for (const std::string& folder : include_folders_of(build)) {
    folders += fmt::format(
        "\n                  <listOptionValue builtIn=\"false\" "
        "value=\"&quot;${{workspace_loc:/${{ProjName}}/{}}}&quot;\"/>",
        folder);
  }
  STM32TVM_TRY(settings, fill_template("cubeide/cproject.xml", {{"NAME", build.firmware->unit.name},
                                                                {"TARGET", build.firmware->target.name},
                                                                {"DEFINE", models_in_section},
                                                                {"INCLUDE_FOLDERS", folders}}));
  return tree.add(".cproject", settings);
}

}  // namespace stm32tvm
