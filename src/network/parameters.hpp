// SPDX-License-Identifier: Apache-2.0
// Reads a .params member: tvm.runtime.save_param_dict of TVM 0.8 to 0.18.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/bytes.hpp"
#include "stm32tvm/data_type.hpp"
#include "stm32tvm/model_library.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

struct Parameter {
  DataType type;
  std::vector<std::int64_t> shape;
  Bytes values;  ///< little-endian, C order; shares the member's memory
};

/// By name. Every size in the member is checked against what is there.
Result<std::map<std::string, Parameter, std::less<>>> read_parameters(const Bytes& member, std::string_view where,
                                                                      const ModelLimits& limits);

/// Bytes of a tensor of this type and shape, or an error when a dimension is negative or the product is over the limit.
/// The error calls it by its kind and name: tensor "image".
Result<std::uint64_t> tensor_bytes(DataType type, const std::vector<std::int64_t>& shape, std::string_view kind,
                                   std::string_view name, std::string_view where, const ModelLimits& limits);

}  // namespace stm32tvm
