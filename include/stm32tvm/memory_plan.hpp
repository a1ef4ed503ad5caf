// SPDX-License-Identifier: Apache-2.0
// Step 4. MemoryPlan: where each byte of a network lives, and the proof that no two live buffers overlap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {
inline namespace v1 {

/// A memory that the plan may use, in order of preference.
struct PoolOptions {
  std::string name = "arena";
  std::uint64_t size_bytes = UINT64_MAX;   ///< what the plan may take of it
  std::optional<std::uint64_t> address{};  ///< where that begins; nothing: the linker script decides

  friend bool operator==(const PoolOptions&, const PoolOptions&) = default;
};

/// What a plan has to keep to.
struct PlanOptions {
  /// What becomes of the inputs' bytes during a run.
  enum class Inputs {
    keep,    ///< they hold the same values after the run
    consume  ///< they may be overwritten once their last reader is done
  };
  /// Where the bytes of an input or output lie.
  enum class Placement {
    arena,           ///< in the plan's pools
    caller,          ///< in memory of the application, which the plan does not count
    double_buffered  ///< twice in the pools, apart from all else: one is filled or read while a run uses the other
  };
  Inputs inputs = Inputs::keep;
  std::vector<Placement> input_placements{};   ///< by place in the call; those that are missing lie in the arena
  std::vector<Placement> output_placements{};  ///< likewise
  /// Of every buffer, in bytes; a power of two, at least 8: as much as TVM's generated C, SIMD loads and CMSIS-NN need.
  /// What a kernel in an object file gets is aligned to more where its processor's code needs that.
  std::uint32_t alignment = 8;
  /// Of inputs and outputs, likewise; what is less than `alignment` does not count. cache_line_bytes() where a DMA
  /// fills or reads what a cache holds: they start on a multiple of it, and nothing else lies in their last one.
  std::uint32_t interface_alignment = 8;
  bool whole_operators = false;  ///< ignore what is known of the time inside a kernel
  std::vector<PoolOptions> pools{PoolOptions{}};

  friend bool operator==(const PlanOptions&, const PlanOptions&) = default;
};

/// Time in a plan, both ends included. Step 0 is before the run; each operator then takes as many steps as its kernel
/// has statements; the last step is after the run.
struct Lifetime {
  std::uint32_t first = 0;
  std::uint32_t last = 0;

  [[nodiscard]] constexpr bool overlaps(const Lifetime& other) const noexcept {
    return first <= other.last && other.first <= last;
  }
  friend bool operator==(const Lifetime&, const Lifetime&) = default;
};

/// One run of bytes in a pool: a tensor with its views, or one workspace of one operator.
struct PlannedBuffer {
  enum class Kind {
    tensor,
    workspace,
    second  ///< the other buffer of an input or output that is double-buffered
  };
  Kind kind = Kind::tensor;
  std::uint32_t tensor = 0;           ///< kind tensor: the tensor that the views show; kind second: likewise
  std::uint32_t operator_index = 0;   ///< kind workspace
  std::uint32_t workspace_index = 0;  ///< kind workspace: index into Operator::workspaces
  std::uint64_t bytes = 0;
  std::uint32_t alignment = 8;  ///< of its address, in bytes: a power of two, to which its bytes are rounded up
  Lifetime lifetime;
  std::uint32_t pool = 0;
  std::uint64_t offset = 0;  ///< in the pool, bytes

  friend bool operator==(const PlannedBuffer&, const PlannedBuffer&) = default;
};

/// Two buffers that may overlap at the one step at which both live: see Handover.
struct PlannedHandover {
  std::uint32_t from = 0;          ///< index into MemoryPlan::buffers
  std::uint32_t to = 0;            ///< likewise
  std::uint32_t step = 0;          ///< the last one of `from`, the first one of `to`
  std::uint64_t lead = 0;          ///< least distance from the start of `to` to that of `from`, rounded up: bytes
  std::uint64_t shared_bytes = 0;  ///< the most that can overlap

  friend bool operator==(const PlannedHandover&, const PlannedHandover&) = default;
};

/// What one pool came to.
struct PlannedPool {
  std::string name;
  std::uint64_t bytes = 0;      ///< taken: the highest end of a buffer, rounded up to its alignment
  std::uint32_t alignment = 8;  ///< that its address must have: the largest of its buffers'

  friend bool operator==(const PlannedPool&, const PlannedPool&) = default;
};

/// Where each byte of a network lives, and the proof that no two live buffers overlap: step 4.
class MemoryPlan {
 public:
  /// Plans a network: the bytes of the last pool are made as few as possible, then those of the pool before it, and so
  /// on. Deterministic, and the work is bounded. Fails with does_not_fit when the pools are too small, bad_option for
  /// options without meaning, and bad_graph for a descriptor that contradicts itself.
  static Result<MemoryPlan> make(const NetworkDescriptor& network, const PlanOptions& options = {});

  /// Proves the plan for this network: every tensor and workspace that needs memory has one buffer of its size,
  /// aligned, inside its pool, with the lifetime that the network's operators ask for, and no two buffers that live at
  /// the same step overlap, but where one hands its bytes over to the other at the distance that needs.
  /// ErrorCode::invalid_plan names the first pair that does. Shares no code with the packing. A network that
  /// contradicts itself is bad_graph here as in make().
  [[nodiscard]] Result<void> check(const NetworkDescriptor& network) const;

  PlanOptions options;
  std::vector<PlannedPool> pools;
  /// Tensors in the order of their index, then workspaces in the order of operators, then second buffers.
  std::vector<PlannedBuffer> buffers;
  std::vector<PlannedHandover> handovers;  ///< in the order of operators
  /// By TensorIndex; nothing for constants, for tensors in the caller's memory and for those that nothing touches.
  std::vector<std::optional<std::uint32_t>> buffer_of_tensor;
  /// The most bytes live at one step, each buffer rounded up to the alignment, less what handovers let it share: no
  /// plan needs less.
  std::uint64_t lower_bound_bytes = 0;
  std::uint32_t peak_step = 0;  ///< the first step with that many

  /// The bytes of all pools together.
  [[nodiscard]] std::uint64_t bytes() const noexcept {
    std::uint64_t sum = 0;
    for (const PlannedPool& pool : pools) {
      sum += pool.bytes;
    }
    return sum;
  }

  friend bool operator==(const MemoryPlan&, const MemoryPlan&) = default;
};

/// The step at which an operator starts; operators.size() gives the step after the run.
std::uint32_t first_step(const NetworkDescriptor& network, std::size_t operator_index);

/// The operator that runs at a step; nothing before and after the run.
std::optional<std::uint32_t> operator_at(const NetworkDescriptor& network, std::uint32_t step);

}  // namespace v1
}  // namespace stm32tvm
