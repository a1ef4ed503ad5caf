// SPDX-License-Identifier: Apache-2.0
// An emitted firmware project, as its file stm32tvm.json describes it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "process.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm::cli {

struct Project {
  std::filesystem::path folder;
  std::string target;
  std::string image;
  std::vector<Command> build;
  std::vector<std::vector<Command>> flash;  ///< ways to write the image, the preferred one first
  std::optional<Command> run;
};

/// What the commands leave to who runs them; empty where it is not given.
struct FlashValues {
  std::string probe;   ///< serial number of a debug probe
  std::string loader;  ///< STM32_Programmer_CLI's file for the board's external flash
};

/// Reads the project of a folder.
Result<Project> read_project(const std::filesystem::path& folder, const FlashValues& values = {});

/// Runs the commands that build it.
Result<void> build_project(const Project& project);

/// The commands that write its image: the first way whose programs are installed.
Result<std::vector<Command>> installed_way_to_flash(const Project& project);

}  // namespace stm32tvm::cli
