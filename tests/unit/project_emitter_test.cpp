// SPDX-License-Identifier: Apache-2.0
// Tests of the emitted project on networks made by hand; the emitted C goes through a C compiler where there is one.
#include "stm32tvm/project_emitter.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "small_target.hpp"
#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/source_tree.hpp"
#include "stm32tvm/target.hpp"

namespace {

namespace fs = std::filesystem;
using stm32tvm::Argument;
using stm32tvm::Bytes;
using stm32tvm::DataType;
using stm32tvm::EmitOptions;
using stm32tvm::ErrorCode;
using stm32tvm::KernelSource;
using stm32tvm::MemoryPlan;
using stm32tvm::NetworkDescriptor;
using stm32tvm::Operator;
using stm32tvm::PlanOptions;
using stm32tvm::ProjectEmitter;
using stm32tvm::Result;
using stm32tvm::Sample;
using stm32tvm::SourceTree;
using stm32tvm::Target;
using stm32tvm::Tensor;
using stm32tvm::TensorIndex;

constexpr DataType int8{DataType::Code::signed_integer, 8, 1};
constexpr DataType float32{DataType::Code::floating_point, 32, 1};

const std::string kernel_text = R"(#include <stdint.h>
int32_t first(void* args, int32_t* types, int32_t count, void* value, int32_t* code, void* handle) {
  (void)args; (void)types; (void)count; (void)value; (void)code; (void)handle;
  return 0;
}
int32_t second(void* args, int32_t* types, int32_t count, void* value, int32_t* code, void* handle) {
  return first(args, types, count, value, code, handle);
}
)";

std::vector<KernelSource> kernel_sources() {
  KernelSource source;
  source.name = "lib0.c";
  source.text = kernel_text;
  return {source};
}

/// Builds descriptors.
class Network {
 public:
  TensorIndex tensor(std::string name, std::vector<std::int64_t> shape, DataType type = int8) {
    Tensor made;
    made.name = std::move(name);
    made.type = type;
    made.bytes = type.bytes();
    for (const std::int64_t dimension : shape) {
      made.bytes *= static_cast<std::uint64_t>(dimension);
    }
    made.shape = std::move(shape);
    descriptor.tensors.push_back(std::move(made));
    return static_cast<TensorIndex>(descriptor.tensors.size() - 1);
  }
  TensorIndex input(std::string name, std::vector<std::int64_t> shape, DataType type = int8) {
    descriptor.inputs.push_back(tensor(std::move(name), std::move(shape), type));
    return descriptor.inputs.back();
  }
  TensorIndex parameter(std::string name, const std::string& values) {
    const TensorIndex made = tensor(std::move(name), {static_cast<std::int64_t>(values.size())});
    descriptor.tensors[made].constant = Bytes(values);
    descriptor.parameters.push_back(made);
    return made;
  }
  TensorIndex view(TensorIndex of, std::string name) {
    const TensorIndex made = tensor(std::move(name), {static_cast<std::int64_t>(descriptor.tensors[of].bytes)});
    descriptor.tensors[made].view_of = of;
    copy(of, made);
    return made;
  }
  Operator& call(std::string kernel, const std::vector<TensorIndex>& inputs, const std::vector<TensorIndex>& outputs) {
    Operator made;
    made.name = "call of " + kernel;
    made.kernel = std::move(kernel);
    for (const TensorIndex each : inputs) {
      made.inputs.push_back({each, {}});
    }
    for (const TensorIndex each : outputs) {
      made.outputs.push_back({each, {}});
    }
    descriptor.operators.push_back(std::move(made));
    return descriptor.operators.back();
  }
  void copy(TensorIndex from, TensorIndex to) {
    Operator& made = call("", {from}, {to});
    made.kind = Operator::Kind::copy;
    made.name = "copy";
  }

  NetworkDescriptor descriptor;
};

/// input -> first (with p0, p1) -> inner -> second -> output, with a workspace.
NetworkDescriptor good_network() {
  Network network;
  const TensorIndex input = network.input("image", {1, 8});
  const TensorIndex p0 = network.parameter("p0", "abc");
  const TensorIndex p1 = network.parameter("p1", "0123456789abcdef!");
  const TensorIndex inner = network.tensor("inner", {2}, float32);
  const TensorIndex output = network.tensor("scores", {}, float32);
  network.call("first", {input, p0, p1}, {inner}).workspaces = {{64, {}}, {128, {}}};
  network.call("second", {inner}, {output});
  network.descriptor.outputs = {output};
  network.descriptor.module_name = "default";
  network.descriptor.executor = "graph";
  network.descriptor.sources = kernel_sources();
  return network.descriptor;
}

MemoryPlan plan_of(const NetworkDescriptor& network, const PlanOptions& options = {}) {
  Result<MemoryPlan> plan = MemoryPlan::make(network, options);
  REQUIRE_MESSAGE(plan.has_value(), (plan ? "" : to_string(plan.error())));
  return *std::move(plan);
}

Result<SourceTree> emit(const NetworkDescriptor& network, const EmitOptions& options = {}) {
  return ProjectEmitter::emit(network, plan_of(network), options);
}

SourceTree emitted(const NetworkDescriptor& network, const EmitOptions& options = {}) {
  Result<SourceTree> tree = emit(network, options);
  REQUIRE_MESSAGE(tree.has_value(), (tree ? "" : to_string(tree.error())));
  return *std::move(tree);
}

std::string text_of(const SourceTree& tree, std::string_view path) {
  const Bytes* const file = tree.find(path);
  REQUIRE_MESSAGE(file != nullptr, path);
  return std::string(file->view());
}

EmitOptions named(std::string name) {
  EmitOptions options;
  options.name = std::move(name);
  return options;
}

std::size_t occurrences(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) {
    ++found;
  }
  return found;
}

/// Whether a C compiler takes all sources of the network's folder with every warning that emitted C is to be free of.
void check_compiles(const SourceTree& tree, const std::string& name) {
  static const bool has_compiler = std::system("gcc --version > /dev/null 2>&1") == 0;
  if (!has_compiler) {
    MESSAGE("no gcc here: emitted C is not compiled");
    return;
  }
  // Cases run as processes of their own, side by side.
  const fs::path folder = fs::temp_directory_path() / ("stm32tvm_project_emitter_test_" + std::to_string(getpid()));
  fs::remove_all(folder);
  REQUIRE(tree.write_to(folder).has_value());
  const std::string command = "cd '" + folder.string() +
                              "' && gcc -std=c99 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fsyntax-only"
                              " -Iruntime -Iruntime/include -I" +
                              name + " " + name + "/*.c runtime/stvm.c runtime/ai_runtime_api.c > errors.txt 2>&1";
  const int status = std::system(command.c_str());
  CHECK_MESSAGE(status == 0, "see ", (folder / "errors.txt").string());
  if (status == 0) {
    fs::remove_all(folder);
  }
}

}  // namespace

TEST_CASE("emitter: a network's tree has its folder, the runtime and a build file") {
  const SourceTree tree = emitted(good_network());
  for (const std::string_view path :
       {"CMakeLists.txt", "network/CMakeLists.txt", "network/network.c", "network/network.h", "network/network_data.c",
        "network/network_data.h", "network/network_lib0.c", "network/network_weights.bin", "runtime/CMakeLists.txt",
        "runtime/ai_runtime_api.c", "runtime/ai_runtime_api.h", "runtime/ai_model_iterator.c", "runtime/stvm.c",
        "runtime/stvm.h", "runtime/include/dlpack/dlpack.h"}) {
    CAPTURE(path);
    CHECK(tree.find(path) != nullptr);
  }
  CHECK(tree.find("firmware/main.c") == nullptr);
  CHECK(text_of(tree, "network/kernels/lib0.c") == kernel_text);
  check_compiles(tree, "network");
}

TEST_CASE("emitter: the same input gives the same bytes") {
  EmitOptions options = named("kws");
  options.target = small_target(1 << 20, 1 << 17);
  options.samples = {{{Bytes("12345678")}, {Bytes("abcd")}}};
  CHECK(emitted(good_network(), options) == emitted(good_network(), options));
}

TEST_CASE("emitter: a file that CMake reads has no placeholder left, and no machine's path") {
  EmitOptions options;
  options.target = small_target(1 << 20, 1 << 17);
  const SourceTree library_only = emitted(good_network(), options);
  for (const auto& file : library_only.files()) {
    CAPTURE(file.first);
    const std::string text(file.second.view());
    CHECK_FALSE(std::regex_search(text, std::regex("@[A-Z][A-Z0-9_]*@")));
    CHECK(text.find(fs::current_path().string()) == std::string::npos);
  }
}

TEST_CASE("emitter: the header states the plan's and the network's sizes") {
  const NetworkDescriptor network = good_network();
  const MemoryPlan plan = plan_of(network);
  const Result<SourceTree> tree = ProjectEmitter::emit(network, plan, {});
  REQUIRE(tree);
  const std::string header = text_of(*tree, "network/network.h");
  for (const std::string& line :
       {"#define NETWORK_ACTIVATIONS_BYTES " + std::to_string(plan.bytes()),
        std::string("#define NETWORK_ACTIVATIONS_ALIGNMENT 8"), std::string("#define NETWORK_WEIGHTS_BYTES 48"),
        std::string("#define NETWORK_IN_NUM 1"), std::string("#define NETWORK_IN_1_SHAPE {1, 8}"),
        std::string("#define NETWORK_IN_1_RANK 2"), std::string("#define NETWORK_IN_1_SIZE 8"),
        std::string("#define NETWORK_IN_1_SIZE_BYTES 8"), std::string("#define NETWORK_OUT_NUM 1"),
        std::string("#define NETWORK_OUT_1_SIZE 1"), std::string("#define NETWORK_OUT_1_SIZE_BYTES 4"),
        std::string("#define _NETWORK_INPUTS_COUNT_ NETWORK_IN_NUM"),
        std::string("#define _NETWORK_OUTPUTS_COUNT_ NETWORK_OUT_NUM"),
        std::string("#define _NETWORK_ACTIVATION_BYTES_ NETWORK_ACTIVATIONS_BYTES")}) {
    CAPTURE(line);
    CHECK(header.find(line + "\n") != std::string::npos);
  }
}

TEST_CASE("emitter: headers ask for the alignment that kernels need, and for a DMA's where the plan has it") {
  const NetworkDescriptor network = good_network();
  const auto check_header = [&](EmitOptions::DeviceApi api, std::uint32_t interface_alignment,
                                const std::vector<std::string>& lines) {
    EmitOptions options;
    options.device_api = api;
    const MemoryPlan plan = MemoryPlan::make(network, {.interface_alignment = interface_alignment}).value();
    const SourceTree tree = ProjectEmitter::emit(network, plan, options).value();
    for (const std::string& line : lines) {
      CAPTURE(line);
      CHECK(text_of(tree, "network/network.h").find(line + "\n") != std::string::npos);
    }
    // What the runtime refuses.
    const std::string needed = api == EmitOptions::DeviceApi::tvm ? "8" : "4";
    const std::string arena = "  {" + std::to_string(plan.bytes()) + ", " + needed + "}, /* arena */";
    CHECK(text_of(tree, "network/network.c").find(arena) != std::string::npos);
  };
  check_header(EmitOptions::DeviceApi::tvm, 8, {"#define NETWORK_ACTIVATIONS_ALIGNMENT 8"});
  check_header(EmitOptions::DeviceApi::tvm, 32,
               {"#define NETWORK_ACTIVATIONS_ALIGNMENT 32", "#define NETWORK_OUT_1_ALIGNMENT 32"});
  check_header(EmitOptions::DeviceApi::st_ai, 8,
               {"#define STAI_NETWORK_ACTIVATION_1_ALIGNMENT 4", "#define STAI_NETWORK_IN_ALIGNMENTS {4}"});
  check_header(EmitOptions::DeviceApi::st_ai, 32,
               {"#define STAI_NETWORK_ACTIVATIONS_ALIGNMENTS {32}", "#define STAI_NETWORK_IN_1_ALIGNMENT 32"});
  check_header(EmitOptions::DeviceApi::legacy, 8, {"#define AI_NETWORK_ACTIVATIONS_ALIGNMENT (4)"});
  check_header(EmitOptions::DeviceApi::legacy, 32,
               {"#define AI_NETWORK_INPUTS_IN_ACTIVATIONS (32)", "#define AI_NETWORK_OUT_1_ALIGNMENT (32)"});
}

TEST_CASE("emitter: hostile names of tensors, operators and modules stay inside comments") {
  const std::vector<std::string> names = {"\"quoted\"",
                                          "*/ int x = \"; /*",
                                          "a\nb\r\n#error c",
                                          "?\?/",
                                          "back\\",
                                          "\\\n",
                                          "\xc3\xa4\xff\xfe",
                                          std::string("a\0b", 3),
                                          std::string(100'000, '*'),
                                          std::string(5000, '/'),
                                          "%s%n{}{0}",
                                          "@NAME@",
                                          "${CMAKE_COMMAND}",
                                          ""};
  for (const std::string& name : names) {
    CAPTURE(name.substr(0, 40));
    NetworkDescriptor network = good_network();
    network.module_name = name;
    for (Tensor& tensor : network.tensors) {
      tensor.name = name;
    }
    for (Operator& call : network.operators) {
      call.name = name;
    }
    EmitOptions options;
    options.target = small_target(1 << 20, 1 << 17);
    options.weights = EmitOptions::Weights::c_array;
    const SourceTree tree = emitted(network, options);
    for (const auto& [path, contents] : tree.files()) {
      const std::string_view text = contents.view();
      CHECK(std::all_of(text.begin(), text.end(), [](char c) { return (c >= ' ' && c <= '~') || c == '\n'; }));
    }
    check_compiles(tree, "network");
  }
}

TEST_CASE("emitter: any name of the network becomes an identifier of small letters") {
  const std::map<std::string, std::string> names = {{"kws", "kws"},     {"KWS Int8", "kws_int8"}, {"int", "n_int"},
                                                    {"INT", "n_int"},   {"Main", "n_main"},       {"3d", "n_3d"},
                                                    {"", "n_"},         {"a*/b", "a_b"},          {"../up", "n_up"},
                                                    {"st_ai", "st_ai"}, {"tvm", "tvm"},           {"ai", "ai"},
                                                    {"\xc3\xa4", "n_"}, {"samples", "samples"},   {"errno", "n_errno"}};
  for (const auto& row : names) {
    const std::string& name = row.first;
    const std::string& made = row.second;
    CAPTURE(name);
    const SourceTree tree = emitted(good_network(), named(name));
    CHECK(tree.find(made + "/" + made + ".c") != nullptr);
    CHECK(tree.files().size() == emitted(good_network()).files().size());
    check_compiles(tree, made);
  }
}

TEST_CASE("emitter: names that the project, its build, the runtime or C's headers use are refused") {
  for (const std::string_view name :
       {"run",     "runtime", "firmware", "Run",         "RUNTIME",    "stvm_runtime", "test",           "all",
        "install", "m",       "model",    "Model",       "ai_model",   "stvm",         "ai_runtime_api", "math",
        "string",  "stdint",  "stai",     "stdio",       "stdlib",     "time",         "signal",         "assert",
        "complex", "limits",  "stddef",   "ai_platform", "stvm_legacy"}) {
    CAPTURE(name);
    const Result<SourceTree> tree = emit(good_network(), named(std::string(name)));
    REQUIRE_FALSE(tree);
    CHECK(tree.error().code == ErrorCode::bad_option);
    CHECK(tree.error().message.find("name") != std::string::npos);
  }
}

TEST_CASE("emitter: names of sources cannot reach the build file as anything but names") {
  for (const std::string_view name :
       {"a.c)execute_process(COMMAND touch pwned)#.c", "a b.c", "${HOME}.c", "a;b.c", "$<1:a>.c", "a\"b.c", "a#b.c",
        "../a.c", "/a.c", "", "\xc3\xa4.c", "a(b).c", "[[a.c", "a\\b.c", "@NAME@.c"}) {
    CAPTURE(name);
    NetworkDescriptor network = good_network();
    network.sources[0].name = name;
    const Result<SourceTree> tree = emit(network);
    CHECK_FALSE(tree.has_value());
  }
}

TEST_CASE("emitter: a kernel that is no identifier is refused") {
  for (const std::string_view kernel : {"", "a b", "f(void); int x", "a*/", "3d", "int"}) {
    CAPTURE(kernel);
    NetworkDescriptor network = good_network();
    network.operators[0].kernel = kernel;
    CHECK_FALSE(emit(network).has_value());
  }
}

TEST_CASE("emitter: an object file is linked as it is, whatever its kernels are called") {
  NetworkDescriptor network = good_network();
  network.sources.clear();
  network.objects = {{"lib0.o", Bytes(std::string("ELF")), "arm", {"ai_run", "stvm_run"}}};
  network.operators[0].kernel = "ai_run";
  network.operators[1].kernel = "stvm_run";
  const SourceTree tree = emitted(network);
  CHECK(text_of(tree, "network/kernels/lib0.o") == "ELF");
  CHECK(text_of(tree, "network/CMakeLists.txt").find("kernels/lib0.o") != std::string::npos);
  CHECK(text_of(tree, "network/network.c").find("__asm__(\"stvm_run\")") != std::string::npos);
  check_compiles(tree, "network");

  EmitOptions options;
  options.target = small_target(1 << 20, 1 << 20);
  CHECK(emit(network, options).has_value());
  network.objects[0].machine = "x86_64";
  CHECK(emit(network).has_value());
  const Result<SourceTree> refused = emit(network, options);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::unsupported);
  CHECK(refused.error().message.find("x86_64") != std::string::npos);
  network.objects[0].name = "lib0.o)";
  CHECK_FALSE(emit(network).has_value());
}

TEST_CASE("emitter: C++ kernels, CMSIS-NN and the driver of an Ethos-U show in the build, or are refused") {
  NetworkDescriptor network = good_network();
  CHECK(text_of(emitted(network), "CMakeLists.txt").find("LANGUAGES C)") != std::string::npos);
  network.sources[0].name = "lib0.cc";
  network.needs.cmsis_nn_sources = {"Source/SoftmaxFunctions/arm_softmax_s8.c"};
  const SourceTree tree = emitted(network);
  CHECK(text_of(tree, "CMakeLists.txt").find("LANGUAGES C CXX)") != std::string::npos);
  CHECK(text_of(tree, "network/CMakeLists.txt").find("network_lib0.cc") != std::string::npos);
  CHECK(text_of(tree, "network/CMakeLists.txt").find("include(cmsis_nn.cmake)") != std::string::npos);
  CHECK(text_of(tree, "network/cmsis_nn.cmake").find(network.needs.cmsis_nn_sources[0]) != std::string::npos);
  network.needs.ethos_u = true;
  CHECK(emit(network).error().code == ErrorCode::unsupported);
}

TEST_CASE("emitter: weights lie on 16-byte boundaries, and equal ones lie there once") {
  Network network;
  const TensorIndex input = network.input("x", {4});
  const std::vector<std::string> values = {"abc", std::string(16, 'd'), "abc", std::string(17, 'e'),
                                           "abd", std::string(16, 'd')};
  std::vector<TensorIndex> arguments = {input};
  for (std::size_t i = 0; i < values.size(); ++i) {
    arguments.push_back(network.parameter("p" + std::to_string(i), values[i]));
  }
  const TensorIndex output = network.tensor("y", {4});
  network.call("first", arguments, {output});
  network.descriptor.outputs = {output};
  network.descriptor.sources = kernel_sources();
  const SourceTree tree = emitted(network.descriptor);
  const std::string weights = text_of(tree, "network/network_weights.bin");
  CHECK(weights.size() == 16 + 16 + 32 + 16);
  // Each parameter's row points at its own values.
  const std::string source = text_of(tree, "network/network.c");
  std::vector<std::string> found;
  const std::regex row(R"(\{\{\(void\*\)\(network_weights \+ (\d+)\), \{kDLCPU, 0\}, 1,)");
  for (std::sregex_iterator it(source.begin(), source.end(), row); it != std::sregex_iterator(); ++it) {
    const std::size_t offset = std::stoul((*it)[1].str());
    CHECK(offset % 16 == 0);
    REQUIRE(found.size() < values.size());
    found.push_back(weights.substr(offset, values[found.size()].size()));
  }
  CHECK(found == values);
}

TEST_CASE("emitter: the C array holds the bytes of the .bin file") {
  std::string values;
  for (int i = 0; i < 256; ++i) {
    values += static_cast<char>(i);
  }
  NetworkDescriptor network = good_network();
  network.tensors[1].constant = Bytes(values);
  network.tensors[1].shape = {256};
  network.tensors[1].bytes = 256;
  const std::string binary = text_of(emitted(network), "network/network_weights.bin");
  EmitOptions options;
  options.weights = EmitOptions::Weights::c_array;
  const SourceTree tree = emitted(network, options);
  CHECK(tree.find("network/network_weights.bin") == nullptr);
  const std::string source = text_of(tree, "network/network_data.c");
  const std::size_t open = source.find("] = {");
  REQUIRE(open != std::string::npos);
  std::string numbers = source.substr(open + 5, source.find("};", open) - open - 5);
  std::replace(numbers.begin(), numbers.end(), ',', ' ');
  std::istringstream stream(numbers);
  std::string array;
  for (unsigned value = 0; stream >> value;) {
    array += static_cast<char>(value);
  }
  CHECK(array == binary);
  check_compiles(tree, "network");
}

TEST_CASE("emitter: a network without weights has none, and builds") {
  Network network;
  const TensorIndex input = network.input("x", {4});
  const TensorIndex output = network.tensor("y", {4});
  network.call("first", {input}, {output});
  network.descriptor.outputs = {output};
  network.descriptor.sources = kernel_sources();
  for (const auto weights : {EmitOptions::Weights::incbin, EmitOptions::Weights::c_array}) {
    EmitOptions options;
    options.weights = weights;
    const SourceTree tree = emitted(network.descriptor, options);
    CHECK(tree.find("network/network_weights.bin") == nullptr);
    CHECK(text_of(tree, "network/network.h").find("#define NETWORK_WEIGHTS_BYTES 0\n") != std::string::npos);
    check_compiles(tree, "network");
  }
}

TEST_CASE("emitter: a parameter without elements builds") {
  NetworkDescriptor network = good_network();
  for (const TensorIndex parameter : network.parameters) {
    network.tensors[parameter].constant = Bytes("");
    network.tensors[parameter].shape = {0};
    network.tensors[parameter].bytes = 0;
  }
  const SourceTree tree = emitted(network);
  check_compiles(tree, "network");
  // The linker would look for an array that nothing defines.
  const bool defined = text_of(tree, "network/network_data.c").find("network_weights") != std::string::npos;
  CHECK((defined || text_of(tree, "network/network.c").find("network_weights") == std::string::npos));
}

TEST_CASE("emitter: a view between fixed tensors emits no operator, one at an input or output does") {
  Network network;
  const TensorIndex input = network.input("x", {2, 2});
  const TensorIndex flat = network.view(input, "flat");  // at an interface tensor
  const TensorIndex inner = network.tensor("inner", {2, 2});
  network.call("first", {flat}, {inner});
  const TensorIndex again = network.view(inner, "again");  // between fixed tensors
  const TensorIndex last = network.tensor("last", {2, 2});
  network.call("second", {again}, {last});
  const TensorIndex output = network.view(last, "output");  // at an interface tensor
  network.descriptor.outputs = {output};
  network.descriptor.sources = kernel_sources();
  const SourceTree tree = emitted(network.descriptor);
  const std::string source = text_of(tree, "network/network.c");
  CHECK(source.find("static const stvm_operator network_operators[4]") != std::string::npos);
  CHECK(occurrences(source, "{network_call, stvm_copy, ") == 2);
  CHECK(source.find(".n_nodes = 4,") != std::string::npos);
  check_compiles(tree, "network");
}

TEST_CASE("emitter: a real copy between fixed tensors stays") {
  Network network;
  const TensorIndex input = network.input("x", {4});
  const TensorIndex a = network.tensor("a", {4});
  const TensorIndex b = network.tensor("b", {4});
  const TensorIndex output = network.tensor("y", {4});
  network.call("first", {input}, {a});
  network.copy(a, b);
  network.call("first", {a, b}, {output});
  network.descriptor.outputs = {output};
  network.descriptor.sources = kernel_sources();
  CHECK(occurrences(text_of(emitted(network.descriptor), "network/network.c"), "{network_call, stvm_copy, ") == 1);
}

TEST_CASE("emitter: one kernel that is called often is declared once, and unusual shapes compile") {
  Network network;
  const TensorIndex scalar = network.input("scalar", {}, float32);
  const TensorIndex long_shape = network.input("rank 8", {1, 1, 2, 1, 1, 1, 1, 1});
  const TensorIndex truth = network.input("bool", {3}, {DataType::Code::unsigned_integer, 1, 1});
  const TensorIndex wide = network.tensor("vector", {2}, {DataType::Code::floating_point, 32, 4});
  const TensorIndex half = network.tensor("bfloat", {2}, {DataType::Code::bfloat, 16, 1});
  network.call("first", {scalar, long_shape, truth}, {wide});
  network.call("first", {wide}, {half});
  network.descriptor.outputs = {half, wide};
  network.descriptor.sources = kernel_sources();
  const SourceTree tree = emitted(network.descriptor);
  CHECK(occurrences(text_of(tree, "network/network.c"), "int32_t first(") == 1);
  check_compiles(tree, "network");
}

TEST_CASE("emitter: samples of a wrong number or size are refused") {
  EmitOptions options;
  options.target = small_target(1 << 20, 1 << 17);
  const Bytes eight("12345678");
  const Bytes four("abcd");
  const std::vector<Sample> wrong = {
      {{}, {}},           {{eight, eight}, {}},       {{four}, {four}},     {{eight}, {four, four}},
      {{eight}, {eight}}, {{Bytes("123456789")}, {}}, {{Bytes("")}, {four}}};
  for (const Sample& sample : wrong) {
    options.samples = {{{eight}, {four}}, sample};
    const Result<SourceTree> tree = emit(good_network(), options);
    REQUIRE_FALSE(tree);
    CHECK(tree.error().code == ErrorCode::bad_option);
    CHECK(tree.error().message.find("sample 1") != std::string::npos);
  }
  options.samples = {{{eight}, {four}}, {{eight}, {}}};
  CHECK(emit(good_network(), options).has_value());
  options.target.reset();
  const Result<SourceTree> without_target = emit(good_network(), options);
  REQUIRE_FALSE(without_target);
  CHECK(without_target.error().code == ErrorCode::bad_option);
}

TEST_CASE("emitter: a target that is too small is refused with the figures") {
  EmitOptions options;
  options.target = small_target(1 << 20, 2048 + 8);
  const MemoryPlan plan = plan_of(good_network());
  Result<SourceTree> tree = emit(good_network(), options);
  REQUIRE_FALSE(tree);
  CHECK(tree.error().code == ErrorCode::does_not_fit);
  for (const std::string& part :
       {std::string("tiny"), std::string("2056 bytes of RAM"), std::to_string(plan.bytes())}) {
    CAPTURE(part);
    CHECK(to_string(tree.error()).find(part) != std::string::npos);
  }
  options.target = small_target(47, 1 << 17);
  tree = emit(good_network(), options);
  REQUIRE_FALSE(tree);
  CHECK(tree.error().code == ErrorCode::does_not_fit);
  CHECK(to_string(tree.error()).find("47 bytes of FLASH") != std::string::npos);
  CHECK(to_string(tree.error()).find("more than there are") != std::string::npos);
}

TEST_CASE("emitter: stack that no memory holds is refused, not wrapped") {
  EmitOptions options;
  options.target = small_target(1 << 20, 1 << 17);
  for (const std::uint64_t stack : {std::uint64_t{1} << 17U, std::numeric_limits<std::uint64_t>::max(),
                                    std::numeric_limits<std::uint64_t>::max() - 2050}) {
    CAPTURE(stack);
    NetworkDescriptor network = good_network();
    network.operators[1].stack_bytes = stack;
    const Result<SourceTree> tree = emit(network, options);
    REQUIRE_FALSE(tree);
    CHECK(tree.error().code == ErrorCode::does_not_fit);
  }
}

TEST_CASE("emitter: the firmware of every target that is known takes a small network") {
  for (const Target& target : stm32tvm::targets()) {
    CAPTURE(target.name);
    EmitOptions options;
    options.target = target;
    const SourceTree tree = emitted(good_network(), options);
    CHECK(tree.find("firmware/main.c") != nullptr);
    CHECK((tree.find("firmware/run.cmake") != nullptr) == !target.qemu_machine.empty());
    CHECK(text_of(tree, "firmware/linker.ld").find("FLASH (rx)") != std::string::npos);
  }
}

TEST_CASE("emitter: the console's port is the board's, semihosting's, or the application's") {
  const auto port_of = [](const char* board, EmitOptions::Console console) {
    EmitOptions options;
    options.target = stm32tvm::find_target(board).value();
    options.console = console;
    const Result<SourceTree> tree = emit(good_network(), options);
    if (!tree) {
      return std::string("refused");
    }
    const bool is_built = text_of(*tree, "firmware/CMakeLists.txt").find("\n  console_port.c") != std::string::npos;
    CHECK(is_built == (tree->find("firmware/console_port.c") != nullptr));
    if (!is_built) {
      return std::string("none");
    }
    const std::string text = text_of(*tree, "firmware/console_port.c");
    return std::string(text.find("bkpt 0xAB") != std::string::npos ? "semihosting" : "uart");
  };
  using Console = EmitOptions::Console;
  CHECK(port_of("nucleo-f401re", Console::automatic) == "uart");
  CHECK(port_of("nucleo-f401re", Console::semihosting) == "semihosting");
  CHECK(port_of("nucleo-f401re", Console::application) == "none");
  CHECK(port_of("stm32f407g-disc1", Console::automatic) == "semihosting");
  CHECK(port_of("stm32f407g-disc1", Console::uart) == "refused");
}

TEST_CASE("emitter: memories beside RAM get a section each, which nothing loads") {
  EmitOptions options;
  options.target = stm32tvm::find_target("nucleo-h743zi2").value();
  const std::string script = text_of(emitted(good_network(), options), "firmware/linker.ld");
  CHECK(script.find("*(.bss.noinit.tvm.DTCM .bss.noinit.tvm.DTCM.*)\n    *(.nn_data.DTCM .nn_data.DTCM.*)\n"
                    "  } > DTCM :NONE\n") != std::string::npos);
  CHECK(script.find("} > SRAM4 :NONE") != std::string::npos);
  CHECK(script.find("} > RAM :NONE") == std::string::npos);
}

TEST_CASE("emitter: kernels run from a memory of the target's that code can be copied to") {
  EmitOptions options;
  options.kernel_profile = stm32tvm::default_profile(good_network());
  options.kernel_profile->memory = "ITCM";
  CHECK(emit(good_network(), options).error().where == "memory");
  options.target = stm32tvm::find_target("nucleo-h743zi2").value();
  const SourceTree tree = emitted(good_network(), options);
  CHECK(text_of(tree, "firmware/linker.ld").find("} > ITCM AT> FLASH :kernels") != std::string::npos);
  CHECK(text_of(tree, "firmware/startup.c").find("#define KERNELS_ARE_COPIED 1") != std::string::npos);
  for (const char* memory : {"FLASH", "RAM", "SRAM1", "CCMRAM"}) {
    options.kernel_profile->memory = memory;
    CAPTURE(memory);
    CHECK(emit(good_network(), options).error().message.ends_with("; take ITCM"));
  }
  // One that the application sets up first.
  std::ranges::find(options.target->memories, "SRAM1", &stm32tvm::TargetMemory::name)->executable = true;
  options.kernel_profile->memory = "SRAM1";
  CHECK(emit(good_network(), options).error().message.find("board_setup()") != std::string::npos);
}

TEST_CASE("emitter: a plan that does not hold is refused") {
  const NetworkDescriptor network = good_network();
  MemoryPlan plan = plan_of(network);
  plan.buffers[1].offset = plan.buffers[0].offset;
  plan.buffers[2].offset = plan.buffers[0].offset;
  const Result<SourceTree> tree = ProjectEmitter::emit(network, plan, {});
  REQUIRE_FALSE(tree);
  CHECK(tree.error().code == ErrorCode::invalid_plan);
  CHECK_FALSE(ProjectEmitter::emit(network, MemoryPlan{}, {}).has_value());
}

TEST_CASE("emitter: several pools are several arenas") {
  PlanOptions options;
  options.pools = {{"fast", 64}, {"slow", 4096}};
  const NetworkDescriptor network = good_network();
  const MemoryPlan plan = plan_of(network, options);
  REQUIRE(plan.pools[1].bytes > 0);
  const Result<SourceTree> tree = ProjectEmitter::emit(network, plan, {});
  REQUIRE(tree);
  const std::string source = text_of(*tree, "network/network.c");
  CHECK(occurrences(source, "static uint8_t network_activations[NETWORK_ACTIVATIONS_BYTES]") == 1);
  CHECK(occurrences(source, "static uint8_t network_activations_2[NETWORK_ACTIVATIONS_2_BYTES]") == 1);
  CHECK(text_of(*tree, "network/network.h")
            .find("#define NETWORK_ACTIVATIONS_2_BYTES " + std::to_string(plan.pools[1].bytes)) != std::string::npos);
  check_compiles(*tree, "network");
}

TEST_CASE("emitter: what the runtime's tables cannot hold is refused") {
  NetworkDescriptor network = good_network();
  network.operators[0].workspaces.assign(32, {8, {}});
  CHECK(emit(network).has_value());
  network.operators[0].workspaces.assign(33, {8, {}});
  Result<SourceTree> tree = emit(network);
  REQUIRE_FALSE(tree);
  CHECK(tree.error().code == ErrorCode::unsupported);

  Network many;
  std::vector<TensorIndex> inputs;
  for (int i = 0; i < 256; ++i) {
    inputs.push_back(many.input("x", {1}));
  }
  const TensorIndex output = many.tensor("y", {1});
  many.call("first", inputs, {output});
  many.descriptor.outputs = {output};
  tree = emit(many.descriptor);
  REQUIRE_FALSE(tree);
  CHECK(tree.error().code == ErrorCode::unsupported);
}

TEST_CASE("emitter: a descriptor that contradicts itself is refused without harm") {
  SUBCASE("an output that is a constant") {
    NetworkDescriptor network = good_network();
    network.outputs.push_back(network.parameters[0]);
    CHECK_FALSE(emit(network).has_value());
  }
  SUBCASE("a view of a constant without values of its own") {
    NetworkDescriptor network = good_network();
    Tensor view = network.tensors[network.parameters[0]];
    view.constant.reset();
    view.view_of = network.parameters[0];
    network.tensors.push_back(view);
    network.operators[0].inputs[1].tensor = static_cast<TensorIndex>(network.tensors.size() - 1);
    // Refused, or taken for the constant's own bytes.
    if (const Result<SourceTree> tree = emit(network)) {
      const std::size_t offset = text_of(*tree, "network/network_weights.bin").find("abc");
      REQUIRE(offset != std::string::npos);
      CHECK(offset % 16 == 0);
      const std::string row = "{(void*)(network_weights + " + std::to_string(offset) + "), ";
      CHECK(text_of(*tree, "network/network.c").find(row) != std::string::npos);
      check_compiles(*tree, "network");
    }
  }
  SUBCASE("constant values of another size") {
    NetworkDescriptor network = good_network();
    network.tensors[network.parameters[0]].bytes = 4096;
    CHECK_FALSE(emit(network).has_value());
  }
  SUBCASE("a tensor index that is not there") {
    const MemoryPlan plan = plan_of(good_network());
    NetworkDescriptor network = good_network();
    network.operators[0].inputs[1].tensor = 999;
    CHECK_FALSE(ProjectEmitter::emit(network, plan, {}).has_value());
    network = good_network();
    network.outputs.push_back(999);
    CHECK_FALSE(ProjectEmitter::emit(network, plan, {}).has_value());
    network = good_network();
    network.parameters.push_back(999);
    const Result<SourceTree> tree = ProjectEmitter::emit(network, plan, {});
    CHECK((!tree || tree->files().size() > 10));
  }
  SUBCASE("a negative dimension") {
    NetworkDescriptor network = good_network();
    network.tensors[0].shape = {-1, -8};
    const Result<SourceTree> tree = emit(network);
    CHECK_FALSE(tree.has_value());
  }
  SUBCASE("a type without bits") {
    NetworkDescriptor network = good_network();
    network.tensors[0].type = DataType{DataType::Code::signed_integer, 8, 0};
    CHECK_FALSE(emit(network).has_value());
  }
}

TEST_CASE("emitter: a constant that the list of parameters lacks keeps its own values") {
  NetworkDescriptor network = good_network();
  network.parameters = {network.parameters[0]};
  const Result<SourceTree> tree = emit(network);
  if (tree) {
    CHECK(text_of(*tree, "network/network_weights.bin").find("0123456789abcdef!") != std::string::npos);
  }
}
