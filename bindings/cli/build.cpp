// SPDX-License-Identifier: Apache-2.0
// stm32tvm build: an emitted project to an image.
#include <memory>

#include "commands.hpp"
#include "project.hpp"
#include "support/try.hpp"

namespace stm32tvm::cli {

void add_build(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand("build", "build an emitted firmware project");
  auto folder = std::make_shared<std::filesystem::path>();
  command.add_option("project", *folder, "folder that generate wrote")->required()->type_name("DIR");
  command.callback([folder, &action] {
    action = [folder]() -> Result<void> {
      STM32TVM_TRY(project, read_project(*folder));
      return build_project(project);
    };
  });
}

}  // namespace stm32tvm::cli
