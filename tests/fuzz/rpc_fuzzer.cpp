// SPDX-License-Identifier: Apache-2.0
// Whatever comes in over the line, as it is and inside good packets of a session, the device's server goes on serving.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "../rpc/device.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto device = std::make_unique<rpc::Device>();
  device->connect();
  // A host may ask for any number of calls, and for any time to pass: both come to their end at once.
  rpc::line.most_calls = 1000;
  device->server.platform.ticks = [] { return rpc::line.ticks += 1ULL << 40U; };
  std::size_t at = 0;
  while (at < size) {
    // A byte tells how the next bytes, whose number is the next byte, are sent.
    const std::uint8_t kind = data[at];
    const std::size_t count = std::min<std::size_t>(at + 1 < size ? data[at + 1] : 0, size - std::min(size, at + 2));
    const std::uint8_t* const from = data + std::min(size, at + 2);
    const rpc::Bytes bytes(from, from + count);
    at += 2 + count;
    device->exchange(kind % 4 == 0   ? bytes
                     : kind % 4 == 1 ? rpc::frame(bytes)
                                     : rpc::frame(rpc::message(device->session, 0x10, rpc::request(kind / 4U, bytes))));
    rpc::payloads(rpc::line.sent);
  }
  device->connect();
  if (device->global("runtime.SystemLib") == 0) {
    std::abort();
  }
  return 0;
}
