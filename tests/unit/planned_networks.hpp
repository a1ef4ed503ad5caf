// SPDX-License-Identifier: Apache-2.0
// Networks made by hand, and second ways to what a plan says of them.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"

namespace planned_networks {

using stm32tvm::Argument;
using stm32tvm::ErrorCode;
using stm32tvm::Lifetime;
using stm32tvm::MemoryPlan;
using stm32tvm::NetworkDescriptor;
using stm32tvm::Operator;
using stm32tvm::PlannedBuffer;
using stm32tvm::PlanOptions;
using stm32tvm::StatementSpan;
using stm32tvm::Tensor;
using stm32tvm::TensorIndex;
using stm32tvm::Workspace;

/// Builds descriptors by hand; every function gives the index of what it adds.
struct Builder {
  NetworkDescriptor network;

  TensorIndex tensor(std::string name, std::uint64_t bytes) {
    Tensor tensor;
    tensor.name = std::move(name);
    tensor.bytes = bytes;
    tensor.shape = {static_cast<std::int64_t>(bytes)};
    network.tensors.push_back(std::move(tensor));
    return static_cast<TensorIndex>(network.tensors.size() - 1);
  }
  TensorIndex input(std::string name, std::uint64_t bytes) {
    network.inputs.push_back(tensor(std::move(name), bytes));
    return network.inputs.back();
  }
  TensorIndex constant(std::string name, std::uint64_t bytes) {
    const TensorIndex index = tensor(std::move(name), bytes);
    network.tensors[index].constant = stm32tvm::Bytes(std::string(bytes, '\1'));
    network.parameters.push_back(index);
    return index;
  }
  TensorIndex view(std::string name, TensorIndex of) {
    const TensorIndex index = tensor(std::move(name), network.tensors[of].bytes);
    network.tensors[index].view_of = of;
    return index;
  }
  Operator& call(std::string name, std::vector<Argument> inputs, std::vector<Argument> outputs,
                 std::uint32_t statement_count = 1) {
    Operator call;
    call.kernel = "tvmgen_" + name;
    call.name = std::move(name);
    call.inputs = std::move(inputs);
    call.outputs = std::move(outputs);
    call.statement_count = statement_count;
    network.operators.push_back(std::move(call));
    return network.operators.back();
  }
  Operator& copy(std::string name, TensorIndex from, TensorIndex to) {
    Operator& copy = call(std::move(name), {{from, {}}}, {{to, {}}});
    copy.kind = Operator::Kind::copy;
    copy.kernel.clear();
    return copy;
  }
};

inline constexpr PlanOptions::Inputs consume = PlanOptions::Inputs::consume;

/// Life of each root as the smallest span that holds every step at which something touches it. A second way to the
/// planner's lifetimes: it knows nothing of order or of who writes.
inline std::vector<std::optional<Lifetime>> touched_spans(const NetworkDescriptor& network,
                                                          const PlanOptions& options) {
  std::vector<std::optional<Lifetime>> spans(network.tensors.size());
  const auto touch = [&](TensorIndex tensor, std::uint32_t first, std::uint32_t last) {
    while (network.tensors[tensor].view_of) {
      tensor = *network.tensors[tensor].view_of;
    }
    if (!network.tensors[tensor].constant) {
      const Lifetime old = spans[tensor].value_or(Lifetime{first, last});
      spans[tensor] = Lifetime{std::min(old.first, first), std::max(old.last, last)};
    }
  };
  std::uint32_t step = 1;
  for (const Operator& call : network.operators) {
    for (const auto* arguments : {&call.inputs, &call.outputs}) {
      for (const Argument& argument : *arguments) {
        const bool whole = options.whole_operators || call.kind == Operator::Kind::copy;
        touch(argument.tensor, step + (whole ? 0 : argument.use.first),
              step + (whole ? call.statement_count - 1 : argument.use.last));
      }
    }
    step += call.statement_count;
  }
  for (const TensorIndex input : network.inputs) {
    touch(input, 0, options.inputs == PlanOptions::Inputs::keep ? step : 0);
  }
  for (const TensorIndex output : network.outputs) {
    touch(output, step, step);
  }
  return spans;
}

/// The step at which one buffer may lie over bytes of another, and how far behind it that must start.
struct Meeting {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint32_t step = 0;
  std::uint64_t lead = 0;
};

/// A second way to the plan's handovers: those whose buffers are arguments of nothing else in the call, and live
/// together at the one step at which the first ends and the second begins.
inline std::vector<Meeting> meetings(const NetworkDescriptor& network, const MemoryPlan& plan) {
  std::vector<Meeting> found;
  for (std::uint32_t index = 0; index < network.operators.size() && !plan.options.whole_operators; ++index) {
    const Operator& call = network.operators[index];
    std::vector<std::optional<std::uint32_t>> memories;
    std::vector<TensorIndex> roots;
    for (const auto* arguments : {&call.inputs, &call.outputs}) {
      for (const Argument& argument : *arguments) {
        memories.push_back(plan.buffer_of_tensor[argument.tensor]);
        roots.push_back(argument.tensor);
        while (network.tensors[roots.back()].view_of) {
          roots.back() = *network.tensors[roots.back()].view_of;
        }
        if (roots.back() != argument.tensor) {
          memories.back().reset();
        }
      }
    }
    for (std::size_t i = 0; i < roots.size(); ++i) {
      if (std::count(roots.begin(), roots.end(), roots[i]) > 1) {
        memories[i].reset();
      }
    }
    for (std::uint32_t i = 0; i < plan.buffers.size(); ++i) {
      if (plan.buffers[i].kind == PlannedBuffer::Kind::workspace && plan.buffers[i].operator_index == index) {
        memories.emplace_back(i);
      }
    }
    for (const stm32tvm::Handover& handover : call.handovers) {
      const auto from = memories[handover.from];
      const auto to = memories[handover.to];
      if (from && to && plan.buffers[*from].lifetime.last == plan.buffers[*to].lifetime.first &&
          plan.buffers[*from].lifetime.first < plan.buffers[*from].lifetime.last) {
        found.push_back({*from, *to, plan.buffers[*to].lifetime.first, handover.lead});
      }
    }
  }
  return found;
}

/// Its bytes with those that its alignment keeps free behind it.
inline std::uint64_t whole_bytes(const PlannedBuffer& buffer) {
  return (buffer.bytes + buffer.alignment - 1) / buffer.alignment * buffer.alignment;
}

/// Holds any two buffers against each other, and says whether each is aligned, inside its pool and alone, but for
/// meetings.
inline bool places_hold(const NetworkDescriptor& network, const MemoryPlan& plan) {
  const std::vector<Meeting> allowed = meetings(network, plan);
  for (std::uint32_t i = 0; i < plan.buffers.size(); ++i) {
    const PlannedBuffer& a = plan.buffers[i];
    if (a.pool >= plan.pools.size() || a.offset % a.alignment != 0 ||
        a.offset + whole_bytes(a) > plan.pools[a.pool].bytes || plan.pools[a.pool].alignment % a.alignment != 0) {
      return false;
    }
    for (std::uint32_t j = 0; j < plan.buffers.size(); ++j) {
      const PlannedBuffer& b = plan.buffers[j];
      const bool meet = i != j && a.pool == b.pool && a.offset < b.offset + whole_bytes(b) &&
                        b.offset < a.offset + whole_bytes(a) && a.bytes > 0 && b.bytes > 0 &&
                        a.lifetime.first <= b.lifetime.last && b.lifetime.first <= a.lifetime.last;
      const bool may = std::any_of(allowed.begin(), allowed.end(), [&](const Meeting& meeting) {
        const bool forth = meeting.from == i && meeting.to == j;
        const bool back = meeting.from == j && meeting.to == i;
        const std::uint64_t from = forth ? a.offset : b.offset;
        const std::uint64_t to = forth ? b.offset : a.offset;
        return (forth || back) && from >= to + meeting.lead;
      });
      if (meet && !may) {
        return false;
      }
    }
  }
  return true;
}

/// The most aligned bytes live at one step, less what can meet, counted step by step.
inline std::uint64_t live_bytes(const NetworkDescriptor& network, const MemoryPlan& plan) {
  const auto lead_of = [&](const Meeting& meeting) {
    return (meeting.lead + plan.options.alignment - 1) / plan.options.alignment * plan.options.alignment;
  };
  const std::vector<Meeting> allowed = meetings(network, plan);
  std::uint64_t most = 0;
  for (std::uint32_t step = 0; step <= stm32tvm::first_step(network, network.operators.size()); ++step) {
    std::uint64_t live = 0;
    for (std::uint32_t i = 0; i < plan.buffers.size(); ++i) {
      const PlannedBuffer& buffer = plan.buffers[i];
      std::uint64_t shared = 0;
      for (const Meeting& meeting : allowed) {
        if (meeting.to == i && meeting.step == step && lead_of(meeting) < whole_bytes(buffer)) {
          shared += std::min(whole_bytes(buffer) - lead_of(meeting), whole_bytes(plan.buffers[meeting.from]));
        }
      }
      const bool is_live = buffer.lifetime.first <= step && step <= buffer.lifetime.last;
      live += is_live ? whole_bytes(buffer) - std::min(whole_bytes(buffer), shared) : 0;
    }
    most = std::max(most, live);
  }
  return most;
}

inline MemoryPlan plan_of(const NetworkDescriptor& network, const PlanOptions& options = {}) {
  auto plan = MemoryPlan::make(network, options);
  REQUIRE_MESSAGE(plan, (plan ? "" : stm32tvm::to_string(plan.error())));
  const auto proof = plan->check(network);
  REQUIRE_MESSAGE(proof, (proof ? "" : stm32tvm::to_string(proof.error())));
  REQUIRE(places_hold(network, *plan));
  return *plan;
}

/// A network of one operator whose workspaces have any lifetimes: packing without a graph around it.
inline NetworkDescriptor workspaces_only(std::vector<Workspace> workspaces, std::uint32_t statement_count) {
  Builder b;
  b.call("all", {}, {}, statement_count).workspaces = std::move(workspaces);
  return b.network;
}

inline const PlannedBuffer& buffer_of(const MemoryPlan& plan, TensorIndex tensor) {
  REQUIRE(plan.buffer_of_tensor.at(tensor));
  return plan.buffers.at(*plan.buffer_of_tensor[tensor]);
}

}  // namespace planned_networks
