// SPDX-License-Identifier: Apache-2.0
#include "emit/emission_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "emit/applications.hpp"
#include "emit/device_api.hpp"
#include "emit/kernel_units.hpp"
#include "emit/self_test.hpp"
#include "network/place_weights.hpp"
#include "network/quantization_rules.hpp"
#include "network/views.hpp"
#include "support/relative_path.hpp"
#include "support/source_name.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

/// Names that a network cannot have: folders of the tree, CMake's own targets, headers that its kernels include (its
/// folder is on the include path), and words that would make it clash with the runtime's symbols.
constexpr std::array<std::string_view, 56> taken_names = {"ai_model",
                                                          "ai_runtime_api",
                                                          "all",
                                                          "arm_acle",
                                                          "assert",
                                                          "clean",
                                                          "complex",
                                                          "ctype",
                                                          "depend",
                                                          "edit_cache",
                                                          "errno",
                                                          "experimental",
                                                          "fenv",
                                                          "firmware",
                                                          "float",
                                                          "help",
                                                          "install",
                                                          "inttypes",
                                                          "iso646",
                                                          "limits",
                                                          "locale",
                                                          "m",
                                                          "math",
                                                          "model",
                                                          "nightly",
                                                          "package",
                                                          "preinstall",
                                                          "rebuild_cache",
                                                          "run",
                                                          "runtime",
                                                          "setjmp",
                                                          "signal",
                                                          "stack",
                                                          "stdarg",
                                                          "stdbool",
                                                          "stddef",
                                                          "stdint",
                                                          "stdio",
                                                          "stdlib",
                                                          "string",
                                                          "stvm",
                                                          "stvm_runtime",
                                                          "test",
                                                          "tgmath",
                                                          "time",
                                                          "wchar",
                                                          "wctype",
                                                          "stai",
                                                          "stai_debug",
                                                          "stai_events",
                                                          "stvm_stai",
                                                          "ai_platform",
                                                          "ai_platform_interface",
                                                          "ai_datatypes_defines",
                                                          "stvm_legacy",
                                                          "self_test"};

/// STVM_WORKSPACES_MAXIMUM of runtime_c/stvm.h.
constexpr std::size_t workspaces_maximum = 32;

bool has_consistent_size(const Tensor& tensor) {
  std::uint64_t bytes = tensor.type.bytes();
  for (const std::int64_t dimension : tensor.shape) {
    if (dimension < 0 || (dimension > 0 && bytes > UINT64_MAX / static_cast<std::uint64_t>(dimension))) {
      return false;
    }
    bytes *= static_cast<std::uint64_t>(dimension);
  }
  return tensor.type.bytes() > 0 && bytes == tensor.bytes;
}

/// Sizes are those of types and shapes. Every tensor that is called with has bytes: a constant its values, any other a
/// buffer, or memory of the caller. Inputs and outputs are no constants.
Result<void> check_memory(const NetworkDescriptor& network, const MemoryPlan& plan) {
  const auto bad = [&](TensorIndex tensor, std::string_view what) {
    return Error{ErrorCode::bad_graph, fmt::format("tensor \"{}\" {}", network.tensors[tensor].name, what), {}};
  };
  for (TensorIndex tensor = 0; tensor < network.tensors.size(); ++tensor) {
    if (!has_consistent_size(network.tensors[tensor])) {
      return bad(tensor, "has a size that is not that of its type and shape");
    }
  }
  std::set<TensorIndex> interface;
  for (const auto* tensors : {&network.inputs, &network.outputs}) {
    for (const TensorIndex tensor : *tensors) {
      interface.insert(tensor);
      if (network.tensors[view_place(network, tensor).root].constant) {
        return bad(tensor, "is an input or an output, so it cannot be a constant");
      }
      if (const auto fault = quantization_fault(network.tensors[tensor].quantization, network.tensors[tensor])) {
        return bad(tensor, *fault);
      }
    }
  }
  for (const Operator& call : network.operators) {
    for (const Argument& argument : arguments_of(call)) {
      const TensorIndex root = view_place(network, argument.tensor).root;
      const auto& constant = network.tensors[root].constant;
      const bool has_memory = plan.buffer_of_tensor[argument.tensor] || interface.contains(argument.tensor);
      if (constant ? constant->size() != network.tensors[root].bytes : !has_memory) {
        return bad(argument.tensor, "has neither a place in the plan nor constant values of its size");
      }
    }
  }
  return {};
}

/// A name of the archive's C as ours can have it: no extension like '$', and not too long.
bool is_plain_identifier(std::string_view name) {
  constexpr std::size_t longest = 1000;
  constexpr std::string_view characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
  return !name.empty() && name.size() <= longest && characters.substr(0, 53).find(name[0]) != std::string_view::npos &&
         name.find_first_not_of(characters) == std::string_view::npos;
}

/// What the archive's C calls things goes into ours.
Result<void> check_symbols(const NetworkDescriptor& network) {
  const auto bad = [](std::string_view name) {
    return Error{ErrorCode::bad_source,
                 fmt::format("\"{}\" is no name for a function in the emitted C; use letters, digits and '_'",
                             name.substr(0, 100)),
                 {}};
  };
  for (const KernelSource& source : network.sources) {
    for (const std::string& definition : source.definitions) {
      if (!is_plain_identifier(definition)) {
        return bad(definition);
      }
    }
  }
  for (const Operator& call : network.operators) {
    if (call.kind == Operator::Kind::kernel && !is_c_identifier(call.kernel)) {
      return bad(call.kernel);
    }
    if (!call.parameter_types.empty() && call.parameter_types.size() != arguments_of(call).size()) {
      return Error{ErrorCode::bad_graph,
                   fmt::format("operator \"{}\" has {} arguments and its kernel takes {}; correct the descriptor",
                               call.name.substr(0, 100), arguments_of(call).size(), call.parameter_types.size()),
                   {}};
    }
  }
  return {};
}

/// What the plan's memories ask of the emitted files.
Result<void> check_pools(const MemoryPlan& plan, const EmitOptions& options) {
  for (const PlannedPool& pool : plan.pools) {
    if (!is_c_identifier(pool.name)) {
      return Error{ErrorCode::bad_option,
                   fmt::format("pool \"{}\" needs a name that a section can have: letters, digits and '_'",
                               pool.name.substr(0, 60)),
                   {}};
    }
  }
  const auto is_callers = [](PlanOptions::Placement placement) { return placement == PlanOptions::Placement::caller; };
  if (options.target && (std::ranges::any_of(plan.options.input_placements, is_callers) ||
                         std::ranges::any_of(plan.options.output_placements, is_callers))) {
    return Error{ErrorCode::bad_option,
                 "the firmware's main() gives a network no memory; leave inputs and outputs in the arena, or emit "
                 "without a target",
                 {}};
  }
  return {};
}

/// Object files are for one processor.
Result<void> check_objects(const NetworkDescriptor& network, const std::optional<Target>& target) {
  for (const KernelObject& object : network.objects) {
    if (!is_safe_source_name(object.name) || !object.name.ends_with(".o")) {
      return Error{ErrorCode::bad_source, "an object file's name must be letters, digits, '_' and '.', and end in .o",
                   shown(object.name)};
    }
    if (target && object.machine != "arm") {
      return Error{
          ErrorCode::unsupported,
          fmt::format("the object file is for {}, and the target {} is an arm; export the model for the target "
                      "\"c\", or for \"llvm\" with an -mtriple of the part",
                      shown(object.machine), target->name),
          object.name};
    }
  }
  return {};
}

}  // namespace

Result<CIdentifier> network_name(const std::string& text) {
  const CIdentifier name = CIdentifier::from(text).lower();
  constexpr std::size_t length_maximum = 64;
  if (name.text().size() > length_maximum) {
    return Error{ErrorCode::bad_option,
                 fmt::format("the name has {} characters; give the network one of at most {}", name.text().size(),
                             length_maximum),
                 {}};
  }
  if (std::find(taken_names.begin(), taken_names.end(), name.text()) != taken_names.end()) {
    return Error{
        ErrorCode::bad_option,
        fmt::format("the name \"{}\" is one that the emitted project uses itself; give the network another", name),
        {}};
  }
  return name;
}

Result<void> check_emission(const NetworkDescriptor& network, const MemoryPlan& plan, const EmitOptions& options,
                            std::size_t index) {
  if (!options.samples.empty() && !options.target) {
    return Error{ErrorCode::bad_option, "samples are for the firmware; name a target too", {}};
  }
  if (options.budget.ticks && (!options.target || options.target->qemu_machine.empty() ||
                               options.application != EmitOptions::Application::golden_check)) {
    return Error{ErrorCode::bad_option,
                 "the budget's ticks are those of the golden check in emulation; name a target that QEMU has, or leave "
                 "ticks out",
                 "budget"};
  }
  if (options.time_kernels && !options.target) {
    return Error{ErrorCode::bad_option, "the firmware reports the kernels' times; name a target too", {}};
  }
  STM32TVM_CHECK(check_pools(plan, options));
  if (network.needs.ethos_u) {
    return Error{
        ErrorCode::unsupported,
        "the network calls the driver of an Ethos-U, which the emitted runtime does not have and no STM32 needs; "
        "export the model without it",
        {}};
  }
  // Fields of stvm_network and stvm_operator.
  if (network.inputs.size() > UINT16_MAX || network.outputs.size() > UINT16_MAX ||
      network.operators.size() > UINT16_MAX || network.tensors.size() > UINT16_MAX || plan.pools.size() > UINT16_MAX) {
    return Error{ErrorCode::unsupported,
                 fmt::format("the network has {} operators and {} tensors, and the runtime counts to 65535",
                             network.operators.size(), network.tensors.size()),
                 {}};
  }
  STM32TVM_CHECK(device_api_emitter(options.device_api).check(network));
  for (const KernelSource& source : network.sources) {
    if (!is_safe_source_name(source.name)) {
      return Error{ErrorCode::bad_source, "a source's name must be letters, digits, '_' and '.'", source.name};
    }
  }
  STM32TVM_CHECK(check_objects(network, options.target));
  for (const Operator& call : network.operators) {
    if (call.workspaces.size() > workspaces_maximum) {
      return Error{ErrorCode::unsupported,
                   fmt::format("operator \"{}\" has {} workspaces, and the runtime serves {}", call.name,
                               call.workspaces.size(), workspaces_maximum),
                   {}};
    }
  }
  STM32TVM_CHECK(check_symbols(network));
  STM32TVM_CHECK(check_weights_groups(network));
  if (options.kernel_profile) {
    STM32TVM_CHECK(check_profile(network, *options.kernel_profile));
    if (!options.kernel_profile->memory.empty() && !options.target) {
      return Error{ErrorCode::bad_option,
                   "kernels run from a memory of the firmware's target, and there is none; name a target too",
                   "memory"};
    }
  }
  STM32TVM_CHECK(check_memory(network, plan));
  STM32TVM_CHECK(check_self_test(network, options));
  std::vector<Sample> samples;
  std::ranges::copy_if(options.samples, std::back_inserter(samples),
                       [&](const Sample& sample) { return sample.network == index; });
  return check_samples(network, samples);
}

}  // namespace stm32tvm
