// SPDX-License-Identifier: Apache-2.0
// The registers of the serial port of a board's debug probe, as templates are filled with them.
#pragma once

#include "emit/template.hpp"
#include "stm32tvm/target.hpp"

namespace stm32tvm {

/// For a port that sends. The registers of the target's console are known.
TemplateValues sending_uart(const Target& target);

/// The same for a port that receives too.
TemplateValues receiving_uart(const Target& target);

}  // namespace stm32tvm
