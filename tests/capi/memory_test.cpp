// SPDX-License-Identifier: Apache-2.0
// memory_test ARCHIVE: all steps over the C ABI while memory runs out, at each place in turn: large requests are
// refused from there on. A call then ends with a status and no exception, and everything is given back. Prints only
// what failed.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <new>
#include <string>

#include "stm32tvm/c_api.h"

namespace {

constexpr std::size_t large = 8192;  ///< bytes; the JSON library cannot do without small requests, its destructors ask
std::uint64_t asked = 0;             ///< large requests
std::uint64_t granted = UINT64_MAX;  ///< of them; the others are refused
std::int64_t held = 0;               ///< requests of any size that were not given back

}  // namespace

// The library takes these in place of the standard library's.
void* operator new(std::size_t size) {
  asked += size >= large ? 1 : 0;
  void* const memory = size >= large && asked > granted ? nullptr : std::malloc(size);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  ++held;
  return memory;
}

void operator delete(void* memory) noexcept {
  held -= memory != nullptr ? 1 : 0;
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}

namespace {

stm32tvm_status all_steps(const std::string& archive) {
  static const char options_text[] = R"({"target": "netduinoplus2"})";
  stm32tvm_options options = STM32TVM_OPTIONS_INIT;
  options.json = options_text;
  options.json_size = sizeof options_text - 1;
  stm32tvm_library* library = nullptr;
  stm32tvm_network* network = nullptr;
  stm32tvm_plan* plan = nullptr;
  stm32tvm_tree* tree = nullptr;
  stm32tvm_text* texts[3] = {};
  stm32tvm_error* error = nullptr;
  stm32tvm_status status = STM32TVM_OK;
  const auto done = [&](stm32tvm_status of_step) {
    status = of_step;
    return status == STM32TVM_OK;
  };
  if (done(stm32tvm_library_from_memory(archive.data(), archive.size(), nullptr, &library, &error)) &&
      done(stm32tvm_network_describe(library, nullptr, 0, nullptr, &network, &error)) &&
      done(stm32tvm_network_to_json(network, &texts[0], &error)) &&
      done(stm32tvm_plan_make(network, nullptr, &plan, &error)) &&
      done(stm32tvm_plan_to_json(plan, &texts[1], &error)) &&
      done(stm32tvm_emit(&plan, 1, &options, nullptr, &tree, &error))) {
    done(stm32tvm_targets_to_json(&texts[2], &error));
  }
  stm32tvm_error_free(error);
  for (stm32tvm_text* text : texts) {
    stm32tvm_text_free(text);
  }
  stm32tvm_tree_free(tree);
  stm32tvm_plan_free(plan);
  stm32tvm_network_free(network);
  stm32tvm_library_free(library);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  std::ifstream file(argc > 1 ? argv[1] : "", std::ios::binary);
  const std::string archive{std::istreambuf_iterator<char>(file), {}};
  if (all_steps(archive) != STM32TVM_OK) {  // what is made once and kept is made now
    std::puts("the steps fail with all memory there is");
    return 1;
  }
  asked = 0;
  all_steps(archive);
  const std::uint64_t all = asked;
  int failures = all > 10 ? 0 : 1;
  for (std::uint64_t few = 0; few < all; ++few) {
    const std::int64_t before = held;
    asked = 0;
    granted = few;
    const stm32tvm_status status = all_steps(archive);
    granted = UINT64_MAX;
    if (status != STM32TVM_OUT_OF_MEMORY || held != before) {
      std::printf("after %llu of %llu large requests: %s, %lld not given back\n", static_cast<unsigned long long>(few),
                  static_cast<unsigned long long>(all), stm32tvm_status_name(status),
                  static_cast<long long>(held - before));
      ++failures;
    }
  }
  return failures == 0 ? 0 : 1;
}
