// SPDX-License-Identifier: Apache-2.0
// Goes through a network and notes which buffers it needs and when.
#include "plan/requirements.hpp"

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

#include "support/try.hpp"

namespace stm32tvm {
namespace {

constexpr std::uint64_t step_maximum = (1ULL << 31U) - 1;   ///< the highest number of a step
constexpr std::uint64_t bytes_maximum = (1ULL << 62U) - 1;  ///< of all buffers together
constexpr std::uint32_t alignment_maximum = 1U << 20U;

Error bad_graph(std::string message) {
  return Error{ErrorCode::bad_graph, std::move(message), {}};
}

Result<void> check_options(const PlanOptions& options) {
  for (const auto& [alignment, where] : {std::pair{options.alignment, "options.alignment"},
                                         std::pair{options.interface_alignment, "options.interface_alignment"}}) {
    if (alignment < 8 || alignment > alignment_maximum || !std::has_single_bit(alignment)) {
      return Error{ErrorCode::bad_option,
                   fmt::format("the alignment is {}, and it must be a power of two of at least 8 and at most {}",
                               alignment, alignment_maximum),
                   where};
    }
  }
  if (options.pools.empty()) {
    return Error{ErrorCode::bad_option, "there is no pool, and a plan needs at least one", "options.pools"};
  }
  return {};
}

/// Goes through a network once, from the first operator to the last, and notes when each buffer is live. Refuses a
/// descriptor that contradicts itself.
class Lifetimes {
 public:
  Lifetimes(const NetworkDescriptor& network, const PlanOptions& options)
      : network_(network), options_(options), life_(network.tensors.size()) {}

  Result<Requirements> read() {
    STM32TVM_CHECK(find_placements());
    STM32TVM_CHECK(find_roots());
    STM32TVM_CHECK(find_pools());
    STM32TVM_CHECK(count_steps());
    STM32TVM_CHECK(add_inputs());
    for (std::uint32_t index = 0; index < network_.operators.size(); ++index) {
      STM32TVM_CHECK(add_operator(index));
    }
    STM32TVM_CHECK(add_outputs());
    find_alignments();
    return collect();
  }

 private:
  Result<void> find_placements();
  Result<void> place(const std::vector<TensorIndex>& tensors, const std::vector<PlanOptions::Placement>& placements,
                     std::string_view kind);
  void find_alignments();
  /// The root of a tensor is where its chain of views ends: the tensor whose buffer they all show.
  Result<void> find_roots();
  [[nodiscard]] Result<void> check_view(TensorIndex view, TensorIndex root) const;
  Result<void> find_pools();
  Result<void> count_steps();
  Result<void> add_inputs();
  Result<void> add_operator(std::uint32_t index);
  Result<void> add_outputs();
  Result<Requirements> collect();
  void add_second_buffers(Requirements& required) const;
  Result<void> add_handovers(std::uint32_t first_workspace, Requirements& required) const;
  [[nodiscard]] std::vector<std::optional<std::uint32_t>> buffers_of(const Operator& call,
                                                                     const Requirements& required) const;
  void add_handover(std::uint32_t from, std::uint32_t to, std::uint64_t lead, Requirements& required) const;
  [[nodiscard]] bool is_callers(TensorIndex index) const {
    return placements_[index] == PlanOptions::Placement::caller;
  }
  /// What a tensor shows: nothing for one that has bytes of its own.
  [[nodiscard]] std::optional<TensorIndex> shown_by(TensorIndex index) const {
    const auto shown = network_.tensors[index].view_of;
    return shown && is_tensor(*shown) && (is_callers(index) || is_callers(*shown)) ? std::nullopt : shown;
  }

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
  std::vector<PlanOptions::Placement> placements_;  ///< by tensor; arena unless an input or output
  std::vector<TensorIndex> roots_;
  std::vector<std::uint32_t> alignments_;      ///< by root
  std::vector<bool> pools_;                    ///< by root: operators write its parts again and again
  std::vector<std::optional<Lifetime>> life_;  ///< by root; nothing as long as the tensor holds no values
  std::vector<PlannedBuffer> workspaces_;
  std::uint32_t first_step_ = 1;  ///< of the operator in hand
  std::uint32_t last_step_ = 0;   ///< the step after the run
};

Result<void> Lifetimes::find_placements() {
  placements_.assign(network_.tensors.size(), PlanOptions::Placement::arena);
  STM32TVM_CHECK(place(network_.inputs, options_.input_placements, "input"));
  STM32TVM_CHECK(place(network_.outputs, options_.output_placements, "output"));
  std::vector<bool> copied(network_.tensors.size());
  for (const Operator& call : network_.operators) {
    if (call.kind == Operator::Kind::copy && !call.outputs.empty() && is_tensor(call.outputs[0].tensor)) {
      copied[call.outputs[0].tensor] = true;
    }
  }
  for (TensorIndex index = 0; index < network_.tensors.size(); ++index) {
    const auto shown = network_.tensors[index].view_of;
    if (shown && is_tensor(*shown) && !shown_by(index) && !copied[index]) {
      return Error{ErrorCode::bad_option,
                   fmt::format("{} is a part of {}, so one of them cannot lie in the caller's memory alone; leave both "
                               "in the arena",
                               tensor_name(network_, index), tensor_name(network_, *shown)),
                   {}};
    }
  }
  return {};
}

Result<void> Lifetimes::place(const std::vector<TensorIndex>& tensors,
                              const std::vector<PlanOptions::Placement>& placements, std::string_view kind) {
  if (placements.size() > tensors.size()) {
    return Error{ErrorCode::bad_option,
                 fmt::format("{} {}s are placed, and the network has {}; name at most as many", placements.size(), kind,
                             tensors.size()),
                 {}};
  }
  for (std::size_t i = 0; i < placements.size(); ++i) {
    if (!is_tensor(tensors[i])) {
      return no_such_tensor(fmt::format("the list of {}s", kind), tensors[i]);
    }
    placements_[tensors[i]] = placements[i];
  }
  return {};
}

Result<void> Lifetimes::find_roots() {
  const std::vector<Tensor>& tensors = network_.tensors;
  std::vector<std::optional<TensorIndex>> known(tensors.size());
  std::vector<TensorIndex> chain;
  for (TensorIndex start = 0; start < tensors.size(); ++start) {
    chain.clear();
    TensorIndex end = start;
    while (!known[end] && shown_by(end)) {
      chain.push_back(end);
      end = *shown_by(end);
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

/// A tensor is aligned as the most demanding of its views.
void Lifetimes::find_alignments() {
  alignments_.assign(network_.tensors.size(), options_.alignment);
  const auto align = [&](TensorIndex tensor, std::uint32_t alignment) {
    std::uint32_t& of_root = alignments_[roots_[tensor]];
    of_root = std::max(of_root, alignment);
  };
  for (const auto* tensors : {&network_.inputs, &network_.outputs}) {
    for (const TensorIndex tensor : *tensors) {
      align(tensor, options_.interface_alignment);
    }
  }
  for (const KernelObject& object : network_.objects) {
    for (const Operator& call : network_.operators) {
      if (call.kind != Operator::Kind::kernel || !std::ranges::binary_search(object.definitions, call.kernel)) {
        continue;
      }
      for (const auto* arguments : {&call.inputs, &call.outputs, &call.pools}) {
        for (const Argument& argument : *arguments) {
          align(argument.tensor, object_alignment(object));
        }
      }
    }
  }
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
    const bool keeps =
        options_.inputs == PlanOptions::Inputs::keep || placements_[input] == PlanOptions::Placement::double_buffered;
    life_[input] = Lifetime{0, keeps ? last_step_ : 0};
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
    buffer.alignment = options_.alignment;
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
    if (placements_[output] == PlanOptions::Placement::double_buffered) {
      life->first = 0;
    }
  }
  return {};
}

Result<Requirements> Lifetimes::collect() {
  Requirements required;
  required.buffer_of_tensor.resize(network_.tensors.size());
  for (TensorIndex index = 0; index < network_.tensors.size(); ++index) {
    if (life_[index] && !is_callers(index)) {
      required.buffer_of_tensor[index] = static_cast<std::uint32_t>(required.buffers.size());
      PlannedBuffer& buffer = required.buffers.emplace_back();
      buffer.tensor = index;
      buffer.bytes = network_.tensors[index].bytes;
      buffer.alignment = alignments_[index];
      buffer.lifetime = *life_[index];
    }
  }
  for (TensorIndex index = 0; index < network_.tensors.size(); ++index) {
    required.buffer_of_tensor[index] = required.buffer_of_tensor[roots_[index]];
  }
  const auto first_workspace = static_cast<std::uint32_t>(required.buffers.size());
  required.buffers.insert(required.buffers.end(), workspaces_.begin(), workspaces_.end());
  add_second_buffers(required);
  std::uint64_t left = bytes_maximum;
  for (const PlannedBuffer& buffer : required.buffers) {
    if (buffer.bytes > left || left - buffer.bytes < buffer.alignment) {
      return bad_graph(
          fmt::format("{} of {} bytes brings the sum over {} bytes, which no memory holds; correct its size",
                      buffer_name(network_, buffer), buffer.bytes, bytes_maximum));
    }
    left -= buffer.bytes + buffer.alignment;
  }
  STM32TVM_CHECK(add_handovers(first_workspace, required));
  return required;
}

void Lifetimes::add_second_buffers(Requirements& required) const {
  for (const auto* tensors : {&network_.inputs, &network_.outputs}) {
    for (const TensorIndex tensor : *tensors) {
      if (placements_[tensor] == PlanOptions::Placement::double_buffered && required.buffer_of_tensor[tensor]) {
        PlannedBuffer second = required.buffers[*required.buffer_of_tensor[tensor]];
        second.kind = PlannedBuffer::Kind::second;
        required.buffers.push_back(second);
      }
    }
  }
}

/// Of what the kernels say of their memories, all that holds for the buffers of this network.
Result<void> Lifetimes::add_handovers(std::uint32_t first_workspace, Requirements& required) const {
  for (std::uint32_t index = 0; index < network_.operators.size(); ++index) {
    const Operator& call = network_.operators[index];
    if (!call.handovers.empty()) {
      std::vector<std::optional<std::uint32_t>> buffers = buffers_of(call, required);
      for (std::uint32_t i = 0; i < call.workspaces.size(); ++i) {
        buffers.emplace_back(first_workspace + i);
      }
      for (const Handover& handover : call.handovers) {
        if (handover.from >= buffers.size() || handover.to >= buffers.size()) {
          return bad_graph(fmt::format("{} hands memory {} over to memory {}, and it has {}; correct the index",
                                       operator_name(network_, index), handover.from, handover.to, buffers.size()));
        }
        if (buffers[handover.from] && buffers[handover.to]) {
          add_handover(*buffers[handover.from], *buffers[handover.to], handover.lead, required);
        }
      }
    }
    first_workspace += static_cast<std::uint32_t>(call.workspaces.size());
  }
  return {};
}

/// For each argument the buffer that it, and no other argument of the call, shows from the first byte on.
std::vector<std::optional<std::uint32_t>> Lifetimes::buffers_of(const Operator& call,
                                                                const Requirements& required) const {
  std::vector<std::optional<std::uint32_t>> buffers;
  std::map<std::uint32_t, std::uint32_t> uses;
  for (const std::vector<Argument>* arguments : {&call.inputs, &call.outputs, &call.pools}) {
    for (const Argument& argument : *arguments) {
      buffers.push_back(required.buffer_of_tensor[argument.tensor]);
      if (buffers.back()) {
        uses[*buffers.back()] += roots_[argument.tensor] == argument.tensor ? 1 : 2;
      }
    }
  }
  for (std::optional<std::uint32_t>& buffer : buffers) {
    buffer = buffer && uses[*buffer] == 1 ? buffer : std::nullopt;
  }
  return buffers;
}

/// Two buffers may overlap only if they share one step, the last of the one and the first of the other.
void Lifetimes::add_handover(std::uint32_t from, std::uint32_t to, std::uint64_t lead, Requirements& required) const {
  const PlannedBuffer& giver = required.buffers[from];
  const PlannedBuffer& taker = required.buffers[to];
  const std::uint64_t taken = round_up(taker.bytes, taker.alignment);
  // A buffer that both gives and takes at one step would have neighbours that do not know of each other.
  const bool apart = giver.lifetime.first < taker.lifetime.first && giver.lifetime.last == taker.lifetime.first;
  if (options_.whole_operators || !apart || lead >= taken || giver.bytes == 0) {
    return;
  }
  const std::uint64_t rounded = round_up(lead, options_.alignment);
  const std::uint64_t shared = std::min(taken - std::min(taken, rounded), round_up(giver.bytes, giver.alignment));
  if (shared > 0) {
    required.handovers.push_back({from, to, taker.lifetime.first, rounded, shared});
  }
}

}  // namespace

std::uint64_t round_up(std::uint64_t bytes, std::uint32_t alignment) {
  return (bytes + alignment - 1) / alignment * alignment;
}

std::uint32_t object_alignment(const KernelObject& object) {
  // TVM's code generator over LLVM loads vectors as aligned: of 16 bytes for Arm, of at most 64 for hosts.
  return object.machine == "arm" ? 16 : 64;
}

Result<Requirements> find_requirements(const NetworkDescriptor& network, const PlanOptions& options) {
  STM32TVM_CHECK(check_options(options));
  return Lifetimes(network, options).read();
}

}  // namespace stm32tvm
