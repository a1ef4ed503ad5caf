// SPDX-License-Identifier: Apache-2.0
// Quantization that the archive does not tell, or tells with too few digits: from the caller, or from the TFLite file.
#pragma once

#include <string_view>

#include "stm32tvm/bytes.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {
inline namespace v1 {

/// Sets the quantization of the tensor of this identifier, source name or name, tried in this order; its source becomes
/// Source::caller. Fails with bad_option, and changes nothing, when no tensor or more than one has the name, and when
/// the figures do not fit the tensor.
Result<void> set_quantization(NetworkDescriptor& network, std::string_view tensor, Quantization quantization);

/// The same for all tensors of a JSON text; docs/quantization.md has its form. `where` names the text in errors. On
/// failure (bad_json, bad_option) nothing is changed.
Result<void> apply_quantization(std::string_view json, std::string_view where, NetworkDescriptor& network);

/// Takes names and exact quantization of inputs and outputs from the TFLite file that the archive was made from. Fails
/// with bad_option, and changes nothing, when the file is no TFLite file or not that one: its inputs and outputs must
/// have the network's number, types and element counts, and where the archive tells a quantization, that too.
Result<void> apply_tflite(const Bytes& file, NetworkDescriptor& network);

}  // namespace v1
}  // namespace stm32tvm
