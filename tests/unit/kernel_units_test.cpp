// SPDX-License-Identifier: Apache-2.0
#include "emit/kernel_units.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace stm32tvm;

namespace {

const std::string start = "#include <stdint.h>\n#ifdef __cplusplus\nextern \"C\"\n#endif\n";
const std::string helper = "uint32_t __ror(uint32_t a) {\n  return a;\n}\n";
const std::string f = "TVM_DLL int32_t f(int8_t* p0) {\n  p0[0] = __ror(1);\n  return 0;\n}";
const std::string g = "TVM_DLL int32_t g(int8_t* p0) {\n  return 0;\n}";
const std::string unused = "TVM_DLL int32_t main_like(int8_t* p0) {\n  return f(p0);\n}";

NetworkDescriptor network_of(const std::string& text) {
  NetworkDescriptor network;
  for (const char* kernel : {"f", "g", "f"}) {
    Operator call;
    call.kernel = kernel;
    network.operators.push_back(call);
  }
  network.sources.push_back({"lib1.c", Bytes(text), {"__ror", "f", "g", "main_like"}});
  return network;
}

/// The units of its source, without edits of the text but the cuts.
KernelUnits cut_first(const NetworkDescriptor& network, const KernelProfile& profile, bool separate) {
  const KernelSource& source = network.sources[0];
  const auto parts = parts_of(source, outline_source(source.text.view()), called_kernels(network));
  return cut_into_units(source, {parts, {}, {}}, profile, separate, "N_UNIT");
}

}  // namespace

TEST_CASE("kernel units: one set of options leaves the source as it is") {
  const NetworkDescriptor network = network_of(start + helper + f + "\n" + start + g + "\n" + unused + "\n");
  const KernelUnits cut = cut_first(network, {{"-O2"}, {}}, false);
  REQUIRE(cut.units.size() == 1);
  CHECK(cut.units[0].options == CompilerOptions{"-O2"});
  CHECK(cut.text == network.sources[0].text);
}

TEST_CASE("kernel units: each set of options is a unit, and kernels that nobody calls are in none") {
  const NetworkDescriptor network = network_of(start + helper + f + "\n" + start + g + "\n" + unused + "\n");
  const KernelProfile profile{{"-O2"}, {{"g", {"-O3"}}}};
  const KernelUnits cut = cut_first(network, profile, false);
  REQUIRE(cut.units.size() == 2);
  CHECK(cut.units[0].options == CompilerOptions{"-O2"});
  CHECK(cut.units[0].kernels == std::vector<std::string>{"f"});
  CHECK(cut.units[1].kernels == std::vector<std::string>{"g"});
  CHECK(cut.text.view() == start + helper + "#if N_UNIT == 1\n" + f + "\n#endif\n" + start + "#if N_UNIT == 2\n" + g +
                               "\n#endif\n#if 0\n" + unused + "\n#endif\n");
  CHECK(cut_first(network, {{"-O2"}, {}}, true).units.size() == 2);
}

TEST_CASE("kernel units: a source whose kernels need one another, or that shares variables, is not cut") {
  const KernelProfile profile{{"-O2"}, {{"g", {"-O3"}}}};
  const std::string calls = "TVM_DLL int32_t g(int8_t* p0) {\n  return f(p0);\n}";
  const std::string nested = "TVM_DLL int32_t g(int8_t* p0) {\n#ifdef X\n  return 1;\n#endif\n  return 0;\n}";
  for (const std::string& text : {f + "\n" + calls + "\n", start + f + "\n" + nested + "\n", f + " " + g + "\n",
                                  start + "int counter;\n" + f + "\n" + g + "\n"}) {
    CAPTURE(text);
    NetworkDescriptor network = network_of(text);
    network.sources[0].definitions = {"f", "g"};
    if (text.find("counter") != std::string::npos) {
      network.sources[0].definitions = {"counter", "f", "g"};
    }
    const KernelUnits cut = cut_first(network, profile, false);
    CHECK(cut.units.size() == 1);
    CHECK(cut.text == network.sources[0].text);
  }
}

TEST_CASE("kernel profile: JSON and what is refused") {
  const KernelProfile profile{{"-O2", "-funroll-loops"}, {{"f", {"-O3"}}}, Compiler::clang,
                              {.memory_types = true},    "ITCM",           {"f"}};
  CHECK(parse_kernel_profile(to_json(profile), "p.json").value() == profile);
  CHECK(parse_kernel_profile(R"({"options": [], "compiler": "icc"})", "p.json").error().where == "p.json");
  CHECK(parse_kernel_profile("{\"kernels\": {}}", "p.json").error().where == "p.json");
  CHECK(parse_kernel_profile(R"({"options": [], "edits": ["alignment"]})", "p.json").value().edits ==
        KernelEdits{.alignment = true});
  CHECK(parse_kernel_profile(R"({"options": [], "edits": ["aliases"]})", "p.json").error().where == "p.json");
  const NetworkDescriptor network = network_of(f);
  CHECK(check_profile(network, profile).has_value());
  CHECK(check_profile(network, {{"-O2"}, {{"other", {"-O3"}}}}).error().code == ErrorCode::bad_option);
  CHECK(check_profile(network, {{"-O2"}, {}, Compiler::gcc, {}, "ITCM", {"other"}}).error().code ==
        ErrorCode::bad_option);
  const Result<void> nowhere = check_profile(network, {{"-O2"}, {}, Compiler::gcc, {}, "", {"f"}});
  REQUIRE_FALSE(nowhere.has_value());
  CHECK(nowhere.error().code == ErrorCode::bad_option);
  CHECK(nowhere.error().message.find("no \"memory\"") != std::string::npos);
  CHECK(check_profile(network, {{"-O2\"; rm"}, {}}).error().code == ErrorCode::bad_option);
  CHECK(check_profile(network, {{"main.c"}, {}}).error().code == ErrorCode::bad_option);
}

TEST_CASE("kernel profile: kinds by name and text") {
  NetworkDescriptor network;
  network.sources.push_back({"lib1.c",
                             Bytes("int32_t conv_a(void* args) {\n  DepthwiseConv2d[0] = 1;\n}\n"
                                   "int32_t conv_b(void* args) {\n  conv2d_nhwc[0] = 1;\n}\n"),
                             {}});
  CHECK(kernel_kind(network, "conv_a") == KernelKind::depthwise_convolution);
  CHECK(kernel_kind(network, "conv_b") == KernelKind::convolution);
  CHECK(kernel_kind(network, "tvmgen_default_fused_nn_contrib_dense_pack_add") == KernelKind::dense);
  CHECK(kernel_kind(network, "tvmgen_default_fused_nn_avg_pool2d_cast") == KernelKind::pooling);
  CHECK(kernel_kind(network, "tvmgen_default_fused_nn_softmax") == KernelKind::softmax);
  CHECK(kernel_kind(network, "tvmgen_default_fused_cast_subtract") == KernelKind::elementwise);
}
