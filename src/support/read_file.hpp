// SPDX-License-Identifier: Apache-2.0
// A file of the user's, as a whole.
#pragma once

#include <filesystem>

#include "stm32tvm/bytes.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

/// Errors: cannot_read, with the path, for what is no file that may be read.
Result<Bytes> read_file(const std::filesystem::path& path);

}  // namespace stm32tvm
