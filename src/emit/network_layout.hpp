// SPDX-License-Identifier: Apache-2.0
// What every emitted file of a network agrees on: names, tables' indices, the weights' offsets and the operators kept.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "support/c_identifier.hpp"

namespace stm32tvm {

/// All arguments of a call: inputs, outputs, pools.
std::vector<Argument> arguments_of(const Operator& call);

/// Where a tensor's bytes are: the tensor at the end of its chain of views, and the offset in it.
struct ViewPlace {
  TensorIndex root = 0;
  std::uint64_t offset = 0;
};
ViewPlace view_place(const NetworkDescriptor& network, TensorIndex tensor);

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

  std::map<TensorIndex, std::uint64_t> weight_offset;  ///< of constants that are no views; equal ones share one
  std::string weights;                                 ///< all parameters, each on a 16-byte boundary
  std::set<std::string> definitions;                   ///< of all sources: the symbols that get the network's name

  /// C expression of the tensor's address at link time.
  [[nodiscard]] std::string address(TensorIndex tensor) const;
  /// C expression of a pointer to the tensor's DLTensor.
  [[nodiscard]] std::string descriptor(TensorIndex tensor) const;
  /// Name of the C array of this shape; "NULL" for a scalar.
  [[nodiscard]] std::string shape(TensorIndex tensor) const;
  /// "image, int8[1, 8, 8, 1]", for comments.
  [[nodiscard]] std::string describe(TensorIndex index) const;
  /// Where the plan put the tensor; not for constants.
  struct Place {
    std::uint32_t pool = 0;
    std::uint64_t offset = 0;
  };
  [[nodiscard]] Place place(TensorIndex tensor) const;
  /// The kernel's symbol in the image: archives share names, so what a source defines gets the network's name.
  [[nodiscard]] std::string symbol(const std::string& kernel) const;

 private:
  void place_weights();
};

/// "1, 8, 8, 1"
std::string join_shape(const std::vector<std::int64_t>& shape, const char* separator = ", ");

}  // namespace stm32tvm
