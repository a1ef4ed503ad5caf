// SPDX-License-Identifier: Apache-2.0
// All records of a database, one after the other.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "tuning/record.hpp"

namespace stm32tvm::tuning {

/// Gives each record of the files in turn; paths are below the folder. Fails as `take` does, and with the place of the
/// first line that is no record.
Result<void> scan(const std::filesystem::path& folder, const std::vector<std::string>& files,
                  const std::function<Result<void>(const std::string& file, const Record&)>& take);

}  // namespace stm32tvm::tuning
