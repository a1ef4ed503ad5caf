// SPDX-License-Identifier: Apache-2.0
// Files that the program writes by themselves, beside its trees.
#pragma once

#include <filesystem>
#include <string_view>

#include "stm32tvm/result.hpp"

namespace stm32tvm::cli {

/// Puts the text at `path` as a whole: a failure or an interrupt leaves the file that was there.
Result<void> write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace stm32tvm::cli
