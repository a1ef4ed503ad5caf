// SPDX-License-Identifier: Apache-2.0
// ProjectEmitter: puts a network's folder, the runtime's folder and, where asked, the firmware into one tree.
#include "stm32tvm/project_emitter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

#include "emit/applications.hpp"
#include "emit/build/build_files.hpp"
#include "emit/device_api.hpp"
#include "emit/firmware.hpp"
#include "emit/kernel_edits.hpp"
#include "emit/kernel_options.hpp"
#include "emit/kernel_sources.hpp"
#include "emit/kernel_units.hpp"
#include "emit/memories_script.hpp"
#include "emit/network_layout.hpp"
#include "emit/self_test.hpp"
#include "emit/weights.hpp"
#include "network/place_weights.hpp"
#include "network/quantization_rules.hpp"
#include "support/embedded_files.hpp"
#include "support/relative_path.hpp"
#include "support/report.hpp"
#include "support/source_name.hpp"
#include "support/try.hpp"

namespace stm32tvm {
inline namespace v1 {
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

std::vector<std::string> joined(std::vector<std::string> first, const std::vector<std::string>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// Adds the core of the runtime and the files of one device API, side by side.
Result<BuildUnit> add_runtime(const DeviceApiEmitter& api, SourceTree& tree) {
  constexpr std::string_view core = "runtime_c/";
  const std::string folder = fmt::format("{}api/{}/", core, api.folder);
  BuildUnit unit{.name = "stvm_runtime",
                 .folder = "runtime",
                 .include_folders = {"runtime", "runtime/include"},
                 .options = joined(section_options, warning_options)};
  for (std::size_t i = 0; i < embedded::table_size; ++i) {
    const std::string_view file = embedded::table[i].path;
    const bool is_of_api = file.starts_with(folder);
    if (!is_of_api && (!file.starts_with(core) || file.starts_with("runtime_c/api/") ||
                       file.starts_with("runtime_c/rpc/") || file.starts_with("runtime_c/validation/"))) {
      continue;
    }
    const std::string path = "runtime/" + std::string(file.substr(is_of_api ? folder.size() : core.size()));
    STM32TVM_CHECK(tree.add(path, Bytes(nullptr, embedded::file(file))));
    if (path.ends_with(".c")) {
      unit.sources.push_back({path});
    }
  }
  return unit;
}

Result<void> add_weights_files(const NetworkLayout& layout, const EmitOptions& options, BuildUnit& unit,
                               SourceTree& tree) {
  const std::string symbol = device_api_emitter(options.device_api).weights_symbol(layout);
  for (const WeightsFile& file : weights_files(layout, options.weights, symbol)) {
    const std::string path = unit.folder + "/" + file.name;
    STM32TVM_CHECK(tree.add(path, file.contents));
    switch (file.use) {
      case WeightsFile::Use::assembled:
        unit.sources.back().dependencies.push_back(path);
        break;
      case WeightsFile::Use::linked:
        unit.objects.push_back(path);
        break;
      case WeightsFile::Use::beside_image:
        unit.flashed.push_back({path, file.address});
        break;
    }
  }
  return {};
}

/// One source of the archive, and what compiles it.
Result<void> add_kernels(const NetworkLayout& layout, const EditedKernels& kernels, std::size_t index,
                         const KernelProfile& profile, bool separate, SourceTree& tree, BuildUnit& unit) {
  const KernelSource& source = layout.network.sources[index];
  const EditedSource& edited = kernels.sources[index];
  const std::string name = layout.name.text();
  const KernelUnits cut = cut_into_units(layout.network, source, edited, profile, separate, layout.upper + "_UNIT");
  STM32TVM_CHECK(tree.add(name + "/kernels/" + source.name, cut.text));
  const std::string stem = source.name.substr(0, source.name.rfind('.'));
  for (std::size_t i = 0; i < cut.units.size(); ++i) {
    const std::string number = cut.units.size() > 1 ? fmt::format("_{}", i + 1) : "";
    const std::string path = fmt::format("{0}/{0}_{1}{2}{3}", name, stem, number, source.name.substr(stem.size()));
    STM32TVM_CHECK(tree.add(path, emit_kernel_source(layout, source, cut, i, edited.notes)));
    unit.sources.push_back({path, cut.units[i].options});
  }
  return {};
}

Result<BuildUnit> add_network(const NetworkLayout& layout, const EmitOptions& options, SourceTree& tree) {
  const std::string name = layout.name.text();
  const std::string stem = name + "/" + name;
  STM32TVM_CHECK(check_weights(layout, options.weights));
  STM32TVM_CHECK(device_api_emitter(options.device_api).add_network(layout, options, tree));
  STM32TVM_CHECK(tree.add(stem + "_symbols.h", emit_symbols_header(layout)));
  BuildUnit unit{.name = name,
                 .folder = name,
                 .sources = {{stem + ".c", warning_options}, {stem + "_data.c", warning_options}},
                 .include_folders = {name},
                 .options = section_options,
                 .kept_symbol = device_api_emitter(options.device_api).keeps_network ? name + "_network" : ""};
  STM32TVM_CHECK(add_weights_files(layout, options, unit, tree));
  const KernelProfile wanted = options.kernel_profile.value_or(default_profile(layout.network));
  const EditedKernels kernels = edit_kernels(layout.network, layout.plan, wanted.edits);
  const KernelProfile profile = with_required_options(wanted, layout.network, kernels.confusable);
  for (std::size_t i = 0; i < kernels.sources.size(); ++i) {
    STM32TVM_CHECK(add_kernels(layout, kernels, i, profile, options.separate_kernels, tree, unit));
  }
  for (const KernelObject& object : layout.network.objects) {
    unit.objects.push_back(name + "/kernels/" + object.name);
    STM32TVM_CHECK(tree.add(unit.objects.back(), object.contents));
  }
  unit.cmsis_nn_sources = layout.network.needs.cmsis_nn_sources;
  return unit;
}

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

Result<void> check_options(const NetworkDescriptor& network, const MemoryPlan& plan, const EmitOptions& options) {
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
  }
  STM32TVM_CHECK(check_memory(network, plan));
  STM32TVM_CHECK(check_self_test(network, options));
  return check_samples(network, options.samples);
}

/// One network of an image, with the arenas that it shares.
struct ImagePart {
  const NetworkDescriptor& network;
  const MemoryPlan& plan;
  std::vector<NetworkLayout::SharedArena> shared;
};

Result<SourceTree> emit_parts(const std::vector<ImagePart>& parts, const PlanOptions& plan, const EmitOptions& options,
                              const ProgressCallback& progress) {
  if (parts.empty() || options.target || !options.samples.empty() || !options.self_test.empty()) {
    return Error{
        ErrorCode::bad_option,
        parts.empty() ? "there is no network to emit" : "firmware and samples are for one network; emit one module",
        {}};
  }
  STM32TVM_TRY(project, network_name(options.name));
  SourceTree tree;
  BuildDescription build{.name = project.text(), .host_include_folders = {"runtime/host"}};
  STM32TVM_TRY(runtime, add_runtime(device_api_emitter(options.device_api), tree));
  build.runtime = runtime;
  for (const ImagePart& each : parts) {
    STM32TVM_CHECK(report(progress, each.network.module_name, build.networks.size(), parts.size()));
    STM32TVM_CHECK(each.plan.check(each.network));
    STM32TVM_CHECK(check_options(each.network, each.plan, options));
    STM32TVM_CHECK(check_budget(each.network, each.plan, options.budget));
    STM32TVM_TRY(name, network_name(options.name + "_" + each.network.module_name));
    if (std::ranges::find(build.networks, name.text(), &BuildUnit::name) != build.networks.end()) {
      return Error{ErrorCode::bad_option,
                   fmt::format("two modules would both be called {}; emit them one by one", name.text()),
                   {}};
    }
    const NetworkLayout layout(each.network, each.plan, name, each.shared);
    if (std::ranges::any_of(layout.blocks, [](const WeightsBlock& block) { return block.group.address.has_value(); })) {
      return Error{ErrorCode::bad_option, "weights at an address are for one network; emit one module", "placement"};
    }
    STM32TVM_TRY(unit, add_network(layout, options, tree));
    build.networks.push_back(unit);
  }
  STM32TVM_CHECK(emit_build_files(build, options.build_system, tree));
  STM32TVM_CHECK(add_memories_script(plan, {}, options, tree));
  STM32TVM_CHECK(report(progress, options.name, parts.size(), parts.size()));
  return tree;
}

}  // namespace

Result<SourceTree> ProjectEmitter::emit(const NetworkDescriptor& network, const MemoryPlan& plan,
                                        const EmitOptions& options, const ProgressCallback& progress) {
  STM32TVM_CHECK(plan.check(network));
  STM32TVM_CHECK(check_options(network, plan, options));
  STM32TVM_TRY(name, network_name(options.name));
  STM32TVM_CHECK(report(progress, name.text(), 0, 1));
  const NetworkLayout layout(network, plan, name);
  if (options.target) {
    STM32TVM_CHECK(check_fit(layout, *options.target));
  }
  STM32TVM_CHECK(check_budget(network, plan, options.budget));
  SourceTree tree;
  BuildDescription build{.name = layout.name.text(), .host_include_folders = {"runtime/host"}};
  STM32TVM_TRY(runtime, add_runtime(device_api_emitter(options.device_api), tree));
  build.runtime = runtime;
  STM32TVM_TRY(unit, add_network(layout, options, tree));
  STM32TVM_CHECK(add_self_test(layout, options, unit, tree));
  build.networks.push_back(unit);
  if (options.target) {
    STM32TVM_TRY(firmware, emit_firmware(layout, options, tree));
    build.firmware = firmware;
    build.firmware->has_golden_check = options.application == EmitOptions::Application::golden_check;
    build.firmware->budget = options.budget;
  }
  STM32TVM_CHECK(emit_build_files(build, options.build_system, tree));
  STM32TVM_CHECK(add_memories_script(plan.options, layout.blocks, options, tree));
  STM32TVM_CHECK(report(progress, name.text(), 1, 1));
  return tree;
}

Result<SourceTree> ProjectEmitter::emit_all(const std::vector<PlannedNetwork>& networks, const EmitOptions& options,
                                            const ProgressCallback& progress) {
  std::vector<ImagePart> parts;
  parts.reserve(networks.size());
  for (const PlannedNetwork& each : networks) {
    parts.push_back({each.network, each.plan, {}});
  }
  return emit_parts(parts, networks.empty() ? PlanOptions{} : networks.front().plan.options, options, progress);
}

Result<SourceTree> ProjectEmitter::emit_image(const std::vector<NetworkDescriptor>& networks, const ImagePlan& plan,
                                              const EmitOptions& options, const ProgressCallback& progress) {
  STM32TVM_CHECK(plan.check(networks));
  std::vector<ImagePart> parts;
  for (std::uint32_t i = 0; i < networks.size(); ++i) {
    ImagePart& part = parts.emplace_back(ImagePart{networks[i], plan.plans[i], {}});
    for (std::uint32_t pool = 0; pool < plan.options.pools.size(); ++pool) {
      const ImageArena& arena = plan.arena(i, pool);
      if (arena.networks.size() > 1) {
        const auto index = static_cast<std::size_t>(&arena - plan.arenas.data());
        part.shared.resize(plan.options.pools.size());
        part.shared[pool] = {fmt::format("{}_arena_{}", CIdentifier::from(options.name).lower(), index + 1),
                             arena.bytes, arena.alignment, arena.networks.front() == i};
      }
    }
  }
  return emit_parts(parts, plan.options, options, progress);
}

}  // namespace v1
}  // namespace stm32tvm
