// SPDX-License-Identifier: Apache-2.0
// stm32tvm flash: builds an emitted project and writes it to the board, with the first tool that is installed.
#include <memory>

#include "commands.hpp"
#include "project.hpp"
#include "support/try.hpp"

namespace stm32tvm::cli {
namespace {

struct FlashArguments {
  std::filesystem::path folder;
  FlashValues values;
};

Result<void> flash(const FlashArguments& arguments) {
  STM32TVM_TRY(project, read_project(arguments.folder, arguments.values));
  STM32TVM_TRY(way, installed_way_to_flash(project));
  STM32TVM_CHECK(build_project(project));
  for (const Command& command : way) {
    STM32TVM_CHECK(run_command(command, project.folder));
  }
  return {};
}

}  // namespace

void add_flash(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand("flash", "build an emitted firmware project and write it to the board");
  auto arguments = std::make_shared<FlashArguments>();
  command.add_option("project", arguments->folder, "folder that generate wrote")->required()->type_name("DIR");
  command.add_option("--probe", arguments->values.probe, "serial number of the debug probe, where there are several")
      ->type_name("SERIAL");
  command
      .add_option("--loader", arguments->values.loader, "external loader of STM32_Programmer_CLI, for external flash")
      ->type_name("FILE");
  command.callback([arguments, &action] { action = [arguments] { return flash(*arguments); }; });
}

}  // namespace stm32tvm::cli
