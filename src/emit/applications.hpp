// SPDX-License-Identifier: Apache-2.0
// The programs that firmware can hold: each is firmware/main.c and what it needs beside the firmware's own sources.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "emit/build/build_description.hpp"
#include "emit/network_layout.hpp"
#include "stm32tvm/project_emitter.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/source_tree.hpp"

namespace stm32tvm {

/// The number and the sizes of the samples' inputs and outputs are the network's.
Result<void> check_samples(const NetworkDescriptor& network, const std::vector<Sample>& samples);

/// Adds instance.h and instance.c to the folder: an instance, made through the device API, for programs over the core.
Result<void> add_instance(const NetworkLayout& layout, const EmitOptions& options, const std::string& folder,
                          SourceTree& tree);

/// Adds the application that the options name to the tree, and its sources, but for main.c, to `sources`.
Result<void> add_application(const std::deque<NetworkLayout>& layouts, const EmitOptions& options, SourceTree& tree,
                             std::vector<BuildSource>& sources);

}  // namespace stm32tvm
