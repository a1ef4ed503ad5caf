// SPDX-License-Identifier: Apache-2.0
// Tests of runtime_c/stvm_step on a network made by hand: each operator adds its number to the bytes of the one arena.
#include "stvm_step.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <string>

namespace {

std::int32_t fails_at = -1;

std::int32_t add(const stvm_operator* operator_, std::uint8_t* const* pools) {
  pools[0][0] = static_cast<std::uint8_t>(pools[0][0] * 3 + operator_->operand_count);
  return operator_->operand_count == fails_at ? -1 : 0;
}

stvm_operator numbered(std::uint16_t number, const std::uint16_t* operands) {
  return {add, nullptr, nullptr, operands, nullptr, 0, 0, number, 0};
}

const std::array<std::uint16_t, 4> operands{0, 0, 0, 0};
const std::array<stvm_operator, 4> operators{numbered(1, operands.data()), numbered(2, operands.data()),
                                             numbered(3, operands.data()), numbered(4, operands.data())};
const std::array<stvm_pool, 2> pools{{{4, 1}, {0, 1}}};
const stvm_network network{operators.data(), pools.data(), nullptr, nullptr, nullptr, 4, 1, 1, 0, 0};
const std::array<stvm_tensor, 1> tensors{{{{nullptr, {kDLCPU, 0}, 0, {kDLInt, 8, 1}, nullptr, nullptr, 0}, {0, 2}}}};
const std::array<const char*, 4> names{"a", "b", "c", "d"};
const stvm_details details{&network, tensors.data(), names.data(), 1};

struct Instance {
  std::array<std::uint8_t, 4> arena{7, 0, 0, 0};
  std::array<std::uint8_t*, 2> addresses{arena.data(), nullptr};
  stvm_progress progress{{&network, addresses.data()}, 0};
};

std::uint8_t whole_run() {
  const Instance instance;
  CHECK(stvm_run(&network, instance.addresses.data()) == STVM_OK);
  return instance.arena[0];
}

std::uint64_t clock_now = 0;
std::uint64_t read_clock() {
  return clock_now += 10;
}

}  // namespace

TEST_CASE("step: without a slice it is a whole run") {
  Instance instance;
  CHECK(stvm_step(&instance.progress, nullptr, nullptr) == STVM_OK);
  CHECK(instance.arena[0] == whole_run());
  CHECK(instance.progress.next == 0);
}

TEST_CASE("step: slices of two instances in turns give what whole runs give") {
  const std::uint8_t expected = whole_run();
  Instance first;
  Instance second;
  const stvm_slice one{1, nullptr, nullptr};
  const stvm_slice two{2, nullptr, nullptr};
  CHECK(stvm_step(&first.progress, &one, nullptr) == STVM_RUNNING);
  CHECK(first.progress.next == 1);
  CHECK(stvm_step(&second.progress, &two, nullptr) == STVM_RUNNING);
  CHECK(second.progress.next == 2);
  CHECK(stvm_step(&first.progress, &two, nullptr) == STVM_RUNNING);
  CHECK(stvm_step(&second.progress, &two, nullptr) == STVM_OK);
  CHECK(stvm_step(&first.progress, &one, nullptr) == STVM_OK);
  CHECK(first.arena[0] == expected);
  CHECK(second.arena[0] == expected);
}

TEST_CASE("step: a deadline is asked for after each operator, and one operator runs even behind it") {
  Instance instance;
  int asked = 0;
  const stvm_slice slice{0, [](void* cookie) { return ++*static_cast<int*>(cookie) >= 2 ? 1 : 0; }, &asked};
  CHECK(stvm_step(&instance.progress, &slice, nullptr) == STVM_RUNNING);
  CHECK(instance.progress.next == 2);
  CHECK(asked == 2);
  CHECK(stvm_step(&instance.progress, &slice, nullptr) == STVM_RUNNING);
  CHECK(instance.progress.next == 3);
  CHECK(stvm_step(&instance.progress, &slice, nullptr) == STVM_OK);
  CHECK(instance.arena[0] == whole_run());
}

TEST_CASE("step: a failure ends the run, and the next call starts afresh") {
  Instance instance;
  fails_at = 3;
  CHECK(stvm_step(&instance.progress, nullptr, nullptr) == STVM_ERROR_KERNEL);
  CHECK(instance.progress.next == 0);
  fails_at = -1;
  instance.arena[0] = 7;
  CHECK(stvm_step(&instance.progress, nullptr, nullptr) == STVM_OK);
  CHECK(instance.arena[0] == whole_run());
}

TEST_CASE("step: an observer sees each operator before and after, with names, tensors and ticks") {
  Instance instance;
  std::string seen;
  clock_now = 0;
  const stvm_observer observer{[](void* cookie, const stvm_event* event) {
                                 std::string& text = *static_cast<std::string*>(cookie);
                                 text += event->details->operator_names[event->index];
                                 text += event->is_done != 0 ? "]" : "[";
                                 text += std::to_string(event->ticks) + " ";
                                 const DLTensor tensor = stvm_operand(event->details, event->instance, event->index, 0);
                                 CHECK(tensor.data == event->instance->pools[0] + 2);
                               },
                               &seen, read_clock, &details};
  CHECK(stvm_step(&instance.progress, nullptr, &observer) == STVM_OK);
  CHECK(seen == "a[10 a]20 b[30 b]40 c[50 c]60 d[70 d]80 ");
  CHECK(instance.arena[0] == whole_run());
}
