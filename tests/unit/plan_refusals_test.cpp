// SPDX-License-Identifier: Apache-2.0
// MemoryPlan: descriptors and plans that are refused.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <utility>

#include "planned_networks.hpp"
#include "stm32tvm/memory_plan.hpp"

namespace {

using namespace planned_networks;

TEST_CASE("descriptors that contradict themselves are refused") {
  Builder b;
  const TensorIndex x = b.input("x", 16);
  const TensorIndex y = b.tensor("y", 16);
  const TensorIndex w = b.constant("w", 16);
  b.call("relu", {{x, {}}}, {{y, {}}}, 2);
  b.network.outputs = {y};
  plan_of(b.network);
  NetworkDescriptor& n = b.network;
  std::string needed;
  const auto refuse = [&](std::string text, const std::function<void()>& damage) {
    needed = std::move(text);
    damage();
  };

  SUBCASE("") {
    refuse(R"(operator 0 "relu" names tensor 9)", [&] { n.operators[0].inputs[0].tensor = 9; });
  }
  SUBCASE("") {
    refuse(R"(operator 0 "relu" names tensor 3)", [&] { n.operators[0].outputs[0].tensor = 3; });
  }
  SUBCASE("") {
    refuse("the list of inputs names tensor 7", [&] { n.inputs = {7}; });
  }
  SUBCASE("") {
    refuse("the list of outputs names tensor 8", [&] { n.outputs = {8}; });
  }
  SUBCASE("") {
    refuse(R"(network input tensor 0 "x")", [&] { n.inputs = {x, x}; });
  }
  SUBCASE("") {
    refuse(R"(network input tensor 2 "w")", [&] { n.inputs = {x, w}; });
  }
  SUBCASE("") {
    refuse("and it is a view", [&] { n.inputs = {x, b.view("v", x)}; });
  }
  SUBCASE("") {
    refuse("is a view of itself", [&] { n.tensors[y].view_of = y; });
  }
  SUBCASE("") {
    refuse("is a view of itself", [&] { n.tensors[y].view_of = b.view("v", y); });
  }
  SUBCASE("") {
    refuse(R"(the view tensor 1 "y" names tensor 44)", [&] { n.tensors[y].view_of = 44; });
  }
  SUBCASE("") {
    refuse(R"(tensor 3 "v" of 80 bytes is a view of)", [&] { n.tensors[b.view("v", y)].bytes = 80; });
  }
  SUBCASE("") {
    refuse(R"(tensor 2 "w" has constant values)", [&] { n.tensors[w].view_of = y; });
  }
  SUBCASE("") {
    refuse("a use from statement 1 to 0", [&] { n.operators[0].inputs[0].use = {1, 0}; });
  }
  SUBCASE("") {
    refuse("a use from statement 0 to 2", [&] { n.operators[0].outputs[0].use = {0, 2}; });
  }
  SUBCASE("") {
    refuse("a use from statement 2 to 2", [&] { n.operators[0].workspaces = {{8, {2, 2}}}; });
  }
  SUBCASE("") {
    refuse("has 0 statements", [&] { n.operators[0].statement_count = 0; });
  }
  SUBCASE("") {
    refuse("has 2147483648 statements", [&] { n.operators[0].statement_count = 1U << 31U; });
  }
  SUBCASE("") {
    refuse(R"(operator 0 "relu" reads tensor 1 "y")", [&] { n.operators[0].inputs[0].tensor = y; });
  }
  SUBCASE("") {
    refuse(R"(writes tensor 1 "y")", [&] { b.call("again", {}, {{y, {}}}); });
  }
  SUBCASE("") {
    refuse(R"(writes tensor 3 "v")", [&] { b.call("again", {}, {{b.view("v", y), {}}}); });
  }
  SUBCASE("") {
    refuse(R"(writes tensor 0 "x")", [&] { b.call("again", {}, {{x, {}}}); });
  }
  SUBCASE("") {
    refuse(R"(writes tensor 2 "w")", [&] { b.call("again", {}, {{w, {}}}); });
  }
  SUBCASE("") {
    refuse(R"(operator 1 "c" is a copy)", [&] { b.copy("c", y, b.tensor("z", 8)); });
  }
  SUBCASE("") {
    refuse(R"(operator 0 "relu" is a copy)", [&] {
      n.operators[0].kind = Operator::Kind::copy;
      n.operators[0].inputs.clear();
    });
  }
  SUBCASE("") {
    refuse(R"(network output tensor 3 "z")", [&] { n.outputs = {b.tensor("z", 8)}; });
  }
  SUBCASE("") {
    refuse(R"(tensor 1 "y" of 18446744073709551615)", [&] { n.tensors[y].bytes = UINT64_MAX; });
  }
  SUBCASE("") {
    refuse("workspace 1 of operator 0", [&] { n.operators[0].workspaces = {{1ULL << 61U, {}}, {1ULL << 61U, {}}}; });
  }
  const auto refused = MemoryPlan::make(n);
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::bad_graph);
  CAPTURE(refused.error().message);
  CHECK(refused.error().message.find(needed) != std::string::npos);
}

TEST_CASE("check() refuses every plan that does not hold") {
  Builder b;
  const TensorIndex x = b.input("x", 16);
  const TensorIndex a = b.tensor("a", 24);
  const TensorIndex y = b.tensor("y", 16);
  b.call("first", {{x, {}}}, {{a, {}}}).workspaces = {{8, {}}};
  b.call("second", {{a, {}}}, {{y, {}}});
  b.network.outputs = {y};
  MemoryPlan plan = plan_of(b.network, {.pools = {{"ram", 1000}, {"slow", 1000}}});
  REQUIRE(plan.buffers.size() == 4);
  std::string needed;
  SUBCASE("overlap of tensors") {
    plan.buffers[0].offset = 0;
    plan.buffers[1].offset = 8;
    needed = R"(overlap in pool "ram" at step 1, in operator 0 "first")";
  }
  SUBCASE("overlap from below") {
    plan.buffers[0].offset = 8;
    plan.buffers[1].offset = 0;
    needed = "overlap in pool";
  }
  SUBCASE("overlap with a workspace") {
    plan.buffers[3].offset = plan.buffers[1].offset + 16;
    needed = R"(tensor 1 "a" at offset )" + std::to_string(plan.buffers[1].offset) +
             R"( with 24 bytes and workspace 0 of operator 0 "first")";
  }
  SUBCASE("misaligned") {
    plan.buffers[2].offset += 4;
    needed = "must start at a multiple of 8";
  }
  SUBCASE("beyond its pool") {
    plan.buffers[2].offset = plan.pools[0].bytes - 8;
    needed = R"(tensor 2 "y" of 16 bytes lies at offset)";
  }
  SUBCASE("far beyond its pool") {
    plan.buffers[2].offset = UINT64_MAX - 7;
    needed = R"(tensor 2 "y" of 16 bytes lies at offset)";
  }
  SUBCASE("a pool that is not there") {
    plan.buffers[2].pool = 2;
    needed = "of pool 2";
  }
  SUBCASE("an empty pool") {
    plan.buffers[2].pool = 1;
    needed = "of pool 1";
  }
  SUBCASE("missing buffer") {
    plan.buffers.pop_back();
    needed = R"(workspace 0 of operator 0 "first" has none)";
  }
  SUBCASE("one buffer too many") {
    plan.buffers.push_back(plan.buffers.back());
    needed = "the plan has 5 buffers and the network needs 4";
  }
  SUBCASE("lifetime too short") {
    plan.buffers[1].lifetime.last = 1;
    needed = R"(tensor 1 "a" needs buffer 1)";
  }
  SUBCASE("wrong size") {
    plan.buffers[1].bytes = 16;
    needed = "its own with 16 bytes";
  }
  SUBCASE("another's buffer") {
    plan.buffers[1].tensor = 2;
    needed = "another's";
  }
  SUBCASE("wrong way to a buffer") {
    plan.buffer_of_tensor[a] = 0;
    needed = R"(does not lead from tensor 1 "a")";
  }
  SUBCASE("no way to a buffer") {
    plan.buffer_of_tensor.pop_back();
    needed = R"(does not lead from tensor 2 "y")";
  }
  SUBCASE("pool over its limit") {
    plan.pools[0].bytes = 1008;
    needed = R"(pool "ram" takes 1008 bytes)";
  }
  SUBCASE("pools that the options do not name") {
    plan.pools.pop_back();
    needed = "the plan has 1 pools";
  }
  SUBCASE("options without meaning") {
    plan.options.alignment = 3;
    needed = "the alignment is 3";
  }
  SUBCASE("another network's plan") {
    b.network.tensors[a].bytes = 32;
    needed = R"(tensor 1 "a" needs buffer 1 to have 32 bytes)";
  }
  const auto refused = plan.check(b.network);
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::invalid_plan);
  CAPTURE(refused.error().message);
  CHECK(refused.error().message.find(needed) != std::string::npos);
}

}  // namespace
