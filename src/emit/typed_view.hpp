// SPDX-License-Identifier: Apache-2.0
// Emits <name>.hpp: the network's constants for the typed C++ views of runtime_c/stvm.hpp.
#pragma once

#include <string>

#include "emit/network_layout.hpp"

namespace stm32tvm {

std::string emit_typed_view(const NetworkLayout& layout);

}  // namespace stm32tvm
