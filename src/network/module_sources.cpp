// SPDX-License-Identifier: Apache-2.0
// Reading a module's sources once, for all executors.
#include "network/module_sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
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

/// What the emitted runtime gives to kernels.
bool is_of_runtime(std::string_view symbol) {
  return symbol == "TVMBackendAllocWorkspace" || symbol == "TVMBackendFreeWorkspace";
}

/// Known faults of TVM's generator in a source that is kept.
void report_faults(const ModuleSource& source, std::vector<Diagnostic>& diagnostics) {
  if (source.facts.casts_to_int) {
    diagnostics.push_back({Diagnostic::Kind::repair,
                           "the source passes int* for int32_t*, which is long on Arm and an error from GCC 14 on; the "
                           "emitted copy is compiled with that warning off",
                           source.member.path});
  }
  // The codes are 0 and below, so what is asked is never what was meant.
  if (source.member.contents.view().find("switch (!status)") != std::string_view::npos) {
    diagnostics.push_back({Diagnostic::Kind::warning,
                           "the source asks for \"!status\" where it means the status that a CMSIS-NN function gives, "
                           "so a run does not tell when one fails",
                           source.member.path});
  }
}

/// What is to be known of an object file that is linked as it is.
Diagnostic about(const ModuleObject& object) {
  std::string missing;
  for (const std::string& symbol : object.facts.needs) {
    if (symbol.starts_with("TVM") && !is_of_runtime(symbol) && missing.size() < 200) {
      missing += (missing.empty() ? "" : ", ") + symbol.substr(0, 100);
    }
  }
  if (!missing.empty()) {
    return {
        Diagnostic::Kind::warning,
        fmt::format("the object file needs {}, which the emitted runtime does not have; the application must", missing),
        object.member.path};
  }
  return {Diagnostic::Kind::note,
          fmt::format("the object file, for {}, is linked as it is: its symbols keep their names, and what its kernels "
                      "touch is not known",
                      object.facts.machine),
          object.member.path};
}

/// Emitted files have a source's name alone, without its folder.
Result<void> check_names(const std::vector<ModuleSource>& sources) {
  std::set<std::string_view> names;
  for (const ModuleSource& source : sources) {
    if (!names.insert(source.name).second) {
      return Error{ErrorCode::bad_source, "another source of the module has this name too; rename one of the members",
                   source.member.path};
    }
  }
  return {};
}

}  // namespace

Result<ModuleSources> ModuleSources::read(const Module& module) {
  if (module.sources.empty() && module.objects.empty()) {
    return Error{ErrorCode::missing_member,
                 "the module has neither a C source nor an object file; export the model for the target \"c\"",
                 "codegen/host"};
  }
  ModuleSources sources;
  for (const Archive::Member& member : module.objects) {
    STM32TVM_TRY(name, source_name(module, member.path));
    STM32TVM_TRY(facts, read_object_file(member.contents.view(), member.path));
    sources.objects_.push_back({std::move(name), member, std::move(facts)});
  }
  for (const Archive::Member& member : module.sources) {
    if (!has_content(member.contents.view())) {
      continue;
    }
    STM32TVM_TRY(name, source_name(module, member.path));
    SourceOutline outline = outline_source(member.contents.view());
    STM32TVM_TRY(facts, read_kernels({member.contents.view(), member.path}, outline));
    const bool entry = !facts.definitions.empty() &&
                       std::all_of(facts.definitions.begin(), facts.definitions.end(), is_entry_function);
    sources.all_.push_back({std::move(name), member, std::move(outline), std::move(facts), entry});
  }
  STM32TVM_CHECK(check_names(sources.all_));
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

const ModuleObject* ModuleSources::object_with(std::string_view function) const {
  const auto found = std::find_if(objects_.begin(), objects_.end(), [&](const ModuleObject& object) {
    return object.facts.definitions.contains(function);
  });
  return found == objects_.end() ? nullptr : &*found;
}

void ModuleSources::add_to(NetworkDescriptor& network) const {
  std::vector<SourceFacts> kept;
  for (const ModuleSource& source : all_) {
    if (!source.entry) {
      const auto& definitions = source.facts.definitions;
      network.sources.push_back({source.name, source.member.contents, {definitions.begin(), definitions.end()}});
      kept.push_back({source.facts.kernels, source.facts.includes, {}, {}, {}});
      report_faults(source, network.diagnostics);
    }
  }
  for (const ModuleObject& object : objects_) {
    const auto& definitions = object.facts.definitions;
    network.objects.push_back(
        {object.name, object.member.contents, object.facts.machine, {definitions.begin(), definitions.end()}});
    network.diagnostics.push_back(about(object));
  }
  network.needs = needs_of(kept);
}

std::vector<SourceOutline> ModuleSources::take_outlines(ModuleSources sources) {
  std::vector<SourceOutline> outlines;
  for (ModuleSource& source : sources.all_) {
    if (!source.entry) {
      outlines.push_back(std::move(source.outline));
    }
  }
  return outlines;
}

Result<void> check_compiled(const Module& module, std::string_view function, const ModuleObject& object) {
  const auto bytes = module.operator_workspace_bytes.find(function);
  const bool told = bytes != module.operator_workspace_bytes.end();
  // LLVM's code calls it by its name in a system library, and otherwise by a pointer that a loader sets.
  const bool takes = object.facts.needs.contains("TVMBackendAllocWorkspace") ||
                     object.facts.definitions.contains("__TVMBackendAllocWorkspace");
  if (takes && (!told || bytes->second > 0)) {
    return Error{ErrorCode::unsupported,
                 fmt::format("{} may take workspaces, and an object file does not say of what sizes; export the model "
                             "for the target \"c\"",
                             function.substr(0, 200)),
                 object.member.path};
  }
  return {};
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
