// SPDX-License-Identifier: Apache-2.0
// What every emitted file of a network agrees on: names, tables' indices, the weights' offsets and the operators kept.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "emit/c_identifier.hpp"
#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {

struct NetworkLayout {
  NetworkLayout(const NetworkDescriptor& network, const MemoryPlan& plan, const CIdentifier& name);

  const NetworkDescriptor& network;
  const MemoryPlan& plan;
  CIdentifier name;
  std::string upper;  ///< the name in capitals, the prefix of macros

  std::vector<TensorIndex> interface;  ///< inputs, then outputs: the writable descriptors
  std::vector<TensorIndex> table;      ///< every other tensor that an operator takes: the const descriptors
  std::map<TensorIndex, std::size_t> interface_row;
  std::map<TensorIndex, std::size_t> table_row;
  std::vector<std::uint32_t> operators;  ///< indices of the operators that do something at run time
  std::size_t longest_call = 1;          ///< most arguments of one operator

  std::map<TensorIndex, std::uint64_t> weight_offset;  ///< equal parameters share one
  std::string weights;                                 ///< all parameters, each on a 16-byte boundary

  /// C expression of the tensor's address at link time.
  [[nodiscard]] std::string address(TensorIndex tensor) const;
  /// C expression of a pointer to the tensor's DLTensor.
  [[nodiscard]] std::string descriptor(TensorIndex tensor) const;
  /// Name of the C array of this shape; "NULL" for a scalar.
  [[nodiscard]] std::string shape(TensorIndex tensor) const;
  /// "image, int8[1, 8, 8, 1]", for comments.
  [[nodiscard]] std::string describe(TensorIndex index) const;
  /// Where the plan put the tensor; not for constants.
  [[nodiscard]] const PlannedBuffer& buffer(TensorIndex tensor) const;

 private:
  void place_weights();
};

/// "1, 8, 8, 1"
std::string join_shape(const std::vector<std::int64_t>& shape, const char* separator = ", ");

}  // namespace stm32tvm
