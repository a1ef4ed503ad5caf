// SPDX-License-Identifier: Apache-2.0
// MemoryPlan: random networks against a count of every byte at every step.
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "planned_networks.hpp"
#include "stm32tvm/memory_plan.hpp"

namespace {

using namespace planned_networks;

/// Random but sound networks: several outputs, views and real copies, constants, workspaces, odd and empty sizes.
class RandomNetwork {
 public:
  explicit RandomNetwork(std::uint32_t seed) : random_(seed) {}

  NetworkDescriptor make() {
    const std::size_t input_count = 1 + below(3);
    for (std::size_t i = 0; i < input_count; ++i) {
      readable_.push_back(b_.input("input", size()));
    }
    readable_.push_back(b_.constant("constant", 8));
    const std::size_t operator_count = below(9);
    for (std::size_t i = 0; i < operator_count; ++i) {
      below(4) == 0 ? add_copy() : add_kernel();
    }
    for (std::size_t i = 0; i < 1 + below(3); ++i) {
      b_.network.outputs.push_back(readable());
    }
    return b_.network;
  }

  std::size_t below(std::size_t bound) { return random_() % bound; }

 private:
  std::uint64_t size() { return below(8) == 0 ? 0 : 1 + below(below(3) == 0 ? 100 : 20); }
  TensorIndex readable() { return readable_[below(3) == 0 ? below(readable_.size()) : readable_.size() - 1]; }

  StatementSpan span(std::uint32_t statement_count) {
    const auto first = static_cast<std::uint32_t>(below(statement_count));
    return {first, first + static_cast<std::uint32_t>(below(statement_count - first))};
  }

  void add_copy() {
    const TensorIndex from = readable();
    const TensorIndex to = below(2) == 0 ? b_.view("view", from) : b_.tensor("copy", b_.network.tensors[from].bytes);
    b_.copy("copy", from, to).statement_count = 1 + static_cast<std::uint32_t>(below(2));
    readable_.push_back(to);
  }

  void add_kernel() {
    const auto statement_count = 1 + static_cast<std::uint32_t>(below(4));
    std::vector<Argument> inputs;
    std::vector<Argument> outputs;
    for (std::size_t i = 0; i < 1 + below(3); ++i) {
      inputs.push_back({readable(), span(statement_count)});
    }
    for (std::size_t i = 0; i < 1 + below(2); ++i) {
      outputs.push_back({b_.tensor("inner", size()), span(statement_count)});
    }
    for (const Argument& output : outputs) {
      readable_.push_back(output.tensor);
    }
    Operator& call = b_.call("kernel", std::move(inputs), std::move(outputs), statement_count);
    for (std::size_t i = 0; i < below(3); ++i) {
      call.workspaces.push_back({size(), span(statement_count)});
    }
    // From inputs and workspaces to outputs and workspaces, each pair at most once.
    const std::size_t arguments = call.inputs.size() + call.outputs.size();
    for (std::uint32_t from = 0; from < arguments + call.workspaces.size(); ++from) {
      for (auto to = static_cast<std::uint32_t>(call.inputs.size()); to < arguments + call.workspaces.size(); ++to) {
        if (from != to && (from < call.inputs.size() || from >= arguments) && below(2) == 0) {
          call.handovers.push_back({from, to, below(30)});
        }
      }
    }
  }

  std::mt19937 random_;
  Builder b_;
  std::vector<TensorIndex> readable_;
};

PlanOptions random_options(RandomNetwork& random) {
  PlanOptions options;
  options.inputs = random.below(2) == 0 ? PlanOptions::Inputs::keep : consume;
  options.alignment = random.below(4) == 0 ? 16 : 8;
  options.interface_alignment = random.below(3) == 0 ? 32 : 8;
  options.whole_operators = random.below(3) == 0;
  if (random.below(3) == 0) {
    options.pools = {{"a", random.below(100)}, {"b", random.below(200)}, {"c", UINT64_MAX}};
  }
  return options;
}

TEST_CASE("random networks: the plan holds byte by byte, and lifetimes are what the uses ask for") {
  double ratio = 0;
  int count = 0;
  for (std::uint32_t seed = 1; seed <= 3000; ++seed) {
    CAPTURE(seed);
    RandomNetwork random(seed);
    const NetworkDescriptor network = random.make();
    const PlanOptions options = random_options(random);
    const MemoryPlan plan = plan_of(network, options);
    CHECK(plan == *MemoryPlan::make(network, options));
    CHECK(plan.lower_bound_bytes == live_bytes(network, plan));
    CHECK(plan.bytes() >= plan.lower_bound_bytes);
    const auto spans = touched_spans(network, options);
    for (TensorIndex tensor = 0; tensor < network.tensors.size(); ++tensor) {
      if (!network.tensors[tensor].view_of) {
        CHECK(plan.buffer_of_tensor[tensor].has_value() == spans[tensor].has_value());
        CHECK((!spans[tensor] || buffer_of(plan, tensor).lifetime == *spans[tensor]));
      }
    }
    if (options.pools.size() == 1 && plan.lower_bound_bytes > 0) {
      ratio += static_cast<double>(plan.bytes()) / static_cast<double>(plan.lower_bound_bytes);
      ++count;
    }
  }
  ratio /= count;
  MESSAGE("random networks: arena / lower bound = " << ratio << " on average of " << count);
  CHECK(ratio < 1.002);
}

TEST_CASE("random damage: check() refuses exactly what a count of every byte refuses") {
  int refused = 0;
  int held = 0;
  for (std::uint32_t seed = 1; seed <= 3000; ++seed) {
    CAPTURE(seed);
    RandomNetwork random(seed);
    const NetworkDescriptor network = random.make();
    MemoryPlan plan = plan_of(network, random_options(random));
    PlannedBuffer& buffer = plan.buffers[random.below(plan.buffers.size())];
    buffer.pool = static_cast<std::uint32_t>(random.below(plan.pools.size()));
    buffer.offset = random.below(plan.pools[buffer.pool].bytes / plan.options.alignment + 2) * plan.options.alignment;
    const bool holds = places_hold(network, plan);
    CHECK(plan.check(network).has_value() == holds);
    ++(holds ? held : refused);
  }
  CHECK(refused > 500);
  CHECK(held > 500);
}

}  // namespace
