// SPDX-License-Identifier: Apache-2.0
// The serial port of a board's debug probe, as templates are filled with its registers.
#pragma once

#include "emit/template.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/target.hpp"

namespace stm32tvm {

/// For firmware/console_uart.c, which sends. The registers of the target's console are known.
TemplateValues sending_uart(const Target& target);

/// For applications/serial_port.c, which receives too; unsupported when the port is not known.
Result<TemplateValues> receiving_uart(const Target& target);

/// For host_driven/serial_settings.h; unsupported when the port is not known.
Result<TemplateValues> serial_settings(const Target& target);

}  // namespace stm32tvm
