// SPDX-License-Identifier: Apache-2.0
// stm32tvm generate: archive to folder.
#include <fmt/format.h>

#include <cstdio>

#include "commands.hpp"
#include "support/try.hpp"

namespace stm32tvm::cli {

namespace {

Result<void> write(const SourceTree& tree, const GenerateArguments& arguments, std::uint64_t bytes) {
  STM32TVM_TRY(written, tree.write_to(arguments.output));
  if (!arguments.quiet) {
    for (const std::string& path : written.changed) {
      fmt::print("{}\n", (arguments.output / path).string());
    }
    fmt::print("{} files written, {} unchanged; RAM {} bytes for tensors and workspaces\n", written.changed.size(),
               written.unchanged, grouped(bytes));
  }
  return {};
}

/// All modules of an archive into one tree.
Result<void> generate_all(const ModelLibrary& library, const GenerateArguments& arguments) {
  if (!arguments.model.tflite.empty() || !arguments.model.quantization.empty()) {
    return Error{ErrorCode::bad_option,
                 "the archive has several modules, and --tflite and --quantization are for one; name it with --module",
                 arguments.model.model.string()};
  }
  std::vector<PlannedNetwork> networks;
  std::uint64_t bytes = 0;
  for (const Module& module : library.modules()) {
    STM32TVM_TRY(network, library.network(module.name));
    STM32TVM_TRY(plan, MemoryPlan::make(network, arguments.model.plan));
    bytes += plan.bytes();
    networks.push_back({network, plan});
  }
  STM32TVM_TRY(tree, ProjectEmitter::emit_all(networks, arguments.emit));
  return write(tree, arguments, bytes);
}

}  // namespace

Result<void> generate(GenerateArguments arguments) {
  STM32TVM_TRY(library, ModelLibrary::open(arguments.model.model));
  if (arguments.model.module.empty() && library.modules().size() > 1 && arguments.target.empty()) {
    return generate_all(library, arguments);
  }
  STM32TVM_TRY(network, describe_network(library, arguments.model));
  STM32TVM_TRY(plan, MemoryPlan::make(network, arguments.model.plan));
  if (!arguments.target.empty()) {
    STM32TVM_TRY(target, find_target(arguments.target));
    arguments.emit.target = target;
  }
  if (!arguments.samples.empty()) {
    STM32TVM_TRY(samples, read_samples(arguments.samples, network));
    arguments.emit.samples = samples;
  }
  STM32TVM_TRY(tree, ProjectEmitter::emit(network, plan, arguments.emit));
  return write(tree, arguments, plan.bytes());
}

}  // namespace stm32tvm::cli
