// SPDX-License-Identifier: Apache-2.0
// Reading a module's sources once, for all executors.
#include "network/module_sources.hpp"

#include <algorithm>
#include <utility>

#include "network/needs.hpp"
#include "support/source_name.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

/// A generated source without content is a single ';' or blank.
bool has_content(std::string_view text) {
  return text.find_first_not_of("; \t\r\n") != std::string_view::npos;
}

/// The name behind the module's prefix: "lib0.c" of "default_lib0.c". It becomes part of emitted build files.
Result<std::string> source_name(const Module& module, const std::string& path) {
  std::string_view file = std::string_view(path).substr(path.rfind('/') + 1);
  if (file.starts_with(module.name + "_")) {
    file.remove_prefix(module.name.size() + 1);
  }
  if (!is_safe_source_name(file)) {
    return Error{ErrorCode::bad_source,
                 "the source's name must be letters, digits, '_' and '.', as TVM names sources; rename the member",
                 path};
  }
  return std::string(file);
}

bool is_entry_function(std::string_view name) {
  const auto ends = [&](std::string_view word) { return name.starts_with("tvmgen_") && name.ends_with(word); };
  return name == "TVMSystemLibEntryPoint" || is_main_function(name) || ends("_run") || ends("_map_inputs") ||
         ends("_map_outputs") || ends("_get_c_metadata");
}

}  // namespace

Result<ModuleSources> ModuleSources::read(const Module& module) {
  if (module.sources.empty()) {
    return Error{ErrorCode::missing_member, "the module has no C source; export the model for the target \"c\"",
                 "codegen/host/src"};
  }
  ModuleSources sources;
  for (const Archive::Member& member : module.sources) {
    if (!has_content(member.contents.view())) {
      continue;
    }
    STM32TVM_TRY(name, source_name(module, member.path));
    STM32TVM_TRY(facts, read_kernels(member.contents.view(), member.path));
    const bool entry = !facts.definitions.empty() &&
                       std::all_of(facts.definitions.begin(), facts.definitions.end(), is_entry_function);
    sources.all_.push_back({std::move(name), member, std::move(facts), entry});
  }
  for (const ModuleSource& source : sources.all_) {
    for (const Kernel& kernel : source.facts.kernels) {
      sources.kernels_.emplace(kernel.name, &kernel);
    }
  }
  return sources;
}

const Kernel* ModuleSources::kernel(std::string_view name) const {
  const auto found = kernels_.find(std::string(name));
  return found == kernels_.end() ? nullptr : found->second;
}

void ModuleSources::add_to(NetworkDescriptor& network) const {
  std::vector<SourceFacts> kept;
  for (const ModuleSource& source : all_) {
    if (!source.entry) {
      const auto& definitions = source.facts.definitions;
      network.sources.push_back({source.name, source.member.contents, {definitions.begin(), definitions.end()}});
      kept.push_back({source.facts.kernels, source.facts.includes, {}, {}});
    }
  }
  network.needs = needs_of(kept);
}

NetworkDescriptor begin_network(const Module& module) {
  NetworkDescriptor network;
  network.module_name = module.name;
  network.executor = name(module.executor);
  network.targets = module.targets;
  network.export_datetime = module.export_datetime;
  network.tvm_version = module.tvm_version;
  return network;
}

}  // namespace stm32tvm
