// SPDX-License-Identifier: Apache-2.0
// ProjectEmitter: the names of several networks in one tree.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "planned_networks.hpp"
#include "stm32tvm/project_emitter.hpp"

namespace {

using namespace planned_networks;
using stm32tvm::EmitOptions;
using stm32tvm::PlannedNetwork;
using stm32tvm::ProjectEmitter;

PlannedNetwork doubler(std::string module) {
  Builder made;
  const TensorIndex in = made.input("in", 16);
  const TensorIndex out = made.tensor("out", 16);
  made.call("double", {{in, {}}}, {{out, {}}});
  made.network.outputs = {out};
  made.network.module_name = std::move(module);
  made.network.executor = "graph";
  return {made.network, MemoryPlan::make(made.network).value()};
}

EmitOptions named(std::string name, std::vector<std::string> names) {
  EmitOptions options;
  options.name = std::move(name);
  options.names = std::move(names);
  return options;
}

/// Why these two networks cannot be emitted together under these options.
std::string refusal(const EmitOptions& options) {
  const auto tree = ProjectEmitter::emit_all({doubler("default"), doubler("default")}, options);
  return tree ? "" : to_string(tree.error());
}

TEST_CASE("several networks: each is called by its place in the list, else by its module") {
  const std::vector<PlannedNetwork> networks = {doubler("one"), doubler("two")};
  const auto by_module = ProjectEmitter::emit_all(networks, named("both", {})).value();
  CHECK(by_module.find("both_one/both_one.h") != nullptr);
  CHECK(by_module.find("both_two/both_two.h") != nullptr);
  const auto by_list = ProjectEmitter::emit_all(networks, named("both", {"Left", "right"})).value();
  CHECK(by_list.find("left/left.h") != nullptr);
  CHECK(by_list.find("right/right.h") != nullptr);
  CHECK(by_list.find("CMakeLists.txt")->view().find("project(both_network") != std::string_view::npos);
  const auto alone = ProjectEmitter::emit(networks[0].network, networks[0].plan, named("both", {"only"})).value();
  CHECK(alone.find("only/only.h") != nullptr);
}

TEST_CASE("several networks: names that clash, and lists of another length, are refused in words") {
  CHECK(refusal(named("both", {})) == "two networks would both be called both_default; give each a name of its own");
  CHECK(refusal(named("both", {"same", "SAME"})) ==
        "two networks would both be called same; give each a name of its own");
  CHECK(refusal(named("both", {"kws", "kws_data"})) ==
        "kws and kws_data would both have a file kws_data.h; give a network another name");
  CHECK(refusal(named("both", {"stvm_step", "other"})) ==
        "runtime and stvm_step would both have a file stvm_step.h; give a network another name");
  CHECK(refusal(named("both", {"one"})) == "there are 1 names for 2 networks; give each one of its own");
  CHECK(refusal(named("both", {"one", "two"})).empty());
}

}  // namespace
