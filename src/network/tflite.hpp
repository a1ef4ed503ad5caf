// SPDX-License-Identifier: Apache-2.0
// What a TFLite file says of its inputs and outputs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/data_type.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

struct TfliteTensor {
  std::string name;  ///< any bytes
  DataType type;
  std::vector<std::int32_t> shape;  ///< as written: dimensions may be negative in a damaged file
  Quantization quantization;        ///< unquantized when the file gives no scale
};

struct TfliteInterface {
  std::vector<TfliteTensor> inputs;
  std::vector<TfliteTensor> outputs;
};

/// Reads the first subgraph's inputs and outputs. The file may be hostile; errors are of code bad_option.
Result<TfliteInterface> read_tflite(std::string_view file);

}  // namespace stm32tvm
