// SPDX-License-Identifier: Apache-2.0
// What tells the device APIs apart in the emitter: one row for each.
#pragma once

#include <string>

#include "emit/network_layout.hpp"
#include "stm32tvm/project_emitter.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/source_tree.hpp"

namespace stm32tvm {

struct DeviceApiEmitter {
  const char* folder;  ///< in runtime_c/api/: its files go beside the core's in the emitted runtime/
  /// How an application declares arena {0} of network {1}, in capitals; empty where networks have arenas of their own.
  const char* arena;
  bool keeps_network;  ///< whether <name>_network stays in the image when nothing refers to it, for an iterator
  Result<void> (*check)(const NetworkDescriptor& network);
  /// Adds the network's own sources, but for the kernels.
  Result<void> (*add_network)(const NetworkLayout& layout, const EmitOptions& options, SourceTree& tree);
  /// Symbol of the block of weights of the group "weights".
  std::string (*weights_symbol)(const NetworkLayout& layout);
};

const DeviceApiEmitter& device_api_emitter(EmitOptions::DeviceApi api);

}  // namespace stm32tvm
