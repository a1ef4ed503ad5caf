// SPDX-License-Identifier: Apache-2.0
// The rules that a record must keep; docs/tuning-database.md lists them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tuning/record.hpp"

namespace stm32tvm::tuning {

/// What is wrong with a record of the database, one sentence each; `text` is its line, `record` what was read from it.
std::vector<std::string> broken_rules(std::string_view text, const Record& record);

}  // namespace stm32tvm::tuning
