// SPDX-License-Identifier: Apache-2.0
// stm32tvm analyze: what an archive holds and what its network needs, as text or JSON.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "support/try.hpp"

namespace stm32tvm::cli {
namespace {

struct AnalyzeArguments {
  ModelArguments model;
  std::string target;  ///< empty: none
  std::filesystem::path boards;
  bool json = false;
};

/// Most bytes that are live at the same time while an operator runs.
std::uint64_t live_bytes(const NetworkDescriptor& network, const MemoryNeeds& needs, std::size_t index) {
  std::uint64_t most = 0;
  const std::uint32_t first = first_step(network, index);
  for (std::uint32_t step = first; step < first + network.operators[index].statement_count; ++step) {
    most = std::max(most, needs.steps[step].bytes);
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

/// The source model's name where it is known.
const std::string& shown_name(const Tensor& tensor) {
  return tensor.source_name.empty() ? tensor.name : tensor.source_name;
}

std::string quantization_text(const Quantization& quantization) {
  if (quantization.kind == Quantization::Kind::unknown) {
    return "quantization not known";
  }
  if (quantization.kind == Quantization::Kind::unquantized) {
    return "not quantized";
  }
  const char* source = "";
  switch (quantization.source) {
    case Quantization::Source::none:
      break;
    case Quantization::Source::relay:
      source = " (from the Relay text: six digits)";
      break;
    case Quantization::Source::tflite:
      source = " (from the TFLite file)";
      break;
    case Quantization::Source::caller:
      source = " (given)";
      break;
  }
  // Nine digits tell every float32 from the next.
  if (quantization.kind == Quantization::Kind::per_axis) {
    return fmt::format("scales {:.9g}, zero points {}, along axis {}{}", fmt::join(quantization.scales, " "),
                       fmt::join(quantization.zero_points, " "), quantization.axis, source);
  }
  return fmt::format("scale {:.9g}, zero point {}{}", quantization.scales.front(), quantization.zero_points.front(),
                     source);
}

void print_tensors(const char* kind, const NetworkDescriptor& network, const std::vector<TensorIndex>& tensors) {
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& tensor = network.tensors[tensors[i]];
    fmt::print("{:<12}{}: {:<28} {:>10} bytes\n", fmt::format("{} {}", kind, i + 1), printable(shown_name(tensor)),
               shape_text(tensor), grouped(tensor.bytes));
    fmt::print("{:<12}in C {}; {}\n", "", tensor.identifier, quantization_text(tensor.quantization));
  }
}

void print_operators(const NetworkDescriptor& network, const MemoryPlan& plan, const MemoryNeeds& needs) {
  constexpr std::uint64_t chart_width = 24;
  const std::uint64_t scale = std::max<std::uint64_t>(plan.lower_bound_bytes, 1);
  fmt::print("\n{:>3}  {:<24} {:>10} {:>10} {:>10} {:>10}  {:<{}}  {}\n", "#", "output", "bytes", "workspace", "stack",
             "live", "live, of the peak", chart_width, "operator");
  for (std::size_t i = 0; i < network.operators.size(); ++i) {
    const Operator& call = network.operators[i];
    const Tensor& output = network.tensors[call.outputs.front().tensor];
    const std::uint64_t live = live_bytes(network, needs, i);
    fmt::print("{:>3}  {:<24} {:>10} {:>10} {:>10} {:>10}  {:<{}}  {}\n", i, shape_text(output), grouped(output.bytes),
               grouped(workspace_bytes(call)), grouped(call.stack_bytes), grouped(live),
               std::string(live * chart_width / scale, '#'), chart_width, printable(call.name));
  }
}

/// The buffers that are live at the peak, the largest first.
void print_peak(const NetworkDescriptor& network, const MemoryPlan& plan, const MemoryNeeds& needs) {
  std::vector<std::uint32_t> live = needs.steps[plan.peak_step].buffers;
  std::sort(live.begin(), live.end(), [&](std::uint32_t a, std::uint32_t b) {
    return plan.buffers[a].bytes != plan.buffers[b].bytes ? plan.buffers[a].bytes > plan.buffers[b].bytes : a < b;
  });
  const auto running = operator_at(network, plan.peak_step);
  fmt::print("\nThe peak of {} bytes is {}:\n", grouped(plan.lower_bound_bytes),
             running ? fmt::format("in operator {}", *running) : std::string("outside the operators"));
  for (const std::uint32_t index : live) {
    const PlannedBuffer& buffer = plan.buffers[index];
    fmt::print("{:>10}  {}\n", grouped(buffer.bytes),
               buffer.kind == PlannedBuffer::Kind::tensor
                   ? "tensor " + printable(network.tensors[buffer.tensor].name)
                   : "workspace of " + printable(network.operators[buffer.operator_index].name));
  }
}

void print_memory(const NetworkDescriptor& network, const MemoryPlan& plan, const MemoryNeeds& needs) {
  std::uint32_t alignment = plan.options.alignment;
  for (const PlannedPool& pool : plan.pools) {
    alignment = std::max(alignment, pool.alignment);
  }
  fmt::print("\nRAM         {:>10} bytes, without the stack\n", grouped(needs.ram_bytes()));
  fmt::print(
      "  arena     {:>10} for tensors and workspaces, aligned to {}: {:.2f} of what is live at the peak, {}\n",
      grouped(needs.arena_bytes), alignment,
      static_cast<double>(needs.arena_bytes) / static_cast<double>(std::max<std::uint64_t>(plan.lower_bound_bytes, 1)),
      plan.options.inputs == PlanOptions::Inputs::keep ? "inputs kept" : "inputs consumed");
  PlanOptions other = plan.options;
  const bool keeps = other.inputs == PlanOptions::Inputs::keep;
  other.inputs = keeps ? PlanOptions::Inputs::consume : PlanOptions::Inputs::keep;
  if (const auto second = MemoryPlan::make(network, other)) {
    fmt::print("            {:>10} with inputs {}\n", grouped(second->bytes()), keeps ? "consumed" : "kept");
  }
  fmt::print("  context   {:>10} for descriptors of inputs and outputs, state and one handle\n",
             grouped(needs.context_bytes));
  if (needs.copied_weights_bytes > 0) {
    fmt::print("  weights   {:>10} copied to RAM\n", grouped(needs.copied_weights_bytes));
  }
  fmt::print("  heap      {:>10}\n", grouped(needs.heap_bytes));
  fmt::print("stack       {:>10} bytes of local arrays in the largest kernel\n", grouped(needs.stack_bytes));
  fmt::print("flash       {:>10} bytes, without the kernels' code\n", grouped(needs.flash_bytes()));
  fmt::print("  weights   {:>10} in {} parameters\n", grouped(needs.weights_bytes - needs.external_weights_bytes),
             network.parameters.size());
  fmt::print("  tables    {:>10}\n", grouped(needs.tables_bytes));
  if (needs.external_weights_bytes > 0) {
    fmt::print("elsewhere   {:>10} bytes of weights\n", grouped(needs.external_weights_bytes));
  }
}

/// What narrowing made of the archive's constants: by types, and by the reason why one stays.
void print_constants(const NetworkDescriptor& network) {
  struct Group {
    std::size_t count = 0;
    std::uint64_t exported_bytes = 0;
    std::uint64_t stored_bytes = 0;
  };
  std::map<std::string, Group> groups;
  Group all;
  for (const StoredConstant& constant : network.constants) {
    const std::string exported = to_string(constant.exported);
    Group& group = groups[constant.reason.empty() ? fmt::format("{} as {}", exported, to_string(constant.stored))
                                                  : fmt::format("{}: {}", exported, constant.reason)];
    for (Group* const sum : {&group, &all}) {
      ++sum->count;
      sum->exported_bytes += constant.exported_bytes;
      sum->stored_bytes += constant.stored_bytes;
    }
  }
  if (all.count == 0) {
    return;
  }
  fmt::print("\nconstants   {:>10} bytes in the archive, {} stored\n", grouped(all.exported_bytes),
             grouped(all.stored_bytes));
  for (const auto& [title, group] : groups) {
    fmt::print("            {:>10} -> {:>10}  {:>3} {}\n", grouped(group.exported_bytes), grouped(group.stored_bytes),
               group.count, title);
  }
}

void print_needs(const Needs& needs) {
  const auto print = [](const char* what, const std::vector<std::string>& list) {
    if (!list.empty()) {
      fmt::print("needs       {}: {}\n", what, printable(fmt::format("{}", fmt::join(list, " "))));
    }
  };
  std::vector<std::string> headers = needs.headers;  // less those of the emitted runtime
  std::erase_if(headers,
                [](const std::string& each) { return each.starts_with("tvm/") || each.starts_with("dlpack/"); });
  print("headers", headers);
  print("libm", needs.math_functions);
  print("CMSIS-NN", needs.cmsis_nn_functions);
  print(("of CMSIS-NN " + needs.cmsis_nn_version).c_str(), needs.cmsis_nn_sources);
  if (needs.ethos_u) {
    fmt::print("needs       the driver of an Ethos-U\n");
  }
}

void print_text(const ModelLibrary& library, const NetworkDescriptor& network, const MemoryPlan& plan,
                const std::filesystem::path& model) {
  const MemoryNeeds needs = memory_needs(network, plan);
  fmt::print("model       {}\n", model.string());
  fmt::print("format      Model Library Format, version {}\n", library.format_version());
  fmt::print("module      {}, {} executor\n", printable(network.module_name), network.executor);
  fmt::print("target      {}\n", printable(fmt::format("{}", fmt::join(network.targets, "; "))));
  fmt::print("exported    {}\n", printable(network.export_datetime));
  print_tensors("input", network, network.inputs);
  print_tensors("output", network, network.outputs);
  print_memory(network, plan, needs);
  print_constants(network);
  print_needs(network.needs);
  print_operators(network, plan, needs);
  print_peak(network, plan, needs);
  for (const Diagnostic& diagnostic : network.diagnostics) {
    fmt::print("{}: {}\n", printable(diagnostic.where), printable(diagnostic.message));
  }
}

void print_json(const NetworkDescriptor& network, const MemoryPlan& plan) {
  auto json = nlohmann::ordered_json::parse(to_json(network));
  json["memory"] = nlohmann::ordered_json::parse(to_json(memory_needs(network, plan), network, plan));
  fmt::print("{}\n", json.dump(2));
}

Result<void> analyze(const AnalyzeArguments& arguments) {
  std::optional<Target> board;
  if (!arguments.target.empty()) {
    STM32TVM_TRY(boards, read_boards(arguments.boards));
    STM32TVM_TRY(found, find_board(boards, arguments.target));
    board = found;
  }
  STM32TVM_TRY(library, open_model(arguments.model));
  STM32TVM_TRY(network, describe_network(library, arguments.model));
  STM32TVM_TRY(options, plan_options(arguments.model.plan, network, {}, board));
  STM32TVM_TRY(plan, MemoryPlan::make(network, options));
  if (arguments.json) {
    print_json(network, plan);
  } else {
    print_text(library, network, plan, arguments.model.model);
    if (board) {
      fmt::print("\n");
      print_board(*board);
    }
  }
  return {};
}

}  // namespace

void add_analyze(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand("analyze", "show what the archive holds and needs");
  auto arguments = std::make_shared<AnalyzeArguments>();
  add_model_options(command, arguments->model);
  command.add_option("--target", arguments->target, "board to tell of")->type_name("BOARD");
  add_boards_option(command, arguments->boards);
  command.add_flag("--json", arguments->json, "print JSON");
  command.callback([arguments, &action] { action = [arguments] { return analyze(*arguments); }; });
}

}  // namespace stm32tvm::cli
