// SPDX-License-Identifier: Apache-2.0
// Any bytes are an Error or parameters whose values have the size of their type and shape.
#include <cstddef>
#include <cstdint>
#include <string>

#include "check.hpp"
#include "network/parameters.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stm32tvm;
  const auto parameters =
      read_parameters(Bytes(std::string(reinterpret_cast<const char*>(data), size)), "fuzz", ModelLimits{});
  if (!parameters) {
    return 0;
  }
  for (const auto& [name, parameter] : *parameters) {
    std::uint64_t bytes = parameter.type.bytes();
    for (const std::int64_t dimension : parameter.shape) {
      bytes *= static_cast<std::uint64_t>(dimension);
    }
    fuzz::check(parameter.values.size() == bytes);
  }
  return 0;
}
