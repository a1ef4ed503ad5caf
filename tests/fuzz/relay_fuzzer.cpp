// SPDX-License-Identifier: Apache-2.0
// Any text is an Error or a module whose quantization can be told.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "network/relay_quantization.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(stm32tvm::read_relay_quantization(text, "fuzz"));
  return 0;
}
