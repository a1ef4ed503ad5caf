// SPDX-License-Identifier: Apache-2.0
// Any bytes are an Error or an archive whose networks are refused or described, planned and emitted as C that is whole.
#include <cstddef>
#include <cstdint>
#include <string>

#include "check.hpp"
#include "stm32tvm/stm32tvm.hpp"
#include "support/crc32.hpp"

namespace {

using namespace stm32tvm;

/// What we write must be whole; the kernels are the archive's own text.
void check_tree(const SourceTree& tree) {
  for (const auto& [path, text] : tree.files()) {
    const bool c = path.ends_with(".c") || path.ends_with(".h") || path.ends_with(".hpp");
    if (c && path.find("/kernels/") == std::string::npos) {
      fuzz::token_kinds(text.view());
    }
  }
}

/// Takes choices one after the other from a number.
class Choices {
 public:
  explicit Choices(std::uint32_t number) : number_(number) {}
  /// One of 0 to count - 1.
  std::uint32_t take(std::uint32_t count) {
    const std::uint32_t taken = number_ % count;
    number_ /= count;
    return taken;
  }

 private:
  std::uint32_t number_;
};

EmitOptions options_of(Choices& choices) {
  EmitOptions options;
  options.device_api = static_cast<EmitOptions::DeviceApi>(choices.take(3));
  options.separate_kernels = choices.take(2) == 1;
  options.build_system = static_cast<EmitOptions::BuildSystem>(choices.take(7));
  if (choices.take(2) == 1) {
    options.target = find_target("netduinoplus2").value();
    options.application = static_cast<EmitOptions::Application>(choices.take(4));
    options.time_kernels = choices.take(2) == 1;
  }
  return options;
}

/// What is asked for depends on the archive's bytes, so that a replay asks for the same.
void emit(const ModelLibrary& library, const Module& module, Choices choices) {
  const auto network = library.network(module.name, {.keep_constants = choices.take(3) == 0});
  if (!network) {
    fuzz::check(!network.error().message.empty());
    return;
  }
  static_cast<void>(to_json(*network));
  const EmitOptions options = options_of(choices);
  const auto plan = MemoryPlan::make(*network, {.inputs = default_inputs(options.device_api)});
  if (!plan) {
    return;
  }
  fuzz::check(plan->check(*network).has_value());
  if (const auto tree = ProjectEmitter::emit(*network, *plan, options)) {
    check_tree(*tree);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto library = ModelLibrary::from_bytes(Bytes(bytes));
  if (library) {
    for (const Module& module : library->modules()) {
      emit(*library, module, Choices(crc32(bytes)));
    }
  }
  return 0;
}
