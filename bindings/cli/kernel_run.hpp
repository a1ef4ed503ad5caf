// SPDX-License-Identifier: Apache-2.0
// One measurement of a tuning: what firmware that times its kernels reported, and how large these are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "stm32tvm/kernel_tuning.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/source_tree.hpp"

namespace stm32tvm::cli {

struct Run {
  std::uint64_t ticks = 0;          ///< of one inference
  std::vector<KernelCost> kernels;  ///< in the order of their names
  std::uint64_t shared_bytes = 0;   ///< of functions that kernels share
};

/// Of the kernels.
std::uint64_t bytes_of(const Run& run);

/// What the firmware said: "ticks: 342888" of the first inference, and "kernel NAME: 83070 ticks in 2 calls" of each
/// kernel. Nothing where something is missing.
std::optional<Run> read_report(const std::string& output, const std::vector<std::string>& kernels);

/// Adds the bytes of the kernels' functions, and of the parts that the compiler split off, from what nm -S says.
void add_sizes(Run& run, const std::string& symbols, const std::vector<std::string>& kernels,
               const NetworkDescriptor& network);

/// Names a measurement by all that it depends on.
std::string content_key(const SourceTree& tree, const std::string& more);

/// What keep() wrote of so many kernels.
std::optional<Run> read_run(const std::filesystem::path& path, std::size_t kernels);

/// Writes the measurement for a later read_run().
Result<void> keep(const Run& run, const std::filesystem::path& path);

}  // namespace stm32tvm::cli
