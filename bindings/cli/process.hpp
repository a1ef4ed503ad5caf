// SPDX-License-Identifier: Apache-2.0
// Running a tool as a child process.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "stm32tvm/result.hpp"

namespace stm32tvm::cli {

/// A program with its arguments; a name without '/' is looked up in PATH.
struct Command {
  std::string program;
  std::vector<std::string> arguments;
};

/// Whether the program of this name is there.
bool is_in_path(const std::string& program);

/// Runs it in the folder with this program's input and output, so that its progress and its own messages are seen as
/// they come. Fails when the program is missing or fails.
Result<void> run_command(const Command& command, const std::filesystem::path& folder);

/// The same without a word to the terminal: gives what the program said, of which an error holds the end.
Result<std::string> run_captured(const Command& command, const std::filesystem::path& folder);

}  // namespace stm32tvm::cli
