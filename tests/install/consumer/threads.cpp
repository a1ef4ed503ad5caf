// SPDX-License-Identifier: Apache-2.0
// threads ARCHIVE: several threads use objects of their own, and read one that they share.
#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include <stm32tvm/stm32tvm.hpp>

int main(int argc, char** argv) {
  const char* const path = argc > 1 ? argv[1] : "";
  const auto shared = stm32tvm::ModelLibrary::open(path).value();
  std::atomic<std::size_t> files = 0;
  const auto work = [&] {
    const auto own = stm32tvm::ModelLibrary::open(path).value();
    for (const stm32tvm::ModelLibrary* library : {&own, &shared}) {
      const auto network = library->network().value();
      const auto plan = stm32tvm::MemoryPlan::make(network).value();
      stm32tvm::EmitOptions options;
      options.target = stm32tvm::find_target("netduinoplus2").value();
      files += stm32tvm::ProjectEmitter::emit(network, plan, options).value().files().size();
    }
  };
  constexpr std::size_t count = 4;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back(work);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  std::printf("%s\n", files % (2 * count) == 0 && files > 0 ? "every thread the same" : "threads differ");
  return 0;
}
