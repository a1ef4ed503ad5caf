// SPDX-License-Identifier: Apache-2.0
// What every emitted file of a network agrees on: names, tables' indices, the weights' offsets and the operators kept.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "network/views.hpp"
#include "plan/weights_blocks.hpp"
#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "support/c_identifier.hpp"

namespace stm32tvm {

struct NetworkLayout {
  static constexpr std::uint32_t word = 4;

  /// An arena that networks of one image share, by pool.
  struct SharedArena {
    std::string name;         ///< of the array; empty: the network has an arena of its own
    std::uint64_t bytes = 0;  ///< of the largest network
    std::uint32_t alignment = 8;
    bool is_defined = false;  ///< here, and not with another network
  };

  NetworkLayout(const NetworkDescriptor& network, const MemoryPlan& plan, const CIdentifier& name,
                std::vector<SharedArena> shared = {});

  const NetworkDescriptor& network;
  const MemoryPlan& plan;
  CIdentifier name;
  std::string upper;                ///< the name in capitals, the prefix of macros
  std::vector<SharedArena> shared;  ///< by pool; empty when none is

  std::vector<TensorIndex> interface;    ///< inputs, then outputs: the writable descriptors
  std::vector<TensorIndex> table;        ///< every other tensor that an operator takes: the const descriptors
  std::vector<std::uint32_t> operators;  ///< indices of the operators that do something at run time
  std::size_t longest_call = 1;          ///< most arguments of one operator
  std::size_t packed_calls = 0;          ///< of the kept operators, for which is_packed() holds

  std::vector<WeightsBlock> blocks;             ///< of weights
  std::vector<Bytes> block_contents;            ///< of each block, in its order
  std::map<TensorIndex, std::size_t> block_of;  ///< of constants that are no views
  std::set<std::string> definitions;            ///< of all sources: the symbols that get the network's name
  std::set<std::string> compiled;               ///< symbols of object files, which keep their names

  /// C expression of the tensor's address at link time; NULL for an input or output in the caller's memory.
  [[nodiscard]] std::string address(TensorIndex tensor) const;
  /// Row in the table of all tensors: interface, then table.
  [[nodiscard]] std::size_t row(TensorIndex tensor) const { return rows_[tensor]; }
  [[nodiscard]] bool is_interface(TensorIndex tensor) const { return rows_[tensor] < interface.size(); }
  /// Whether the operator is called through descriptors of its tensors. A copy is as the kernels around it are.
  [[nodiscard]] bool is_packed(const Operator& call) const;
  [[nodiscard]] bool is_all_packed() const { return packed_calls == operators.size(); }
  /// Name of the C array of this shape; "NULL" for a scalar.
  [[nodiscard]] std::string shape(TensorIndex tensor) const;
  /// "image, int8[1, 8, 8, 1]", for comments.
  [[nodiscard]] std::string describe(TensorIndex index) const;
  /// A place in the pools of the emitted network: the plan's, the weights, each input, each output.
  struct Place {
    std::size_t pool = 0;
    std::uint64_t offset = 0;
  };
  [[nodiscard]] Place place(TensorIndex tensor) const;
  /// Where the plan put the tensor; not for constants.
  [[nodiscard]] Place planned_place(TensorIndex tensor) const;
  [[nodiscard]] std::size_t weights_pool() const { return plan.pools.size(); }
  /// At least 1: without weights there is an empty pool.
  [[nodiscard]] std::size_t weights_pools() const { return std::max<std::size_t>(blocks.size(), 1); }
  [[nodiscard]] std::size_t pool_count() const { return plan.pools.size() + weights_pools() + interface.size(); }
  /// Of all blocks.
  [[nodiscard]] std::uint64_t weights_bytes() const;
  /// Bytes of the blocks that have an address, in their order.
  [[nodiscard]] std::vector<std::uint64_t> data_sizes() const;
  /// Symbol of where the block is stored: `symbol` is that of the group named "weights".
  [[nodiscard]] std::string stored_symbol(std::size_t block, const std::string& symbol) const;
  /// Symbol of where runs read the block.
  [[nodiscard]] std::string data_symbol(std::size_t block, const std::string& symbol) const;
  /// The application's function that fetches from the block.
  [[nodiscard]] std::string fetch_function(std::size_t block) const;
  /// The block that an operator of its own fetches this operator's input from; nothing for any other operator.
  [[nodiscard]] std::optional<std::size_t> fetched_block(const Operator& call) const;
  /// What kernels need of the memory that an application gives for an input or output; at least `least`.
  [[nodiscard]] std::uint32_t interface_alignment(TensorIndex tensor, std::uint32_t least = 1) const;
  /// What kernels need of an arena that is the application's: a word, or more where a type is wider.
  [[nodiscard]] std::uint32_t needed_alignment() const;
  /// What the plan aligned an input or output to, or would where it lies in the caller's memory.
  [[nodiscard]] std::uint32_t planned_alignment(TensorIndex tensor) const;
  /// What headers of APIs without memory of their own ask of applications: what kernels need, or what the plan has
  /// where that was raised, for a DMA.
  [[nodiscard]] std::uint32_t asked_alignment(TensorIndex tensor) const;
  [[nodiscard]] std::uint32_t asked_arena_alignment(std::size_t pool) const;
  /// Bytes that this network's own sources define for the arena of this pool: none where another network defines it.
  [[nodiscard]] std::uint64_t defined_arena_bytes(std::size_t pool) const;
  /// Name of the array that is the arena of this pool; "NULL" when the network has nothing there.
  [[nodiscard]] std::string arena(std::size_t pool) const;
  /// The section that it goes to: that of TVM's STM32 port in the main memory, else one for each memory.
  [[nodiscard]] std::string arena_section(std::size_t pool) const;
  /// The kernel's name in the emitted C: archives share names, so it is in the network's. A source's kernel gets this
  /// name in the image too; an object file's keeps its own there.
  [[nodiscard]] std::string symbol(const std::string& kernel) const;

 private:
  void place_weights();

  std::vector<std::size_t> rows_;  ///< by tensor; behind the table's end for one that no operator takes
};

/// "1, 8, 8, 1"
std::string join_shape(const std::vector<std::int64_t>& shape);

}  // namespace stm32tvm
