// SPDX-License-Identifier: Apache-2.0
// Several networks in one image: arenas apart and shared, and damage to each part of the proof.
#include "stm32tvm/image_plan.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

namespace {

using stm32tvm::ErrorCode;
using stm32tvm::ImagePlan;
using stm32tvm::NetworkDescriptor;
using stm32tvm::NetworkGroup;
using stm32tvm::PlanOptions;

/// One operator from an input to an output of so many bytes.
NetworkDescriptor network(std::uint64_t bytes) {
  NetworkDescriptor made;
  for (const char* name : {"in", "out"}) {
    stm32tvm::Tensor tensor;
    tensor.name = name;
    tensor.bytes = bytes;
    tensor.shape = {static_cast<std::int64_t>(bytes)};
    made.tensors.push_back(tensor);
  }
  made.inputs = {0};
  made.outputs = {1};
  stm32tvm::Operator call;
  call.name = call.kernel = "f";
  call.inputs = {{0, {}}};
  call.outputs = {{1, {}}};
  made.operators = {call};
  return made;
}

TEST_CASE("arenas of networks stand apart, those of a group lie over each other") {
  const std::vector<NetworkDescriptor> networks = {network(100), network(64), network(32)};
  const auto apart = ImagePlan::make(networks, {});
  REQUIRE(apart);
  CHECK(apart->check(networks));
  CHECK(apart->bytes() == 208 + 128 + 64);
  const auto shared = ImagePlan::make(networks, {}, {{1, 2}});
  REQUIRE(shared);
  CHECK(shared->check(networks));
  CHECK(shared->bytes() == 128 + 208);
  CHECK(shared->groups == std::vector<NetworkGroup>{{1, 2}, {0}});
  CHECK(shared->arena(1, 0) == shared->arena(2, 0));
  CHECK(shared->arena(0, 0).offset == 128);
}

TEST_CASE("what the first networks leave of a pool is the next one's") {
  const std::vector<NetworkDescriptor> networks = {network(40), network(40)};
  PlanOptions options;
  options.pools = {{"fast", 100, {}}, {"slow", 1000, {}}};
  const auto image = ImagePlan::make(networks, options);
  REQUIRE(image);
  CHECK(image->check(networks));
  CHECK(image->arena(0, 0).bytes == 80);
  CHECK(image->arena(1, 0).bytes == 0);
  CHECK(image->arena(1, 1).bytes == 80);
  options.pools = {{"fast", 100, {}}};
  const auto too_much = ImagePlan::make(networks, options);
  REQUIRE(!too_much);
  CHECK(too_much.error().code == ErrorCode::does_not_fit);
}

TEST_CASE("groups name each network once") {
  const std::vector<NetworkDescriptor> networks = {network(8), network(8)};
  for (const std::vector<NetworkGroup>& groups : {std::vector<NetworkGroup>{{2}}, {{0, 0}}, {{0}, {1, 0}}}) {
    const auto refused = ImagePlan::make(networks, {}, groups);
    REQUIRE(!refused);
    CHECK(refused.error().code == ErrorCode::bad_option);
  }
}

TEST_CASE("random images: check() refuses exactly what a look at each pair of arenas refuses") {
  std::mt19937 random(1);
  int held = 0;
  int refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::vector<NetworkDescriptor> networks;
    for (std::size_t i = 0; i < 2 + random() % 3; ++i) {
      networks.push_back(network(random() % 60));
    }
    PlanOptions options;
    options.pools = {{"a", random() % 200, {}}, {"b", 2000, {}}};
    const std::vector<NetworkGroup> groups =
        random() % 2 == 0 ? std::vector<NetworkGroup>{{1, 0}} : std::vector<NetworkGroup>{};
    auto image = ImagePlan::make(networks, options, groups);
    REQUIRE(image);
    CHECK(image->check(networks));
    stm32tvm::ImageArena& damaged = image->arenas[random() % image->arenas.size()];
    damaged.offset = random() % 30 * 8;
    damaged.bytes += random() % 3 * 8;
    bool holds = true;
    for (std::size_t i = 0; i < image->arenas.size(); ++i) {
      const auto& a = image->arenas[i];
      holds = holds && a.offset + a.bytes <= options.pools[a.pool].size_bytes;
      for (std::size_t j = 0; j < i; ++j) {
        const auto& b = image->arenas[j];
        holds = holds && (a.pool != b.pool || a.bytes == 0 || b.bytes == 0 || a.offset + a.bytes <= b.offset ||
                          b.offset + b.bytes <= a.offset);
      }
    }
    CHECK(image->check(networks).has_value() == holds);
    ++(holds ? held : refused);
  }
  CHECK(held > 200);
  CHECK(refused > 200);
}

TEST_CASE("an image's plan is that of its networks") {
  const std::vector<NetworkDescriptor> networks = {network(40), network(80)};
  const auto image = ImagePlan::make(networks, {});
  REQUIRE(image);
  const auto refused = [&](auto damage) {
    ImagePlan plan = *image;
    damage(plan);
    const auto result = plan.check(networks);
    REQUIRE(!result);
    CHECK(result.error().code == ErrorCode::invalid_plan);
  };
  refused([](ImagePlan& plan) { plan.arenas[0].bytes -= 8; });
  refused([](ImagePlan& plan) { plan.arenas.pop_back(); });
  refused([](ImagePlan& plan) { plan.groups.pop_back(); });
  refused([](ImagePlan& plan) { plan.groups[0] = {1}; });
  refused([](ImagePlan& plan) { plan.plans[1].buffers[0].offset = 4; });
  refused([](ImagePlan& plan) { std::swap(plan.plans[0], plan.plans[1]); });
}

}  // namespace
