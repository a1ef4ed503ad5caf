// SPDX-License-Identifier: Apache-2.0
// Tells the quantization of a network's inputs and outputs from its Relay text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "network/relay_parser.hpp"
#include "stm32tvm/data_type.hpp"
#include "stm32tvm/diagnostic.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

/// A parameter or a result of @main.
struct RelayTensor {
  std::string name;                                ///< without %; an output's may be empty
  std::optional<DataType> type;                    ///< nothing when the text does not tell
  std::optional<std::vector<std::int64_t>> shape;  ///< nothing when the text does not tell
  Quantization quantization;
  std::string evidence;  ///< what tells the quantization: "argument of qnn.conv2d at line 2"; may be empty
};

struct RelayQuantization {
  std::vector<RelayTensor> inputs;   ///< all parameters of @main in call order, weights among them
  std::vector<RelayTensor> outputs;  ///< the results of @main in call order, tuples flattened; none for a text that
                                     ///< is not followed to its end, which a diagnostic then says
  std::vector<Diagnostic> diagnostics;
};

/// What the text tells for sure; everything else is unknown. Figures come from the operands of the quantized operators
/// that read or make a tensor, also where operators that keep the meaning of values (reshape, clip, pooling, calls of
/// functions, ...) stand in between. Operators that contradict each other make a tensor unknown, with a warning.
///
/// An output's name is @main's attribute output_tensor_names, where it has one name for each output (TVM's TFLite
/// importer writes it, with ':' and the like made '_'; the span has the name as it was, where it is the same but for
/// these). Else it is the `span=name:0:0` of the operator that makes the output:
/// importers set it to the source model's name of the tensor, and line and column to 0; with another line or column
/// the span is a place in a text and no tensor's name.
RelayQuantization find_relay_quantization(const RelayModule& module, std::string_view where);

/// The same from the text.
Result<RelayQuantization> read_relay_quantization(std::string_view text, std::string_view where);

}  // namespace stm32tvm
