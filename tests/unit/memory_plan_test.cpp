// SPDX-License-Identifier: Apache-2.0
// MemoryPlan: known plans of small networks.
#include "stm32tvm/memory_plan.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "planned_networks.hpp"

namespace {

using namespace planned_networks;

TEST_CASE("a chain reuses memory as soon as inputs may be consumed") {
  Builder b;
  const TensorIndex x = b.input("x", 16);
  const TensorIndex weights = b.constant("w", 1000);
  const TensorIndex hidden = b.tensor("hidden", 30);
  const TensorIndex y = b.tensor("y", 8);
  b.call("first", {{x, {}}, {weights, {}}}, {{hidden, {}}});
  b.call("second", {{hidden, {}}}, {{y, {}}});
  b.network.outputs = {y};

  const MemoryPlan kept = plan_of(b.network);
  CHECK(kept.bytes() == 16 + 32 + 8);
  CHECK(kept.lower_bound_bytes == 56);
  CHECK(kept.peak_step == 2);
  CHECK(kept.buffers.size() == 3);
  CHECK(!kept.buffer_of_tensor[weights]);
  CHECK(buffer_of(kept, x).lifetime == Lifetime{0, 3});
  CHECK(buffer_of(kept, hidden).lifetime == Lifetime{1, 2});
  CHECK(buffer_of(kept, y).lifetime == Lifetime{2, 3});
  CHECK(buffer_of(kept, hidden).bytes == 30);

  const MemoryPlan consumed = plan_of(b.network, {.inputs = consume});
  CHECK(consumed.bytes() == 48);
  CHECK(consumed.peak_step == 1);
  CHECK(buffer_of(consumed, x).lifetime == Lifetime{0, 1});
}

TEST_CASE("a diamond keeps both branches and their source as long as they are read") {
  Builder b;
  const TensorIndex x = b.input("x", 16);
  const TensorIndex a = b.tensor("a", 32);
  const TensorIndex left = b.tensor("left", 32);
  const TensorIndex right = b.tensor("right", 32);
  const TensorIndex sum = b.tensor("sum", 16);
  b.call("source", {{x, {}}}, {{a, {}}});
  b.call("left", {{a, {}}}, {{left, {}}});
  b.call("right", {{a, {}}}, {{right, {}}});
  b.call("add", {{left, {}}, {right, {}}}, {{sum, {}}});
  b.network.outputs = {sum};
  CHECK(plan_of(b.network).bytes() == 112);
  const MemoryPlan consumed = plan_of(b.network, {.inputs = consume});
  CHECK(consumed.bytes() == 96);
  CHECK(consumed.peak_step == 3);
  CHECK(buffer_of(consumed, a).lifetime == Lifetime{1, 3});
}

TEST_CASE("views share the buffer of what they show, and keep it alive") {
  Builder b;
  const TensorIndex x = b.input("x", 64);
  const TensorIndex a = b.tensor("a", 24);
  const TensorIndex flat = b.view("flat", a);
  const TensorIndex flatter = b.view("flatter", flat);
  const TensorIndex shown = b.constant("w", 24);
  const TensorIndex constant_view = b.view("w_view", shown);
  const TensorIndex untouched = b.tensor("untouched", 4096);
  b.call("make", {{x, {}}}, {{a, {}}});
  b.copy("reshape", a, flat);
  b.copy("reshape_again", flat, flatter);
  b.copy("reshape_w", shown, constant_view);

  SUBCASE("as a network output") {
    b.network.outputs = {flatter, constant_view};
    const MemoryPlan plan = plan_of(b.network, {.inputs = consume});
    CHECK(plan.buffers.size() == 2);
    CHECK(plan.buffer_of_tensor[flat] == plan.buffer_of_tensor[a]);
    CHECK(plan.buffer_of_tensor[flatter] == plan.buffer_of_tensor[a]);
    CHECK(!plan.buffer_of_tensor[constant_view]);
    CHECK(!plan.buffer_of_tensor[untouched]);
    CHECK(buffer_of(plan, flatter).tensor == a);
    CHECK(buffer_of(plan, flatter).lifetime == Lifetime{1, 5});
    CHECK(plan.bytes() == 88);
  }
  SUBCASE("read by an operator") {
    const TensorIndex y = b.tensor("y", 64);
    b.call("use", {{flatter, {}}, {constant_view, {}}}, {{y, {}}});
    b.network.outputs = {y};
    const MemoryPlan plan = plan_of(b.network, {.inputs = consume});
    CHECK(buffer_of(plan, a).lifetime == Lifetime{1, 5});
    CHECK(plan.bytes() == 88);
  }
  SUBCASE("a copy that is no view needs both at once") {
    const TensorIndex own = b.tensor("own", 24);
    b.copy("copy", flatter, own);
    b.network.outputs = {own};
    const MemoryPlan plan = plan_of(b.network, {.inputs = consume});
    CHECK(buffer_of(plan, a).lifetime == Lifetime{1, 5});
    CHECK(buffer_of(plan, own).lifetime == Lifetime{5, 6});
  }
}

TEST_CASE("statements of a kernel are the grain of reuse") {
  Builder b;
  const TensorIndex x = b.input("x", 64);
  const TensorIndex y = b.tensor("y", 64);
  Operator& call = b.call("conv", {{x, {0, 0}}}, {{y, {2, 2}}}, 3);
  call.workspaces = {{64, {0, 1}}, {32, {1, 2}}};
  b.network.outputs = {y};

  const MemoryPlan plan = plan_of(b.network, {.inputs = consume});
  CHECK(plan.bytes() == 128);  // statement 0: x and a workspace; 1: both workspaces; 2: a workspace and y
  CHECK(plan.buffers.size() == 4);
  CHECK(plan.buffers[2].kind == PlannedBuffer::Kind::workspace);
  CHECK(plan.buffers[2].workspace_index == 0);
  CHECK(plan.buffers[2].lifetime == Lifetime{1, 2});
  CHECK(plan.buffers[3].workspace_index == 1);
  CHECK(plan.buffers[3].lifetime == Lifetime{2, 3});
  CHECK(buffer_of(plan, x).lifetime == Lifetime{0, 1});
  CHECK(buffer_of(plan, y).lifetime == Lifetime{3, 4});

  CHECK(plan_of(b.network).bytes() == 160);
  const MemoryPlan whole = plan_of(b.network, {.inputs = consume, .whole_operators = true});
  CHECK(whole.bytes() == 224);
  CHECK(buffer_of(whole, y).lifetime == Lifetime{1, 4});
}

TEST_CASE("what shares a statement shares no byte") {
  Builder b;
  const TensorIndex x = b.input("x", 8);
  const TensorIndex y = b.tensor("y", 8);
  b.call("relu", {{x, {1, 1}}}, {{y, {1, 1}}}, 2);
  b.network.outputs = {y};
  CHECK(plan_of(b.network, {.inputs = consume}).bytes() == 16);
}

TEST_CASE("odd but sound networks") {
  Builder b;
  const TensorIndex x = b.input("x", 4);
  b.input("ignored", 8);
  SUBCASE("two outputs, an unread tensor, a scalar and nothing at all") {
    const TensorIndex y = b.tensor("y", 1);
    const TensorIndex unread = b.tensor("unread", 16);
    const TensorIndex empty = b.tensor("empty", 0);
    b.call("split", {{x, {}}, {x, {}}}, {{y, {}}, {unread, {}}, {empty, {}}});
    b.network.outputs = {y, y, x};
    const MemoryPlan plan = plan_of(b.network, {.inputs = consume});
    CHECK(buffer_of(plan, unread).lifetime == Lifetime{1, 1});
    CHECK(buffer_of(plan, x).lifetime == Lifetime{0, 2});
    CHECK(buffer_of(plan, 1).lifetime == Lifetime{0, 0});
    CHECK(buffer_of(plan, empty).bytes == 0);
    CHECK(plan.bytes() == 8 + 8 + 16);
  }
  SUBCASE("no operators") {
    CHECK(plan_of(b.network).bytes() == 16);
    CHECK(stm32tvm::first_step(b.network, 0) == 1);
  }
  SUBCASE("no tensors") {
    const MemoryPlan plan = plan_of({});
    CHECK(plan.bytes() == 0);
    CHECK(plan.pools.size() == 1);
  }
}

TEST_CASE("steps lead to operators and back") {
  Builder b;
  b.call("a", {}, {}, 2);
  b.call("b", {}, {}, 1);
  CHECK(stm32tvm::first_step(b.network, 0) == 1);
  CHECK(stm32tvm::first_step(b.network, 1) == 3);
  CHECK(stm32tvm::first_step(b.network, 2) == 4);
  CHECK(stm32tvm::first_step(b.network, 99) == 4);
  CHECK(!stm32tvm::operator_at(b.network, 0));
  CHECK(stm32tvm::operator_at(b.network, 1) == 0U);
  CHECK(stm32tvm::operator_at(b.network, 2) == 0U);
  CHECK(stm32tvm::operator_at(b.network, 3) == 1U);
  CHECK(!stm32tvm::operator_at(b.network, 4));
}

TEST_CASE("alignment rounds buffers, offsets and pools") {
  Builder b;
  b.input("x", 1);
  b.input("y", 33);
  const MemoryPlan plan = plan_of(b.network, {.alignment = 32});
  CHECK(plan.bytes() == 96);
  CHECK(plan.buffers[0].offset % 32 == 0);
  CHECK(plan.buffers[1].offset % 32 == 0);
  for (const std::uint32_t alignment : {0U, 1U, 4U, 12U, 24U}) {
    const auto refused = MemoryPlan::make(b.network, {.alignment = alignment});
    REQUIRE(!refused);
    CHECK(refused.error().code == ErrorCode::bad_option);
  }
  CHECK(MemoryPlan::make(b.network, {.interface_alignment = 4}).error().where == "options.interface_alignment");
  const auto refused = MemoryPlan::make(b.network, {.pools = {}});
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::bad_option);
}

TEST_CASE("inputs and outputs are alone in the lines of a cache, and nothing else is aligned to them") {
  Builder b;
  const TensorIndex input = b.input("input", 10);
  const TensorIndex inner = b.tensor("inner", 24);
  const TensorIndex output = b.tensor("output", 33);
  b.call("first", {{input, {}}}, {{inner, {}}});
  b.call("second", {{inner, {}}}, {{output, {}}}).workspaces = {{8, {}}};
  b.network.outputs = {output};
  const MemoryPlan plan = plan_of(b.network, {.interface_alignment = 32});
  CHECK(buffer_of(plan, input).alignment == 32);
  CHECK(buffer_of(plan, output).alignment == 32);
  CHECK(buffer_of(plan, inner).alignment == 8);
  CHECK(plan.buffers.back().alignment == 8);
  CHECK(plan.pools[0].alignment == 32);
  CHECK(plan.bytes() == 128);  // kept: 32 for the input, 64 for the output, 24 and 8 for the rest
  CHECK(plan.lower_bound_bytes == 128);

  MemoryPlan damaged = plan;
  damaged.pools[0].alignment = 8;
  CHECK(damaged.check(b.network).error().message.find("pool \"arena\" is aligned to 8, and what lies in it needs 32") ==
        0);
}

TEST_CASE("what a kernel in an object file gets is aligned to its processor's vectors") {
  Builder b;
  const TensorIndex input = b.input("input", 8);
  const TensorIndex inner = b.tensor("inner", 8);
  const TensorIndex output = b.tensor("output", 8);
  b.call("source", {{input, {}}}, {{inner, {}}});
  b.call("object", {{inner, {}}}, {{output, {}}});
  b.network.outputs = {output};
  b.network.objects = {{"lib0.o", {}, "arm", {"tvmgen_object"}}};
  const MemoryPlan plan = plan_of(b.network);
  CHECK(buffer_of(plan, input).alignment == 8);
  CHECK(buffer_of(plan, inner).alignment == 16);
  CHECK(buffer_of(plan, output).alignment == 16);
  b.network.objects[0].machine = "x86_64";
  CHECK(buffer_of(plan_of(b.network), inner).alignment == 64);
  CHECK_FALSE(plan.check(b.network));
}

TEST_CASE("buffers that fit no more in one pool go to the next") {
  Builder b;
  const TensorIndex x = b.input("x", 64);
  const TensorIndex large = b.tensor("large", 256);
  const TensorIndex y = b.tensor("y", 32);
  b.call("grow", {{x, {}}}, {{large, {}}}).workspaces = {{32, {}}};
  b.call("shrink", {{large, {}}}, {{y, {}}});
  b.network.outputs = {y};

  const MemoryPlan plan = plan_of(b.network, {.pools = {{"fast", 100}, {"slow", 300}}});
  CHECK(plan.pools == std::vector<stm32tvm::PlannedPool>{{"fast", 96}, {"slow", 256}});
  CHECK(buffer_of(plan, large).pool == 1);
  CHECK(buffer_of(plan, x).pool == 0);
  CHECK(plan.bytes() == plan.lower_bound_bytes);

  const MemoryPlan roomy = plan_of(b.network, {.pools = {{"fast", 1000}, {"slow", 0}, {"none", 0}}});
  CHECK(roomy.pools[0].bytes == 352);
  CHECK(roomy.pools[1].bytes == 0);
}

TEST_CASE("inputs and outputs lie in the arena, with the caller, or twice") {
  using Placement = PlanOptions::Placement;
  Builder b;
  const TensorIndex x = b.input("x", 64);
  const TensorIndex flat = b.view("flat", x);
  const TensorIndex y = b.tensor("y", 40);
  b.copy("reshape", x, flat);
  b.call("f", {{flat, {}}}, {{y, {}}});
  b.network.outputs = {y};
  CHECK(plan_of(b.network, {.inputs = consume}).bytes() == 104);
  SUBCASE("caller") {
    // What showed the input's bytes has bytes of its own, which the copy fills.
    const MemoryPlan plan = plan_of(b.network, {.input_placements = {Placement::caller}});
    CHECK(!plan.buffer_of_tensor[x]);
    CHECK(buffer_of(plan, flat).lifetime == Lifetime{1, 2});
    CHECK(plan.bytes() == 104);
    const MemoryPlan both =
        plan_of(b.network, {.input_placements = {Placement::caller}, .output_placements = {Placement::caller}});
    CHECK(both.bytes() == 64);
  }
  SUBCASE("twice") {
    const MemoryPlan plan = plan_of(b.network, {.inputs = consume,
                                                .input_placements = {Placement::double_buffered},
                                                .output_placements = {Placement::double_buffered}});
    CHECK(plan.bytes() == 2 * (64 + 40));
    CHECK(plan.buffers[2].kind == PlannedBuffer::Kind::second);
    CHECK(plan.buffers[2].lifetime == Lifetime{0, 3});
    CHECK(plan.buffers[2].tensor == x);
    CHECK(buffer_of(plan, y).lifetime == Lifetime{0, 3});
  }
  SUBCASE("not what is a part of something else") {
    b.network.operators.erase(b.network.operators.begin());
    b.network.operators[0].inputs[0].tensor = x;
    b.call("g", {{y, {}}}, {{flat, {}}});
    const auto refused = MemoryPlan::make(b.network, {.input_placements = {Placement::caller}});
    REQUIRE(!refused);
    CHECK(refused.error().code == ErrorCode::bad_option);
    CHECK(refused.error().message.find("caller's memory alone") != std::string::npos);
  }
  SUBCASE("more than there are") {
    const auto refused = MemoryPlan::make(b.network, {.output_placements = {Placement::arena, Placement::caller}});
    REQUIRE(!refused);
    CHECK(refused.error().code == ErrorCode::bad_option);
  }
}

TEST_CASE("what does not fit says how much is missing and where") {
  Builder b;
  const TensorIndex x = b.input("x", 64);
  const TensorIndex y = b.tensor("y\n", 200);
  b.call("grow", {{x, {}}}, {{y, {}}}).workspaces = {{32, {}}, {8, {}}, {16, {}}, {24, {}}};
  b.network.outputs = {y};
  const auto one = MemoryPlan::make(b.network, {.pools = {{"ram", 100}}});
  REQUIRE(!one);
  CHECK(one.error().code == ErrorCode::does_not_fit);
  CHECK(
      one.error().message ==
      "the network needs 344 bytes of pool \"ram\", 244 more than the 100 it may take, and most is live in operator 0 "
      "\"grow\", the largest being tensor 1 \"y?\" (200 bytes), tensor 0 \"x\" (64 bytes), workspace 0 of operator 0 "
      "\"grow\" (32 bytes), workspace 3 of operator 0 \"grow\" (24 bytes), workspace 2 of operator 0 \"grow\" (16 "
      "bytes); give the pool more memory, add a pool, let the inputs be consumed or make the model smaller");
  const auto two = MemoryPlan::make(b.network, {.inputs = consume, .pools = {{"ccm", 64}, {"ram", 279}}});
  REQUIRE(!two);
  CHECK(
      two.error().message.starts_with("the network needs 280 bytes of pool \"ram\" beside the pools before it, 1 more "
                                      "than the 279 it may take, and most is live in operator 0"));
  CHECK(MemoryPlan::make(b.network, {.pools = {{"ccm", 64}, {"ram", 280}}}));
  CHECK(MemoryPlan::make(b.network, {.pools = {{"ram", 344}}}));
}

}  // namespace
