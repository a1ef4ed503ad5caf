// SPDX-License-Identifier: Apache-2.0
// Quantization, names and types in emitted C and C++, on networks made by hand; compilers say whether they are legal,
// and a program that includes them whether they are right.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emit/quantization.hpp"
#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/project_emitter.hpp"
#include "stm32tvm/quantization.hpp"

namespace {

namespace fs = std::filesystem;
using namespace stm32tvm;

const std::string kernel = R"(#include <stdint.h>
#include <string.h>
#include "dlpack/dlpack.h"
#include "tvm/runtime/c_runtime_api.h"
/* Copies its input to its first output. */
int32_t work(void* args, int32_t* types, int32_t count, void* value, int32_t* code, void* handle) {
  (void)types; (void)count; (void)value; (void)code; (void)handle;
  memcpy(((DLTensor*)((TVMValue*)args)[1].v_handle)->data, ((DLTensor*)((TVMValue*)args)[0].v_handle)->data, 4);
  return 0;
}
)";

Tensor tensor(std::string name, const std::string& type, std::vector<std::int64_t> shape) {
  Tensor made;
  made.source_name = name;
  made.name = std::move(name);
  made.type = parse_data_type(type).value();
  made.bytes = made.type.bytes();
  for (const std::int64_t dimension : shape) {
    made.bytes *= static_cast<std::uint64_t>(dimension);
  }
  made.shape = std::move(shape);
  return made;
}

Quantization figures(std::vector<double> scales, std::vector<std::int32_t> zero_points, int axis = -1) {
  return {axis == -1 ? Quantization::Kind::per_tensor : Quantization::Kind::per_axis, Quantization::Source::caller,
          std::move(scales), std::move(zero_points), axis};
}

/// One kernel from the first tensor to all others.
NetworkDescriptor network_of(std::vector<Tensor> tensors) {
  NetworkDescriptor network;
  network.tensors = std::move(tensors);
  network.module_name = "default";
  network.executor = "graph";
  Operator call;
  call.name = "work";
  call.kernel = "work";
  network.inputs = {0};
  call.inputs = {{0, {}}};
  for (TensorIndex i = 1; i < network.tensors.size(); ++i) {
    network.outputs.push_back(i);
    call.outputs.push_back({i, {}});
  }
  network.operators = {call};
  KernelSource source;
  source.name = "lib0.c";
  source.text = kernel;
  network.sources = {source};
  return network;
}

NetworkDescriptor good_network() {
  NetworkDescriptor network =
      network_of({tensor("image:0", "int8", {1, 4}), tensor("scores", "int8", {4}), tensor("along", "int16", {2, 3}),
                  tensor("real", "float32", {}), tensor("ids", "int32", {2})});
  network.tensors[0].quantization = figures({0.00392156862745098}, {-128});
  network.tensors[1].quantization = figures({1.0}, {5});
  network.tensors[2].quantization = figures({0.5, 0.25, 1e-6}, {0, 1, -2}, 1);
  network.tensors[3].quantization.kind = Quantization::Kind::unquantized;
  return network;
}

Result<SourceTree> emit(const NetworkDescriptor& network, std::string name = "net") {
  EmitOptions options;
  options.name = std::move(name);
  options.weights = EmitOptions::Weights::c_array;
  const auto plan = MemoryPlan::make(network);
  REQUIRE_MESSAGE(plan.has_value(), (plan ? "" : to_string(plan.error())));
  return ProjectEmitter::emit(network, *plan, options);
}

std::string text_of(const SourceTree& tree, std::string_view path) {
  const Bytes* const file = tree.find(path);
  REQUIRE_MESSAGE(file != nullptr, path);
  return std::string(file->view());
}

bool has_line(const std::string& text, const std::string& line) {
  return text.find("\n" + line + "\n") != std::string::npos;
}

bool has_tool(const std::string& tool) {
  return std::system((tool + " --version > /dev/null 2>&1").c_str()) == 0;
}

/// Writes the tree and a program beside it, and runs `command` there.
void check_command(const SourceTree& tree, const std::string& program, const std::string& command) {
  static int count = 0;
  const fs::path folder = fs::temp_directory_path() / ("stm32tvm_emit_quantization_test_" + std::to_string(getpid()) +
                                                       "_" + std::to_string(++count));
  fs::remove_all(folder);
  REQUIRE(tree.write_to(folder).has_value());
  std::ofstream(folder / "program.cpp") << program;
  std::ofstream(folder / "program.c") << program;
  const int status = std::system(("cd '" + folder.string() + "' && { " + command + "; } > errors.txt 2>&1").c_str());
  CHECK_MESSAGE(status == 0, "see ", (folder / "errors.txt").string());
  if (status == 0) {
    fs::remove_all(folder);
  }
}

const std::string warnings = " -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -Iruntime -Iruntime/include ";

const std::string c_program = R"(#include "net.h"
#include "stvm_quantize.h"
extern ai_model_info net_network;
static const float along[] = NET_ALONG_SCALE;
static const int32_t along_zero[] = NET_OUT_2_ZERO_POINT;
static const int64_t shape[] = NET_IMAGE_0_SHAPE;
typedef NET_IMAGE_0_DTYPE image_type[NET_IN_1_SIZE];
#if defined(NET_REAL_SCALE) || defined(NET_OUT_3_ZERO_POINT) || defined(NET_IDS_SCALE) || defined(NET_IN_1_AXIS)
#error "a scale that is none"
#endif
#if NET_IMAGE_0_ZERO_POINT != -128 || NET_IMAGE_0_SIZE_BYTES != 4 || NET_ALONG_AXIS != 1 || NET_IDS_INDEX != 3
#error "wrong numbers"
#endif
int main(void) {
  ai_handle net = AI_HANDLE_NULL;
  if (ai_create(&net_network, AI_MODEL_activations(&net_network), &net) != AI_STATUS_OK) return 1;
  const ai_quantization_info* in = ai_get_quantization(ai_get_input(net, NET_IMAGE_0_INDEX));
  const ai_quantization_info* axis = ai_get_quantization(ai_get_output(net, NET_ALONG_INDEX));
  if (in == NULL || in->scale[0] != NET_IN_1_SCALE || in->zero_point[0] != -128 || in->dim != -1) return 2;
  if (in->scale[0] != 1.0f / 255.0f) return 3;
  if (axis == NULL || axis->dim != 1) return 4;
  for (int i = 0; i < 3; ++i) {
    if (axis->scale[i] != along[i] || axis->zero_point[i] != along_zero[i]) return 5;
  }
  if (along[0] != 0.5f || along[2] != 1e-6f || along_zero[2] != -2) return 6;
  if (ai_get_quantization(ai_get_output(net, NET_REAL_INDEX)) != NULL) return 7;
  if (ai_get_quantization(ai_get_output(net, NET_IDS_INDEX)) != NULL) return 8;
  if (shape[0] != 1 || shape[1] != 4 || sizeof(image_type) != NET_IMAGE_0_SIZE_BYTES) return 9;
  if (sizeof(NET_REAL_DTYPE) != 4 || sizeof(NET_OUT_4_DTYPE) != 4 || sizeof(NET_ALONG_DTYPE) != 2) return 10;
  if (stvm_quantize_int8(1.0f, NET_IMAGE_0_SCALE, NET_IMAGE_0_ZERO_POINT) != 127) return 11;
  return 0;
}
)";

const std::string cpp_program = R"(#include "net.hpp"
#include "net.h"
namespace net = stvm::net;
using net::inputs::image_0;
using net::outputs::along;
using net::outputs::scores;
static_assert(image_0::scale == NET_IMAGE_0_SCALE && image_0::zero_point == -128 && image_0::size == 4);
static_assert(image_0::rank == 2 && image_0::shape[1] == 4 && image_0::size_bytes == 4 && image_0::is_input);
static_assert(along::scale[1] == 0.25f && along::zero_point[2] == -2 && along::axis == 1 && along::size == 6);
static_assert(!along::is_quantized_per_tensor && along::is_quantized_per_axis && along::index == 1);
static_assert(net::outputs::real::rank == 0 && net::outputs::real::shape == nullptr);
static_assert(net::outputs::real::size == 1 && !net::outputs::real::is_quantized_per_tensor);
static_assert(stvm::internal::is_same<net::outputs::ids::Value, int32_t>);
static_assert(image_0::name[5] == ':');
int main() {
  const float reals[] = {0.0f, 1.0f, 0.5f, 7.0f};
  float scores_of[4] = {};
  net::Network network;
  if (network.status() != AI_STATUS_OK) return 1;
  network.input<image_0>().quantize({reals, 4});
  const auto image = network.input<image_0>();
  if (image.size() != 4 || image[0] != -128 || image[1] != 127 || image[3] != 127) return 2;
  if (network.run() != AI_STATUS_OK) return 3;
  const auto output = network.output<scores>();
  int sum = 0;
  for (const int8_t value : output) sum += value;
  if (sum != image[0] + image[1] + image[2] + image[3]) return 4;
  output.dequantize({scores_of, 4});
  if (scores_of[0] != -133.0f || scores_of[1] != 122.0f) return 5;
  net::Network second;  // more than its one handle
  if (second.status() == AI_STATUS_OK || !second.input<image_0>().empty() || second.run() == AI_STATUS_OK) return 6;
  return 0;
}
)";

const std::string sources = " net/net.c net/net_data.c net/net_lib0.c runtime/stvm.c runtime/ai_runtime_api.c ";

}  // namespace

TEST_CASE("emitted floats are C, and the float32 nearest to the number") {
  CHECK(c_float(1.0) == "1.0f");
  CHECK(c_float(0.5) == "0.5f");
  CHECK(c_float(1e-6) == "9.99999997e-07f");
  CHECK(c_float(1e30) == "1.00000002e+30f");
  for (const float number : {0.00392156886F, 0.584702909F, 3.4e38F, 1.17549435e-38F, 16777216.0F, 0.1F}) {
    CHECK(std::strtof(c_float(static_cast<double>(number)).c_str(), nullptr) == number);
    CHECK(c_float(static_cast<double>(number)).find_first_of(".e") != std::string::npos);
  }
}

TEST_CASE("emitted storage types are as wide as the elements") {
  for (const std::pair<std::string, std::string>& row :
       std::vector<std::pair<std::string, std::string>>{{"int8", "int8_t"},
                                                        {"uint8", "uint8_t"},
                                                        {"int16", "int16_t"},
                                                        {"uint32", "uint32_t"},
                                                        {"int64", "int64_t"},
                                                        {"bool", "uint8_t"},
                                                        {"float32", "float"},
                                                        {"float64", "double"},
                                                        {"float16", "uint16_t"},
                                                        {"bfloat16", "uint16_t"},
                                                        {"int4", "int8_t"}}) {
    CAPTURE(row.first);
    CHECK(c_storage_type(parse_data_type(row.first).value()) == row.second);
  }
}

TEST_CASE("emitted header: figures by number and by name, none where there are none") {
  const auto tree = emit(good_network());
  REQUIRE(tree);
  const std::string header = text_of(*tree, "net/net.h");
  for (const std::string line :
       {"#define NET_IN_1_DTYPE int8_t", "#define NET_IN_1_SCALE 0.00392156886f", "#define NET_IN_1_ZERO_POINT (-128)",
        "#define NET_OUT_1_SCALE 1.0f", "#define NET_OUT_1_ZERO_POINT (5)", "#define NET_OUT_2_AXIS 1",
        "#define NET_OUT_2_SCALE {0.5f, 0.25f, 9.99999997e-07f}", "#define NET_OUT_2_ZERO_POINT {0, 1, -2}",
        "#define NET_IMAGE_0_SCALE NET_IN_1_SCALE", "#define NET_IMAGE_0_SHAPE NET_IN_1_SHAPE",
        "#define NET_IMAGE_0_SIZE_BYTES NET_IN_1_SIZE_BYTES", "#define NET_IMAGE_0_INDEX 0",
        "#define NET_IDS_DTYPE NET_OUT_4_DTYPE", "#define NET_IDS_INDEX 3"}) {
    CAPTURE(line);
    CHECK(has_line(header, line));
  }
  for (const std::string absent : {"NET_OUT_3_SCALE", "NET_OUT_4_SCALE", "NET_REAL_ZERO_POINT", "NET_IDS_SCALE"}) {
    CHECK(header.find(absent) == std::string::npos);
  }
}

TEST_CASE("emitted C and C++ compile, and have the right figures when they run") {
  const auto tree = emit(good_network());
  REQUIRE(tree);
  for (const std::string c : {"gcc", "clang"}) {
    const std::string cpp = c == "gcc" ? "g++" : "clang++";
    if (!has_tool(c) || !has_tool(cpp)) {
      MESSAGE("no ", c, " here: emitted C and C++ are not compiled with it");
      continue;
    }
    CAPTURE(c);
    const std::string objects = c + " -std=c99 " + warnings + "-Inet -c" + sources + "&& ";
    check_command(*tree, c_program, objects + c + " -std=c99" + warnings + "-Inet program.c *.o -o run && ./run");
    check_command(*tree, cpp_program,
                  objects + cpp + " -std=c++17 -Wold-style-cast" + warnings + "-Inet program.cpp *.o -o run && ./run");
  }
}

TEST_CASE("emitted C++ is legal whatever the tensors and the network are called") {
  if (!has_tool("g++")) {
    MESSAGE("no g++ here: emitted C++ is not compiled");
    return;
  }
  const std::vector<std::string> names = {"size",   "Value", "Model", "index",    "name",  "Network", "Description",
                                          "in_1",   "out_1", "stvm",  "int8_t",   "scale", "inputs",  "class",
                                          "std",    "linux", "a\"b",  "int32_t",  "info",  "?\?/",    "shape",
                                          "size_t", "NULL",  "main",  "ai_handle"};
  for (const std::string network_name : {"net", "std", "int8_t", "ai_tensor", "size_t", "linux", "description"}) {
    std::vector<Tensor> tensors;
    tensors.reserve(names.size());
    for (const std::string& name : names) {
      tensors.push_back(tensor(name, "int8", {2}));
      tensors.back().quantization = figures({0.5}, {0});
    }
    const auto tree = emit(network_of(tensors), network_name);
    REQUIRE(tree);
    const std::string name = tree->find("net/net.hpp") != nullptr ? "net"
                             : network_name == "linux"            ? "n_linux"
                                                                  : network_name;
    CAPTURE(name);
    check_command(*tree,
                  "#include \"" + name + ".hpp\"\n#include \"" + name + ".h\"\nint main() { stvm::" + name +
                      "::Network one; return one.input<stvm::" + name + "::inputs::size>().size() == 2 ? 0 : 1; }\n",
                  "g++ -std=gnu++17" + warnings + "-fsyntax-only -I" + name + " program.cpp");
  }
}

TEST_CASE("figures that a tensor cannot have are not emitted") {
  const auto refused = [](const Quantization& quantization) {
    NetworkDescriptor network = good_network();
    network.tensors[0].quantization = quantization;
    const auto tree = emit(network);
    return !tree && tree.error().code == ErrorCode::bad_graph;
  };
  CHECK(refused(figures({std::numeric_limits<double>::quiet_NaN()}, {0})));
  CHECK(refused(figures({0.0}, {0})));
  CHECK(refused(figures({1e60}, {0})));
  CHECK(refused(figures({}, {})));
  CHECK(refused(figures({0.5}, {0, 0})));
  CHECK(refused(figures({0.5}, {200})));
  CHECK(refused(figures({0.5, 0.5}, {0, 0}, 1)));
}
