// SPDX-License-Identifier: Apache-2.0
// ModelLibrary: sorts the archive's members to the modules that metadata.json names.
#include "stm32tvm/model_library.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "model/metadata.hpp"
#include "network/apply_relay.hpp"
#include "network/describe_aot.hpp"
#include "network/describe_graph.hpp"
#include "network/describe_operators.hpp"
#include "network/metadata_check.hpp"
#include "network/module_sources.hpp"
#include "network/narrow_constants.hpp"
#include "network/place_weights.hpp"
#include "support/relative_path.hpp"
#include "support/report.hpp"
#include "support/try.hpp"

namespace stm32tvm {
inline namespace v1 {

const char* name(Executor executor) noexcept {
  switch (executor) {
    case Executor::graph:
      return "graph";
    case Executor::ahead_of_time:
      return "aot";
    case Executor::single_operator:
      return "operator";
  }
  return "";
}

namespace {

std::optional<Archive::Member> first_of(const Archive& archive, std::initializer_list<std::string> paths) {
  for (const std::string& path : paths) {
    if (const Archive::Member* member = archive.find(path)) {
      return *member;
    }
  }
  return std::nullopt;
}

/// The only member of a folder with this ending: an archive's one module may have files of another name than its own.
std::optional<Archive::Member> only_one(const Archive& archive, std::string_view folder, std::string_view ending) {
  const Archive::Member* found = nullptr;
  for (const Archive::Member& member : archive.members()) {
    if (member.path.starts_with(folder) && member.path.ends_with(ending)) {
      if (found != nullptr) {
        return std::nullopt;
      }
      found = &member;
    }
  }
  return found == nullptr ? std::nullopt : std::optional(*found);
}

bool has_extension(std::string_view path, std::initializer_list<std::string_view> extensions) {
  return std::any_of(extensions.begin(), extensions.end(),
                     [&](std::string_view extension) { return path.ends_with(extension); });
}

/// Headers have their module's name in small letters.
std::string lower(std::string_view name) {
  std::string text(name);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

/// Whether a file of codegen/host belongs to this module: "<module>_lib0.c" does, unless another module's longer name
/// fits too. With one module everything belongs to it, whatever its name.
bool belongs_to(std::string_view file, std::string_view module, const std::vector<Module>& modules) {
  if (modules.size() == 1) {
    return true;
  }
  const auto fits = [&](std::string_view name) {
    return file.starts_with(std::string(name) + "_lib") || file.starts_with("tvmgen_" + lower(name) + ".");
  };
  return fits(module) && std::none_of(modules.begin(), modules.end(), [&](const Module& other) {
           return other.name.size() > module.size() && fits(other.name);
         });
}

/// "lib2.c" before "lib10.c".
bool natural_less(const Archive::Member& a, const Archive::Member& b) {
  return std::make_pair(a.path.size(), std::string_view(a.path)) <
         std::make_pair(b.path.size(), std::string_view(b.path));
}

void collect_code(const Archive& archive, const std::vector<Module>& modules, Module& module) {
  constexpr std::string_view folder = "codegen/host/";
  for (const Archive::Member& member : archive.members()) {
    if (!member.path.starts_with(folder)) {
      continue;
    }
    const std::string_view file = std::string_view(member.path).substr(member.path.rfind('/') + 1);
    if (!belongs_to(file, module.name, modules)) {
      continue;
    }
    if (has_extension(file, {".c", ".cc", ".cpp"})) {
      module.sources.push_back(member);
    } else if (has_extension(file, {".o"})) {
      module.objects.push_back(member);
    } else if (has_extension(file, {".h"})) {
      module.headers.push_back(member);
    }
  }
  std::sort(module.sources.begin(), module.sources.end(), natural_less);
  std::sort(module.objects.begin(), module.objects.end(), natural_less);
}

Result<NetworkDescriptor> describe(const Module& module, const ModuleSources& sources, const ModelLimits& limits) {
  switch (module.executor) {
    case Executor::ahead_of_time:
      return describe_aot(module, sources, limits);
    case Executor::single_operator:
      return describe_operators(module, sources, limits);
    case Executor::graph:
      break;
  }
  return describe_graph(module, sources, limits);
}

}  // namespace

Result<ModelLibrary> ModelLibrary::open(const std::filesystem::path& path, const ArchiveLimits& archive_limits,
                                        const ModelLimits& limits, const ProgressCallback& progress) {
  STM32TVM_TRY(archive, Archive::open(path, archive_limits, progress));
  return from_archive(archive, limits);
}

Result<ModelLibrary> ModelLibrary::from_bytes(Bytes bytes, const ArchiveLimits& archive_limits,
                                              const ModelLimits& limits, const ProgressCallback& progress) {
  STM32TVM_TRY(archive, Archive::from_bytes(std::move(bytes), archive_limits, progress));
  return from_archive(archive, limits);
}

Result<ModelLibrary> ModelLibrary::from_archive(const Archive& archive, const ModelLimits& limits) {
  const Archive::Member* const member = archive.find("metadata.json");
  if (member == nullptr) {
    return Error{ErrorCode::missing_member,
                 "the archive holds no metadata.json, so it is not in the Model Library Format; export the model with "
                 "tvm.micro.export_model_library_format",
                 "metadata.json"};
  }
  STM32TVM_TRY(metadata, read_metadata(member->contents.view(), limits));
  ModelLibrary library;
  library.format_version_ = metadata.version;
  library.modules_ = std::move(metadata.modules);
  library.limits_ = limits;
  for (Module& module : library.modules_) {
    const std::string& name = module.name;
    collect_code(archive, library.modules_, module);
    module.graph = first_of(archive, {"executor-config/graph/" + name + ".graph", "executor-config/graph/graph.json",
                                      "runtime-config/graph/graph.json"});
    module.parameters = first_of(archive, {"parameters/" + name + ".params"});
    module.relay = first_of(archive, {"src/" + name + ".relay", "src/relay.txt", "relay.txt"});
    if (library.modules_.size() == 1) {
      module.graph = module.graph ? module.graph : only_one(archive, "executor-config/graph/", ".graph");
      module.parameters = module.parameters ? module.parameters : only_one(archive, "parameters/", ".params");
      module.relay = module.relay ? module.relay : only_one(archive, "src/", ".relay");
    }
  }
  return library;
}

Result<NetworkDescriptor> ModelLibrary::network(std::string_view module_name, const NetworkOptions& options,
                                                const ProgressCallback& progress) const {
  const Module* found = nullptr;
  std::string names;
  for (const Module& module : modules_) {
    if (module.name == module_name || (module_name.empty() && modules_.size() == 1)) {
      found = &module;
    }
    names += (names.empty() ? "" : ", ") + module.name;
  }
  if (found == nullptr) {
    return Error{ErrorCode::bad_option,
                 module_name.empty() ? fmt::format("the archive has several modules ({}); name the one to take", names)
                                     : fmt::format("the archive has no module \"{}\"; it has {}", module_name, names),
                 "metadata.json"};
  }
  STM32TVM_CHECK(report(progress, found->name, 0, 1));
  auto sources = ModuleSources::read(*found);
  if (!sources) {
    return shown(std::move(sources).error());
  }
  STM32TVM_TRY(network, describe(*found, *sources, limits_));
  network.format_version = format_version_;
  check_input_order(*found, network);
  apply_relay(*found, network);
  if (!options.keep_constants) {
    narrow_constants(ModuleSources::take_outlines(*std::move(sources)), network);
  }
  STM32TVM_CHECK(place_weights(options.weights_groups, network));
  STM32TVM_CHECK(report(progress, found->name, 1, 1));
  return std::move(network);
}

}  // namespace v1
}  // namespace stm32tvm
