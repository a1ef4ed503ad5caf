// SPDX-License-Identifier: Apache-2.0
// ProjectEmitter: puts a network's folder, the runtime's folder and, where asked, the firmware into one tree.
#include "stm32tvm/project_emitter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emit/build/build_files.hpp"
#include "emit/device_api.hpp"
#include "emit/emission_checks.hpp"
#include "emit/firmware.hpp"
#include "emit/kernel_edits.hpp"
#include "emit/kernel_options.hpp"
#include "emit/kernel_sources.hpp"
#include "emit/kernel_units.hpp"
#include "emit/memories_script.hpp"
#include "emit/network_layout.hpp"
#include "emit/self_test.hpp"
#include "emit/weights.hpp"
#include "stm32tvm/memory_needs.hpp"
#include "support/embedded_files.hpp"
#include "support/report.hpp"
#include "support/try.hpp"

namespace stm32tvm {
inline namespace v1 {
namespace {

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
  const KernelUnits cut = cut_into_units(source, edited, profile, separate, layout.upper + "_UNIT");
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

/// One network of an image, with the arenas that it shares.
struct ImagePart {
  const NetworkDescriptor& network;
  const MemoryPlan& plan;
  std::string name;  ///< where the options name none
  std::vector<NetworkLayout::SharedArena> shared = {};
};

/// Options that are for all networks, where there are several.
Result<void> check_image_options(const std::vector<ImagePart>& parts, const EmitOptions& options) {
  const auto bad = [](std::string message) { return Error{ErrorCode::bad_option, std::move(message), {}}; };
  if (parts.empty()) {
    return bad("there is no network to emit");
  }
  if (!options.names.empty() && options.names.size() != parts.size()) {
    return bad(fmt::format("there are {} names for {} networks; give each one of its own", options.names.size(),
                           parts.size()));
  }
  const auto is_for_none = [&](const Sample& sample) { return sample.network >= parts.size(); };
  if (std::ranges::any_of(options.samples, is_for_none)) {
    return bad(fmt::format("a sample is for network {}, and there are {}, counted from 0",
                           std::ranges::find_if(options.samples, is_for_none)->network, parts.size()));
  }
  if (parts.size() == 1) {
    return {};
  }
  const bool moves_kernels = options.kernel_profile && !options.kernel_profile->memory.empty();
  const bool is_golden_check = options.application == EmitOptions::Application::golden_check;
  if (!options.self_test.empty() || options.time_kernels || (options.target && (moves_kernels || !is_golden_check))) {
    return bad(
        "self-tests, times of kernels, kernels in a memory of their own, and all applications but the golden check are "
        "for one network; emit that one by itself");
  }
  const bool shares = std::ranges::any_of(parts, [](const ImagePart& part) { return !part.shared.empty(); });
  if (options.target && shares && *device_api_emitter(options.device_api).arena != '\0') {
    return bad(
        "under this device API arenas are the application's, and the firmware's networks have one each; share "
        "none, or emit without a target");
  }
  return {};
}

/// Where there are several networks, the error says which of them is not as it must be.
Result<void> check_part(const ImagePart& part, std::size_t index, const CIdentifier& name, const EmitOptions& options,
                        bool is_alone) {
  STM32TVM_CHECK(part.plan.check(part.network));
  Result<void> checked = check_emission(part.network, part.plan, options, index);
  if (checked || is_alone) {
    return checked;
  }
  Error error = checked.error();
  error.where = error.where.empty() ? name.text() : name.text() + ": " + error.where;
  return error;
}

/// Adds one network of the image, under a name that none before it has.
Result<void> add_part(const NetworkLayout& layout, const EmitOptions& options, bool is_alone, BuildDescription& build,
                      SourceTree& tree) {
  if (std::ranges::find(build.networks, layout.name.text(), &BuildUnit::name) != build.networks.end()) {
    return Error{ErrorCode::bad_option,
                 fmt::format("two networks would both be called {}; give each a name of its own", layout.name.text()),
                 {}};
  }
  const auto has_address = [](const WeightsBlock& block) { return block.group.address.has_value(); };
  if (!is_alone && std::ranges::any_of(layout.blocks, has_address)) {
    return Error{ErrorCode::bad_option, "weights at an address are for one network; emit that one by itself",
                 "placement"};
  }
  STM32TVM_TRY(unit, add_network(layout, options, tree));
  STM32TVM_CHECK(add_self_test(layout, options, unit, tree));
  build.networks.push_back(unit);
  return {};
}

/// A budget is for all networks of an image together.
Result<void> check_image_budget(const std::deque<NetworkLayout>& layouts, const Budget& budget) {
  if (layouts.size() == 1) {
    return check_budget(layouts.front().network, layouts.front().plan, budget);
  }
  std::uint64_t ram = 0;
  std::uint64_t flash = 0;
  for (const NetworkLayout& layout : layouts) {
    const MemoryNeeds needs = memory_needs(layout.network, layout.plan);
    ram += needs.ram_bytes() - needs.arena_bytes;
    flash += needs.flash_bytes();
    for (std::size_t pool = 0; pool < layout.plan.pools.size(); ++pool) {
      ram += layout.defined_arena_bytes(pool);
    }
  }
  const auto check = [](std::uint64_t taken, std::string_view of_what, std::optional<std::uint64_t> allowed) {
    return !allowed || taken <= *allowed
               ? Result<void>{}
               : Error{ErrorCode::does_not_fit,
                       fmt::format("the networks take {} bytes of {} together, {} more than the budget of {}; allow "
                                   "more, or take fewer or smaller networks",
                                   taken, of_what, taken - *allowed, *allowed),
                       "budget"};
  };
  STM32TVM_CHECK(check(ram, "RAM without the stack", budget.ram_bytes));
  return check(flash, "flash without their code", budget.flash_bytes);
}

/// The folders of runtime, networks and firmware are on one include path, so no two may have a header of one name.
Result<void> check_headers(const BuildDescription& build, const SourceTree& tree) {
  const std::vector<std::string> folders = include_folders_of(build);
  std::map<std::string_view, std::string_view> folder_of;
  for (const auto& file : tree.files()) {
    const std::string_view path = file.first;
    const std::size_t slash = std::min(path.rfind('/'), path.size());
    const std::string_view folder = path.substr(0, slash);
    if (!path.ends_with(".h") || std::ranges::find(folders, folder) == folders.end()) {
      continue;
    }
    const auto [first, is_new] = folder_of.emplace(path.substr(slash + 1), folder);
    if (!is_new) {
      return Error{ErrorCode::bad_option,
                   fmt::format("{} and {} would both have a file {}; give a network another name", first->second,
                               folder, first->first),
                   {}};
    }
  }
  return {};
}

Result<SourceTree> emit_parts(const std::vector<ImagePart>& parts, const PlanOptions& plan, const EmitOptions& options,
                              const ProgressCallback& progress) {
  STM32TVM_CHECK(check_image_options(parts, options));
  STM32TVM_TRY(project, network_name(options.name));
  SourceTree tree;
  BuildDescription build{.name = project.text(), .host_include_folders = {"runtime/host"}};
  STM32TVM_TRY(runtime, add_runtime(device_api_emitter(options.device_api), tree));
  build.runtime = runtime;
  std::deque<NetworkLayout> layouts;
  for (const ImagePart& part : parts) {
    STM32TVM_TRY(name, network_name(options.names.empty() ? part.name : options.names[layouts.size()]));
    STM32TVM_CHECK(check_part(part, layouts.size(), name, options, parts.size() == 1));
    if (options.target && name.text() == project.text() + "_firmware") {
      return Error{ErrorCode::bad_option,
                   fmt::format("{} is what the project's firmware is called; give the network another name", name),
                   {}};
    }
    STM32TVM_CHECK(report(progress, name.text(), layouts.size(), parts.size()));
    const NetworkLayout& layout = layouts.emplace_back(part.network, part.plan, name, part.shared);
    if (options.target) {
      STM32TVM_CHECK(check_fit(layout, *options.target));
    }
    STM32TVM_CHECK(add_part(layout, options, parts.size() == 1, build, tree));
  }
  STM32TVM_CHECK(check_image_budget(layouts, options.budget));
  if (options.target) {
    STM32TVM_CHECK(check_image_fit(layouts, *options.target));
    STM32TVM_TRY(firmware, emit_firmware(layouts, build.name, options, tree));
    build.firmware = firmware;
    build.firmware->has_golden_check = options.application == EmitOptions::Application::golden_check;
    build.firmware->budget = options.budget;
  }
  STM32TVM_CHECK(check_headers(build, tree));
  STM32TVM_CHECK(emit_build_files(build, options.build_system, tree));
  STM32TVM_CHECK(add_memories_script(plan, layouts.front().blocks, options, tree));
  STM32TVM_CHECK(report(progress, options.name, parts.size(), parts.size()));
  return tree;
}

}  // namespace

Result<SourceTree> ProjectEmitter::emit(const NetworkDescriptor& network, const MemoryPlan& plan,
                                        const EmitOptions& options, const ProgressCallback& progress) {
  return emit_parts({{network, plan, options.name}}, plan.options, options, progress);
}

Result<SourceTree> ProjectEmitter::emit_all(const std::vector<PlannedNetwork>& networks, const EmitOptions& options,
                                            const ProgressCallback& progress) {
  std::vector<ImagePart> parts;
  parts.reserve(networks.size());
  for (const PlannedNetwork& each : networks) {
    parts.push_back({each.network, each.plan, options.name + "_" + each.network.module_name});
  }
  return emit_parts(parts, networks.empty() ? PlanOptions{} : networks.front().plan.options, options, progress);
}

Result<SourceTree> ProjectEmitter::emit_image(const std::vector<NetworkDescriptor>& networks, const ImagePlan& plan,
                                              const EmitOptions& options, const ProgressCallback& progress) {
  STM32TVM_CHECK(plan.check(networks));
  std::vector<ImagePart> parts;
  for (std::uint32_t i = 0; i < networks.size(); ++i) {
    ImagePart& part =
        parts.emplace_back(ImagePart{networks[i], plan.plans[i], options.name + "_" + networks[i].module_name});
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
