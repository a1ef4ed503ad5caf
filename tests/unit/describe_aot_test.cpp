// SPDX-License-Identifier: Apache-2.0
// Ahead-of-time and operator style modules: made by hand for the rules, and every real archive.
#include "network/describe_aot.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "elf_object.hpp"
#include "network/describe_operators.hpp"
#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/model_library.hpp"

namespace {

using namespace stm32tvm;
namespace fs = std::filesystem;

const std::string kernels = R"(
TVM_DLL int32_t tvmgen_m_f(int8_t* p0, int16_t* T_f, uint8_t* k_var, uint8_t* w_var) {
  void* k_let = (&(k_var[4]));
  void* s_let = (&(w_var[8]));
  for (int32_t i = 0; i < 4; ++i) {
    ((int16_t*)s_let)[i] = p0[i];
  }
  for (int32_t j = 0; j < 4; ++j) {
    T_f[j] = ((int16_t*)s_let)[j] + ((int16_t*)k_let)[0];
  }
  return 0;
}
TVM_DLL int32_t tvmgen_m_g(int16_t* p0, int8_t* T_g, uint8_t* k_var, uint8_t* w_var) {
  for (int32_t i = 0; i < 4; ++i) {
    T_g[i] = p0[i];
  }
  return 0;
}
TVM_DLL int32_t tvmgen_m_h(int8_t* p0, int8_t* T_h) {
  for (int32_t i = 0; i < 4; ++i) {
    T_h[i] = p0[i];
  }
  return 0;
}
)";
const std::string pools = R"(
static struct global_const_workspace {
  int16_t a[4] __attribute__((aligned(16))); // 8 bytes, aligned offset: 0
} global_const_workspace = {
  .a = { +0x0001, +0x0002, +0x0003, +0x0004 },
};
static uint8_t global_workspace[32];
int32_t tvmgen_m_run(struct tvmgen_m_inputs* inputs,struct tvmgen_m_outputs* outputs) { return 0; }
)";
const std::string planned_main =
    "TVM_DLL int32_t tvmgen_m___tvm_main__(int8_t* in_0_buffer_var, int8_t* output_buffer_var, "
    "uint8_t* global_const_workspace_0_var, uint8_t* global_workspace_1_var) {\n"
    "  void* sid_1_let = (&(global_workspace_1_var[16]));\n"
    "  if (tvmgen_m_f(in_0_buffer_var, sid_1_let, global_const_workspace_0_var, global_workspace_1_var) != 0 ) return "
    "-1;\n"
    "  if (tvmgen_m_g(sid_1_let, output_buffer_var, global_const_workspace_0_var, global_workspace_1_var) != 0 ) "
    "return -1;\n"
    "  return 0;\n}\n";
const std::string header = R"(
#define TVMGEN_M_OUTPUT_SIZE 4
#define TVMGEN_M_WORKSPACE_SIZE 32
struct tvmgen_m_inputs {
  void* in_0;
};
struct tvmgen_m_outputs {
  void* output;
};
)";

Module module_of(const std::string& entry, const std::string& code) {
  Module module;
  module.name = "m";
  module.executor = Executor::ahead_of_time;
  module.sources = {{"codegen/host/src/m_lib0.c", Bytes(entry)}, {"codegen/host/src/m_lib1.c", Bytes(code)}};
  module.headers = {{"codegen/host/include/tvmgen_m.h", Bytes(header)}};
  module.main_inputs = {{"in:0", "int8", 4}};
  module.main_outputs = {{"output", "int8", 4}};
  module.main_workspace_bytes = 32;
  return module;
}

Result<NetworkDescriptor> describe_aot(const Module& module) {
  const auto sources = ModuleSources::read(module);
  return sources ? stm32tvm::describe_aot(module, *sources, {}) : Result<NetworkDescriptor>(sources.error());
}

Result<NetworkDescriptor> describe_operators(const Module& module) {
  const auto sources = ModuleSources::read(module);
  return sources ? stm32tvm::describe_operators(module, *sources, {}) : Result<NetworkDescriptor>(sources.error());
}

void refuse(const Module& module, std::string_view part) {
  const auto network = describe_aot(module);
  REQUIRE_FALSE(network);
  CAPTURE(network.error().message);
  CHECK(network.error().message.find(part) != std::string::npos);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  text.replace(text.find(from), from.size(), to);
  return text;
}

/// As TVM 0.9 and 0.10 export it: neither metadata nor header tells sizes of inputs and outputs.
Module without_sizes(Module module) {
  module.main_inputs.clear();
  module.main_outputs.clear();
  for (Archive::Member& each : module.headers) {
    std::string text;
    std::istringstream lines{std::string(each.contents.view())};
    for (std::string line; std::getline(lines, line);) {
      const bool size = line.starts_with("#define") && line.find("_SIZE ") != std::string::npos;
      text += size && line.find("_POOL_SIZE ") == std::string::npos ? "" : line + "\n";
    }
    each.contents = Bytes(text);
  }
  return module;
}

}  // namespace

TEST_CASE("describe aot: pools are one tensor each, and what lies in them are views") {
  const NetworkDescriptor network = describe_aot(module_of(pools, kernels + planned_main)).value();
  CHECK(network.executor == "aot");
  REQUIRE(network.inputs.size() == 1);
  REQUIRE(network.outputs.size() == 1);
  CHECK(network.tensors[network.inputs[0]].name == "in_0");
  CHECK(network.tensors[network.inputs[0]].bytes == 4);
  CHECK(network.tensors[network.outputs[0]].name == "output");
  REQUIRE(network.parameters.size() == 1);
  CHECK(network.tensors[network.parameters[0]].constant->view() == std::string_view("\1\0\2\0\3\0\4\0", 8));
  REQUIRE(network.pools.size() == 1);
  const TensorIndex pool = network.pools[0];
  CHECK(network.tensors[pool].bytes == 32);

  REQUIRE(network.operators.size() == 2);
  const Operator& f = network.operators[0];
  CHECK(f.kernel == "tvmgen_m_f");
  CHECK(f.parameter_types == std::vector<std::string>{"int8_t*", "int16_t*", "uint8_t*", "uint8_t*"});
  REQUIRE(f.inputs.size() == 1);
  CHECK(f.inputs[0].tensor == network.inputs[0]);
  REQUIRE(f.outputs.size() == 1);
  const Tensor& sid = network.tensors[f.outputs[0].tensor];
  CHECK(sid.name == "sid_1_let");
  CHECK(sid.view_of == pool);
  CHECK(sid.view_offset == 16);
  CHECK(sid.bytes == 16);
  REQUIRE(f.pools.size() == 2);
  CHECK(f.pools[0].tensor == network.parameters[0]);
  CHECK(f.pools[1].tensor == pool);
  CHECK(network.operators[1].inputs[0].tensor == f.outputs[0].tensor);
  CHECK(network.operators[1].outputs[0].tensor == network.outputs[0]);

  // The entry file is left out.
  REQUIRE(network.sources.size() == 1);
  CHECK(network.sources[0].name == "lib1.c");
  CHECK(network.sources[0].definitions ==
        std::vector<std::string>{"tvmgen_m___tvm_main__", "tvmgen_m_f", "tvmgen_m_g", "tvmgen_m_h"});
  CHECK(network.diagnostics.empty());

  const MemoryPlan plan = MemoryPlan::make(network).value();
  CHECK(plan.check(network));
  CHECK(plan.bytes() == 48);  // the pool, and 8 for each of input and output
  CHECK(plan.buffer_of_tensor[f.outputs[0].tensor] == plan.buffer_of_tensor[pool]);
}

TEST_CASE("describe aot: a workspace of the main function is a new tensor whenever it is written") {
  const std::string main = R"(
TVM_DLL int32_t tvmgen_m___tvm_main__(int8_t* in_0_buffer_var, int8_t* output_buffer_var) {
  void* sid_1 = TVMBackendAllocWorkspace(1, 0, (uint64_t)64, 0, 8);
  void* sid_2 = TVMBackendAllocWorkspace(1, 0, (uint64_t)4, 0, 8);
  if (tvmgen_m_h(in_0_buffer_var, sid_1) != 0 ) return -1;
  if (tvmgen_m_h(sid_1, sid_2) != 0 ) return -1;
  if (tvmgen_m_h(sid_2, sid_1) != 0 ) return -1;
  if (tvmgen_m_h(sid_1, output_buffer_var) != 0 ) return -1;
  return 0;
}
)";
  const NetworkDescriptor network = describe_aot(module_of(pools, kernels + main)).value();
  CHECK(network.pools.empty());
  REQUIRE(network.operators.size() == 4);
  const TensorIndex first = network.operators[0].outputs[0].tensor;
  const TensorIndex third = network.operators[2].outputs[0].tensor;
  CHECK(first != third);
  CHECK(network.operators[1].inputs[0].tensor == first);
  CHECK(network.operators[3].inputs[0].tensor == third);
  CHECK(network.tensors[first].bytes == 4);  // which h writes of the 64
  CHECK(network.tensors[third].bytes == 4);
  CHECK(MemoryPlan::make(network).value().check(network));
}

TEST_CASE("describe aot: known faults are told") {
  Module module =
      module_of(pools + "const TVMModule* TVMSystemLibEntryPoint(void) { return 0; }\n", kernels + planned_main);
  module.main_workspace_bytes = 33;
  const NetworkDescriptor network = describe_aot(module).value();
  REQUIRE(network.diagnostics.size() == 2);
  CHECK(network.diagnostics[0].kind == Diagnostic::Kind::repair);
  CHECK(network.diagnostics[0].message.find("14871") != std::string::npos);
  CHECK(network.diagnostics[1].kind == Diagnostic::Kind::repair);
  CHECK(network.diagnostics[1].message.find("33") != std::string::npos);

  module = module_of("#include <tvmgen_m.h>\n" + pools, kernels + planned_main);
  CHECK(describe_aot(module).value().diagnostics.empty());
  module.headers.clear();
  const NetworkDescriptor without = describe_aot(module).value();
  REQUIRE(without.diagnostics.size() == 1);
  CHECK(without.diagnostics[0].message.find("tvmgen_m.h") != std::string::npos);
}

TEST_CASE(
    "describe aot: two headers that disagree, an int* and an error code that is asked in the wrong way are told") {
  Module module = module_of(pools, kernels + planned_main);
  module.headers.push_back({"codegen/host/include/tvmgen_m_2.h", Bytes("#define TVMGEN_M_WORKSPACE_SIZE 31\n")});
  const NetworkDescriptor headers = describe_aot(module).value();
  REQUIRE(headers.diagnostics.size() == 1);
  CHECK(headers.diagnostics[0].where == "codegen/host/include/tvmgen_m_2.h");
  CHECK(headers.diagnostics[0].message.find("31") != std::string::npos);

  module = module_of(pools, kernels + planned_main +
                                "TVM_DLL int32_t tvmgen_m_k(int8_t* p0) {\n  switch (!status) {\n  }\n"
                                "  void* p = (int*) p0;\n  return 0;\n}\n");
  const NetworkDescriptor source = describe_aot(module).value();
  REQUIRE(source.diagnostics.size() == 2);
  CHECK(source.diagnostics[0].message.find("GCC 14") != std::string::npos);
  CHECK(source.diagnostics[1].kind == Diagnostic::Kind::warning);
}

TEST_CASE("describe aot: a device's handle is no tensor") {
  const std::string device_main =
      replaced(replaced(planned_main, "uint8_t* global_workspace_1_var)",
                        "uint8_t* global_workspace_1_var, void* "
                        "device_context_ethos_u)"),
               "  return 0;",
               "  if (TVMDeviceEthosUOpen(device_context_ethos_u) != 0 ) return -1;\n"
               "  if (tvmgen_m_n(in_0_buffer_var, output_buffer_var, device_context_ethos_u) != 0 ) return -1;\n"
               "  return 0;");
  Module module = module_of(pools, kernels + device_main +
                                       "TVM_DLL int32_t tvmgen_m_n(int8_t* p0, int8_t* out, void* handle) {\n"
                                       "  return TVMEthosULaunch(handle, p0, out);\n}\n");
  refuse(module, "device_context_ethos_u");
  module.headers[0].contents = Bytes(header + "struct tvmgen_m_devices {\n  void* ethos_u;\n};\n");
  const NetworkDescriptor network = describe_aot(module).value();
  CHECK(network.needs.ethos_u);
  REQUIRE(network.operators.size() == 3);
  CHECK(network.operators[2].inputs.size() == 1);
  CHECK(network.operators[2].outputs.size() == 1);
}

TEST_CASE("describe aot: without a header the names are the parameters', less what TVM puts around them") {
  const std::string text =
      replaced(replaced(planned_main, "in_0_buffer_var", "arg_in_0"), "in_0_buffer_var", "arg_in_0");
  Module module = module_of(pools, kernels + text);
  module.headers.clear();
  const NetworkDescriptor network = describe_aot(module).value();
  CHECK(network.tensors[network.inputs[0]].name == "in_0");
  CHECK(network.tensors[network.outputs[0]].name == "output");
  module.main_inputs[0].name = "arg:in:0";
  CHECK(describe_aot(module).value().tensors[0].name == "arg_in_0");
}

TEST_CASE("describe aot: an output is as large as its kernel writes it where nothing else tells") {
  const Module module = without_sizes(module_of(pools, kernels + planned_main));
  refuse(module, "input in_0");
  Module told = module;
  told.main_inputs = {{"in:0", "int8", 4}};
  CHECK(describe_aot(told).value().tensors[1].bytes == 4);
  // In a branch: how often it is written is not known.
  told.sources[1].contents =
      Bytes(replaced(kernels, "    T_g[i] = p0[i];", "    if (i < 3) { T_g[i] = p0[i]; }") + planned_main);
  refuse(told, "output output");
}

TEST_CASE("describe aot: the main function of TVM 0.8 is refused by name") {
  refuse(module_of(pools, kernels + "TVM_DLL int32_t tvmgen_m_run_model(void* arg0, void* arg1) {\n  return 0;\n}\n"),
         "TVM 0.8");
}

TEST_CASE("describe aot: a main function in an object file cannot be read") {
  Module module = module_of(pools, kernels);
  refuse(module, "no source defines");
  module.objects = {{"codegen/host/lib/m_lib0.o", Bytes(elf_object({}, {{"tvmgen_m___tvm_main__"}}))}};
  refuse(module, "is in an object file");
}

TEST_CASE("describe aot: pools of the caller come from the header") {
  std::string entry = replaced(pools, "static uint8_t global_workspace[32];", "");
  entry = entry.substr(entry.find("int32_t tvmgen_m_run"));
  Module module = module_of(entry, kernels + planned_main);
  refuse(module, "global_const_workspace_0_var");
  module.headers[0].contents = Bytes(header +
                                     "#define TVMGEN_M_GLOBAL_WORKSPACE_WORKSPACE_POOL_SIZE 64\n"
                                     "#define TVMGEN_M_GLOBAL_CONST_WORKSPACE_CONSTANT_POOL_DATA \\\n"
                                     "    0x01, 0x00, 0x7f\n");
  const NetworkDescriptor network = describe_aot(module).value();
  CHECK(network.tensors[network.pools[0]].bytes == 64);
  CHECK(network.tensors[network.parameters[0]].constant->view() == std::string_view("\1\0\x7f", 3));
}

TEST_CASE("describe aot: what contradicts itself is refused") {
  refuse(module_of(pools, kernels), "no source defines the function");
  refuse(module_of(planned_main + pools, kernels + planned_main), "two sources define the main function");
  refuse(module_of(pools, planned_main), "calls tvmgen_m_f, and no C source");
  refuse(module_of(pools, kernels + replaced(planned_main, "tvmgen_m_f(in_0_buffer_var, ", "tvmgen_m_f(")),
         "calls tvmgen_m_f with 3 arguments, and it takes 4");
  refuse(module_of(pools, kernels + replaced(planned_main, "[16]", "[33]")), "from byte 33 of global_workspace");
  Module module = module_of(pools, kernels + planned_main);
  module.main_outputs[0].bytes = 5;
  CHECK(describe_aot(module).value().tensors[1].bytes == 5);
  module.main_outputs[0].data_type = "int16";
  refuse(module, "type and size of output output");
  module = module_of(replaced(pools, "[32]", "[99999999999]"), kernels + planned_main);
  refuse(module, "ModelLimits::tensor_bytes");
}

TEST_CASE("describe operators: arguments that are stored to are outputs") {
  Module module = module_of(pools, kernels);
  module.executor = Executor::single_operator;
  module.operator_functions = {{"tvmgen_m_h", {{"int8", {4}}, {"int8", {2, 2}}}}};
  const NetworkDescriptor network = describe_operators(module).value();
  REQUIRE(network.operators.size() == 1);
  REQUIRE(network.inputs.size() == 1);
  REQUIRE(network.outputs.size() == 1);
  CHECK(network.tensors[network.inputs[0]].name == "p0");
  CHECK(network.tensors[network.outputs[0]].name == "T_h");
  CHECK(network.tensors[network.outputs[0]].shape == std::vector<std::int64_t>{2, 2});
  module.operator_functions[0].arguments.pop_back();
  CHECK_FALSE(describe_operators(module));
  module.operator_functions.clear();
  CHECK_FALSE(describe_operators(module));
}

TEST_CASE("describe aot: every real archive is described and planned") {
  const fs::path folder = fs::path(STM32TVM_SHARED_DIR) / "mlf";
  if (!fs::is_directory(folder)) {
    MESSAGE("skipped: there is no ../shared/mlf");
    return;
  }
  std::size_t count = 0;
  std::size_t count_of_unsized = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string file = entry.path().filename().string();
    if (!file.ends_with(".tar") || file.starts_with("graph")) {
      continue;
    }
    CAPTURE(entry.path().string());
    const auto library = ModelLibrary::open(entry.path());
    REQUIRE(library);
    for (const Module& module : library->modules()) {
      const auto network = library->network(module.name);
      REQUIRE(network);
      const auto plan = MemoryPlan::make(*network);
      REQUIRE(plan);
      CHECK(plan->check(*network));
      if (file == "aot_c_cmsisnn.tar") {
        const auto& functions = network->needs.cmsis_nn_functions;
        CHECK(std::find(functions.begin(), functions.end(), "arm_convolve_wrapper_s8") != functions.end());
      }
      ++count;
      const auto unsized = module.executor == Executor::ahead_of_time ? describe_aot(without_sizes(module))
                                                                      : Result<NetworkDescriptor>(Error{});
      count_of_unsized += unsized ? 1 : 0;
      for (std::size_t i = 0; unsized && i < network->outputs.size(); ++i) {
        CHECK(unsized->tensors[unsized->outputs[i]].bytes == network->tensors[network->outputs[i]].bytes);
        CHECK(unsized->tensors[unsized->outputs[i]].type == network->tensors[network->outputs[i]].type);
      }
    }
  }
  CHECK(count >= 59);
  MESSAGE(count_of_unsized, " of ", count, " modules say what they need without sizes");
  CHECK(count_of_unsized >= 40);
}
