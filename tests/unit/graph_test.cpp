// SPDX-License-Identifier: Apache-2.0
// Tests of the graph executor's JSON: what a good graph becomes, and every rule that a bad one breaks.
#include "network/graph.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/data_type.hpp"
#include "stm32tvm/result.hpp"

namespace {

using stm32tvm::DataType;
using stm32tvm::ErrorCode;
using stm32tvm::Graph;
using stm32tvm::ModelLimits;
using stm32tvm::read_graph;
using stm32tvm::Result;

// data, p0 -> add (two outputs) -> mul: entries 0, 1, 2 and 3, 4.
const std::string good = R"({
  "nodes": [
    {"op": "null", "name": "data", "inputs": []},
    {"op": "null", "name": "p0", "inputs": []},
    {"op": "tvm_op", "name": "add", "attrs": {"num_outputs": "2", "num_inputs": "2", "flatten_data": "0",
      "func_name": "tvmgen_default_add", "hash": "0123"}, "inputs": [[0, 0, 0], [1, 0, 0]]},
    {"op": "tvm_op", "name": "mul", "attrs": {"num_outputs": "1", "num_inputs": "2", "flatten_data": "0",
      "func_name": "tvmgen_default_mul"}, "inputs": [[2, 1, 0], [2, 0, 0]]}
  ],
  "arg_nodes": [0, 1],
  "heads": [[3, 0, 0], [2, 1, 0]],
  "attrs": {
    "dltype": ["list_str", ["float32", "float32", "float32", "int8", "bool"]],
    "device_index": ["list_int", [1, 1, 1, 1, 1]],
    "storage_id": ["list_int", [0, 1, 2, 3, 2]],
    "shape": ["list_shape", [[1, 4], [4], [1, 4], [1, 2], []]]
  },
  "node_row_ptr": [0, 1, 2, 4, 5]
})";

Result<Graph> read(std::string_view text, const ModelLimits& limits = {}) {
  return read_graph(text, "default.graph", limits);
}

/// The good graph with one place changed.
std::string with(std::string_view what, std::string_view replacement) {
  std::string text = good;
  const std::size_t at = text.find(what);
  REQUIRE_MESSAGE(at != std::string::npos, what);
  return text.replace(at, what.size(), replacement);
}

/// The error's code; the error names the member.
ErrorCode code_of(std::string_view text, const ModelLimits& limits = {}) {
  const Result<Graph> result = read(text, limits);
  if (result) {
    FAIL_CHECK("it was read");
    return ErrorCode::internal;
  }
  CHECK(result.error().where.starts_with("default.graph"));
  CHECK(result.error().message.size() > 20);
  return result.error().code;
}

}  // namespace

TEST_CASE("graph: a good graph of two operators") {
  const Result<Graph> graph = read(good);
  REQUIRE_MESSAGE(graph.has_value(), (graph ? "" : to_string(graph.error())));
  REQUIRE(graph->nodes.size() == 4);
  CHECK_FALSE(graph->nodes[0].is_operator);
  CHECK(graph->nodes[0].name == "data");
  CHECK(graph->nodes[1].first_entry == 1);
  CHECK(graph->nodes[2].is_operator);
  CHECK(graph->nodes[2].name == "add");
  CHECK(graph->nodes[2].function == "tvmgen_default_add");
  CHECK(graph->nodes[2].inputs == std::vector<std::uint32_t>{0, 1});
  CHECK(graph->nodes[2].first_entry == 2);
  CHECK(graph->nodes[2].entry_count == 2);
  CHECK(graph->nodes[3].inputs == std::vector<std::uint32_t>{3, 2});
  CHECK(graph->nodes[3].first_entry == 4);
  CHECK(graph->nodes[3].entry_count == 1);
  CHECK(graph->argument_nodes == std::vector<std::uint32_t>{0, 1});
  CHECK(graph->heads == std::vector<std::uint32_t>{4, 3});
  REQUIRE(graph->entries.size() == 5);
  CHECK(graph->entries[0].type == DataType{DataType::Code::floating_point, 32, 1});
  CHECK(graph->entries[3].type == DataType{DataType::Code::signed_integer, 8, 1});
  CHECK(graph->entries[4].type == DataType{DataType::Code::unsigned_integer, 1, 1});
  CHECK(graph->entries[3].shape == std::vector<std::int64_t>{1, 2});
  CHECK(graph->entries[4].shape.empty());
  CHECK(graph->entries[4].storage_id == 2);
  CHECK(graph->entries[3].storage_id == 3);
}

TEST_CASE("graph: \"attr\" stands for \"attrs\", num_outputs and unknown keys may be left out or there") {
  CHECK(read(with(R"("name": "mul", "attrs")", R"("name": "mul", "attr")")).has_value());
  CHECK(read(with(R"("num_outputs": "2", )", "")).has_value());
  CHECK(read(with(R"("node_row_ptr")", R"("metadata": {"x": [1]}, "node_row_ptr")")).has_value());
  CHECK(read(with(R"("name": "mul",)", R"("name": "mul", "control_deps": [],)")).has_value());
  CHECK(read(with(R"("device_index": ["list_int", [1, 1, 1, 1, 1]],)", "")).has_value());
}

TEST_CASE("graph: arguments keep the order of arg_nodes") {
  CHECK(read(with(R"("arg_nodes": [0, 1])", R"("arg_nodes": [1, 0])")).value().argument_nodes ==
        std::vector<std::uint32_t>{1, 0});
}

TEST_CASE("graph: each missing part is an error that names it") {
  for (const std::string_view key : {"nodes", "arg_nodes", "heads", "attrs\": {\n    \"dl", "node_row_ptr", "dltype",
                                     "storage_id", "shape", "func_name", "name", "op"}) {
    CAPTURE(key);
    const std::string quoted = "\"" + std::string(key);
    const Result<Graph> result = read(with(quoted, "\"x" + std::string(key)));
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::bad_json);
    CHECK(result.error().message.find("\"" + std::string(key.substr(0, key.find('"'))) + "\" is missing") !=
          std::string::npos);
  }
  CHECK(code_of(with(R"("inputs": [[2, 1, 0], [2, 0, 0]])", R"("x": 1)")) == ErrorCode::bad_json);
  CHECK(code_of(with(R"("name": "mul", "attrs")", R"("name": "mul", "x")")) == ErrorCode::bad_graph);
}

TEST_CASE("graph: row pointers start at 0, never fall and are one more than the nodes") {
  for (const std::string_view rows :
       {"[]", "[0, 1, 2, 4]", "[0, 1, 2, 4, 5, 5]", "[1, 1, 2, 4, 5]", "[0, 2, 1, 4, 5]", "[0, 1, 2, 4, 3]",
        "[0, 1, 2, 4, 6]", "[0, 1, 2, 4, 4]", "[0, 0, 2, 4, 5]", "[0, 1, 3, 4, 5]", "[0, 1, 2, 3, 5]"}) {
    CAPTURE(rows);
    CHECK(code_of(with("[0, 1, 2, 4, 5]", rows)) == ErrorCode::bad_graph);
  }
  for (const std::string_view rows : {"[0, 1, 2, 4, 4294967301]", "[0, 1, 2, 4, 18446744073709551615]"}) {
    CHECK(code_of(with("[0, 1, 2, 4, 5]", rows)) == ErrorCode::limit_exceeded);
  }
  for (const std::string_view rows : {"[0, 1, 2, 4, -5]", "[0, 1, 2, 4, 5.0]", R"([0, 1, 2, 4, "5"])", "5", "null"}) {
    CAPTURE(rows);
    CHECK(code_of(with("[0, 1, 2, 4, 5]", rows)) == ErrorCode::bad_json);
  }
}

TEST_CASE("graph: attributes have one value for each tensor") {
  CHECK(code_of(with(R"("float32", "float32", "float32",)", R"("float32", "float32",)")) == ErrorCode::bad_graph);
  CHECK(code_of(with("[0, 1, 2, 3, 2]", "[0, 1, 2, 3]")) == ErrorCode::bad_graph);
  CHECK(code_of(with("[0, 1, 2, 3, 2]", "[0, 1, 2, 3, 2, 4]")) == ErrorCode::bad_graph);
  CHECK(code_of(with("[1, 2], []]", "[1, 2]]")) == ErrorCode::bad_graph);
}

TEST_CASE("graph: an attribute is a pair of a type and a list") {
  CHECK(code_of(with(R"(["list_int", [0, 1, 2, 3, 2]])", R"(["list_int"])")) == ErrorCode::bad_graph);
  CHECK(code_of(with(R"(["list_int", [0, 1, 2, 3, 2]])", "[]")) == ErrorCode::bad_graph);
  CHECK(code_of(with(R"(["list_int", [0, 1, 2, 3, 2]])", R"(["list_int", 5])")) == ErrorCode::bad_json);
  CHECK(code_of(with(R"(["list_int", [0, 1, 2, 3, 2]])", "7")) == ErrorCode::bad_json);
  CHECK(code_of(with("[0, 1, 2, 3, 2]", R"([0, 1, 2, 3, "2"])")) == ErrorCode::bad_json);
  CHECK(code_of(with("[0, 1, 2, 3, 2]", "[0, 1, 2, 3, 2.5]")) == ErrorCode::bad_json);
  CHECK(code_of(with("[1, 4], [4]", "[1, 4], 4")) == ErrorCode::bad_json);
  CHECK(code_of(with("[1, 4], [4]", R"([1, 4], ["4"])")) == ErrorCode::bad_json);
  CHECK(code_of(with(R"(["float32", "float32")", R"([32, "float32")")) == ErrorCode::bad_json);
}

TEST_CASE("graph: types are TVM's") {
  for (const std::string_view type : {"", "float", "int7", "float32x0", "Float32", "handle", "float32 "}) {
    CAPTURE(type);
    const Result<Graph> result = read(with("[\"float32\", \"float32\"", "[\"float32\", \"" + std::string(type) + "\""));
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::bad_graph);
    CHECK(result.error().message.find("tensor 1 ") != std::string::npos);
  }
}

TEST_CASE("graph: negative dimensions are left to the descriptor, the rank is limited") {
  CHECK(read(with("[[1, 4]", "[[-1, 4]")).value().entries[0].shape == std::vector<std::int64_t>{-1, 4});
  CHECK(code_of(with("[[1, 4]", "[[9223372036854775808]")) == ErrorCode::bad_json);
  ModelLimits limits;
  limits.rank = 2;
  CHECK(read(good, limits).has_value());
  limits.rank = 1;
  CHECK_FALSE(read(good, limits).has_value());
}

TEST_CASE("graph: too many nodes are refused") {
  ModelLimits limits;
  limits.nodes = 4;
  CHECK(read(good, limits).has_value());
  limits.nodes = 3;
  CHECK(code_of(good, limits) == ErrorCode::limit_exceeded);
}

TEST_CASE("graph: an operator reads only what is made before it") {
  for (const std::string_view inputs :
       {"[[3, 0, 0], [2, 0, 0]]", "[[4, 0, 0], [2, 0, 0]]", "[[2, 2, 0], [2, 0, 0]]", "[[1, 1, 0], [2, 0, 0]]",
        "[[18446744073709551615, 0, 0]]", "[[2, 4294967296, 0]]", "[[-1, 0, 0]]", "[[2]]", "[[]]", "[[\"2\", 0, 0]]",
        "[[2.0, 0, 0]]"}) {
    CAPTURE(inputs);
    CHECK(code_of(with("[[2, 1, 0], [2, 0, 0]]", inputs)) == ErrorCode::bad_graph);
  }
  CHECK(code_of(with("[[2, 1, 0], [2, 0, 0]]", "[2, 1]")) == ErrorCode::bad_json);
  CHECK(code_of(with("[[2, 1, 0], [2, 0, 0]]", "{}")) == ErrorCode::bad_json);
  // The first operator must not read the second.
  CHECK(code_of(with("[[0, 0, 0], [1, 0, 0]]", "[[3, 0, 0], [1, 0, 0]]")) == ErrorCode::bad_graph);
}

TEST_CASE("graph: heads exist, and there is one") {
  for (const std::string_view heads :
       {"[]", "[[4, 0, 0]]", "[[3, 1, 0]]", "[[3, 0, 0], [2, 2, 0]]", "[[-1, 0, 0]]", "[[]]"}) {
    CAPTURE(heads);
    CHECK(code_of(with("[[3, 0, 0], [2, 1, 0]]", heads)) == ErrorCode::bad_graph);
  }
  CHECK(code_of(with("[[3, 0, 0], [2, 1, 0]]", "3")) == ErrorCode::bad_json);
  CHECK(read(with("[[3, 0, 0], [2, 1, 0]]", "[[0, 0, 0], [3, 0, 0], [3, 0, 0]]")).value().heads ==
        std::vector<std::uint32_t>{0, 4, 4});
}

TEST_CASE("graph: arg_nodes names each input node once, and nothing else") {
  for (const std::string_view nodes : {"[]", "[0]", "[1]", "[0, 1, 1]", "[0, 1, 2]", "[0, 1, 4]",
                                       "[0, 1, 18446744073709551615]", "[0, 1, 4294967296]"}) {
    CAPTURE(nodes);
    CHECK(code_of(with(R"("arg_nodes": [0, 1])", R"("arg_nodes": )" + std::string(nodes))) == ErrorCode::bad_graph);
  }
  CHECK(code_of(with(R"("arg_nodes": [0, 1])", R"("arg_nodes": [0, -1])")) == ErrorCode::bad_json);
}

TEST_CASE("graph: nodes are of known kinds, inputs have one tensor") {
  CHECK(code_of(with(R"({"op": "tvm_op", "name": "mul")", R"({"op": "cuda_op", "name": "mul")")) ==
        ErrorCode::bad_graph);
  CHECK(code_of(with(R"({"op": "tvm_op", "name": "mul")", R"({"op": 1, "name": "mul")")) == ErrorCode::bad_json);
  CHECK(code_of(with(R"("name": "mul", "attrs": {)", R"("name": "mul", "attrs": [{)").substr(0, 10)) ==
        ErrorCode::bad_json);
  CHECK(code_of(with(R"({"op": "null", "name": "data", "inputs": []})", "0")) == ErrorCode::bad_json);
  CHECK(code_of(with(R"("name": "data")", R"("name": 0)")) == ErrorCode::bad_json);
  CHECK(code_of(with(R"("func_name": "tvmgen_default_mul")", R"("func_name": 3)")) == ErrorCode::bad_json);
}

TEST_CASE("graph: num_outputs is what node_row_ptr says") {
  for (const std::string_view count : {"1", "3", "", "x", "-2", "4294967298"}) {
    CAPTURE(count);
    CHECK(code_of(with(R"("num_outputs": "2")", R"("num_outputs": ")" + std::string(count) + "\"")) ==
          ErrorCode::bad_graph);
  }
  CHECK(code_of(with(R"("num_outputs": "2")", R"("num_outputs": 2)")) == ErrorCode::bad_json);
}

TEST_CASE("graph: text that is cut anywhere is refused") {
  for (std::size_t length = 0; length < good.size(); ++length) {
    const Result<Graph> graph = read(std::string_view(good).substr(0, length));
    if (graph || graph.error().code != ErrorCode::bad_json) {
      FAIL_CHECK("the first ", length, " bytes were read");
    }
  }
}

TEST_CASE("graph: deep nesting is refused without harm") {
  CHECK(code_of(with(R"([[1, 4], [4])", std::string(100'000, '['))) == ErrorCode::limit_exceeded);
}

TEST_CASE("graph: hostile counts take no memory beyond the text's") {
  // One node that states 400,000 tensors, and not one type for them.
  CHECK(code_of(R"({"nodes": [{"op": "tvm_op", "name": "x"}], "node_row_ptr": [0, 400000], "heads": [[0, 0, 0]],
    "arg_nodes": [], "attrs": {"dltype": ["list_str", []], "shape": ["", []], "storage_id": ["", []]}})") ==
        ErrorCode::bad_graph);
}

TEST_CASE("graph: more heads than tensors are fine, an endless list is not") {
  // A model that returns its input twice has one tensor and two heads.
  CHECK(read(R"({"nodes": [{"op": "null", "name": "x", "inputs": []}], "node_row_ptr": [0, 1], "arg_nodes": [0],
    "heads": [[0, 0, 0], [0, 0, 0]], "attrs": {"dltype": ["list_str", ["int8"]],
    "shape": ["list_shape", [[1]]], "storage_id": ["list_int", [0]]}})")
            .has_value());
  // Every repeated head becomes a tensor and a copy of its own.
  std::string heads = "[3, 0, 0]";
  for (std::size_t i = 0; i < 500'000; ++i) {
    heads += ",[3,0,0]";
  }
  const Result<Graph> graph = read(with("[3, 0, 0], [2, 1, 0]", heads));
  REQUIRE_FALSE(graph);
  CHECK((graph.error().code == ErrorCode::limit_exceeded || graph.error().code == ErrorCode::bad_graph));
}

TEST_CASE("graph: a node's name has a limit, since each of its tensors carries it") {
  ModelLimits limits;
  limits.name_bytes = 4;
  CHECK(read(good, limits).has_value());
  limits.name_bytes = 3;
  CHECK(code_of(good, limits) == ErrorCode::limit_exceeded);
}
