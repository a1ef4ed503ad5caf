// SPDX-License-Identifier: Apache-2.0
// Any bytes are an Error or an archive whose networks are refused or described, planned and emitted as C that is whole.
#include <cstddef>
#include <cstdint>
#include <string>

#include "check.hpp"
#include "stm32tvm/stm32tvm.hpp"

namespace {

using namespace stm32tvm;

/// What we write must be whole; the kernels are the archive's own text.
void check_tree(const SourceTree& tree) {
  for (const auto& [path, text] : tree.files()) {
    const bool c = path.ends_with(".c") || path.ends_with(".h") || path.ends_with(".hpp");
    if (c && path.starts_with("network/") && path.find("/kernels/") == std::string::npos) {
      fuzz::token_kinds(text.view());
    }
  }
}

void emit(const ModelLibrary& library, const Module& module) {
  const auto network = library.network(module.name);
  if (!network) {
    fuzz::check(!network.error().message.empty());
    return;
  }
  static_cast<void>(to_json(*network));
  const auto plan = MemoryPlan::make(*network);
  if (!plan) {
    return;
  }
  fuzz::check(plan->check(*network).has_value());
  if (const auto tree = ProjectEmitter::emit(*network, *plan, {})) {
    check_tree(*tree);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto library = ModelLibrary::from_bytes(Bytes(std::string(reinterpret_cast<const char*>(data), size)));
  if (library) {
    for (const Module& module : library->modules()) {
      emit(*library, module);
    }
  }
  return 0;
}
