// SPDX-License-Identifier: Apache-2.0
// stm32tvm run: builds an emitted project and runs it in the emulator of its board.
#include <memory>

#include "commands.hpp"
#include "project.hpp"
#include "support/try.hpp"

namespace stm32tvm::cli {
namespace {

Result<void> run(const std::filesystem::path& folder) {
  STM32TVM_TRY(project, read_project(folder));
  if (!project.run) {
    return Error{ErrorCode::unsupported, "no emulator has this board; write to a real one with stm32tvm flash",
                 project.target};
  }
  STM32TVM_CHECK(build_project(project));
  return run_command(*project.run, project.folder);
}

}  // namespace

void add_run(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand("run", "build an emitted firmware project and run it in an emulator");
  auto folder = std::make_shared<std::filesystem::path>();
  command.add_option("project", *folder, "folder that generate wrote")->required()->type_name("DIR");
  command.callback([folder, &action] { action = [folder] { return run(*folder); }; });
}

}  // namespace stm32tvm::cli
