// SPDX-License-Identifier: Apache-2.0
// The weights as a symbol of the image.
#pragma once

#include <string>

#include "emit/c_writer.hpp"
#include "emit/network_layout.hpp"
#include "stm32tvm/project_emitter.hpp"

namespace stm32tvm {

/// Defines the weights as the symbol `symbol`, an array of bytes or of 64-bit words, in section .nn_weights.
enum class WeightsElement { byte, word64 };
void write_weights(CWriter& out, const NetworkLayout& layout, EmitOptions::Weights weights, const std::string& symbol,
                   WeightsElement element);

/// <name>_data.c up to and with that symbol, for a device API to add its functions.
CWriter weights_source(const NetworkLayout& layout, EmitOptions::Weights weights, const std::string& symbol,
                       WeightsElement element);

}  // namespace stm32tvm
