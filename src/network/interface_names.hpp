// SPDX-License-Identifier: Apache-2.0
// A network's inputs and outputs: matching the archive's against the source model's, and their C identifiers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {

/// The name as TVM writes it into C: every character that is no ASCII letter or digit becomes '_'.
std::string tvm_identifier(std::string_view name);

/// Finds names in a list: the one that is the same, else the only one that is the same as TVM writes it into C.
class NameIndex {
 public:
  explicit NameIndex(const std::vector<std::string_view>& names);

  /// The name's place in the list.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;

 private:
  std::map<std::string, std::size_t, std::less<>> exact_;
  std::map<std::string, std::optional<std::size_t>, std::less<>> written_;  ///< nothing where several are the same
};

/// Whether a tensor of this shape has as many elements as `tensor`.
bool fits(const std::vector<std::int64_t>& shape, const Tensor& tensor);

/// The tensor's identifier; for a tensor that has none, one made from its source_name, or else its name.
/// In the order of the inputs, then the outputs; all legal in C and C++, none the same as another in capitals, and none
/// that the numbered macros of an emitted header use (IN_1, OUT_1).
std::vector<std::string> interface_identifiers(const NetworkDescriptor& network);

/// Sets the identifiers of all inputs and outputs anew from their source names: an input without one has its name, an
/// output without one is "output".
void assign_identifiers(NetworkDescriptor& network);

}  // namespace stm32tvm
