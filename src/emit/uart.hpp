// SPDX-License-Identifier: Apache-2.0
// The serial port of a board's debug probe: templates filled with its registers.
#pragma once

#include <vector>

#include "emit/build/build_description.hpp"
#include "emit/template.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/source_tree.hpp"
#include "stm32tvm/target.hpp"

namespace stm32tvm {

/// Adds firmware/serial_port.c and its header, unless they are there. The registers of the target's console are known.
Result<void> add_serial_port(const Target& target, SourceTree& tree, std::vector<BuildSource>& sources);

/// Fails with unsupported when the port, or its pin that receives, is not known.
Result<void> check_receiving(const Target& target);

/// What host_driven/serial_settings.h is filled with; fails as check_receiving() does.
Result<TemplateValues> serial_settings(const Target& target);

}  // namespace stm32tvm
