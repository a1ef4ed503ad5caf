// SPDX-License-Identifier: Apache-2.0
// Where each constant lies in the block of its group.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {

/// Arm kernels of dense layers refuse pointers off a 4-byte boundary; 16 is what TVM itself gives linked constants.
inline constexpr std::uint32_t weight_alignment = 16;

/// One group's bytes as they are stored: its header if it has one, then its constants.
struct WeightsBlock {
  WeightsGroup group;
  std::map<TensorIndex, std::uint64_t> offsets;  ///< of the constants; equal ones share one
  std::uint64_t bytes = 0;

  [[nodiscard]] bool has_data() const { return group.place != WeightsGroup::Place::fetch; }
};

/// The blocks of all groups that an operator reads a constant of: those that are fetched come last.
std::vector<WeightsBlock> weights_blocks(const NetworkDescriptor& network);

/// What is the same in every block of these constants, whatever their values: CRC-32 of their names, types and places;
/// not 0. A block of another network's has another.
std::uint32_t layout_of(const WeightsBlock& block, const NetworkDescriptor& network);

/// The block's bytes, little-endian.
std::string bytes_of(const WeightsBlock& block, const NetworkDescriptor& network);

}  // namespace stm32tvm
