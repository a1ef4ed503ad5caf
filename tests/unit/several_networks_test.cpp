// SPDX-License-Identifier: Apache-2.0
// ProjectEmitter: the names of several networks in one tree.
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "planned_networks.hpp"
#include "small_target.hpp"
#include "stm32tvm/image_plan.hpp"
#include "stm32tvm/memory_needs.hpp"
#include "stm32tvm/project_emitter.hpp"

namespace {

using namespace planned_networks;
using stm32tvm::Bytes;
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

TEST_CASE("several networks: firmware checks each on its own samples") {
  EmitOptions options = named("both", {"one", "two"});
  options.target = small_target(1 << 20, 1 << 16);
  options.samples = {{{Bytes(std::string(16, 'a'))}, {}, 1},
                     {{Bytes(std::string(16, 'b'))}, {Bytes(std::string(16, 'c'))}, 0},
                     {{Bytes(std::string(16, 'd'))}, {}, 1}};
  const auto tree = ProjectEmitter::emit_all({doubler("default"), doubler("default")}, options).value();
  const auto has = [&](const char* path, const char* text) {
    REQUIRE_MESSAGE(tree.find(path) != nullptr, path);
    return tree.find(path)->view().find(text) != std::string_view::npos;
  };
  CHECK(has("firmware/one_samples.c", "const uint32_t one_sample_count = 1;"));
  CHECK(has("firmware/one_samples.c", "98, 98, 98"));
  CHECK(has("firmware/two_samples.c", "const uint32_t two_sample_count = 2;"));
  CHECK(has("firmware/two_check.c", "int two_check(void) {"));
  CHECK(has("firmware/main.c", "failed |= two_check();"));
  CHECK(has("firmware/CMakeLists.txt", "both_firmware"));
}

TEST_CASE("several networks: what firmware cannot be made of is refused in words") {
  EmitOptions options = named("both", {"one", "two"});
  options.target = small_target(1 << 20, 1 << 16);
  options.samples = {{{Bytes(std::string(16, 'a'))}, {}, 2}};
  CHECK(refusal(options) == "a sample is for network 2, and there are 2, counted from 0");
  options.samples = {{{Bytes(std::string(15, 'a'))}, {}, 1}};
  CHECK(refusal(options).starts_with("two: "));
  CHECK(refusal(options).find("sample 0 has 15 bytes where tensor \"in\" has 16") != std::string::npos);
  options.samples.clear();
  options.names = {"one", "both_firmware"};
  CHECK(refusal(options) == "both_firmware is what the project's firmware is called; give the network another name");
  options.names = {"one", "two"};
  options.application = EmitOptions::Application::minimal;
  CHECK(refusal(options).find("all applications but the golden check are for one network") != std::string::npos);
}

TEST_CASE("several networks: each may fit a target that all together do not") {
  EmitOptions options = named("both", {"one", "two"});
  const PlannedNetwork one = doubler("default");
  EmitOptions alone = options;
  alone.names.clear();
  std::uint64_t ram = 0;
  do {
    options.target = alone.target = small_target(1 << 20, ++ram);
  } while (!ProjectEmitter::emit(one.network, one.plan, alone));
  CHECK(refusal(options).find("the networks take ") != std::string::npos);
  CHECK(refusal(options).find("or share one arena") != std::string::npos);
  options.target = small_target(1 << 20, 2 * ram);
  CHECK(refusal(options).empty());
}

TEST_CASE("several networks: a budget is for all together, and a shared arena counts once") {
  const std::vector<stm32tvm::NetworkDescriptor> networks = {doubler("one").network, doubler("two").network};
  const auto needs = stm32tvm::memory_needs(networks[0], doubler("one").plan);
  const auto is_within = [&](const std::vector<stm32tvm::NetworkGroup>& groups, stm32tvm::Budget budget) {
    EmitOptions options;
    options.budget = budget;
    const auto plan = stm32tvm::ImagePlan::make(networks, {}, groups).value();
    const auto tree = ProjectEmitter::emit_image(networks, plan, options);
    CHECK((tree || tree.error().code == stm32tvm::ErrorCode::does_not_fit));
    return static_cast<bool>(tree);
  };
  CHECK(is_within({}, {2 * needs.ram_bytes(), 2 * needs.flash_bytes(), {}}));
  CHECK(!is_within({}, {2 * needs.ram_bytes() - 1, {}, {}}));
  CHECK(!is_within({}, {{}, 2 * needs.flash_bytes() - 1, {}}));
  const std::uint64_t shared = 2 * needs.ram_bytes() - needs.arena_bytes;
  CHECK(is_within({{0, 1}}, {shared, {}, {}}));
  CHECK(!is_within({{0, 1}}, {shared - 1, {}, {}}));
}

}  // namespace
