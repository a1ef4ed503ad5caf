// SPDX-License-Identifier: Apache-2.0
// Any bytes are an Error or an archive whose networks are described, planned and emitted, or refused, without harm.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "stm32tvm/stm32tvm.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stm32tvm;
  const auto library = ModelLibrary::from_bytes(Bytes(std::string(reinterpret_cast<const char*>(data), size)));
  if (!library) {
    return 0;
  }
  for (const Module& module : library->modules()) {
    const auto network = library->network(module.name);
    if (!network) {
      continue;
    }
    const auto plan = MemoryPlan::make(*network);
    if (!plan) {
      continue;
    }
    if (!plan->check(*network)) {
      std::abort();
    }
    static_cast<void>(ProjectEmitter::emit(*network, *plan, {}));
  }
  return 0;
}
