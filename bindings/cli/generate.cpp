// SPDX-License-Identifier: Apache-2.0
// stm32tvm generate: archive to folder.
#include <fmt/format.h>

#include <cstdio>

#include "commands.hpp"
#include "support/try.hpp"

namespace stm32tvm::cli {

Result<void> generate(GenerateArguments arguments) {
  STM32TVM_TRY(library, ModelLibrary::open(arguments.model.model));
  STM32TVM_TRY(network, library.network(arguments.model.module));
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
  STM32TVM_TRY(written, tree.write_to(arguments.output));
  if (!arguments.quiet) {
    for (const std::string& path : written.changed) {
      fmt::print("{}\n", (arguments.output / path).string());
    }
    fmt::print("{} files written, {} unchanged; RAM {} bytes for tensors and workspaces\n", written.changed.size(),
               written.unchanged, grouped(plan.bytes()));
  }
  return {};
}

}  // namespace stm32tvm::cli
