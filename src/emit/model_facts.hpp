// SPDX-License-Identifier: Apache-2.0
// What the device APIs of ST say of a network, each in its own words: signature, blocks of memory, names, layers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "emit/network_layout.hpp"

namespace stm32tvm {

/// 64 bits of what the network computes: kernels and weights.
std::uint64_t model_signature(const NetworkLayout& layout, std::uint64_t seed = 0);
/// "0x" and 32 digits, as a C literal.
std::string signature_literal(const NetworkLayout& layout);

/// Bytes of each arena.
std::vector<std::uint64_t> arena_sizes(const NetworkLayout& layout);

/// Whether all of these lie in the arenas, and none in the caller's memory.
bool lie_in_arenas(const NetworkLayout& layout, const std::vector<TensorIndex>& tensors);

/// The other place of an input or output that is double-buffered; nothing for any other.
std::optional<NetworkLayout::Place> second_place(const NetworkLayout& layout, TensorIndex tensor);

/// "{1, 0, 0, 0}" of this library.
std::string tool_version_braces();
/// The tensor's name in its model, as a C literal.
std::string name_literal(const Tensor& tensor);
/// Whether the first dimension is a batch, of one.
bool has_batch(const Tensor& tensor);
/// Whether the tensor is quantized with zero points of 16 bits, which is what these APIs can say.
bool has_small_zero_points(const Tensor& tensor);
/// The number of the layer's type in ST's list, as far as the kernel's name tells; 0x107, a function of elements, for
/// all others.
int layer_number(const Operator& call);

}  // namespace stm32tvm
