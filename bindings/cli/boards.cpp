// SPDX-License-Identifier: Apache-2.0
// stm32tvm boards: the boards that firmware can be emitted for, and what is known of each.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "commands.hpp"
#include "support/try.hpp"

namespace stm32tvm::cli {
namespace {

constexpr std::uint64_t kib = 1024;

struct BoardsArguments {
  std::string name;  ///< empty: all
  std::filesystem::path table;
};

const char* verified_text(bool verified) {
  return verified ? "" : " (not verified)";
}

void print_list(const std::vector<Target>& boards) {
  for (const Target& board : boards) {
    fmt::print("{:<18} {:<12} {:<14} {:>6} KiB flash {:>6} KiB RAM  {}\n", board.name, board.part, board.core,
               board.flash().size_bytes / kib, board.ram().size_bytes / kib,
               board.qemu_machine.empty() ? board.console.uart : "QEMU");
  }
}

Result<void> boards(const BoardsArguments& arguments) {
  STM32TVM_TRY(known, read_boards(arguments.table));
  if (arguments.name.empty()) {
    print_list(known);
    return {};
  }
  STM32TVM_TRY(board, find_board(known, arguments.name));
  print_board(board);
  return {};
}

}  // namespace

void print_board(const Target& board) {
  fmt::print("board       {}: {}\n", board.name, board.description);
  fmt::print("part        {}, {}, {}\n", board.part, board.core, board.fpu.empty() ? "no FPU" : board.fpu);
  fmt::print("clock       {} Hz after reset\n", grouped(board.systick_hz));
  for (const TargetMemory& memory : board.memories) {
    fmt::print("  {:<10}{:>10} bytes at 0x{:08x}{}{}\n", memory.name, grouped(memory.size_bytes), memory.address,
               memory.executable ? ", runs code" : "",
               memory.needs_setup ? ", works after the application has set it up" : "");
  }
  fmt::print("  from      {}{}\n", board.source, verified_text(board.verified));
  if (!board.console.uart.empty()) {
    fmt::print("console     {}, pins {} and {}\n", board.console.uart, board.console.tx, board.console.rx);
  }
  if (!board.console.source.empty()) {
    fmt::print("  from      {}{}\n", board.console.source, verified_text(board.console.verified));
  }
  if (!board.qemu_machine.empty()) {
    fmt::print("emulator    QEMU, -M {}\n", board.qemu_machine);
  }
  if (!board.probe.empty()) {
    fmt::print("probe       {}{}\n", board.probe,
               board.openocd_target.empty() ? "" : ", OpenOCD's target/" + board.openocd_target + ".cfg");
  }
}

void add_boards(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand("boards", "list the boards that firmware can be emitted for");
  auto arguments = std::make_shared<BoardsArguments>();
  command.add_option("board", arguments->name, "board to tell all of")->type_name("BOARD");
  add_boards_option(command, arguments->table);
  command.callback([arguments, &action] { action = [arguments] { return boards(*arguments); }; });
}

}  // namespace stm32tvm::cli
