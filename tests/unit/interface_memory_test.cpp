// SPDX-License-Identifier: Apache-2.0
// What the headers of the device APIs say of inputs and outputs in the arena, in the caller's memory, and
// double-buffered.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "planned_networks.hpp"
#include "stm32tvm/project_emitter.hpp"

namespace {

using namespace planned_networks;
using stm32tvm::EmitOptions;
using stm32tvm::ProjectEmitter;
using Api = EmitOptions::DeviceApi;
using Placement = PlanOptions::Placement;

constexpr auto arena = Placement::arena;
constexpr auto caller = Placement::caller;
constexpr auto twice = Placement::double_buffered;

/// Two inputs and one output.
NetworkDescriptor adder() {
  Builder made;
  const TensorIndex left = made.input("left", 16);
  const TensorIndex right = made.input("right", 8);
  const TensorIndex sum = made.tensor("sum", 24);
  made.call("add", {{left, {}}, {right, {}}}, {{sum, {}}});
  made.network.outputs = {sum};
  made.network.module_name = "default";
  made.network.executor = "graph";
  return made.network;
}

struct Emitted {
  MemoryPlan plan;
  std::string header;
  std::string source;

  [[nodiscard]] bool defines(const std::string& macro, const std::string& value) const {
    return header.find("#define " + macro + " " + value + "\n") != std::string::npos;
  }
  [[nodiscard]] bool has(const std::string& macro) const {
    return header.find("#define " + macro) != std::string::npos;
  }
  /// The second place of an input or output.
  [[nodiscard]] const PlannedBuffer& second(TensorIndex tensor) const {
    return *std::ranges::find_if(plan.buffers, [&](const PlannedBuffer& buffer) {
      return buffer.kind == PlannedBuffer::Kind::second && buffer.tensor == tensor;
    });
  }
};

Emitted emitted(Api api, std::vector<Placement> inputs, std::vector<Placement> outputs) {
  const NetworkDescriptor network = adder();
  PlanOptions options;
  options.pools = {{"FAST", 64, {}}, {"SLOW", 4096, {}}};
  options.input_placements = std::move(inputs);
  options.output_placements = std::move(outputs);
  const MemoryPlan plan = MemoryPlan::make(network, options).value();
  EmitOptions emission;
  emission.device_api = api;
  const auto tree = ProjectEmitter::emit(network, plan, emission).value();
  const auto text = [&](const char* path) { return std::string(tree.find(path)->view()); };
  return {plan, text("network/network.h"), text("network/network.c")};
}

TEST_CASE("st-ai: the flags say which inputs and outputs lie in the activations") {
  const std::string shape = "STAI_FLAG_CHANNEL_LAST";
  struct Case {
    std::vector<Placement> inputs;
    std::vector<Placement> outputs;
    std::string flags;
    std::array<std::string, 3> tensors;  ///< flags of both inputs and of the output
  };
  const std::string in = "STAI_FLAG_INPUTS|";
  const std::string out = "STAI_FLAG_OUTPUTS|";
  const std::string placed = "STAI_FLAG_PREALLOCATED|";
  for (const Case& each :
       {Case{{}, {}, "(STAI_FLAG_INPUTS|STAI_FLAG_OUTPUTS)", {in + placed, in + placed, out + placed}},
        Case{{twice, arena}, {caller}, "(STAI_FLAG_INPUTS)", {in + placed, in + placed, out}},
        Case{{caller, arena}, {twice}, "(STAI_FLAG_OUTPUTS)", {in, in + placed, out + placed}},
        Case{{caller, caller}, {caller}, "(STAI_FLAG_NONE)", {in, in, out}}}) {
    CAPTURE(each.flags);
    const Emitted made = emitted(Api::st_ai, each.inputs, each.outputs);
    CHECK(made.defines("STAI_NETWORK_FLAGS", each.flags));
    const std::array<std::string, 3> names = {"IN_1", "IN_2", "OUT_1"};
    for (std::size_t i = 0; i < names.size(); ++i) {
      CAPTURE(names[i]);
      CHECK(made.defines("STAI_NETWORK_" + names[i] + "_FLAGS", "(" + each.tensors[i] + shape + ")"));
      CHECK(made.source.find(", " + each.tensors[i] + shape + ", ") != std::string::npos);
    }
  }
}

/// That the header tells the second places of one input and of the output; st-ai's macros are bare, legacy's in
/// brackets.
void check_second_places(Api api, const std::string& prefix, const std::string& open, const std::string& close) {
  CAPTURE(prefix);
  const Emitted made = emitted(api, {arena, twice}, {twice});
  const auto check_second = [&](const std::string& name, TensorIndex tensor) {
    const PlannedBuffer& second = made.second(tensor);
    CHECK(made.defines(prefix + name + "_SECOND_ACTIVATION", open + std::to_string(second.pool + 1) + close));
    CHECK(made.defines(prefix + name + "_SECOND_OFFSET", open + std::to_string(second.offset) + close));
  };
  check_second("IN_2", 1);
  check_second("OUT_1", 2);
  CHECK(made.second(1).pool + made.second(2).pool > 0);  // else a number of a pool that never changes would do
  CHECK_FALSE(made.has(prefix + "IN_1_SECOND"));
  CHECK_FALSE(emitted(api, {caller, arena}, {caller}).has(prefix + "IN_1_SECOND"));
}

TEST_CASE("st-ai and legacy: the second place of what is double-buffered is told, and of nothing else") {
  check_second_places(Api::st_ai, "STAI_NETWORK_", "", "");
  check_second_places(Api::legacy, "AI_NETWORK_", "(", ")");
}

TEST_CASE("legacy: what lies in the activations is told for all inputs and for all outputs") {
  const std::string prefix = "AI_NETWORK_";
  const Emitted mixed = emitted(Api::legacy, {arena, caller}, {twice});
  CHECK_FALSE(mixed.has(prefix + "INPUTS_IN_ACTIVATIONS"));
  CHECK(mixed.has(prefix + "OUTPUTS_IN_ACTIVATIONS"));
  const Emitted other = emitted(Api::legacy, {twice, arena}, {caller});
  CHECK(other.has(prefix + "INPUTS_IN_ACTIVATIONS"));
  CHECK_FALSE(other.has(prefix + "OUTPUTS_IN_ACTIVATIONS"));
}

}  // namespace
