// SPDX-License-Identifier: Apache-2.0
// What a network asks of any plan: its buffers, when each is live, and which may overlap.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

/// The buffers a network needs, without their places.
struct Requirements {
  std::vector<PlannedBuffer> buffers;
  std::vector<PlannedHandover> handovers;
  std::vector<std::optional<std::uint32_t>> buffer_of_tensor;
};

/// What the kernels of an object file were compiled to expect of the addresses they get.
std::uint32_t object_alignment(const KernelObject& object);

/// bad_option for options without meaning, bad_graph for a descriptor that contradicts itself.
Result<Requirements> find_requirements(const NetworkDescriptor& network, const PlanOptions& options);

std::uint64_t round_up(std::uint64_t bytes, std::uint32_t alignment);

// What messages call things.
/// A name of the archive as a message can hold it: printable ASCII, not too long, in quotes.
std::string quoted(std::string_view name);
std::string tensor_name(const NetworkDescriptor& network, TensorIndex index);
std::string operator_name(const NetworkDescriptor& network, std::size_t index);
std::string buffer_name(const NetworkDescriptor& network, const PlannedBuffer& buffer);
/// "in operator 3 "conv"", "before the first operator"
std::string place_in_time(const NetworkDescriptor& network, std::uint32_t step);

}  // namespace stm32tvm
