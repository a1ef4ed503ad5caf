// SPDX-License-Identifier: Apache-2.0
// Tests of the step from a graph module to a NetworkDescriptor, on archives made by hand.
#include "network/describe_graph.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "elf_object.hpp"
#include "stm32tvm/archive.hpp"
#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/model_library.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"

namespace {

using stm32tvm::Archive;
using stm32tvm::Argument;
using stm32tvm::Bytes;
using stm32tvm::ErrorCode;
using stm32tvm::MemoryPlan;
using stm32tvm::ModelLibrary;
using stm32tvm::ModelLimits;
using stm32tvm::NetworkDescriptor;
using stm32tvm::Operator;
using stm32tvm::Result;
using stm32tvm::TensorIndex;
using Indices = std::vector<TensorIndex>;

/// One node of a graph with one tensor.
struct Node {
  std::string name;
  std::string function;  ///< empty for an input or a parameter
  std::string inputs;    ///< nodes: "0, 1"
  int storage_id = 0;
  std::string shape = "4";
  std::string type = "int8";
};

/// The JSON of a graph whose nodes have one tensor each.
std::string graph_of(const std::vector<Node>& nodes, std::string_view heads) {
  std::string list;
  std::string arguments;
  std::string types;
  std::string shapes;
  std::string storage_ids;
  std::string rows = "0";
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    const std::string comma = i == 0 ? "" : ", ";
    list += comma + R"({"op": ")" + (node.function.empty() ? "null" : "tvm_op") + R"(", "name": ")" + node.name + "\"";
    if (node.function.empty()) {
      arguments += (arguments.empty() ? "" : ", ") + std::to_string(i);
    } else {
      list += R"(, "attrs": {"func_name": ")" + node.function + R"(", "num_outputs": "1", "flatten_data": "0"})";
    }
    list += R"(, "inputs": [)";
    std::string separator;
    for (std::size_t at = 0; at < node.inputs.size();) {
      const std::size_t end = std::min(node.inputs.find(',', at), node.inputs.size());
      list += separator + "[" + node.inputs.substr(at, end - at) + ", 0, 0]";
      separator = ", ";
      at = end + 1;
    }
    list += "]}";
    types += comma + "\"" + node.type + "\"";
    shapes += comma + "[" + node.shape + "]";
    storage_ids += comma + std::to_string(node.storage_id);
    rows += ", " + std::to_string(i + 1);
  }
  return R"({"nodes": [)" + list + R"(], "arg_nodes": [)" + arguments + R"(], "heads": [)" + std::string(heads) +
         R"(], "attrs": {"dltype": ["list_str", [)" + types + R"(]], "shape": ["list_shape", [)" + shapes +
         R"(]], "storage_id": ["list_int", [)" + storage_ids + R"(]]}, "node_row_ptr": [)" + rows + "]}";
}

/// A kernel of the packed convention that touches `count` tensors in one loop nest, as TVM writes it.
std::string kernel(const std::string& name, int count) {
  std::string text = "TVM_DLL int32_t " + name +
                     "(void* args, int32_t* arg_type_ids, int32_t num_args, void* out_ret_value, "
                     "int32_t* out_ret_tcode, void* resource_handle) {\n";
  std::string sum = "0";
  for (int i = 0; i < count; ++i) {
    const std::string p = "p" + std::to_string(i);
    text += "  int32_t " + p + "_code = arg_type_ids[" + std::to_string(i) + "];\n";
    text += "  void* " + p + " = (((TVMValue*)args)[" + std::to_string(i) + "].v_handle);\n";
    text += fmt::format("  void* {}_1 = (((DLTensor*){})[0].data);\n", p, p);
    if (i + 1 < count) {
      sum.append(" + ((int8_t*)").append(p).append("_1)[i]");
    }
  }
  text += "  for (int32_t i = 0; i < 4; ++i) {\n    ((int8_t*)p" + std::to_string(count - 1) + "_1)[i] = (int8_t)(" +
          sum + ");\n  }\n  return 0;\n}\n";
  return text;
}

const std::string head_of_source = "// tvm target: c\n#define TVM_EXPORTS\n#include \"tvm/runtime/c_runtime_api.h\"\n";

std::string number(std::uint64_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) {
    bytes += static_cast<char>(value >> (8 * i) & 0xffU);
  }
  return bytes;
}

/// A .params member of int8 vectors.
std::string parameters_of(const std::map<std::string, std::string>& values) {
  std::string names;
  std::string arrays;
  for (const auto& [name, text] : values) {
    names += number(name.size(), 8) + name;
    arrays += number(0xDD5E40F096B4A13FU, 8) + number(0, 8) + number(1, 4) + number(0, 4) + number(1, 4) +
              number(0, 1) + number(8, 1) + number(1, 2) + number(text.size(), 8) + number(text.size(), 8) + text;
  }
  return number(0xF7E58D4F05049CB7U, 8) + number(0, 8) + number(values.size(), 8) + names + number(values.size(), 8) +
         arrays;
}

using Members = std::map<std::string, std::string>;

const std::string metadata =
    R"({"version": 7, "modules": {"default": {"model_name": "m", "executors": ["graph"], "style": "full-model",
        "target": ["c -keys=cpu "], "export_datetime": "2023-01-02 03:04:05Z",
        "external_dependencies": [{"short_name": "tvm_standalone_crt", "version_spec": "0.14.0"}],
        "memory": {"functions": {"main": [], "operator_functions": []}}}}})";

constexpr const char* graph_path = "executor-config/graph/default.graph";
constexpr const char* source_path = "codegen/host/src/default_lib1.c";
constexpr const char* parameters_path = "parameters/default.params";

Members archive(std::string graph, std::string source) {
  return {{"metadata.json", metadata},
          {graph_path, std::move(graph)},
          {source_path, head_of_source + std::move(source)},
          {"codegen/host/src/default_lib0.c", ";\n"},
          {parameters_path, parameters_of({{"p0", "abcd"}, {"p1", "efgh"}})}};
}

Result<NetworkDescriptor> describe(const Members& members, const ModelLimits& limits = {}) {
  std::vector<Archive::Member> list;
  for (const auto& [path, contents] : members) {
    list.push_back({path, Bytes(contents)});
  }
  const Result<Archive> opened = Archive::from_members(std::move(list));
  REQUIRE(opened);
  const Result<ModelLibrary> library = ModelLibrary::from_archive(*opened, limits);
  REQUIRE(library);
  return library->network();
}

/// The description of a good archive, which every plan of it must agree with.
NetworkDescriptor described(const Members& members) {
  Result<NetworkDescriptor> network = describe(members);
  REQUIRE_MESSAGE(network.has_value(), (network ? "" : to_string(network.error())));
  const Result<MemoryPlan> plan = MemoryPlan::make(*network);
  CHECK_MESSAGE(plan.has_value(), (plan ? "" : to_string(plan.error())));
  return *std::move(network);
}

ErrorCode code_of(const Members& members, std::string_view where) {
  const Result<NetworkDescriptor> network = describe(members);
  if (network) {
    FAIL_CHECK("it was described");
    return ErrorCode::internal;
  }
  CHECK(network.error().where.find(where) != std::string::npos);
  CHECK(network.error().message.size() > 20);
  return network.error().code;
}

Indices tensors_of(const std::vector<Argument>& arguments) {
  Indices tensors;
  for (const Argument& argument : arguments) {
    tensors.push_back(argument.tensor);
  }
  return tensors;
}

/// data, p0 -> add -> mul (with p1, data) -> output.
Members good_archive() {
  return archive(graph_of({{"data", "", "", 0},
                           {"p0", "", "", 1},
                           {"add", "tvmgen_default_add", "0, 1", 2},
                           {"p1", "", "", 3},
                           {"mul", "tvmgen_default_mul", "2, 3, 0", 4}},
                          "[4, 0, 0]"),
                 kernel("tvmgen_default_add", 3) + kernel("tvmgen_default_mul", 4));
}

/// data -> add (with p0) -> one more node -> add.
Members archive_with(const Node& between, std::string_view heads = "[4, 0, 0]") {
  return archive(
      graph_of(
          {{"data", "", "", 0}, {"p0", "", "", 1}, {"first", "add", "0, 1", 2}, between, {"last", "add", "3, 1", 5}},
          heads),
      kernel("add", 3));
}

}  // namespace

TEST_CASE("describe: inputs and parameters are told apart, and all is in call order") {
  const NetworkDescriptor network = described(good_archive());
  CHECK(network.module_name == "default");
  CHECK(network.executor == "graph");
  CHECK(network.targets == std::vector<std::string>{"c -keys=cpu "});
  CHECK(network.export_datetime == "2023-01-02 03:04:05Z");
  CHECK(network.tvm_version == "0.14.0");
  CHECK(network.format_version == 7);
  REQUIRE(network.tensors.size() == 5);
  CHECK(network.inputs == Indices{0});
  CHECK(network.parameters == Indices{1, 3});
  CHECK(network.outputs == Indices{4});
  CHECK(network.tensors[0].name == "data");
  CHECK(network.tensors[0].bytes == 4);
  CHECK_FALSE(network.tensors[0].constant.has_value());
  REQUIRE(network.tensors[1].constant.has_value());
  CHECK(network.tensors[1].constant->view() == "abcd");
  REQUIRE(network.tensors[3].constant.has_value());
  CHECK(network.tensors[3].constant->view() == "efgh");
  REQUIRE(network.operators.size() == 2);
  CHECK(network.operators[0].name == "add");
  CHECK(network.operators[0].kernel == "tvmgen_default_add");
  CHECK(network.operators[0].kind == Operator::Kind::kernel);
  CHECK(tensors_of(network.operators[0].inputs) == Indices{0, 1});
  CHECK(tensors_of(network.operators[0].outputs) == Indices{2});
  CHECK(tensors_of(network.operators[1].inputs) == Indices{2, 3, 0});
  CHECK(tensors_of(network.operators[1].outputs) == Indices{4});
}

TEST_CASE("describe: sources lose the module's prefix, and those without content are left out") {
  const NetworkDescriptor network = described(good_archive());
  REQUIRE(network.sources.size() == 1);
  CHECK(network.sources[0].name == "lib1.c");
  CHECK(network.sources[0].text.view().starts_with("// tvm target: c\n"));
}

TEST_CASE("describe: a parameter without values in .params is an input") {
  Members members = good_archive();
  members[parameters_path] = parameters_of({{"p1", "efgh"}});
  const NetworkDescriptor network = described(members);
  CHECK(network.inputs == Indices{0, 1});
  CHECK(network.parameters == Indices{3});
  members.erase(parameters_path);
  CHECK(described(members).inputs == Indices{0, 1, 3});
}

TEST_CASE("describe: parameters that the graph does not name are left out") {
  Members members = good_archive();
  members[parameters_path] = parameters_of({{"p0", "abcd"}, {"p1", "efgh"}, {"unused", "x"}});
  CHECK(described(members).parameters.size() == 2);
}

TEST_CASE("describe: __nop with one storage is a view") {
  const NetworkDescriptor network = described(archive_with({"reshape_nop", "__nop", "2", 2, "2, 2"}));
  REQUIRE(network.operators.size() == 3);
  CHECK(network.operators[1].kind == Operator::Kind::copy);
  CHECK(network.operators[1].kernel.empty());
  CHECK(tensors_of(network.operators[1].inputs) == Indices{2});
  CHECK(tensors_of(network.operators[1].outputs) == Indices{3});
  CHECK(network.tensors[3].view_of == TensorIndex{2});
  CHECK(network.tensors[3].shape == std::vector<std::int64_t>{2, 2});
}

TEST_CASE("describe: __nop to another storage and __copy are copies") {
  struct Row {
    std::string function;
    int storage_id;
  };
  // A copy is a copy even where both ends state one storage.
  for (const Row& row : std::vector<Row>{{"__nop", 3}, {"__copy", 3}, {"__copy", 2}}) {
    CAPTURE(row.function);
    const NetworkDescriptor network = described(archive_with({"between", row.function, "2", row.storage_id}));
    REQUIRE(network.operators.size() == 3);
    CHECK(network.operators[1].kind == Operator::Kind::copy);
    CHECK_FALSE(network.tensors[3].view_of.has_value());
  }
}

TEST_CASE("describe: a view of a parameter has bytes of its own") {
  // A constant lies in flash: a view of it must not be taken for memory.
  const NetworkDescriptor network = described(archive_with({"reshape_nop", "__nop", "1", 1}));
  CHECK_FALSE(network.tensors[3].view_of.has_value());
  CHECK_FALSE(network.tensors[3].constant.has_value());
}

TEST_CASE("describe: __nop and __copy take one tensor to one of the same size") {
  for (const std::string function : {"__nop", "__copy"}) {
    CAPTURE(function);
    CHECK(code_of(archive_with({"x", function, "2", 2, "5"}), graph_path) == ErrorCode::bad_graph);
    CHECK(code_of(archive_with({"x", function, "2, 1", 2}), graph_path) == ErrorCode::bad_graph);
    CHECK(code_of(archive_with({"x", function, "", 2}), graph_path) == ErrorCode::bad_graph);
  }
}

TEST_CASE("describe: a head that is an input or a parameter is copied to an output of its own") {
  for (const TensorIndex head : {0U, 1U}) {
    CAPTURE(head);
    const NetworkDescriptor network =
        described(archive_with({"x", "__nop", "2", 2}, "[4, 0, 0], [" + std::to_string(head) + ", 0, 0]"));
    CHECK(network.outputs == Indices{4, 5});
    REQUIRE(network.tensors.size() == 6);
    CHECK_FALSE(network.tensors[5].constant.has_value());
    CHECK_FALSE(network.tensors[5].view_of.has_value());
    CHECK(network.tensors[5].bytes == 4);
    const Operator& copy = network.operators.back();
    CHECK(copy.kind == Operator::Kind::copy);
    CHECK(tensors_of(copy.inputs) == Indices{head});
    CHECK(tensors_of(copy.outputs) == Indices{5});
  }
}

TEST_CASE("describe: a head that is there twice is copied the second time") {
  const NetworkDescriptor network =
      described(archive_with({"x", "__nop", "2", 2}, "[4, 0, 0], [4, 0, 0], [2, 0, 0], [4, 0, 0]"));
  CHECK(network.outputs == Indices{4, 5, 2, 6});
  CHECK(tensors_of(network.operators.back().inputs) == Indices{4});
}

TEST_CASE("describe: a head that views an input, itself or through a view, is copied") {
  const Members members = archive(graph_of({{"data", "", "", 0},
                                            {"p0", "", "", 1},
                                            {"once", "__nop", "0", 0, "2, 2"},
                                            {"twice", "__nop", "2", 0, "1, 4"},
                                            {"last", "add", "3, 1", 5}},
                                           "[3, 0, 0], [4, 0, 0], [2, 0, 0]"),
                                  kernel("add", 3));
  const NetworkDescriptor network = described(members);
  CHECK(network.tensors[2].view_of == TensorIndex{0});
  CHECK(network.tensors[3].view_of == TensorIndex{2});
  CHECK(network.outputs == Indices{5, 4, 6});
  CHECK(network.tensors[5].shape == std::vector<std::int64_t>{1, 4});
}

TEST_CASE("describe: an operator may have several outputs") {
  std::string graph = graph_of({{"data", "", "", 0}, {"split", "split", "0", 1}}, "[1, 1, 0]");
  const auto replace = [&](std::string_view what, std::string_view with) {
    const std::size_t at = graph.find(what);
    REQUIRE(at != std::string::npos);
    graph.replace(at, what.size(), with);
  };
  replace(R"("num_outputs": "1")", R"("num_outputs": "2")");
  replace("[0, 1, 2]", "[0, 1, 3]");
  replace(R"("int8", "int8")", R"("int8", "int8", "uint8")");
  replace("[4], [4]", "[4], [4], [2, 2]");
  replace(R"("storage_id": ["list_int", [0, 1]])", R"("storage_id": ["list_int", [0, 1, 2]])");
  const NetworkDescriptor network = described(archive(graph, kernel("split", 3)));
  REQUIRE(network.tensors.size() == 3);
  CHECK(network.tensors[1].name != network.tensors[2].name);
  CHECK(tensors_of(network.operators[0].outputs) == Indices{1, 2});
  CHECK(network.outputs == Indices{2});
}

TEST_CASE("describe: a kernel that no source defines") {
  Members members = good_archive();
  members[source_path] = head_of_source + kernel("tvmgen_default_add", 3);
  CHECK(code_of(members, graph_path) == ErrorCode::bad_source);
  CHECK(describe(members).error().message.find("tvmgen_default_mul") != std::string::npos);
  // A declaration is no definition.
  members[source_path] +=
      "int32_t tvmgen_default_mul(void* args, int32_t* arg_type_ids, int32_t num_args, void* "
      "out_ret_value, int32_t* out_ret_tcode, void* resource_handle);\n";
  CHECK(code_of(members, graph_path) == ErrorCode::bad_source);
}

TEST_CASE("describe: a kernel with another number of arguments") {
  for (const int count : {2, 4}) {
    CAPTURE(count);
    Members members = good_archive();
    members[source_path] = head_of_source + kernel("tvmgen_default_add", count) + kernel("tvmgen_default_mul", 4);
    CHECK(code_of(members, graph_path) == ErrorCode::bad_source);
  }
}

TEST_CASE("describe: a kernel of the unpacked calling convention") {
  Members members = good_archive();
  members[source_path] = head_of_source + kernel("tvmgen_default_mul", 4) +
                         "TVM_DLL int32_t tvmgen_default_add(int8_t* p0, int8_t* p1, int8_t* out) {\n"
                         "  out[0] = p0[0] + p1[0];\n  return 0;\n}\n";
  CHECK(code_of(members, graph_path) == ErrorCode::bad_source);
}

TEST_CASE("describe: a parameter of another shape or type than the graph's") {
  Members members = good_archive();
  members[parameters_path] = parameters_of({{"p0", "abcde"}, {"p1", "efgh"}});
  CHECK(code_of(members, parameters_path) == ErrorCode::bad_parameters);
  CHECK(describe(members).error().message.find("p0") != std::string::npos);
  members = good_archive();
  members[graph_path] = graph_of(
      {{"data", "", "", 0}, {"p0", "", "", 1, "4", "uint8"}, {"add", "tvmgen_default_add", "0, 1", 2}}, "[2, 0, 0]");
  CHECK(code_of(members, parameters_path) == ErrorCode::bad_parameters);
  members[graph_path] =
      graph_of({{"data", "", "", 0}, {"p0", "", "", 1, "2, 2"}, {"add", "tvmgen_default_add", "0, 1", 2}}, "[2, 0, 0]");
  CHECK(code_of(members, parameters_path) == ErrorCode::bad_parameters);
}

TEST_CASE("describe: damaged parameters are an error of theirs") {
  Members members = good_archive();
  members[parameters_path].resize(60);
  CHECK(code_of(members, parameters_path) == ErrorCode::bad_parameters);
}

TEST_CASE("describe: members that must be there") {
  Members members = good_archive();
  members.erase(graph_path);
  CHECK(code_of(members, graph_path) == ErrorCode::missing_member);
  members = good_archive();
  members.erase(source_path);
  members.erase("codegen/host/src/default_lib0.c");
  CHECK(code_of(members, "codegen/host") == ErrorCode::missing_member);
}

TEST_CASE("describe: a source that is cut is an error that names it") {
  Members members = good_archive();
  members[source_path].resize(members[source_path].size() - 3);
  CHECK(code_of(members, source_path) == ErrorCode::bad_source);
}

TEST_CASE("describe: a name of a source that build files could misread is refused") {
  for (const std::string_view name : {"a.c)execute_process(COMMAND touch pwned)#.c", "a b.c", "a;b.c", "${A}.c"}) {
    CAPTURE(name);
    Members members = good_archive();
    members["codegen/host/src/" + std::string(name)] = kernel("other", 2);
    CHECK(code_of(members, name) == ErrorCode::bad_source);
  }
}

TEST_CASE("describe: a dimension that is negative or a tensor that is too large") {
  CHECK(code_of(archive_with({"x", "__nop", "2", 2, "-4"}), graph_path) == ErrorCode::bad_graph);
  CHECK(code_of(archive_with({"x", "__nop", "2", 2, "4611686018427387904, 4"}), graph_path) ==
        ErrorCode::limit_exceeded);
  ModelLimits limits;
  limits.tensor_bytes = 3;
  const Result<NetworkDescriptor> network = describe(good_archive(), limits);
  REQUIRE_FALSE(network);
  CHECK(network.error().code == ErrorCode::limit_exceeded);
}

TEST_CASE("describe: a long chain of views that are all outputs takes no quadratic time") {
  constexpr int views = 60'000;
  std::vector<Node> nodes = {{"data", "", "", 0}};
  std::string heads;
  for (int i = 0; i < views; ++i) {
    nodes.push_back({"v", "__nop", std::to_string(i), 0});
    heads += (i == 0 ? "[" : ", [") + std::to_string(i + 1) + ", 0, 0]";
  }
  const Members members = archive(graph_of(nodes, heads), kernel("add", 3));
  const auto start = std::chrono::steady_clock::now();
  const Result<NetworkDescriptor> network = describe(members);
  // Some 0.3 s here with a sanitizer; a quadratic walk takes minutes.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
  REQUIRE(network);
  CHECK(network->outputs.size() == views);
}

TEST_CASE("describe: messages show the archive's names in one line") {
  for (const std::string name : {R"(a\nb)", R"(\u001b[2J)", R"(\r\u0000)", R"(\u007f)"}) {
    const std::vector<std::vector<Node>> wrong = {{{"data", "", "", 0}, {"x", name, "0", 2}},
                                                  {{"data", "", "", 0}, {name, "__nop", "0", 2, "5"}},
                                                  {{"data", "", "", 0}, {name, "__copy", "0", 2, "-5"}},
                                                  {{"data", "", "", 0}, {"x", "__nop", "0", 2, "4", name}}};
    for (const std::vector<Node>& nodes : wrong) {
      Members members = good_archive();
      members[graph_path] = graph_of(nodes, "[1, 0, 0]");
      const Result<NetworkDescriptor> network = describe(members);
      REQUIRE_FALSE(network);
      const std::string& message = network.error().message;
      CAPTURE(message);
      CHECK(std::all_of(message.begin(), message.end(), [](char c) { return c >= ' ' && c <= '~'; }));
    }
  }
}

TEST_CASE("describe graph: parameters that TVM 0.8 links into a source") {
  Members members = good_archive();
  members[parameters_path] = parameters_of({});
  CHECK(described(members).inputs.size() == 3);
  const std::string linked =
      "#ifdef __cplusplus\nextern \"C\" {\n#endif\nstatic const int8_t __tvm_param__p0[4] = {\n    -0x01, +0x02, "
      "+0x03, +0x04\n};\n#ifdef __cplusplus\n}  // extern \"C\"\n#endif\n"
      "static const int8_t __attribute__((aligned(16))) __tvm_param__p1[4] = {\n    +0x05, +0x06, +0x07, +0x08\n};\n"
      "TVM_DLL int32_t _lookup_linked_param(void* args, int* arg_type_ids, int num_args, void* out_ret_value, "
      "int* out_ret_tcode, void* resource_handle) {\n  switch (((int64_t*) args)[0]) {\n    default: return 0;\n  "
      "}\n}\n";
  members[source_path] += linked;
  const NetworkDescriptor network = described(members);
  REQUIRE(network.inputs.size() == 1);
  REQUIRE(network.parameters.size() == 2);
  CHECK(network.tensors[network.parameters[0]].constant->view() == "\xff\x02\x03\x04");
  CHECK(network.tensors[network.parameters[1]].constant->view() == "\x05\x06\x07\x08");

  std::string& source = members[source_path];
  source.replace(source.find("p0[4]"), 5, "p0[3]");
  CHECK(code_of(members, source_path) == ErrorCode::bad_source);
  source.replace(source.find("p0[3] = {\n    -0x01, "), 22, "p0[3] = {\n    ");
  CHECK(code_of(members, graph_path) == ErrorCode::bad_parameters);
}

TEST_CASE("describe graph: kernels in an object file are called as they are") {
  Members members = good_archive();
  members.erase(source_path);
  members["codegen/host/lib/default_lib0.o"] = elf_object({}, {{"tvmgen_default_add"}, {"tvmgen_default_mul"}});
  const NetworkDescriptor network = described(members);
  REQUIRE(network.objects.size() == 1);
  CHECK(network.objects[0].name == "lib0.o");
  CHECK(network.objects[0].machine == "arm");
  REQUIRE(network.operators.size() == 2);
  CHECK(network.operators[1].kernel == "tvmgen_default_mul");
  CHECK(tensors_of(network.operators[1].inputs) == Indices{2, 3, 0});
  CHECK(tensors_of(network.operators[1].outputs) == Indices{4});
  REQUIRE(network.diagnostics.size() == 1);
  CHECK(network.diagnostics[0].kind == stm32tvm::Diagnostic::Kind::note);

  // What it may take as workspace is not known.
  members["codegen/host/lib/default_lib0.o"] =
      elf_object({}, {{"tvmgen_default_add"}, {"tvmgen_default_mul"}, {"TVMBackendAllocWorkspace", false}});
  CHECK(code_of(members, "codegen/host/lib/default_lib0.o") == ErrorCode::unsupported);
  members["codegen/host/lib/default_lib0.o"] =
      elf_object({}, {{"tvmgen_default_add"}, {"tvmgen_default_mul"}, {"TVMAPISetLastError", false}});
  const NetworkDescriptor warned = described(members);
  REQUIRE(warned.diagnostics.size() == 1);
  CHECK(warned.diagnostics[0].kind == stm32tvm::Diagnostic::Kind::warning);
  CHECK(warned.diagnostics[0].message.find("TVMAPISetLastError") != std::string::npos);
  members["codegen/host/lib/default_lib0.o"] = elf_object({}, {{"tvmgen_default_add"}});
  CHECK(code_of(members, graph_path) == ErrorCode::bad_source);
  members["codegen/host/lib/default_lib0.o"] = "no object";
  CHECK(code_of(members, "codegen/host/lib/default_lib0.o") == ErrorCode::bad_source);
}

TEST_CASE("describe graph: the metadata's sizes of storage and order of inputs are checked, not used") {
  Members members = good_archive();
  const std::string memory = R"("memory": {)";
  const auto with_memory = [&](const std::string& more) {
    std::string text = metadata;
    text.insert(text.find(memory) + memory.size(), more);
    return text;
  };
  members["metadata.json"] =
      with_memory(R"("sids": [{"storage_id": 0, "size_bytes": 4}, {"storage_id": 2, "size_bytes": 5}, 7, {}],)");
  const NetworkDescriptor network = described(members);
  REQUIRE(network.diagnostics.size() == 1);
  CHECK(network.diagnostics[0].message.find("in 1 places: 5 bytes for storage 2, whose tensors have 4") !=
        std::string::npos);

  members = archive(
      graph_of({{"zeta", "", "", 0}, {"alpha", "", "", 1}, {"add", "tvmgen_default_add", "0, 1", 2}}, "[2, 0, 0]"),
      kernel("tvmgen_default_add", 3));
  members["metadata.json"].replace(members["metadata.json"].find(R"("main": [])"), 10,
                                   R"("main": [{"device": 1, "inputs": {"alpha": {"size": 4, "dtype": "int8"},
                                       "zeta": {"size": 4, "dtype": "int8"}}}])");
  const NetworkDescriptor sorted = described(members);
  CHECK(sorted.tensors[sorted.inputs[0]].name == "zeta");
  REQUIRE(sorted.diagnostics.size() == 1);
  CHECK(sorted.diagnostics[0].message.find("\"zeta\" first") != std::string::npos);
}
