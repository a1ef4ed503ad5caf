// SPDX-License-Identifier: Apache-2.0
// Tests of runtime_c/stvm: networks made by hand, with kernels that do what real ones do wrong, too.
#include "stvm.h"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace {

/// What the kernel of operator i does; it is called with its arguments.
std::vector<std::function<std::int32_t(const TVMValue*, const std::int32_t*, std::int32_t)>> bodies;
std::size_t next_body = 0;

std::int32_t kernel(void* args, std::int32_t* arg_type_ids, std::int32_t num_args, void*, std::int32_t*, void*) {
  return bodies.at(next_body++)(static_cast<const TVMValue*>(args), arg_type_ids, num_args);
}

void* allocate(std::uint64_t bytes) {
  return TVMBackendAllocWorkspace(kDLCPU, 0, bytes, kDLInt, 8);
}
int release(void* workspace) {
  return TVMBackendFreeWorkspace(kDLCPU, 0, workspace);
}

TVMValue handle(const void* pointer) {
  TVMValue value;
  value.v_handle = const_cast<void*>(pointer);
  return value;
}

TVMValue scratch_arguments[4];
DLTensor scratch_tensors[4];
std::array<std::int64_t, 1> shape{8};
/// Operand i of every operator: in the first pool, in the second, in the weights, in the input.
std::array<stvm_tensor, 4> tensors;
const std::array<std::uint16_t, 4> operands{0, 1, 2, 3};
const std::array<std::int32_t, 4> argument_types{7, 7, 7, 7};

std::int32_t call_packed(const stvm_operator* operator_, std::uint8_t* const* pools) {
  return stvm_call_packed(operator_, pools, tensors.data(), argument_types.data(),
                          {scratch_arguments, scratch_tensors});
}

/// A network of two arenas, weights, an input and an output, whose operators share one table of workspaces.
struct Fixture {
  alignas(8) std::array<std::uint8_t, 64> first_pool{};
  alignas(8) std::array<std::uint8_t, 32> second_pool{};
  std::array<std::uint8_t, 8> weights{};
  std::array<std::uint8_t*, 5> addresses{first_pool.data(), second_pool.data(), weights.data(), nullptr, nullptr};
  std::array<stvm_pool, 5> pools{{{64, 8}, {32, 8}, {8, 1}, {8, 1}, {8, 1}}};
  std::array<stvm_place, 2> interface_places{{{0, 56}, {1, 24}}};
  std::array<stvm_workspace, 4> workspaces{{{{0, 0}, 16}, {{0, 16}, 16}, {{1, 8}, 24}, {{0, 48}, 16}}};
  std::vector<stvm_operator> operators;
  stvm_network network{};

  Fixture() {
    bodies.clear();
    const std::array<stvm_place, 4> places{{{0, 63}, {1, 0}, {2, 4}, {3, 0}}};
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      tensors[i] = {{nullptr, {kDLCPU, 0}, 1, {kDLInt, 8, 1}, shape.data(), nullptr, 0}, places[i]};
    }
    network = {nullptr, pools.data(), interface_places.data(), argument_types.data(), nullptr, 0, 2, 1, 1, 1};
    stvm_place_interface(&network, addresses.data());
  }

  /// Adds an operator whose kernel does this.
  void then(std::function<std::int32_t(const TVMValue*, const std::int32_t*, std::int32_t)> body,
            const std::vector<TVMValue>* arguments = nullptr) {
    bodies.push_back(std::move(body));
    operators.push_back({call_packed, kernel, arguments == nullptr ? nullptr : arguments->data(), operands.data(),
                         workspaces.data(), 0, 0,
                         static_cast<std::uint16_t>(arguments == nullptr ? 0 : arguments->size()),
                         static_cast<std::uint16_t>(workspaces.size())});
  }

  /// The same without arguments.
  void then(std::function<std::int32_t()> body) {
    then([body = std::move(body)](const TVMValue*, const std::int32_t*, std::int32_t) { return body(); });
  }

  const stvm_network* ready() {
    network.operators = operators.data();
    network.operator_count = static_cast<std::uint16_t>(operators.size());
    next_body = 0;
    return &network;
  }

  stvm_status run() { return stvm_run(ready(), addresses.data()); }
  stvm_status run_fixed() { return stvm_run_fixed(ready(), addresses.data()); }
};

}  // namespace

TEST_CASE("stvm: operators run in order, with their fixed arguments and type codes") {
  Fixture fixture;
  std::string order;
  const std::vector<TVMValue> arguments{handle(&tensors[1].dltensor), handle(&tensors[0].dltensor)};
  fixture.then([&] { return order += 'a', 0; });
  fixture.then(
      [&](const TVMValue* values, const std::int32_t* types, std::int32_t count) {
        order += 'b';
        CHECK(count == 2);
        CHECK(values[0].v_handle == &tensors[1].dltensor);
        CHECK(values[1].v_handle == &tensors[0].dltensor);
        CHECK(types[0] == kTVMDLTensorHandle);
        CHECK(types[1] == kTVMDLTensorHandle);
        CHECK(allocate(24) == fixture.second_pool.data() + 8);
        return 0;
      },
      &arguments);
  fixture.then([&] { return order += 'c', 0; });
  CHECK(fixture.run_fixed() == STVM_OK);
  CHECK(order == "abc");
  fixture.then([] { return -1; });
  fixture.then([&] { return order += 'd', 0; });
  CHECK(fixture.run_fixed() == STVM_ERROR_KERNEL);
  CHECK(order == "abcabc");
  fixture.operators.clear();
  CHECK(fixture.run_fixed() == STVM_OK);
  CHECK(fixture.run() == STVM_OK);
}

TEST_CASE("stvm: a workspace is the first free one of exactly the size") {
  Fixture fixture;
  fixture.then([&] {
    void* const a = allocate(16);
    void* const b = allocate(16);
    void* const c = allocate(24);
    CHECK(a == fixture.first_pool.data());
    CHECK(b == fixture.first_pool.data() + 16);
    CHECK(c == fixture.second_pool.data() + 8);
    CHECK(allocate(16) == fixture.first_pool.data() + 48);
    CHECK(release(b) == 0);
    CHECK(release(a) == 0);
    CHECK(allocate(16) == a);
    CHECK(allocate(16) == b);
    CHECK(release(c) == 0);
    return 0;
  });
  CHECK(fixture.run() == STVM_OK);
}

TEST_CASE("stvm: a workspace in a loop is the same one each time") {
  Fixture fixture;
  fixture.then([&] {
    for (int i = 0; i < 100; ++i) {
      void* const workspace = allocate(24);
      CHECK(workspace == fixture.second_pool.data() + 8);
      CHECK(release(workspace) == 0);
    }
    return 0;
  });
  CHECK(fixture.run() == STVM_OK);
}

TEST_CASE("stvm: all of the most workspaces are told apart") {
  Fixture fixture;
  std::array<stvm_workspace, STVM_WORKSPACES_MAXIMUM> many{};
  for (std::uint32_t i = 0; i < many.size(); ++i) {
    many[i] = {{0, i}, 1};
  }
  fixture.then([&] {
    for (std::size_t i = 0; i < many.size(); ++i) {
      CHECK(allocate(1) == fixture.first_pool.data() + i);
    }
    CHECK(allocate(1) == nullptr);
    for (std::size_t i = many.size(); i-- > 0;) {
      CHECK(release(fixture.first_pool.data() + i) == 0);
      CHECK(release(fixture.first_pool.data() + i) == -1);
    }
    return 0;
  });
  fixture.operators[0].workspaces = many.data();
  fixture.operators[0].workspace_count = STVM_WORKSPACES_MAXIMUM;
  static_cast<void>(fixture.run());
}

TEST_CASE("stvm: a workspace that is not planned is refused, and the next run starts afresh") {
  Fixture fixture;
  std::uint64_t size = 17;
  bool reached = false;
  fixture.then([&] { return allocate(size) == nullptr ? -1 : 0; });
  fixture.then([&] { return reached = true, 0; });
  for (const std::uint64_t unplanned :
       {std::uint64_t{17}, std::uint64_t{0}, std::uint64_t{8}, (std::uint64_t{1} << 32U) + 16}) {
    size = unplanned;
    CHECK(fixture.run() == STVM_ERROR_WORKSPACE);
    CHECK_FALSE(reached);
  }
  size = 16;
  CHECK(fixture.run() == STVM_OK);
  CHECK(reached);
}

TEST_CASE("stvm: a kernel without workspaces gets none") {
  Fixture fixture;
  fixture.then([] { return allocate(16) == nullptr ? -1 : 0; });
  fixture.operators[0].workspaces = nullptr;
  fixture.operators[0].workspace_count = 0;
  CHECK(fixture.run() == STVM_ERROR_WORKSPACE);
}

TEST_CASE("stvm: after a kernel that fails nothing runs, and what it held is free in the next run") {
  Fixture fixture;
  int calls = 0;
  int first_result = -1;
  fixture.then([&] {
    ++calls;
    CHECK(allocate(24) == fixture.second_pool.data() + 8);  // the only one, and never given back
    return first_result;
  });
  fixture.then([&] {
    ++calls;
    CHECK(allocate(24) == fixture.second_pool.data() + 8);
    return 0;
  });
  CHECK(fixture.run() == STVM_ERROR_KERNEL);
  CHECK(calls == 1);
  first_result = 1;  // any value but 0
  CHECK(fixture.run() == STVM_ERROR_KERNEL);
  CHECK(calls == 2);
  first_result = 0;
  CHECK(fixture.run() == STVM_OK);
  CHECK(calls == 4);
}

TEST_CASE("stvm: outside a run there is no workspace, and a refusal there does not count in the next") {
  Fixture fixture;
  CHECK(allocate(16) == nullptr);
  CHECK(release(fixture.first_pool.data()) == -1);
  fixture.then([] { return -1; });
  CHECK(fixture.run() == STVM_ERROR_KERNEL);
  CHECK(allocate(16) == nullptr);
}

TEST_CASE("stvm: only what was handed out can be given back") {
  Fixture fixture;
  fixture.then([&] {
    CHECK(release(fixture.first_pool.data()) == -1);
    CHECK(release(nullptr) == -1);
    void* const workspace = allocate(16);
    CHECK(release(fixture.first_pool.data() + 1) == -1);
    CHECK(release(fixture.first_pool.data() + 16) == -1);
    CHECK(release(workspace) == 0);
    CHECK(release(workspace) == -1);
    return 0;
  });
  CHECK(fixture.run() == STVM_OK);
}

TEST_CASE("stvm: operands are where the instance's pools are") {
  Fixture fixture;
  alignas(8) std::array<std::uint8_t, 64> other_first{};
  alignas(8) std::array<std::uint8_t, 32> other_second{};
  std::array<std::uint8_t, 8> other_weights{};
  std::array<std::uint8_t*, 5> others{other_first.data(), other_second.data(), other_weights.data(), nullptr, nullptr};
  stvm_place_interface(&fixture.network, others.data());
  CHECK(others[3] == other_first.data() + 56);
  CHECK(others[4] == other_second.data() + 24);
  std::array<std::uint8_t, 8> input{};
  others[3] = input.data();
  const std::vector<TVMValue> four(4);
  fixture.then(
      [&](const TVMValue* values, const std::int32_t* types, std::int32_t count) {
        CHECK(count == 4);
        CHECK(types == argument_types.data());
        const auto tensor = [&](std::size_t i) { return static_cast<const DLTensor*>(values[i].v_handle); };
        CHECK(tensor(0)->data == other_first.data() + 63);
        CHECK(tensor(1)->data == other_second.data());
        CHECK(tensor(2)->data == other_weights.data() + 4);
        CHECK(tensor(3)->data == input.data());
        for (std::size_t i = 0; i < 4; ++i) {
          CHECK(tensor(i)->shape == shape.data());
          CHECK(tensor(i)->ndim == 1);
        }
        void* const workspace = allocate(24);
        CHECK(workspace == other_second.data() + 8);
        CHECK(release(workspace) == 0);
        return 0;
      },
      &four);
  CHECK(stvm_run(fixture.ready(), others.data()) == STVM_OK);
  CHECK(tensors[0].dltensor.data == nullptr);

  // The next run is in its own pools.
  bodies[0] = [&](const TVMValue* values, const std::int32_t*, std::int32_t) {
    CHECK(static_cast<const DLTensor*>(values[3].v_handle)->data == fixture.first_pool.data() + 56);
    CHECK(allocate(16) == fixture.first_pool.data());
    return -1;
  };
  CHECK(fixture.run() == STVM_ERROR_KERNEL);
  bodies[0] = [](const TVMValue*, const std::int32_t*, std::int32_t) { return allocate(1) == nullptr ? -1 : 0; };
  CHECK(stvm_run(fixture.ready(), others.data()) == STVM_ERROR_WORKSPACE);
}

TEST_CASE("stvm: a run inside a run, as of an interrupt, leaves the outer one's workspaces alone") {
  Fixture fixture;
  alignas(8) std::array<std::uint8_t, 64> inner_first{};
  alignas(8) std::array<std::uint8_t, 32> inner_second{};
  std::array<std::uint8_t*, 5> inner{inner_first.data(), inner_second.data(), nullptr, nullptr, nullptr};
  fixture.then([&] {
    void* const a = allocate(16);
    CHECK(stvm_run_operators(&fixture.network, inner.data(), 1, 1) == STVM_OK);
    CHECK(allocate(16) == fixture.first_pool.data() + 16);
    CHECK(release(a) == 0);
    return 0;
  });
  fixture.then([&] {
    CHECK(allocate(16) == inner_first.data());
    return 0;
  });
  fixture.ready();
  CHECK(stvm_run_operators(&fixture.network, fixture.addresses.data(), 0, 1) == STVM_OK);
  CHECK(next_body == 2);
}

TEST_CASE("stvm: copying") {
  std::array<std::int64_t, 2> extents{2, 3};
  std::array<std::uint8_t, 16> bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  const std::array<std::uint8_t, 16> original = bytes;
  std::array<std::uint8_t, 16> target{};
  DLTensor from{bytes.data(), {kDLCPU, 0}, 2, {kDLInt, 16, 1}, extents.data(), nullptr, 0};
  DLTensor to = from;
  std::array<TVMValue, 2> arguments{handle(&from), handle(&to)};
  std::array<std::int32_t, 2> types{7, 7};
  const auto copy = [&] { return stvm_copy(arguments.data(), types.data(), 2, nullptr, nullptr, nullptr); };

  CHECK(stvm_copy_bytes(target.data(), bytes.data(), 0) == 0);
  CHECK(copy() == 0);  // onto itself
  CHECK(bytes == original);

  to.data = target.data() + 1;
  CHECK(copy() == 0);
  CHECK(target == std::array<std::uint8_t, 16>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});

  from.ndim = 0;  // a scalar
  to.ndim = 0;
  from.data = bytes.data() + 14;
  to.data = target.data();
  CHECK(copy() == 0);
  CHECK(target == std::array<std::uint8_t, 16>{15, 16, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});

  from.ndim = 2;  // overlapping by half
  from.data = bytes.data();
  to.data = bytes.data() + 2;
  CHECK(copy() == 0);
  CHECK(bytes == std::array<std::uint8_t, 16>{1, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16});
}

TEST_CASE("stvm: bytes of a tensor") {
  struct Case {
    DLDataType type;
    std::vector<std::int64_t> shape;
    std::uint32_t bytes;
  };
  const std::vector<Case> cases{{{kDLInt, 8, 1}, {}, 1},
                                {{kDLInt, 8, 1}, {3, 5, 7}, 105},
                                {{kDLUInt, 8, 1}, {96, 96, 3}, 27648},
                                {{kDLInt, 16, 1}, {10}, 20},
                                {{kDLUInt, 16, 1}, {10}, 20},
                                {{kDLInt, 32, 1}, {10}, 40},
                                {{kDLUInt, 32, 1}, {10}, 40},
                                {{kDLInt, 64, 1}, {10}, 80},
                                {{kDLUInt, 64, 1}, {}, 8},
                                {{kDLUInt, 1, 1}, {9}, 9},
                                {{kDLInt, 4, 1}, {9}, 9},
                                {{kDLFloat, 16, 1}, {3}, 6},
                                {{kDLFloat, 32, 1}, {2, 2}, 16},
                                {{kDLFloat, 64, 1}, {2}, 16},
                                {{kDLBfloat, 16, 1}, {5}, 10},
                                {{kDLFloat, 32, 4}, {3}, 48},
                                {{kDLOpaqueHandle, 64, 1}, {2}, 16},
                                {{kDLInt, 8, 1}, {4, 0, 4}, 0},
                                {{kDLInt, 8, 1}, {std::int64_t{1} << 31U}, 1U << 31U}};
  for (const Case& expected : cases) {
    std::vector<std::int64_t> extents = expected.shape;
    const DLTensor tensor{
        nullptr, {kDLCPU, 0}, static_cast<std::int32_t>(extents.size()), expected.type, extents.data(), nullptr, 0};
    CHECK(stvm_tensor_bytes(&tensor) == expected.bytes);
  }
}
