// SPDX-License-Identifier: Apache-2.0
// Any bytes are an Error or an archive whose members have safe paths, each once, in order.
#include <cstddef>
#include <cstdint>
#include <string>

#include "check.hpp"
#include "stm32tvm/archive.hpp"
#include "support/relative_path.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stm32tvm;
  const auto archive = Archive::from_bytes(Bytes(std::string(reinterpret_cast<const char*>(data), size)));
  if (!archive) {
    fuzz::check(!archive.error().message.empty());
    return 0;
  }
  const std::string* before = nullptr;
  for (const Archive::Member& member : archive->members()) {
    fuzz::check(fault_of(member.path) == nullptr && (before == nullptr || *before < member.path));
    fuzz::check(archive->find(member.path) == &member);
    before = &member.path;
  }
  return 0;
}
