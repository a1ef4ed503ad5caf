// SPDX-License-Identifier: Apache-2.0
// Constants one behind the other, in the order of their tensors.
#include "plan/weights_blocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "network/views.hpp"
#include "support/crc32.hpp"

namespace stm32tvm {
namespace {

constexpr std::uint64_t header_bytes = 16;          // stvm_weights_header
constexpr std::uint32_t header_magic = 0x57565453;  // STVM_WEIGHTS_MAGIC

std::uint64_t rounded_up(std::uint64_t bytes) {
  return (bytes + weight_alignment - 1) / weight_alignment * weight_alignment;
}

/// The constants that some operator reads.
std::vector<bool> read_constants(const NetworkDescriptor& network) {
  std::vector<bool> read(network.tensors.size(), false);
  for (const Operator& call : network.operators) {
    for (const Argument& argument : arguments_of(call)) {
      const TensorIndex root = view_place(network, argument.tensor).root;
      read[root] = network.tensors[root].constant.has_value();
    }
  }
  return read;
}

}  // namespace

std::vector<WeightsBlock> weights_blocks(const NetworkDescriptor& network) {
  std::vector<WeightsBlock> blocks;
  for (const WeightsGroup& group : network.weights_groups) {
    blocks.push_back({group, {}, group.is_checked ? header_bytes : 0});
  }
  if (blocks.empty()) {
    blocks.emplace_back();
  }
  const std::vector<bool> read = read_constants(network);
  std::vector<std::map<std::string_view, std::uint64_t>> places(blocks.size());
  for (TensorIndex index = 0; index < network.tensors.size(); ++index) {
    if (!read[index]) {
      continue;
    }
    const Tensor& tensor = network.tensors[index];
    WeightsBlock& block = blocks[tensor.weights_group];
    const auto [place, is_new] = places[tensor.weights_group].emplace(tensor.constant->view(), block.bytes);
    block.offsets.emplace(index, place->second);
    block.bytes += is_new ? rounded_up(tensor.bytes) : 0;
  }
  std::erase_if(blocks, [](const WeightsBlock& block) { return block.offsets.empty(); });
  for (WeightsBlock& block : blocks) {
    // Parameters without elements need an address, too.
    block.bytes = std::max<std::uint64_t>(block.bytes, weight_alignment);
  }
  std::stable_partition(blocks.begin(), blocks.end(), [](const WeightsBlock& block) { return block.has_data(); });
  return blocks;
}

std::uint32_t layout_of(const WeightsBlock& block, const NetworkDescriptor& network) {
  std::string text;
  for (const auto& [index, offset] : block.offsets) {
    const Tensor& tensor = network.tensors[index];
    text += fmt::format("{}\n{} {} {}\n", tensor.name, to_string(tensor.type), fmt::join(tensor.shape, ","), offset);
  }
  return std::max<std::uint32_t>(crc32(text), 1);
}

std::string bytes_of(const WeightsBlock& block, const NetworkDescriptor& network) {
  std::string bytes;
  bytes.reserve(block.bytes);
  for (const auto& [index, offset] : block.offsets) {
    if (offset >= bytes.size()) {  // not yet there for another constant of the same values
      bytes.resize(offset);
      bytes += network.tensors[index].constant->view();
    }
  }
  bytes.resize(block.bytes);
  if (block.group.is_checked) {
    std::size_t at = 0;
    const auto crc = crc32(std::string_view(bytes).substr(header_bytes));
    for (const std::uint32_t word :
         {header_magic, layout_of(block, network), static_cast<std::uint32_t>(block.bytes), crc}) {
      for (unsigned shift = 0; shift < 32; shift += 8) {
        bytes[at++] = static_cast<char>(word >> shift & 0xFFU);
      }
    }
  }
  return bytes;
}

}  // namespace stm32tvm
