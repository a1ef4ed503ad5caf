// SPDX-License-Identifier: Apache-2.0
// What the verbs that plan memory share: its options.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "commands.hpp"
#include "support/read_file.hpp"
#include "support/try.hpp"

namespace stm32tvm::cli {
namespace {

using Placement = PlanOptions::Placement;

/// "caller,mask=arena": a placement for all tensors, and others for some by name.
Result<std::vector<Placement>> read_placements(const std::vector<std::string>& texts, const NetworkDescriptor& network,
                                               const std::vector<TensorIndex>& tensors, const char* option) {
  const Words<Placement> places = placement_words();
  std::vector<Placement> made;
  for (const std::string& text : texts) {
    const std::size_t equals = text.rfind('=');
    const std::string place = equals == std::string::npos ? text : text.substr(equals + 1);
    const auto placement = std::ranges::find(places, place, &std::pair<std::string, Placement>::first);
    if (placement == places.end()) {
      return Error{ErrorCode::bad_option,
                   fmt::format("\"{}\" is no place; write arena, caller or double, or NAME= and one of these", text),
                   option};
    }
    made.resize(tensors.size(), Placement::arena);
    if (equals == std::string::npos) {
      std::ranges::fill(made, placement->second);
      continue;
    }
    const std::string name = text.substr(0, equals);
    const auto found = std::ranges::find_if(tensors, [&](TensorIndex index) {
      const Tensor& tensor = network.tensors[index];
      return tensor.identifier == name || tensor.name == name || tensor.source_name == name;
    });
    if (found == tensors.end()) {
      std::vector<std::string> names;
      names.reserve(tensors.size());
      for (const TensorIndex index : tensors) {
        names.push_back(printable(network.tensors[index].identifier));
      }
      return Error{
          ErrorCode::bad_option,
          fmt::format("there is no tensor \"{}\"; the network has {}", printable(name), fmt::join(names, ", ")),
          option};
    }
    made[static_cast<std::size_t>(found - tensors.begin())] = placement->second;
  }
  return made;
}

}  // namespace

void add_plan_options(CLI::App& command, PlanArguments& arguments) {
  static const std::map<std::string, PlanOptions::Inputs> inputs = {{"keep", PlanOptions::Inputs::keep},
                                                                    {"consume", PlanOptions::Inputs::consume}};
  command.add_option("--inputs", arguments.inputs, "whether a run keeps or consumes the inputs' bytes")
      ->transform(CLI::CheckedTransformer(inputs))
      ->type_name("keep|consume")
      ->default_str("keep, as the tvm API expects");
  const char* const places = "arena|caller|double";
  command.add_option("--inputs-memory", arguments.inputs_memory, "where inputs lie; NAME=PLACE for one of them")
      ->delimiter(',')
      ->type_name(places);
  command.add_option("--outputs-memory", arguments.outputs_memory, "where outputs lie; NAME=PLACE for one of them")
      ->delimiter(',')
      ->type_name(places);
  command.add_option("--memory-pool", arguments.memory_pool, "memories to plan in, as ST's mempools.json has them")
      ->type_name("FILE");
  command.add_option("--alignment", arguments.alignment, "of every buffer")->type_name("BYTES")->capture_default_str();
  command
      .add_option("--io-alignment", arguments.interface_alignment,
                  "of inputs and outputs: 32 where a DMA fills what a cache holds")
      ->type_name("BYTES")
      ->default_str("a line of the target's data cache, or 8");
}

Result<PlanOptions> plan_options(const PlanArguments& arguments, const NetworkDescriptor& network,
                                 EmitOptions::DeviceApi api, const std::optional<Target>& target) {
  PlanOptions options;
  options.inputs = arguments.inputs.value_or(default_inputs(api));
  options.alignment = arguments.alignment;
  const std::uint32_t line = target ? cache_line_bytes(*target) : 0;
  options.interface_alignment = arguments.interface_alignment.value_or(std::max(options.interface_alignment, line));
  STM32TVM_TRY(inputs, read_placements(arguments.inputs_memory, network, network.inputs, "--inputs-memory"));
  options.input_placements = std::move(inputs);
  STM32TVM_TRY(outputs, read_placements(arguments.outputs_memory, network, network.outputs, "--outputs-memory"));
  options.output_placements = std::move(outputs);
  if (!arguments.memory_pool.empty()) {
    STM32TVM_TRY(file, read_file(arguments.memory_pool));
    STM32TVM_TRY(pools, read_memory_pools(file.view(), arguments.memory_pool.string()));
    options.pools = std::move(pools);
  }
  return options;
}

}  // namespace stm32tvm::cli
