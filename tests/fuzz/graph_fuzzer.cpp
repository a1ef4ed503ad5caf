// SPDX-License-Identifier: Apache-2.0
// Any text is an Error or a graph whose indices are in range and whose operators read only what is before them.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "check.hpp"
#include "network/graph.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto graph = stm32tvm::read_graph({reinterpret_cast<const char*>(data), size}, "fuzz", {});
  if (!graph) {
    return 0;
  }
  for (const stm32tvm::GraphNode& node : graph->nodes) {
    fuzz::check(node.first_entry + node.entry_count <= graph->entries.size());
    for (const std::uint32_t input : node.inputs) {
      fuzz::check(input < node.first_entry);
    }
  }
  for (const std::uint32_t node : graph->argument_nodes) {
    fuzz::check(node < graph->nodes.size());
  }
  for (const std::uint32_t head : graph->heads) {
    fuzz::check(head < graph->entries.size());
  }
  return 0;
}
