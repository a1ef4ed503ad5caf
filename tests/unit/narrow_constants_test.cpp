// SPDX-License-Identifier: Apache-2.0
#include "network/narrow_constants.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/model_library.hpp"

using namespace stm32tvm;

namespace {

template <class Integer>
Bytes bytes_of(const std::vector<Integer>& values) {
  return {std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Integer))};
}

std::uint64_t stored_bytes(const NetworkDescriptor& network) {
  std::uint64_t sum = 0;
  for (const TensorIndex parameter : network.parameters) {
    sum += network.tensors[parameter].bytes;
  }
  return sum;
}

TensorIndex add_tensor(NetworkDescriptor& network, const std::string& name, const char* type, std::int64_t elements) {
  Tensor tensor;
  tensor.name = name;
  tensor.type = *parse_data_type(type);
  tensor.shape = {elements};
  tensor.bytes = static_cast<std::uint64_t>(elements) * tensor.type.bytes();
  network.tensors.push_back(tensor);
  return static_cast<TensorIndex>(network.tensors.size() - 1);
}

template <class Integer>
TensorIndex add_parameter(NetworkDescriptor& network, const std::string& name, const char* type,
                          const std::vector<Integer>& values) {
  const TensorIndex index = add_tensor(network, name, type, static_cast<std::int64_t>(values.size()));
  network.tensors[index].constant = bytes_of(values);
  network.parameters.push_back(index);
  return index;
}

void add_call(NetworkDescriptor& network, const std::string& kernel, const std::vector<TensorIndex>& inputs,
              TensorIndex output) {
  Operator call;
  call.kernel = kernel;
  for (const TensorIndex input : inputs) {
    call.inputs.push_back({input, {}});
  }
  call.outputs.push_back({output, {}});
  network.operators.push_back(call);
}

/// A kernel of the packed calling convention that takes p0 and p1 and gives T, in TVM's style.
std::string kernel(const std::string& name, const std::string& statement) {
  return "TVM_DLL int32_t " + name +
         "(void* args, int32_t* arg_type_ids, int32_t num_args, void* out_ret_value, int32_t* out_ret_tcode, void* "
         "resource_handle) {\n"
         "  void* p0 = (((TVMValue*)args)[0].v_handle);\n"
         "  void* p1 = (((TVMValue*)args)[1].v_handle);\n"
         "  void* T = (((TVMValue*)args)[2].v_handle);\n"
         "  void* p0_1 = (((DLTensor*)p0)[0].data);\n"
         "  void* p1_1 = (((DLTensor*)p1)[0].data);\n"
         "  void* p1_strides = (((DLTensor*)p1)[0].strides);\n"
         "  void* T_1 = (((DLTensor*)T)[0].data);\n"
         "  for (int32_t i = 0; i < 3; ++i) {\n    " +
         statement + "\n  }\n  return 0;\n}\n";
}

/// A network of one call of `statement` with the parameter p1.
NetworkDescriptor network_of(const std::string& statement, const std::vector<std::int16_t>& values) {
  NetworkDescriptor network;
  const TensorIndex input = add_tensor(network, "input", "int16", 3);
  const TensorIndex output = add_tensor(network, "output", "int32", 3);
  network.inputs = {input};
  network.outputs = {output};
  const TensorIndex parameter = add_parameter<std::int16_t>(network, "p1", "int16", values);
  add_call(network, "f", {input, parameter}, output);
  network.sources.push_back({"lib1.c", Bytes(kernel("f", statement)), {"f"}});
  return network;
}

constexpr std::string_view plain_read = "((int32_t*)T_1)[i] = (((int16_t*)p0_1)[i] * ((int16_t*)p1_1)[i]);";

void narrow_constants(NetworkDescriptor& network) {
  std::vector<stm32tvm::SourceOutline> outlines;
  for (const auto& source : network.sources) {
    outlines.push_back(stm32tvm::outline_source(source.text.view()));
  }
  stm32tvm::narrow_constants(outlines, network);
}

/// Whether narrowing leaves all but `constants` as it was, and the reason it gives.
std::string reason_to_keep(const std::string& statement, const std::vector<std::int16_t>& values = {1, -2, 127}) {
  const NetworkDescriptor before = network_of(statement, values);
  NetworkDescriptor network = before;
  narrow_constants(network);
  REQUIRE(network.constants.size() == 1);
  const std::string reason = network.constants[0].reason;
  CHECK(network.constants[0].stored == network.constants[0].exported);
  network.constants.clear();
  CHECK(network == before);
  return reason;
}

}  // namespace

TEST_CASE("narrow_constants: a parameter whose values fit is stored as int8, and the kernel's reads alone change") {
  NetworkDescriptor network = network_of(std::string(plain_read), {-128, 0, 127});
  narrow_constants(network);
  const Tensor& parameter = network.tensors[network.parameters[0]];
  CHECK(to_string(parameter.type) == "int8");
  CHECK(parameter.bytes == 3);
  CHECK(*parameter.constant == bytes_of<std::int8_t>({-128, 0, 127}));
  CHECK(parameter.shape == std::vector<std::int64_t>{3});
  CHECK(network.sources[0].text.view() ==
        kernel("f", "((int32_t*)T_1)[i] = (((int16_t*)p0_1)[i] * ((int8_t*)p1_1)[i]);"));
  REQUIRE(network.diagnostics.size() == 1);
  CHECK(network.diagnostics[0].where == "lib1.c: f");
  CHECK(network.diagnostics[0].message ==
        "constants are stored in narrower types, and the emitted copy reads p1_1 as int8_t instead of int16_t");
  REQUIRE(network.constants.size() == 1);
  CHECK(network.constants[0].exported_bytes == 6);
  CHECK(network.constants[0].stored_bytes == 3);
}

TEST_CASE("narrow_constants: what is no plain read of single elements keeps its type") {
  CHECK(reason_to_keep(std::string(plain_read), {0, 128, 0}) == "its values need the width");
  CHECK(reason_to_keep(std::string(plain_read), {0, -129, 0}) == "its values need the width");
  const std::string other_use = "the code uses it in another way than to read single elements";
  for (const char* statement :
       {"dot((&(((int16_t*)p1_1)[i])), T_1);", "memcpy(T_1, p1_1, 6);", "((int16_t*)p1_1)[i] = 0;",
        "((int16_t*)p1_1)[i] += 1;", "++((int16_t*)p1_1)[i];", "((int32_t*)T_1)[i] = *((int16_t*)p1_1 + i);",
        "((int32_t*)T_1)[i] = sizeof(((int16_t*)p1_1)[i]);", "void* q = p1_1;"}) {
    CAPTURE(statement);
    CHECK(reason_to_keep(statement) == other_use);
  }
  CHECK(reason_to_keep("((int32_t*)T_1)[i] = ((int32_t*)p1_1)[i];") == "its elements are read as int32_t");
  CHECK(reason_to_keep("((int32_t*)T_1)[i] = ((int16_t*)p1_1)[i] + ((uint16_t*)p1_1)[i];") ==
        "it is read as int16_t and as uint16_t");
  CHECK(reason_to_keep("helper(p1);") == "the kernel passes its DLTensor on");
  CHECK(reason_to_keep("helper(args);") == "the kernel passes its arguments on");
}

TEST_CASE("narrow_constants: what one call of a kernel needs, its other calls keep") {
  NetworkDescriptor network = network_of(std::string(plain_read), {1, 2, 3});
  const TensorIndex wide = add_parameter<std::int16_t>(network, "wide", "int16", {1, 2, 300});
  const NetworkDescriptor before = network;
  add_call(network, "f", {network.inputs[0], wide}, network.outputs[0]);
  narrow_constants(network);
  CHECK(network.sources == before.sources);
  CHECK(network.tensors == before.tensors);
  REQUIRE(network.constants.size() == 2);
  CHECK(network.constants[0].reason == "the same code reads others that need the width");

  // A call with a tensor that is computed.
  network = network_of(std::string(plain_read), {1, 2, 3});
  add_call(network, "f", {network.inputs[0], network.inputs[0]}, network.outputs[0]);
  narrow_constants(network);
  REQUIRE(network.constants.size() == 1);
  CHECK(network.constants[0].reason == "its kernel is called with tensors that are no constants, too");

  // A call from another function.
  network = network_of(std::string(plain_read), {1, 2, 3});
  network.sources[0].text =
      Bytes(std::string(network.sources[0].text.view()) + "void g(void) { f(0, 0, 0, 0, 0, 0); }");
  narrow_constants(network);
  CHECK(network.constants[0].reason == "more than the network's operators call its kernel");
}

TEST_CASE("narrow_constants: a constant of two kernels follows the one that needs more") {
  NetworkDescriptor network = network_of(std::string(plain_read), {1, 2, 3});
  network.sources.push_back({"lib2.c", Bytes(kernel("g", "use(p1_1);")), {"g"}});
  const NetworkDescriptor before = network;
  add_call(network, "g", {network.inputs[0], network.parameters[0]}, network.outputs[0]);
  narrow_constants(network);
  CHECK(network.tensors == before.tensors);
  CHECK(network.sources == before.sources);
}

TEST_CASE("narrow_constants: a pool of constants is laid out anew, equal constants once") {
  NetworkDescriptor network;
  const TensorIndex input = add_tensor(network, "input", "int8", 4);
  const TensorIndex output = add_tensor(network, "output", "int32", 4);
  std::string pool;
  for (const auto& values : {std::vector<std::int32_t>{70000, 1, 2, 3}, {5, 6, 7, 8}, {5, 6, 7, 8}, {300, 0, 0, 0}}) {
    pool += bytes_of(values).view();
  }
  const TensorIndex constants = add_tensor(network, "pool", "uint8", 64);
  network.tensors[constants].constant = Bytes(pool);
  network.parameters = {constants};
  add_call(network, "f", {input}, output);
  network.operators[0].pools.push_back({constants, {}});
  const auto text = [](const char* b_type, const char* b, const char* c, const char* d_type, const char* d) {
    return Bytes(std::string("TVM_DLL int32_t f(int8_t* p0, int32_t* T, uint8_t* pool_var) {\n"
                             "  void* a_let = (&(pool_var[0]));\n  void* b_let = (&(pool_var[") +
                 b + "]));\n  void* c_let = (&(pool_var[" + c + "]));\n  void* d_let = (&(pool_var[" + d +
                 "]));\n  T[0] = ((int32_t*)a_let)[0] + ((" + b_type + "*)b_let)[0] - ((" + b_type +
                 "*)c_let)[1] + ((" + d_type + "*)d_let)[0];\n  return 0;\n}\n");
  };
  network.sources.push_back({"lib1.c", text("int32_t", "16", "32", "int32_t", "48"), {"f"}});
  narrow_constants(network);
  CHECK(network.sources[0].text == text("int8_t", "16", "16", "int16_t", "32"));
  const Tensor& stored = network.tensors[constants];
  const std::string expected = std::string(bytes_of<std::int32_t>({70000, 1, 2, 3}).view()) + "\5\6\7\10" +
                               std::string(12, '\0') + std::string(bytes_of<std::int16_t>({300, 0, 0, 0}).view());
  CHECK(*stored.constant == Bytes(expected));
  CHECK(stored.bytes == expected.size());
  CHECK(stored.shape == std::vector<std::int64_t>{static_cast<std::int64_t>(expected.size())});

  // One use of the pool that is not understood, and all of it stays.
  NetworkDescriptor other;
  other.tensors = network.tensors;
  other.tensors[constants].constant = Bytes(pool);
  other.tensors[constants].bytes = pool.size();
  other.parameters = network.parameters;
  other.operators = network.operators;
  other.sources.push_back({"lib1.c",
                           Bytes("TVM_DLL int32_t f(int8_t* p0, int32_t* T, uint8_t* pool_var) {\n"
                                 "  void* b_let = (&(pool_var[16]));\n  void* q = (&(pool_var[i]));\n"
                                 "  T[0] = ((int32_t*)b_let)[0];\n  return 0;\n}\n"),
                           {"f"}});
  const NetworkDescriptor before = other;
  narrow_constants(other);
  CHECK(other.sources == before.sources);
  CHECK(other.tensors == before.tensors);
  REQUIRE(other.constants.size() == 1);
  CHECK(other.constants[0].reason == "the kernel uses the pool as a whole");
}

TEST_CASE("narrow_constants: arrays in the generated C") {
  NetworkDescriptor network;
  const TensorIndex input = add_tensor(network, "input", "int8", 4);
  const TensorIndex output = add_tensor(network, "output", "int32", 4);
  add_call(network, "f", {input}, output);
  const auto text = [](const std::string& a, const std::string& b, const std::string& type) {
    return Bytes("#include <stdint.h>\n" + a + b +
                 "static const int16_t __attribute__((aligned(16))) wide[2] = {\n  +0x0100, 2\n};\n"
                 "static const int16_t __attribute__((aligned(16))) escapes[2] = {\n  1, 2\n};\n"
                 "static int32_t TVMBackendSum(void) {\n  return ((" +
                 type + "*)a)[1];\n}\nTVM_DLL int32_t f(int8_t* p0, int32_t* T) {\n  T[0] = ((" + type +
                 "*)a)[0] + ((" + type +
                 "*)b)[1] + ((int16_t*)wide)[0];\n"
                 "  use(escapes);\n  return 0;\n}\n");
  };
  const auto array = [](const std::string& type, const std::string& name) {
    return "static const " + type + " __attribute__((aligned(16))) " + name + "[2] = {\n  -0x0050, +0x007f\n};\n";
  };
  network.sources.push_back({"lib1.c", text(array("int16_t", "a"), array("int16_t", "b"), "int16_t"), {"f"}});
  narrow_constants(network);
  CHECK(network.sources[0].text == text(array("int8_t", "a"), "#define b a\n", "int8_t"));
  REQUIRE(network.constants.size() == 4);
  CHECK(network.constants[0].stored_bytes == 2);
  CHECK(network.constants[1].stored_bytes == 0);
  CHECK(network.constants[2].reason == "its values need the width");
  CHECK(network.constants[3].reason == "the code uses it in another way than to read single elements");
}

TEST_CASE("narrow_constants: the constants of the project's own archive, and its option") {
  const auto library = ModelLibrary::open(STM32TVM_SOURCE_DIR "/tests/data/digits_int8/graph.tar").value();
  const NetworkDescriptor exported = library.network({}, {.keep_constants = true}).value();
  const NetworkDescriptor narrow = library.network().value();
  CHECK(exported.constants.empty());
  CHECK(stored_bytes(exported) == 8118);
  CHECK(stored_bytes(narrow) <= 8118 / 2);
}

TEST_CASE("narrow_constants: the constants of MLPerf Tiny's models") {
  struct Model {
    const char* name;
    std::uint64_t most;
  };
  for (const Model& model :
       {Model{"kws_int8", 31'500}, Model{"ic_int8", 83'000}, Model{"vww_int8", 252'500}, Model{"ad_int8", 272'000}}) {
    CAPTURE(model.name);
    const std::string path = std::string(STM32TVM_SHARED_DIR "/mlf/") + model.name + "/graph.tar";
    if (!std::filesystem::exists(path)) {
      MESSAGE("skipped: there is no " << path);
      continue;
    }
    CHECK(stored_bytes(ModelLibrary::open(path)->network().value()) <= model.most);
  }
}
