// SPDX-License-Identifier: Apache-2.0
// Whatever line comes in, it is answered by one line.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base85.hpp"
#include "server.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stm32tvm::project_api;
  // In a folder that is not there nothing is generated, built or opened.
  Server server("/nonexistent", -1);
  const std::string line(reinterpret_cast<const char*>(data), size);
  const std::string reply = server.answer(line);
  if (reply.empty() || reply.find('\n') != reply.size() - 1) {
    std::abort();
  }
  if (const auto bytes = base85_decode(line); bytes && base85_decode(base85_encode(*bytes)) != bytes) {
    std::abort();
  }
  return 0;
}
