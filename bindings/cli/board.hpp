// SPDX-License-Identifier: Apache-2.0
// A board that is plugged in: writes firmware to it and listens to what it says.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "project.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm::cli {

/// Writes `image`, a build of the project, to its board, and gives what the board says on the serial port, up to where
/// `is_whole` holds of it.
Result<std::string> run_on_board(const Project& project, const std::filesystem::path& image,
                                 const std::filesystem::path& port,
                                 const std::function<bool(const std::string&)>& is_whole);

}  // namespace stm32tvm::cli
