// SPDX-License-Identifier: Apache-2.0
// threads ARCHIVE FOLDER: several threads go through all steps, with objects of their own and with an archive that they
// share, in C++ and over the C ABI. Built with ThreadSanitizer, which ends the program where two of them meet.
#include <stm32tvm/c_api.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <stm32tvm/stm32tvm.hpp>

namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

Files by_cpp(const stm32tvm::ModelLibrary& library, const fs::path& folder) {
  const auto network = library.network().value();
  const auto plan = stm32tvm::MemoryPlan::make(network).value();
  stm32tvm::EmitOptions options;
  options.target = stm32tvm::find_target("netduinoplus2").value();
  const auto tree = stm32tvm::ProjectEmitter::emit(network, plan, options).value();
  tree.write_to(folder).value();
  Files files;
  for (const auto& [path, contents] : tree.files()) {
    files.emplace(path, contents.view());
  }
  files.emplace("network.json", stm32tvm::to_json(network));
  return files;
}

/// No file where a call failed.
Files by_c(const std::string& path, const std::string& folder) {
  constexpr std::string_view json = R"({"target": "netduinoplus2"})";
  stm32tvm_options options = STM32TVM_OPTIONS_INIT;
  options.json = json.data();
  options.json_size = json.size();
  stm32tvm_library* library = nullptr;
  stm32tvm_network* network = nullptr;
  stm32tvm_plan* plan = nullptr;
  stm32tvm_tree* tree = nullptr;
  stm32tvm_text* text = nullptr;
  Files files;
  if (stm32tvm_library_open(path.data(), path.size(), nullptr, &library, nullptr) == STM32TVM_OK &&
      stm32tvm_network_describe(library, nullptr, 0, nullptr, &network, nullptr) == STM32TVM_OK &&
      stm32tvm_network_to_json(network, &text, nullptr) == STM32TVM_OK &&
      stm32tvm_plan_make(network, nullptr, &plan, nullptr) == STM32TVM_OK &&
      stm32tvm_emit(&plan, 1, &options, nullptr, &tree, nullptr) == STM32TVM_OK &&
      stm32tvm_tree_write_to(tree, folder.data(), folder.size(), STM32TVM_WRITE_REFUSE_EDITED, nullptr, nullptr) ==
          STM32TVM_OK) {
    for (std::size_t i = 0; i < stm32tvm_tree_file_count(tree); ++i) {
      std::size_t size = 0;
      const char* const data = static_cast<const char*>(stm32tvm_tree_file_data(tree, i, &size));
      files[stm32tvm_tree_file_path(tree, i, nullptr)].assign(data, size);
    }
    files["network.json"] = stm32tvm_text_data(text, nullptr);
  }
  stm32tvm_text_free(text);
  stm32tvm_tree_free(tree);
  stm32tvm_plan_free(plan);
  stm32tvm_network_free(network);
  stm32tvm_library_free(library);
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    return 2;
  }
  const std::string path = argv[1];
  const fs::path folder = argv[2];
  const auto shared = stm32tvm::ModelLibrary::open(path).value();
  constexpr std::size_t count = 3;
  std::array<std::vector<Files>, count> results;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      const fs::path own = folder / std::to_string(i);
      results.at(i) = {by_cpp(shared, own / "shared"), by_cpp(stm32tvm::ModelLibrary::open(path).value(), own / "cpp"),
                       by_c(path, (own / "c").string())};
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const Files& first = results[0][0];
  bool same = first.size() > 20;
  for (const std::vector<Files>& of_thread : results) {
    for (const Files& files : of_thread) {
      same = same && files == first;
    }
  }
  std::puts(same ? "every thread the same" : "threads differ");
  return same ? 0 : 1;
}
