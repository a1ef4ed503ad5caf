// SPDX-License-Identifier: Apache-2.0
#include "stm32tvm/network_difference.hpp"

#include <doctest/doctest.h>

#include <string>

#include <nlohmann/json.hpp>

#include "stm32tvm/model_library.hpp"

namespace {

using namespace stm32tvm;
using Part = NetworkDifference::Change::Part;
using Verdict = NetworkDifference::Verdict;

/// x[4] + weights -> y[4]
NetworkDescriptor small_network() {
  NetworkDescriptor network;
  network.module_name = "default";
  const DataType int8;
  for (const char* name : {"x", "weights", "y"}) {
    Tensor tensor;
    tensor.name = name;
    tensor.identifier = std::string(name) == "weights" ? "" : name;
    tensor.type = int8;
    tensor.shape = {4};
    tensor.bytes = 4;
    network.tensors.push_back(tensor);
  }
  network.tensors[1].constant = Bytes(std::string(4, '\1'));
  network.inputs = {0};
  network.parameters = {1};
  network.outputs = {2};
  Operator call;
  call.name = "add";
  call.kernel = "tvmgen_default_fused_add";
  call.inputs = {{0, {}}, {1, {}}};
  call.outputs = {{2, {}}};
  network.operators = {call};
  network.sources = {{"lib1.c", Bytes("int32_t tvmgen_default_fused_add(void* args) { return 0; }"), {}}};
  return network;
}

NetworkDifference difference(const NetworkDescriptor& before, const NetworkDescriptor& after) {
  const auto needs = [](const NetworkDescriptor& network) {
    return memory_needs(network, MemoryPlan::make(network).value());
  };
  return compare(before, needs(before), after, needs(after));
}

bool says(const NetworkDifference& difference, Part part, const char* text) {
  for (const auto& change : difference.changes) {
    if (change.part == part && change.message.find(text) != std::string::npos) {
      return true;
    }
  }
  return false;
}

TEST_CASE("A network does not differ from itself") {
  const auto same = difference(small_network(), small_network());
  CHECK(same.verdict == Verdict::identical);
  CHECK(same.changes.empty());
  CHECK(same.ram.before == same.ram.after);
}

TEST_CASE("The module's name is no difference") {
  NetworkDescriptor renamed = small_network();
  renamed.module_name = "kws";
  renamed.operators[0].kernel = "tvmgen_kws_fused_add";
  renamed.sources[0].text = Bytes("int32_t tvmgen_kws_fused_add(void* args) { return 0; }");
  CHECK(difference(small_network(), renamed).verdict == Verdict::identical);
}

TEST_CASE("Other values of the same parameters are weights only") {
  NetworkDescriptor trained = small_network();
  trained.tensors[1].constant = Bytes(std::string(4, '\2'));
  const auto weights = difference(small_network(), trained);
  CHECK(weights.verdict == Verdict::weights_only);
  REQUIRE(weights.changes.size() == 1);
  CHECK(says(weights, Part::weights, "1 of 1 parameters have other values, 4 bytes"));
}

TEST_CASE("A parameter of another shape, and other C, need new code") {
  NetworkDescriptor reshaped = small_network();
  reshaped.tensors[1].shape = {2, 2};
  const auto shape = difference(small_network(), reshaped);
  CHECK(shape.verdict == Verdict::code);
  CHECK(says(shape, Part::weights, "parameter 1 is int8[2, 2] instead of int8[4]"));

  NetworkDescriptor rewritten = small_network();
  rewritten.sources[0].text = Bytes("int32_t tvmgen_default_fused_add(void* args) { return 1; }");
  rewritten.sources.push_back({"lib2.c", Bytes(";"), {}});
  const auto code = difference(small_network(), rewritten);
  CHECK(code.verdict == Verdict::code);
  CHECK(says(code, Part::kernels, "the source lib1.c has other text"));
  CHECK(says(code, Part::kernels, "the source lib2.c is new"));
  CHECK(says(difference(rewritten, small_network()), Part::kernels, "the source lib2.c is gone"));
}

TEST_CASE("Operators that came and went are named once each") {
  NetworkDescriptor longer = small_network();
  longer.tensors.push_back(longer.tensors[2]);
  longer.tensors[2].identifier.clear();
  longer.outputs = {3};
  Operator second = longer.operators[0];
  second.kernel = "tvmgen_default_fused_multiply";
  second.inputs = {{2, {}}, {1, {}}};
  second.outputs = {{3, {}}};
  longer.operators.push_back(second);
  const auto more = difference(small_network(), longer);
  CHECK(says(more, Part::operators, "2 operators instead of 1"));
  CHECK(says(more, Part::operators, "added: tvmgen_fused_multiply -> int8[4]"));
  CHECK_FALSE(says(more, Part::operators, "fused_add"));
  CHECK(more.ram.after > more.ram.before);
  CHECK(says(more, Part::ram, "+"));
}

TEST_CASE("The interface: number, name, type, quantization") {
  NetworkDescriptor changed = small_network();
  changed.tensors[0].identifier = changed.tensors[0].name = "image";
  changed.tensors[2].shape = {2, 2};
  changed.tensors[2].quantization = {Quantization::Kind::per_tensor, Quantization::Source::relay, {0.5}, {-128}, -1};
  const auto interface = difference(small_network(), changed);
  CHECK(interface.verdict == Verdict::interface);
  CHECK(says(interface, Part::inputs, "input 1 is \"image\" instead of \"x\""));
  CHECK(says(interface, Part::outputs, "output 1 is int8[2, 2] instead of int8[4]"));
  CHECK(says(interface, Part::outputs, "scale 0.5, zero point -128 instead of unknown"));

  NetworkDescriptor exact = changed;
  exact.tensors[2].quantization.source = Quantization::Source::caller;
  CHECK(difference(changed, exact).verdict == Verdict::identical);
}

TEST_CASE("A real archive with one byte of its parameters changed differs in the weights alone") {
  const Archive archive = Archive::open(STM32TVM_SOURCE_DIR "/tests/data/digits_int8/graph.tar").value();
  std::vector<Archive::Member> members = archive.members();
  for (Archive::Member& member : members) {
    if (member.path == "parameters/default.params") {
      std::string bytes(member.contents.view());
      bytes.back() = static_cast<char>(bytes.back() ^ 1);
      member.contents = Bytes(bytes);
    }
  }
  const auto describe = [](const Archive& from) {
    return ModelLibrary::from_archive(from).value().network({}, {.keep_constants = true}).value();
  };
  const auto weights = difference(describe(archive), describe(Archive::from_members(members).value()));
  CHECK(weights.verdict == Verdict::weights_only);
  const auto json = nlohmann::json::parse(to_json(weights));
  CHECK(json["verdict"] == "weights_only");
  CHECK(json["changes"].size() == 1);
  CHECK(json["ram_bytes"]["before"] == json["ram_bytes"]["after"]);
}

}  // namespace
