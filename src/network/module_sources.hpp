// SPDX-License-Identifier: Apache-2.0
// A module's C sources, read: what each defines, and which of them a network keeps.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "network/kernel_reader.hpp"
#include "network/object_file.hpp"
#include "stm32tvm/model_library.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

struct ModuleSource {
  std::string name;  ///< "lib0.c"
  Archive::Member member;
  SourceOutline outline;
  SourceFacts facts;
  /// Defines nothing but TVM's entry functions: the run function, the registry, the metadata, the main function. Our
  /// tables stand for these.
  bool entry = false;
};

struct ModuleObject {
  std::string name;  ///< "lib0.o"
  Archive::Member member;
  ObjectFacts facts;
};

class ModuleSources {
 public:
  static Result<ModuleSources> read(const Module& module);

  [[nodiscard]] const std::vector<ModuleSource>& all() const noexcept { return all_; }
  /// The kernel of this name, or nullptr.
  [[nodiscard]] const Kernel* kernel(std::string_view name) const;

  /// The object file that defines this function, or nullptr.
  [[nodiscard]] const ModuleObject* object_with(std::string_view function) const;

  /// Fills in the network's sources, objects and needs: all but entry sources. Says of objects what cannot be known.
  void add_to(NetworkDescriptor& network) const;

  /// Of the network's sources, in their order.
  [[nodiscard]] static std::vector<SourceOutline> take_outlines(ModuleSources sources);

 private:
  std::vector<ModuleSource> all_;
  std::vector<ModuleObject> objects_;
  std::unordered_map<std::string, const Kernel*> kernels_;
};

/// Refuses a kernel in an object file that may take workspaces: their sizes cannot be read from it.
Result<void> check_compiled(const Module& module, std::string_view function, const ModuleObject& object);

/// What a module's own descriptor starts with: its names and targets.
NetworkDescriptor begin_network(const Module& module);

}  // namespace stm32tvm
