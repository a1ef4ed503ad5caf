// SPDX-License-Identifier: Apache-2.0
// consumer ARCHIVE: the five steps; prints how many files there are.
#include <cstdio>

#include <stm32tvm/stm32tvm.hpp>

int main(int argc, char** argv) {
  try {
    const auto library = stm32tvm::ModelLibrary::open(argc > 1 ? argv[1] : "").value();
    const auto network = library.network().value();
    const auto plan = stm32tvm::MemoryPlan::make(network).value();
    const auto tree = stm32tvm::ProjectEmitter::emit(network, plan, {}).value();
    std::printf("%zu files\n", tree.files().size());
    return 0;
  } catch (const stm32tvm::BadResult& error) {  // its type is known across the library's border
    std::printf("%s\n", stm32tvm::name(error.error().code));
    return 1;
  }
}
