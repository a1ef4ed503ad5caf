// SPDX-License-Identifier: Apache-2.0
// --c-api st-ai: stai_<name>_* as in ST Edge AI Core 2 and later.
#pragma once

#include <string>
#include <string_view>

#include "emit/network_layout.hpp"
#include "stm32tvm/project_emitter.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/source_tree.hpp"

namespace stm32tvm {

/// The API's own limits.
Result<void> check_st_ai_api(const NetworkDescriptor& network);
/// Adds <name>.h, <name>.c, <name>_data.h, <name>_data.c and <name>_details.h.
Result<void> add_st_ai_api(const NetworkLayout& layout, const EmitOptions& options, SourceTree& tree);
/// Symbol of the block of weights of the group "weights".
std::string st_ai_weights_symbol(const NetworkLayout& layout);

// The parts of these files.

/// <name>.h: every macro that ST's generator writes, and the functions.
std::string emit_st_ai_header(const NetworkLayout& layout);
/// <name>_details.h: all tensors and nodes, for tools.
std::string emit_st_ai_details(const NetworkLayout& layout);

/// "STAI_FORMAT_S8"; STAI_FORMAT_NONE for a type that the API has no format for.
std::string stai_format(DataType type);
/// "STAI_FLAG_CHANNEL_LAST|STAI_FLAG_HAS_BATCH" of a tensor.
std::string stai_shape_flags(const Tensor& tensor);
/// All flags of an input or output; `kind` is "INPUTS" or "OUTPUTS".
std::string stai_interface_flags(const NetworkLayout& layout, TensorIndex index, std::string_view kind);

}  // namespace stm32tvm
