// SPDX-License-Identifier: Apache-2.0
// What makes a quantization one that its tensor can have.
#pragma once

#include <optional>
#include <string>

#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {

/// What is wrong with it, to follow the tensor's name: "has 3 scales and 1 zero point, ..."; nothing when it is right.
std::optional<std::string> quantization_fault(const Quantization& quantization, const Tensor& tensor);

/// "scale 0.5, zero point -128", or the first of many along an axis.
std::string figures_text(const Quantization& quantization);

}  // namespace stm32tvm
