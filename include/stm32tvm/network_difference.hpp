// SPDX-License-Identifier: Apache-2.0
// NetworkDifference: what changed between two networks, in words and figures, for a user who exported a model again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stm32tvm/memory_needs.hpp"
#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {
inline namespace v1 {

/// What changed between two networks, in words and figures.
struct NetworkDifference {
  /// What the change asks of a device that runs the network of before.
  enum class Verdict {
    identical,     ///< the same network; only where it was exported may differ
    weights_only,  ///< new weights for the same code: no source of the image changes
    code,          ///< other operators or kernels behind the same inputs and outputs: the application stays
    interface      ///< inputs or outputs changed: the application has to follow
  };
  /// One thing that changed.
  struct Change {
    enum class Part { inputs, outputs, operators, kernels, weights, ram, flash };
    Part part = Part::inputs;
    std::string message;  ///< one sentence; names are as the archives have them: any bytes

    friend bool operator==(const Change&, const Change&) = default;
  };
  /// A figure of both networks, bytes.
  struct Figure {
    std::uint64_t before = 0;
    std::uint64_t after = 0;

    friend bool operator==(const Figure&, const Figure&) = default;
  };

  Verdict verdict = Verdict::identical;
  std::vector<Change> changes;  ///< in the order of Part
  Figure ram;                   ///< MemoryNeeds::ram_bytes()
  Figure flash;                 ///< weights and tables, without the kernels' code

  friend bool operator==(const NetworkDifference&, const NetworkDifference&) = default;
};

const char* name(NetworkDifference::Verdict verdict) noexcept;
const char* name(NetworkDifference::Change::Part part) noexcept;

/// Compares two networks; each comes with the needs of its plan, made with the same options.
NetworkDifference compare(const NetworkDescriptor& before, const MemoryNeeds& needs_before,
                          const NetworkDescriptor& after, const MemoryNeeds& needs_after);

/// The difference as JSON, keys in a fixed order, two-space indent.
std::string to_json(const NetworkDifference& difference);

}  // namespace v1
}  // namespace stm32tvm
