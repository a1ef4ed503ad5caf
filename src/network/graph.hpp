// SPDX-License-Identifier: Apache-2.0
// Reads the graph executor's JSON into plain values whose indices are known to be in range.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/data_type.hpp"
#include "stm32tvm/model_library.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

struct GraphNode {
  bool is_operator = false;  ///< "tvm_op"; else "null": an input or a parameter
  std::string name;
  std::string function;               ///< attrs.func_name
  std::vector<std::uint32_t> inputs;  ///< entries
  std::uint32_t first_entry = 0;
  std::uint32_t entry_count = 1;
};

struct GraphEntry {
  DataType type;
  std::vector<std::int64_t> shape;
  std::int64_t storage_id = 0;
};

struct Graph {
  std::vector<GraphNode> nodes;
  std::vector<GraphEntry> entries;
  std::vector<std::uint32_t> argument_nodes;  ///< inputs and parameters, in call order
  std::vector<std::uint32_t> heads;           ///< entries
};

/// Reads the JSON of the graph executor (apache/tvm src/runtime/graph_executor/graph_executor.h). Every index is in
/// range, every operator reads only entries of nodes before it, and shapes, types and storage ids are there for all.
Result<Graph> read_graph(std::string_view text, std::string_view where, const ModelLimits& limits);

}  // namespace stm32tvm
