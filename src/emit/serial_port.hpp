// SPDX-License-Identifier: Apache-2.0
// The serial port of a target's console, as firmware sets it up.
#pragma once

#include <string>

#include "emit/template.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/target.hpp"

namespace stm32tvm {

/// Bits a second of every emitted serial port.
inline constexpr std::uint32_t serial_baud = 115200;

/// What the template host_driven/serial_settings.h is filled with; unsupported when the target's port is not known.
Result<TemplateValues> serial_settings(const Target& target);

}  // namespace stm32tvm
