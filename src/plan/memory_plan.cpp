// SPDX-License-Identifier: Apache-2.0
// MemoryPlan: which buffers a network needs and when, their places, and the proof that the places hold.
#include "stm32tvm/memory_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plan/packing.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

constexpr std::uint64_t step_maximum = (1ULL << 31U) - 1;   ///< the highest number of a step
constexpr std::uint64_t bytes_maximum = (1ULL << 62U) - 1;  ///< of all buffers together

/// A name of the archive as a message can hold it: printable ASCII, not too long, in quotes.
std::string quoted(std::string_view name) {
  constexpr std::size_t length_maximum = 60;
  std::string text(name.substr(0, length_maximum));
  std::ranges::replace_if(
      text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return '"' + text + (name.size() > length_maximum ? "...\"" : "\"");
}

std::string tensor_name(const NetworkDescriptor& network, TensorIndex index) {
  return fmt::format("tensor {} {}", index, quoted(network.tensors[index].name));
}

std::string operator_name(const NetworkDescriptor& network, std::size_t index) {
  return fmt::format("operator {} {}", index, quoted(network.operators[index].name));
}

std::string buffer_name(const NetworkDescriptor& network, const PlannedBuffer& buffer) {
  return buffer.kind == PlannedBuffer::Kind::tensor
             ? tensor_name(network, buffer.tensor)
             : fmt::format("workspace {} of {}", buffer.workspace_index, operator_name(network, buffer.operator_index));
}

Error bad_graph(std::string message) {
  return Error{ErrorCode::bad_graph, std::move(message), {}};
}

Error invalid_plan(std::string message) {
  return Error{ErrorCode::invalid_plan, std::move(message) + "; make the plan again", {}};
}

Result<void> check_options(const PlanOptions& options) {
  if (options.alignment < 8 || !std::has_single_bit(options.alignment)) {
    return Error{ErrorCode::bad_option,
                 fmt::format("the alignment is {}, and it must be a power of two of at least 8", options.alignment),
                 "options.alignment"};
  }
  if (options.pools.empty()) {
    return Error{ErrorCode::bad_option, "there is no pool, and a plan needs at least one", "options.pools"};
  }
  return {};
}

/// The buffers a network needs, without their places.
struct Requirements {
  std::vector<PlannedBuffer> buffers;
  std::vector<std::optional<std::uint32_t>> buffer_of_tensor;
};

/// Goes through a network once, from the first operator to the last, and notes when each buffer is live. Refuses a
/// descriptor that contradicts itself.
class Lifetimes {
 public:
  Lifetimes(const NetworkDescriptor& network, const PlanOptions& options)
      : network_(network), options_(options), life_(network.tensors.size()) {}

  Result<Requirements> read() {
    STM32TVM_CHECK(find_roots());
    STM32TVM_CHECK(find_pools());
    STM32TVM_CHECK(count_steps());
    STM32TVM_CHECK(add_inputs());
    for (std::uint32_t index = 0; index < network_.operators.size(); ++index) {
      STM32TVM_CHECK(add_operator(index));
    }
    STM32TVM_CHECK(add_outputs());
    return collect();
  }

 private:
  /// The root of a tensor is where its chain of views ends: the tensor whose buffer they all show.
  Result<void> find_roots();
  [[nodiscard]] Result<void> check_view(TensorIndex view, TensorIndex root) const;
  Result<void> find_pools();
  Result<void> count_steps();
  Result<void> add_inputs();
  Result<void> add_operator(std::uint32_t index);
  Result<void> add_outputs();
  Result<Requirements> collect();

  [[nodiscard]] Result<void> check_copy(std::uint32_t index) const;
  Result<void> read(std::uint32_t index, const Argument& argument);
  Result<void> write(std::uint32_t index, const Argument& argument);
  Result<void> keep_pool(std::uint32_t index, const Argument& argument);
  [[nodiscard]] Result<Lifetime> steps(std::uint32_t index, const StatementSpan& use) const;

  [[nodiscard]] bool is_tensor(TensorIndex index) const { return index < network_.tensors.size(); }
  [[nodiscard]] bool is_constant(TensorIndex index) const {
    return network_.tensors[roots_[index]].constant.has_value();
  }
  [[nodiscard]] Error no_such_tensor(std::string_view who, TensorIndex index) const {
    return bad_graph(fmt::format("{} names tensor {}, and the network has {} tensors; correct the index", who, index,
                                 network_.tensors.size()));
  }

  const NetworkDescriptor& network_;
  const PlanOptions& options_;
  std::vector<TensorIndex> roots_;
  std::vector<bool> pools_;                    ///< by root: operators write its parts again and again
  std::vector<std::optional<Lifetime>> life_;  ///< by root; nothing as long as the tensor holds no values
  std::vector<PlannedBuffer> workspaces_;
  std::uint32_t first_step_ = 1;  ///< of the operator in hand
  std::uint32_t last_step_ = 0;   ///< the step after the run
};

Result<void> Lifetimes::find_roots() {
  const std::vector<Tensor>& tensors = network_.tensors;
  std::vector<std::optional<TensorIndex>> known(tensors.size());
  std::vector<TensorIndex> chain;
  for (TensorIndex start = 0; start < tensors.size(); ++start) {
    chain.clear();
    TensorIndex end = start;
    while (!known[end] && tensors[end].view_of) {
      chain.push_back(end);
      end = *tensors[end].view_of;
      if (!is_tensor(end)) {
        return no_such_tensor("the view " + tensor_name(network_, chain.back()), end);
      }
      if (chain.size() > tensors.size()) {
        return bad_graph(fmt::format("{} is a view of itself; let its chain of views end in a tensor with bytes",
                                     tensor_name(network_, start)));
      }
    }
    const TensorIndex root = known[end].value_or(end);
    known[root] = root;
    for (const TensorIndex view : chain) {
      known[view] = root;
      STM32TVM_CHECK(check_view(view, root));
    }
  }
  std::ranges::transform(known, std::back_inserter(roots_), [](const auto& root) { return *root; });
  return {};
}

/// A view must lie inside the tensor it names, and so inside its root.
Result<void> Lifetimes::check_view(TensorIndex view, TensorIndex root) const {
  const Tensor& tensor = network_.tensors[view];
  const Tensor& shown = network_.tensors[*tensor.view_of];
  if (tensor.view_offset > shown.bytes || tensor.bytes > shown.bytes - tensor.view_offset) {
    return bad_graph(
        fmt::format("{} of {} bytes is a view of {} of {} bytes from byte {} on, and a view must lie inside "
                    "what it shows",
                    tensor_name(network_, view), tensor.bytes, tensor_name(network_, *tensor.view_of), shown.bytes,
                    tensor.view_offset));
  }
  if (tensor.constant && !network_.tensors[root].constant) {
    return bad_graph(
        fmt::format("{} has constant values and is a view of {}, which has none; a view must be what it "
                    "shows",
                    tensor_name(network_, view), tensor_name(network_, root)));
  }
  return {};
}

Result<void> Lifetimes::find_pools() {
  pools_.resize(network_.tensors.size());
  for (const TensorIndex pool : network_.pools) {
    if (!is_tensor(pool)) {
      return no_such_tensor("the list of pools", pool);
    }
    pools_[roots_[pool]] = true;
  }
  for (std::size_t index = 0; index < network_.operators.size(); ++index) {
    for (const Argument& argument : network_.operators[index].pools) {
      if (!is_tensor(argument.tensor)) {
        return no_such_tensor(operator_name(network_, index), argument.tensor);
      }
      pools_[roots_[argument.tensor]] = true;
    }
  }
  return {};
}

Result<void> Lifetimes::count_steps() {
  std::uint64_t steps = 1;
  for (std::size_t index = 0; index < network_.operators.size(); ++index) {
    steps += network_.operators[index].statement_count;
    if (network_.operators[index].statement_count == 0 || steps > step_maximum) {
      return bad_graph(
          fmt::format("{} has {} statements, and every operator needs at least one, all together at most {}",
                      operator_name(network_, index), network_.operators[index].statement_count, step_maximum - 1));
    }
  }
  last_step_ = static_cast<std::uint32_t>(steps);
  return {};
}

Result<void> Lifetimes::add_inputs() {
  for (const TensorIndex input : network_.inputs) {
    if (!is_tensor(input)) {
      return no_such_tensor("the list of inputs", input);
    }
    if (network_.tensors[input].view_of || is_constant(input) || pools_[input] || life_[input]) {
      return bad_graph(fmt::format("network input {} must be a tensor of its own, and it is {}",
                                   tensor_name(network_, input),
                                   life_[input]         ? "listed twice"
                                   : is_constant(input) ? "constant"
                                   : pools_[input]      ? "a pool"
                                                        : "a view"));
    }
    life_[input] = Lifetime{0, options_.inputs == PlanOptions::Inputs::keep ? last_step_ : 0};
  }
  return {};
}

Result<void> Lifetimes::add_operator(std::uint32_t index) {
  const Operator& call = network_.operators[index];
  for (const std::vector<Argument>* arguments : {&call.inputs, &call.outputs}) {
    for (const Argument& argument : *arguments) {
      if (!is_tensor(argument.tensor)) {
        return no_such_tensor(operator_name(network_, index), argument.tensor);
      }
    }
  }
  if (call.kind == Operator::Kind::copy) {
    STM32TVM_CHECK(check_copy(index));
  }
  for (const Argument& argument : call.inputs) {
    STM32TVM_CHECK(read(index, argument));
  }
  for (const Argument& argument : call.outputs) {
    STM32TVM_CHECK(write(index, argument));
  }
  for (const Argument& argument : call.pools) {
    STM32TVM_CHECK(keep_pool(index, argument));
  }
  for (std::uint32_t i = 0; i < call.workspaces.size(); ++i) {
    STM32TVM_TRY(life, steps(index, call.workspaces[i].use));
    PlannedBuffer& buffer = workspaces_.emplace_back();
    buffer.kind = PlannedBuffer::Kind::workspace;
    buffer.operator_index = index;
    buffer.workspace_index = i;
    buffer.bytes = call.workspaces[i].bytes;
    buffer.lifetime = life;
  }
  first_step_ += call.statement_count;
  return {};
}

Result<void> Lifetimes::check_copy(std::uint32_t index) const {
  const Operator& copy = network_.operators[index];
  if (copy.inputs.size() != 1 || copy.outputs.size() != 1 ||
      network_.tensors[copy.inputs[0].tensor].bytes != network_.tensors[copy.outputs[0].tensor].bytes) {
    return bad_graph(
        fmt::format("{} is a copy with {} inputs and {} outputs, and it must have one of each, of one size",
                    operator_name(network_, index), copy.inputs.size(), copy.outputs.size()));
  }
  return {};
}

Result<void> Lifetimes::read(std::uint32_t index, const Argument& argument) {
  STM32TVM_TRY(use, steps(index, argument.use));
  std::optional<Lifetime>& life = life_[roots_[argument.tensor]];
  if (is_constant(argument.tensor)) {
    return {};
  }
  if (pools_[roots_[argument.tensor]]) {
    return keep_pool(index, argument);
  }
  if (!life) {
    return bad_graph(
        fmt::format("{} reads {}, which no input, parameter or operator before it gives values; add what "
                    "writes it or put the operators in order",
                    operator_name(network_, index), tensor_name(network_, argument.tensor)));
  }
  life->last = std::max(life->last, use.last);
  return {};
}

Result<void> Lifetimes::write(std::uint32_t index, const Argument& argument) {
  const Operator& call = network_.operators[index];
  const TensorIndex root = roots_[argument.tensor];
  if (call.kind == Operator::Kind::copy && roots_[call.inputs[0].tensor] == root) {
    return {};  // the same bytes under another shape: nothing is written
  }
  if (pools_[root] && !is_constant(argument.tensor)) {
    return keep_pool(index, argument);
  }
  STM32TVM_TRY(use, steps(index, argument.use));
  if (is_constant(argument.tensor) || life_[root]) {
    return bad_graph(fmt::format("{} writes {}, which has its values already from {}; give the output its own tensor",
                                 operator_name(network_, index), tensor_name(network_, argument.tensor),
                                 is_constant(argument.tensor) ? "a constant" : "an input or an operator"));
  }
  life_[root] = use;
  return {};
}

/// A pool holds values from the first operator that takes it, or a part of it, to the last one.
Result<void> Lifetimes::keep_pool(std::uint32_t index, const Argument& argument) {
  STM32TVM_TRY(use, steps(index, argument.use));
  std::optional<Lifetime>& life = life_[roots_[argument.tensor]];
  if (!is_constant(argument.tensor)) {
    life = life ? Lifetime{std::min(life->first, use.first), std::max(life->last, use.last)} : use;
  }
  return {};
}

/// The steps of an operator's statements. Of a copy nothing is known but the whole.
Result<Lifetime> Lifetimes::steps(std::uint32_t index, const StatementSpan& use) const {
  const Operator& call = network_.operators[index];
  if (use.first > use.last || use.last >= call.statement_count) {
    return bad_graph(fmt::format("{} has a use from statement {} to {}, and it must lie in order within 0 and {}",
                                 operator_name(network_, index), use.first, use.last, call.statement_count - 1));
  }
  if (options_.whole_operators || call.kind == Operator::Kind::copy) {
    return Lifetime{first_step_, first_step_ + call.statement_count - 1};
  }
  return Lifetime{first_step_ + use.first, first_step_ + use.last};
}

Result<void> Lifetimes::add_outputs() {
  for (const TensorIndex output : network_.outputs) {
    if (!is_tensor(output)) {
      return no_such_tensor("the list of outputs", output);
    }
    if (is_constant(output)) {
      continue;
    }
    std::optional<Lifetime>& life = life_[roots_[output]];
    if (!life) {
      return bad_graph(
          fmt::format("network output {} gets its values from no input, parameter or operator; add what "
                      "writes it",
                      tensor_name(network_, output)));
    }
    life->last = last_step_;
  }
  return {};
}

Result<Requirements> Lifetimes::collect() {
  Requirements required;
  required.buffer_of_tensor.resize(network_.tensors.size());
  for (TensorIndex index = 0; index < network_.tensors.size(); ++index) {
    if (life_[index]) {
      required.buffer_of_tensor[index] = static_cast<std::uint32_t>(required.buffers.size());
      PlannedBuffer& buffer = required.buffers.emplace_back();
      buffer.tensor = index;
      buffer.bytes = network_.tensors[index].bytes;
      buffer.lifetime = *life_[index];
    }
  }
  for (TensorIndex index = 0; index < network_.tensors.size(); ++index) {
    required.buffer_of_tensor[index] = required.buffer_of_tensor[roots_[index]];
  }
  required.buffers.insert(required.buffers.end(), workspaces_.begin(), workspaces_.end());
  std::uint64_t left = bytes_maximum;
  for (const PlannedBuffer& buffer : required.buffers) {
    if (buffer.bytes > left || left - buffer.bytes < options_.alignment) {
      return bad_graph(
          fmt::format("{} of {} bytes brings the sum over {} bytes, which no memory holds; correct its size",
                      buffer_name(network_, buffer), buffer.bytes, bytes_maximum));
    }
    left -= buffer.bytes + options_.alignment;
  }
  return required;
}

std::uint64_t round_up(std::uint64_t bytes, std::uint32_t alignment) {
  return (bytes + alignment - 1) / alignment * alignment;
}

std::string place_in_time(const NetworkDescriptor& network, std::uint32_t step) {
  if (const auto index = operator_at(network, step)) {
    return "in " + operator_name(network, *index);
  }
  return step == 0 ? "before the first operator" : "after the last operator";
}

Error does_not_fit(const NetworkDescriptor& network, const MemoryPlan& plan) {
  constexpr std::size_t count_maximum = 5;
  std::vector<PlannedBuffer> live;
  std::ranges::copy_if(plan.buffers, std::back_inserter(live), [&](const PlannedBuffer& buffer) {
    return buffer.bytes > 0 && buffer.lifetime.overlaps({plan.peak_step, plan.peak_step});
  });
  std::ranges::stable_sort(live, std::ranges::greater{}, &PlannedBuffer::bytes);
  std::string largest;
  for (std::size_t i = 0; i < std::min(live.size(), count_maximum); ++i) {
    largest += fmt::format("{}{} ({} bytes)", i == 0 ? "" : ", ", buffer_name(network, live[i]), live[i].bytes);
  }
  const PlannedPool& pool = plan.pools.back();
  const std::uint64_t size = plan.options.pools.back().size_bytes;
  const bool may_consume = plan.options.inputs == PlanOptions::Inputs::keep && !network.inputs.empty();
  return Error{
      ErrorCode::does_not_fit,
      fmt::format("the network needs {} bytes of pool {}{}, {} more than the {} it may take, and most is live "
                  "{}, the largest being {}; give the pool more memory, add a pool{} or make the model smaller",
                  pool.bytes, quoted(pool.name), plan.pools.size() > 1 ? " beside the pools before it" : "",
                  pool.bytes - size, size, place_in_time(network, plan.peak_step), largest,
                  may_consume ? ", let the inputs be consumed" : ""),
      {}};
}

/// Compares what the plan says of each buffer, but for its place, with what the network needs.
Result<void> check_buffers(const NetworkDescriptor& network, const MemoryPlan& plan, const Requirements& required) {
  for (std::size_t i = 0; i < required.buffers.size(); ++i) {
    const PlannedBuffer& wanted = required.buffers[i];
    if (i >= plan.buffers.size()) {
      return invalid_plan(fmt::format("the plan has {} buffers and the network needs {}: {} has none",
                                      plan.buffers.size(), required.buffers.size(), buffer_name(network, wanted)));
    }
    PlannedBuffer found = plan.buffers[i];
    found.pool = wanted.pool;
    found.offset = wanted.offset;
    if (found != wanted) {
      return invalid_plan(fmt::format(
          "{} needs buffer {} to have {} bytes and to live from step {} to {}, and that buffer is {} with {} bytes "
          "from "
          "step {} to {}",
          buffer_name(network, wanted), i, wanted.bytes, wanted.lifetime.first, wanted.lifetime.last,
          found.kind != wanted.kind || found.tensor != wanted.tensor || found.operator_index != wanted.operator_index ||
                  found.workspace_index != wanted.workspace_index
              ? "another's"
              : "its own",
          found.bytes, found.lifetime.first, found.lifetime.last));
    }
  }
  if (plan.buffers.size() > required.buffers.size()) {
    return invalid_plan(
        fmt::format("the plan has {} buffers and the network needs {}", plan.buffers.size(), required.buffers.size()));
  }
  for (TensorIndex index = 0; index < network.tensors.size(); ++index) {
    if (index >= plan.buffer_of_tensor.size() || plan.buffer_of_tensor[index] != required.buffer_of_tensor[index]) {
      return invalid_plan(fmt::format("the plan does not lead from {} to its buffer", tensor_name(network, index)));
    }
  }
  return {};
}

/// Each pool within its limit, each buffer aligned and inside its pool.
Result<void> check_places(const NetworkDescriptor& network, const MemoryPlan& plan) {
  if (plan.pools.size() != plan.options.pools.size()) {
    return invalid_plan(
        fmt::format("the plan has {} pools and its options name {}", plan.pools.size(), plan.options.pools.size()));
  }
  for (std::size_t i = 0; i < plan.pools.size(); ++i) {
    if (plan.pools[i].bytes > plan.options.pools[i].size_bytes || plan.pools[i].name != plan.options.pools[i].name) {
      return invalid_plan(fmt::format("pool {} takes {} bytes where the options give {} bytes of {}",
                                      quoted(plan.pools[i].name), plan.pools[i].bytes, plan.options.pools[i].size_bytes,
                                      quoted(plan.options.pools[i].name)));
    }
  }
  for (const PlannedBuffer& buffer : plan.buffers) {
    if (buffer.pool >= plan.pools.size() || buffer.offset % plan.options.alignment != 0 ||
        buffer.bytes > plan.pools[buffer.pool].bytes || buffer.offset > plan.pools[buffer.pool].bytes - buffer.bytes) {
      return invalid_plan(
          fmt::format("{} of {} bytes lies at offset {} of pool {}, and it must start at a multiple of "
                      "{} and end inside a pool of the plan",
                      buffer_name(network, buffer), buffer.bytes, buffer.offset, buffer.pool, plan.options.alignment));
    }
  }
  return {};
}

/// Goes through time with the live buffers of all pools in order of address. As long as these do not overlap, a new one
/// can only overlap its two neighbours.
Result<void> check_overlaps(const NetworkDescriptor& network, const MemoryPlan& plan) {
  std::vector<const PlannedBuffer*> by_first;
  for (const PlannedBuffer& buffer : plan.buffers) {
    if (buffer.bytes > 0) {
      by_first.push_back(&buffer);
    }
  }
  std::vector<const PlannedBuffer*> by_last = by_first;
  std::ranges::stable_sort(by_first, {}, [](const PlannedBuffer* buffer) { return buffer->lifetime.first; });
  std::ranges::stable_sort(by_last, {}, [](const PlannedBuffer* buffer) { return buffer->lifetime.last; });
  std::map<std::pair<std::uint32_t, std::uint64_t>, const PlannedBuffer*> live;
  auto ending = by_last.begin();
  for (const PlannedBuffer* buffer : by_first) {
    for (; (*ending)->lifetime.last < buffer->lifetime.first; ++ending) {
      live.erase({(*ending)->pool, (*ending)->offset});
    }
    const auto above = live.lower_bound({buffer->pool, buffer->offset});
    const PlannedBuffer* other = nullptr;
    if (above != live.end() && above->second->pool == buffer->pool &&
        above->second->offset < buffer->offset + buffer->bytes) {
      other = above->second;
    } else if (above != live.begin()) {
      const PlannedBuffer* below = std::prev(above)->second;
      other = below->pool == buffer->pool && below->offset + below->bytes > buffer->offset ? below : nullptr;
    }
    if (other != nullptr) {
      return invalid_plan(
          fmt::format("{} at offset {} with {} bytes and {} at offset {} with {} bytes overlap in pool {} "
                      "at step {}, {}",
                      buffer_name(network, *other), other->offset, other->bytes, buffer_name(network, *buffer),
                      buffer->offset, buffer->bytes, quoted(plan.pools[buffer->pool].name), buffer->lifetime.first,
                      place_in_time(network, buffer->lifetime.first)));
    }
    live.emplace(std::pair(buffer->pool, buffer->offset), buffer);
  }
  return {};
}

}  // namespace

Result<MemoryPlan> MemoryPlan::make(const NetworkDescriptor& network, const PlanOptions& options) {
  STM32TVM_CHECK(check_options(options));
  STM32TVM_TRY(required, Lifetimes(network, options).read());
  std::vector<PackingBuffer> buffers;
  for (const PlannedBuffer& buffer : required.buffers) {
    buffers.push_back({round_up(buffer.bytes, options.alignment), buffer.lifetime});
  }
  std::vector<std::uint64_t> limits;
  for (const PoolOptions& pool : options.pools) {
    limits.push_back(pool.size_bytes - pool.size_bytes % options.alignment);
  }
  const Packing packing = pack(buffers, limits);
  const PackingPeak peak = packing_peak(buffers);

  MemoryPlan plan;
  plan.options = options;
  plan.buffers = std::move(required.buffers);
  plan.buffer_of_tensor = std::move(required.buffer_of_tensor);
  plan.lower_bound_bytes = peak.bytes;
  plan.peak_step = peak.step;
  for (std::size_t i = 0; i < plan.buffers.size(); ++i) {
    plan.buffers[i].pool = packing.places[i].pool;
    plan.buffers[i].offset = packing.places[i].offset;
  }
  for (std::size_t i = 0; i < options.pools.size(); ++i) {
    plan.pools.push_back({options.pools[i].name, packing.pool_bytes[i]});
  }
  if (plan.pools.back().bytes > limits.back()) {
    return does_not_fit(network, plan);
  }
  return plan;
}

Result<void> MemoryPlan::check(const NetworkDescriptor& network) const {
  if (const Result<void> sane = check_options(options); !sane) {
    return invalid_plan(sane.error().message);
  }
  STM32TVM_TRY(required, Lifetimes(network, options).read());
  STM32TVM_CHECK(check_buffers(network, *this, required));
  STM32TVM_CHECK(check_places(network, *this));
  return check_overlaps(network, *this);
}

inline namespace v1 {

std::uint32_t first_step(const NetworkDescriptor& network, std::size_t operator_index) {
  std::uint32_t step = 1;
  for (std::size_t i = 0; i < std::min(operator_index, network.operators.size()); ++i) {
    step += network.operators[i].statement_count;
  }
  return step;
}

std::optional<std::uint32_t> operator_at(const NetworkDescriptor& network, std::uint32_t step) {
  std::uint64_t end = 1;  // the step behind the operators so far
  for (std::uint32_t i = 0; step > 0 && i < network.operators.size(); ++i) {
    end += network.operators[i].statement_count;
    if (step < end) {
      return i;
    }
  }
  return std::nullopt;
}

}  // namespace v1
}  // namespace stm32tvm
