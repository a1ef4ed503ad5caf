// SPDX-License-Identifier: Apache-2.0
// The graph executor's JSON: nodes, the entries (tensors) they make, and attributes by entry.
#include "network/graph.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "support/json.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

/// Reads one document; `where_` is carried by every error.
class GraphReader {
 public:
  GraphReader(std::string_view where, const ModelLimits& limits) : where_(where), limits_(limits) {}

  Result<Graph> read(std::string_view text) {
    json::Document document;
    STM32TVM_CHECK(json::parse(text, where_, document, limits_.json_depth));
    STM32TVM_TRY(root, json::as_object(document.root, "the whole file", where_));
    STM32TVM_CHECK(read_rows(root));
    STM32TVM_CHECK(read_entries(root));
    STM32TVM_CHECK(read_nodes(root));
    STM32TVM_CHECK(read_argument_nodes(root));
    STM32TVM_CHECK(read_heads(root));
    return std::move(graph_);
  }

 private:
  [[nodiscard]] Error bad(std::string message) const {
    return Error{ErrorCode::bad_graph, std::move(message) + "; export the model again", std::string(where_)};
  }

  Result<json::Array> array_member(json::Object object, std::string_view name) const {
    STM32TVM_TRY(value, json::require(object, name, where_));
    return json::as_array(value, name, where_);
  }

  /// node_row_ptr: where each node's entries start, and their number at the end.
  Result<void> read_rows(json::Object root) {
    STM32TVM_TRY(nodes, array_member(root, "nodes"));
    STM32TVM_TRY(rows, array_member(root, "node_row_ptr"));
    if (nodes.size() > limits_.nodes) {
      return Error{ErrorCode::limit_exceeded,
                   fmt::format("the graph has {} nodes, and at most {} are read; raise ModelLimits::nodes if that is "
                               "meant",
                               nodes.size(), limits_.nodes),
                   std::string(where_)};
    }
    if (rows.size() != nodes.size() + 1) {
      return bad(fmt::format("\"node_row_ptr\" has {} entries where {} nodes need {}", rows.size(), nodes.size(),
                             nodes.size() + 1));
    }
    std::optional<std::uint64_t> previous;
    for (const json::Value value : rows) {
      STM32TVM_TRY(row, json::as_count(value, "node_row_ptr", where_));
      if (row > limits_.tensors) {
        return Error{
            ErrorCode::limit_exceeded,
            fmt::format("the graph has {} tensors or more, and at most {} are read; raise ModelLimits::tensors "
                        "if that is meant",
                        row, limits_.tensors),
            std::string(where_)};
      }
      if (previous ? row < *previous : row != 0) {
        return bad(fmt::format("\"node_row_ptr\" has {} after {}", row, previous.value_or(0)));
      }
      if (previous) {
        GraphNode node;
        node.first_entry = static_cast<std::uint32_t>(*previous);
        node.entry_count = static_cast<std::uint32_t>(row - *previous);
        graph_.nodes.push_back(std::move(node));
      }
      previous = row;
    }
    graph_.entries.resize(static_cast<std::size_t>(previous.value_or(0)));
    return {};
  }

  /// An attribute by entry is ["list_...", [values]].
  Result<json::Array> attribute(json::Object attributes, std::string_view name) const {
    STM32TVM_TRY(pair, array_member(attributes, name));
    json::Value list;
    if (pair.at(1).get(list) != simdjson::SUCCESS) {
      return bad(fmt::format("attribute \"{}\" is not a pair of a type and a list", name));
    }
    STM32TVM_TRY(values, json::as_array(list, name, where_));
    if (values.size() != graph_.entries.size()) {
      return bad(
          fmt::format("attribute \"{}\" has {} values for {} tensors", name, values.size(), graph_.entries.size()));
    }
    return values;
  }

  Result<void> read_entries(json::Object root) {
    STM32TVM_TRY(attributes_value, json::require(root, "attrs", where_));
    STM32TVM_TRY(attributes, json::as_object(attributes_value, "attrs", where_));
    STM32TVM_TRY(types, attribute(attributes, "dltype"));
    STM32TVM_TRY(shapes, attribute(attributes, "shape"));
    STM32TVM_TRY(storage_ids, attribute(attributes, "storage_id"));
    std::size_t index = 0;
    for (const json::Value value : types) {
      STM32TVM_TRY(text, json::as_string(value, "dltype", where_));
      const auto type = parse_data_type(text);
      if (!type) {
        return bad(fmt::format("tensor {} has the type \"{}\", which is not one that TVM writes", index, text));
      }
      graph_.entries[index++].type = *type;
    }
    index = 0;
    for (const json::Value value : storage_ids) {
      STM32TVM_TRY(storage_id, json::as<std::int64_t>(value, "storage_id", "a whole number", where_));
      graph_.entries[index++].storage_id = storage_id;
    }
    index = 0;
    for (const json::Value value : shapes) {
      STM32TVM_TRY(dimensions, json::as_array(value, "shape", where_));
      if (dimensions.size() > limits_.rank) {
        return bad(fmt::format("tensor {} has {} dimensions, and at most {} are read", index, dimensions.size(),
                               limits_.rank));
      }
      graph_.entries[index].shape.reserve(dimensions.size());
      for (const json::Value dimension : dimensions) {
        STM32TVM_TRY(extent, json::as<std::int64_t>(dimension, "shape", "a whole number", where_));
        graph_.entries[index].shape.push_back(extent);
      }
      ++index;
    }
    return {};
  }

  /// A reference [node, output, version] as an entry.
  Result<std::uint32_t> reference(json::Value value, std::string_view name, std::size_t nodes_before) const {
    STM32TVM_TRY(triple, json::as_array(value, name, where_));
    std::uint64_t node = 0;
    std::uint64_t output = 0;
    if (triple.at(0).get(node) != simdjson::SUCCESS || triple.at(1).get(output) != simdjson::SUCCESS) {
      return bad(fmt::format("\"{}\" holds something that is not [node, output, version]", name));
    }
    if (node >= nodes_before || output >= graph_.nodes[static_cast<std::size_t>(node)].entry_count) {
      return bad(
          fmt::format("\"{}\" refers to output {} of node {}, which is not there or not made yet", name, output, node));
    }
    return graph_.nodes[static_cast<std::size_t>(node)].first_entry + static_cast<std::uint32_t>(output);
  }

  Result<void> read_attributes_of(json::Object object, GraphNode& node) const {
    json::Value value;
    if (!json::find(object, "attrs", value) && !json::find(object, "attr", value)) {
      return bad(fmt::format("operator \"{}\" has no \"attrs\"", node.name));
    }
    STM32TVM_TRY(attributes, json::as_object(value, "attrs", where_));
    STM32TVM_TRY(function_value, json::require(attributes, "func_name", where_));
    STM32TVM_TRY(function, json::as_string(function_value, "func_name", where_));
    node.function = function;
    if (json::Value outputs; json::find(attributes, "num_outputs", outputs)) {
      STM32TVM_TRY(text, json::as_string(outputs, "num_outputs", where_));
      std::uint32_t count = 0;
      const auto parsed = std::from_chars(text.data(), text.data() + text.size(), count);
      if (parsed.ec != std::errc{} || count != node.entry_count) {
        return bad(fmt::format("operator \"{}\" states {} outputs where node_row_ptr has {}", node.name, text,
                               node.entry_count));
      }
    }
    return {};
  }

  Result<void> read_nodes(json::Object root) {
    STM32TVM_TRY(nodes, array_member(root, "nodes"));
    std::size_t index = 0;
    for (const json::Value value : nodes) {
      GraphNode& node = graph_.nodes[index];
      STM32TVM_TRY(object, json::as_object(value, "nodes", where_));
      STM32TVM_TRY(name_value, json::require(object, "name", where_));
      STM32TVM_TRY(node_name, json::as_string(name_value, "name", where_));
      STM32TVM_TRY(kind_value, json::require(object, "op", where_));
      STM32TVM_TRY(kind, json::as_string(kind_value, "op", where_));
      if (node_name.size() > limits_.name_bytes) {
        return Error{ErrorCode::limit_exceeded,
                     fmt::format("the name of node {} has {} bytes, and at most {} are read; raise "
                                 "ModelLimits::name_bytes if that is meant",
                                 index, node_name.size(), limits_.name_bytes),
                     std::string(where_)};
      }
      node.name = node_name;
      node.is_operator = kind == "tvm_op";
      if (!node.is_operator && kind != "null") {
        return bad(
            fmt::format("node \"{}\" is of the kind \"{}\" where \"tvm_op\" or \"null\" is needed", node_name, kind));
      }
      if (node.is_operator) {
        STM32TVM_CHECK(read_attributes_of(object, node));
        STM32TVM_TRY(inputs, array_member(object, "inputs"));
        for (const json::Value input : inputs) {
          STM32TVM_TRY(entry, reference(input, "inputs", index));
          node.inputs.push_back(entry);
        }
      } else if (node.entry_count != 1) {
        return bad(fmt::format("input node \"{}\" has {} tensors where one is needed", node_name, node.entry_count));
      }
      ++index;
    }
    return {};
  }

  Result<void> read_argument_nodes(json::Object root) {
    STM32TVM_TRY(list, array_member(root, "arg_nodes"));
    std::vector<bool> seen(graph_.nodes.size(), false);
    for (const json::Value value : list) {
      STM32TVM_TRY(node, json::as_count(value, "arg_nodes", where_));
      if (node >= graph_.nodes.size() || graph_.nodes[static_cast<std::size_t>(node)].is_operator ||
          seen[static_cast<std::size_t>(node)]) {
        return bad(fmt::format("\"arg_nodes\" names node {}, which is no input or is named twice", node));
      }
      seen[static_cast<std::size_t>(node)] = true;
      graph_.argument_nodes.push_back(static_cast<std::uint32_t>(node));
    }
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (!graph_.nodes[i].is_operator && !seen[i]) {
        return bad(fmt::format("input node \"{}\" is missing in \"arg_nodes\"", graph_.nodes[i].name));
      }
    }
    return {};
  }

  Result<void> read_heads(json::Object root) {
    STM32TVM_TRY(heads, array_member(root, "heads"));
    for (const json::Value value : heads) {
      STM32TVM_TRY(entry, reference(value, "heads", graph_.nodes.size()));
      graph_.heads.push_back(entry);
    }
    if (graph_.heads.size() > limits_.nodes) {
      return Error{ErrorCode::limit_exceeded,
                   fmt::format("the graph has {} outputs, and at most {} are read; raise ModelLimits::nodes if that is "
                               "meant",
                               graph_.heads.size(), limits_.nodes),
                   std::string(where_)};
    }
    if (graph_.heads.empty()) {
      return bad("\"heads\" is empty, so the network has no output");
    }
    return {};
  }

  std::string_view where_;
  const ModelLimits& limits_;
  Graph graph_;
};

}  // namespace

Result<Graph> read_graph(std::string_view text, std::string_view where, const ModelLimits& limits) {
  return GraphReader(where, limits).read(text);
}

}  // namespace stm32tvm
