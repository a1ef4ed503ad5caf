// SPDX-License-Identifier: Apache-2.0
// What a verb read, as a rule for build tools.
#pragma once

#include <filesystem>
#include <string>

#include <CLI/CLI.hpp>

#include "stm32tvm/result.hpp"

namespace stm32tvm::cli {

struct DepfileArguments {
  std::filesystem::path file;  ///< empty: none
  std::string target;          ///< of the rule; empty: the file itself
};

/// Declares --depfile and --depfile-target.
void add_depfile_options(CLI::App& command, DepfileArguments& arguments);

/// Writes a rule in Make's syntax: the target depends on each file and folder that options of type FILE and DIR named,
/// with all that a folder holds. An empty rule for each lets Make run the command, whose sentence is clear, when one
/// is gone. Errors: cannot_write; bad_option for a path with a line end, which Make has no words for.
Result<void> write_depfile(const CLI::App& command, const DepfileArguments& arguments);

}  // namespace stm32tvm::cli
