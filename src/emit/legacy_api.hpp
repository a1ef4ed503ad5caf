// SPDX-License-Identifier: Apache-2.0
// --c-api legacy: ai_<name>_* as in X-CUBE-AI 7.1 to 10.
#pragma once

#include <string>
#include <vector>

#include "emit/network_layout.hpp"
#include "stm32tvm/project_emitter.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/source_tree.hpp"

namespace stm32tvm {

/// The API's own limits.
Result<void> check_legacy_api(const NetworkDescriptor& network);
/// Adds <name>.h, <name>_config.h, <name>.c, <name>_data.h, <name>_data_params.h and <name>_data.c.
Result<void> add_legacy_api(const NetworkLayout& layout, const EmitOptions& options, SourceTree& tree);
/// Symbol of the block of weights of the group "weights".
std::string legacy_weights_symbol(const NetworkLayout& layout);

// The parts of these files.

/// <name>.h: the macros that ST's generator writes of inputs and outputs, and the functions.
std::string emit_legacy_header(const NetworkLayout& layout);
/// <name>_config.h: the versions of ST's tools.
std::string emit_legacy_config(const NetworkLayout& layout);
/// <name>_data.h: how parameters are made.
std::string emit_legacy_data_header(const NetworkLayout& layout);
/// <name>_data_params.h: sizes and tables of activations and weights.
std::string emit_legacy_params_header(const NetworkLayout& layout);

/// "AI_BUFFER_FORMAT_S8", or an expression of the same encoding; AI_BUFFER_FORMAT_NONE for what it cannot say.
std::string legacy_format(DataType type);

/// A tensor's dimensions, those that it has; channels are last, and what is more than four is in the extension.
struct LegacyShape {
  std::int64_t batch = 1;
  std::int64_t channel = 1;
  std::vector<std::int64_t> outer;  ///< width, height, depth, extension
};
LegacyShape legacy_shape(const Tensor& tensor);

}  // namespace stm32tvm
