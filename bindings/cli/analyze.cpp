// SPDX-License-Identifier: Apache-2.0
// stm32tvm analyze: what an archive holds and what its network needs, as text or JSON.
#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "support/try.hpp"

namespace stm32tvm::cli {
namespace {

/// What the network takes of a 32-bit target's memories, in bytes.
struct Memory {
  std::uint64_t arena = 0;
  std::uint64_t descriptors = 0;  ///< writable: inputs, outputs, one handle
  std::uint64_t stack = 0;        ///< the largest kernel's local arrays
  std::uint64_t weights = 0;
  std::uint64_t tables = 0;  ///< const descriptors, arguments, shapes
};

Memory memory_of(const NetworkDescriptor& network, const MemoryPlan& plan) {
  constexpr std::uint64_t tensor_bytes = 40;     // DLTensor
  constexpr std::uint64_t interface_bytes = 48;  // ai_tensor
  constexpr std::uint64_t state_bytes = 20;      // ai_model_state and ai_model_handle
  constexpr std::uint64_t operator_bytes = 16;   // stvm_operator
  constexpr std::uint64_t argument_bytes = 8;    // TVMValue
  constexpr std::uint64_t workspace_bytes = 12;  // stvm_workspace
  constexpr std::uint64_t dimension_bytes = 8;   // int64_t
  Memory memory;
  memory.arena = plan.bytes();
  memory.descriptors = interface_bytes * (network.inputs.size() + network.outputs.size()) + state_bytes;
  for (const TensorIndex parameter : network.parameters) {
    memory.weights += network.tensors[parameter].bytes;
  }
  memory.tables = tensor_bytes * (network.tensors.size() - network.inputs.size() - network.outputs.size());
  for (const Tensor& tensor : network.tensors) {
    memory.tables += dimension_bytes * tensor.shape.size();
  }
  for (const Operator& call : network.operators) {
    memory.stack = std::max(memory.stack, call.stack_bytes);
    memory.tables += operator_bytes + argument_bytes * (call.inputs.size() + call.outputs.size()) +
                     workspace_bytes * call.workspaces.size();
  }
  return memory;
}

/// Most bytes that are live at the same time while an operator runs.
std::uint64_t live_bytes(const NetworkDescriptor& network, const MemoryPlan& plan, std::size_t index) {
  std::uint64_t most = 0;
  const std::uint32_t end = first_step(network, index) + network.operators[index].statement_count;
  for (std::uint32_t step = first_step(network, index); step < end; ++step) {
    std::uint64_t live = 0;
    for (const PlannedBuffer& buffer : plan.buffers) {
      live += buffer.lifetime.first <= step && step <= buffer.lifetime.last ? buffer.bytes : 0;
    }
    most = std::max(most, live);
  }
  return most;
}

std::uint64_t workspace_bytes(const Operator& call) {
  std::uint64_t sum = 0;
  for (const Workspace& workspace : call.workspaces) {
    sum += workspace.bytes;
  }
  return sum;
}

std::string shape_text(const Tensor& tensor) {
  return fmt::format("{}[{}]", to_string(tensor.type), fmt::join(tensor.shape, ", "));
}

/// Names come from the archive: control characters must not reach the terminal.
std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c >= 0 && c < ' '; }, '?');
  return text;
}

void print_tensors(const char* kind, const NetworkDescriptor& network, const std::vector<TensorIndex>& tensors) {
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& tensor = network.tensors[tensors[i]];
    fmt::print("{:<12}{}: {:<28} {:>10} bytes\n", fmt::format("{} {}", kind, i + 1), printable(tensor.name),
               shape_text(tensor), grouped(tensor.bytes));
  }
}

void print_operators(const NetworkDescriptor& network, const MemoryPlan& plan) {
  fmt::print("\n{:>3}  {:<24} {:>10} {:>10} {:>10} {:>10}  {}\n", "#", "output", "bytes", "workspace", "stack", "live",
             "operator");
  for (std::size_t i = 0; i < network.operators.size(); ++i) {
    const Operator& call = network.operators[i];
    const Tensor& output = network.tensors[call.outputs.front().tensor];
    fmt::print("{:>3}  {:<24} {:>10} {:>10} {:>10} {:>10}  {}\n", i, shape_text(output), grouped(output.bytes),
               grouped(workspace_bytes(call)), grouped(call.stack_bytes), grouped(live_bytes(network, plan, i)),
               printable(call.name));
  }
}

void print_text(const ModelLibrary& library, const NetworkDescriptor& network, const MemoryPlan& plan,
                const std::filesystem::path& model) {
  const Memory memory = memory_of(network, plan);
  fmt::print("model       {}\n", model.string());
  fmt::print("format      Model Library Format, version {}\n", library.format_version());
  fmt::print("module      {}, {} executor\n", printable(network.module_name), network.executor);
  fmt::print("target      {}\n", printable(fmt::format("{}", fmt::join(network.targets, "; "))));
  fmt::print("exported    {}\n", printable(network.export_datetime));
  print_tensors("input", network, network.inputs);
  print_tensors("output", network, network.outputs);
  fmt::print("\nRAM         {:>10} bytes, without the stack\n", grouped(memory.arena + memory.descriptors));
  fmt::print(
      "  arena     {:>10} inputs, outputs, inner tensors and workspaces; no plan of whole buffers needs less than {}\n",
      grouped(memory.arena), grouped(plan.lower_bound_bytes));
  fmt::print("  tensors   {:>10} descriptors of inputs and outputs, handle\n", grouped(memory.descriptors));
  fmt::print("  heap      {:>10}\n", 0);
  fmt::print("stack       {:>10} bytes of local arrays in the largest kernel\n", grouped(memory.stack));
  fmt::print("flash       {:>10} bytes, without the kernels' code\n", grouped(memory.weights + memory.tables));
  fmt::print("  weights   {:>10} in {} parameters\n", grouped(memory.weights), network.parameters.size());
  fmt::print("  tables    {:>10}\n", grouped(memory.tables));
  if (!network.needs.math_functions.empty() || !network.needs.cmsis_nn_functions.empty()) {
    fmt::print("needs       {}\n", fmt::join(network.needs.math_functions, " "));
  }
  print_operators(network, plan);
  for (const Diagnostic& diagnostic : network.diagnostics) {
    fmt::print("{}: {}\n", printable(diagnostic.where), printable(diagnostic.message));
  }
}

void print_json(const NetworkDescriptor& network, const MemoryPlan& plan) {
  const Memory memory = memory_of(network, plan);
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(to_json(network));
  json["memory"] = {{"ram_bytes", memory.arena + memory.descriptors},
                    {"arena_bytes", memory.arena},
                    {"arena_lower_bound_bytes", plan.lower_bound_bytes},
                    {"descriptor_bytes", memory.descriptors},
                    {"heap_bytes", 0},
                    {"stack_bytes", memory.stack},
                    {"weights_bytes", memory.weights},
                    {"table_bytes", memory.tables}};
  nlohmann::ordered_json live = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < network.operators.size(); ++i) {
    live.push_back(live_bytes(network, plan, i));
  }
  json["memory"]["operator_live_bytes"] = live;
  fmt::print("{}\n", json.dump(2));
}

}  // namespace

Result<void> analyze(const AnalyzeArguments& arguments) {
  STM32TVM_TRY(library, ModelLibrary::open(arguments.model.model));
  STM32TVM_TRY(network, library.network(arguments.model.module));
  STM32TVM_TRY(plan, MemoryPlan::make(network, arguments.model.plan));
  if (arguments.json) {
    print_json(network, plan);
  } else {
    print_text(library, network, plan, arguments.model.model);
  }
  return {};
}

}  // namespace stm32tvm::cli
