// SPDX-License-Identifier: Apache-2.0
// Types and quantization of inputs and outputs in emitted C: macros, and the ai_quantization_info in flash.
#pragma once

#include <string>

#include "emit/c_writer.hpp"
#include "emit/network_layout.hpp"

namespace stm32tvm {

/// "0.5f": the float32 nearest to the number, with as many digits as tell it from the next.
std::string c_float(double number);

/// The C type that one lane of the tensor's elements is stored as: "int8_t".
std::string c_storage_type(DataType type);

/// The macros <prefix>_DTYPE, and where the tensor is quantized _SCALE and _ZERO_POINT; along an axis these have
/// braces, and _AXIS is there too.
void write_value_macros(CWriter& out, const Tensor& tensor, const std::string& prefix);

/// All macros of each input and output under its identifier, and its index.
void write_named_macros(CWriter& out, const NetworkLayout& layout);

/// The const ai_quantization_info of each quantized input and output.
void write_quantization(CWriter& out, const NetworkLayout& layout);

/// C expression of a pointer to the tensor's ai_quantization_info; "NULL" when it has none.
std::string quantization_address(const NetworkLayout& layout, TensorIndex tensor);

}  // namespace stm32tvm
