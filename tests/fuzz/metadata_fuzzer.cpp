// SPDX-License-Identifier: Apache-2.0
// Any text is an Error or metadata with modules in order.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "check.hpp"
#include "model/metadata.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto metadata = stm32tvm::read_metadata({reinterpret_cast<const char*>(data), size}, {});
  if (metadata) {
    fuzz::check(!metadata->modules.empty());
    for (std::size_t i = 1; i < metadata->modules.size(); ++i) {
      fuzz::check(metadata->modules[i - 1].name < metadata->modules[i].name);
    }
  }
  return 0;
}
