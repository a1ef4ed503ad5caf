// SPDX-License-Identifier: Apache-2.0
// What messages about plans call tensors, operators, buffers and steps.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "plan/requirements.hpp"

namespace stm32tvm {

std::string quoted(std::string_view name) {
  constexpr std::size_t length_maximum = 60;
  std::string text(name.substr(0, length_maximum));
  std::ranges::replace_if(
      text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return '"' + text + (name.size() > length_maximum ? "...\"" : "\"");
}

std::string tensor_name(const NetworkDescriptor& network, TensorIndex index) {
  return fmt::format("tensor {} {}", index, quoted(network.tensors[index].name));
}

std::string operator_name(const NetworkDescriptor& network, std::size_t index) {
  return fmt::format("operator {} {}", index, quoted(network.operators[index].name));
}

std::string buffer_name(const NetworkDescriptor& network, const PlannedBuffer& buffer) {
  switch (buffer.kind) {
    case PlannedBuffer::Kind::tensor:
      return tensor_name(network, buffer.tensor);
    case PlannedBuffer::Kind::second:
      return "the second buffer of " + tensor_name(network, buffer.tensor);
    case PlannedBuffer::Kind::workspace:
      break;
  }
  return fmt::format("workspace {} of {}", buffer.workspace_index, operator_name(network, buffer.operator_index));
}

std::string place_in_time(const NetworkDescriptor& network, std::uint32_t step) {
  if (const auto index = operator_at(network, step)) {
    return "in " + operator_name(network, *index);
  }
  return step == 0 ? "before the first operator" : "after the last operator";
}

}  // namespace stm32tvm
