// SPDX-License-Identifier: Apache-2.0
// Reads the console of a board in a table of boards.
#pragma once

#include <string>

#include "emit/board_record.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/target.hpp"

namespace stm32tvm {

/// A console with its pins alone is for people; with its registers the firmware can use it.
Result<TargetConsole> read_console(const Json& value, const std::string& where);

}  // namespace stm32tvm
