// SPDX-License-Identifier: Apache-2.0
// Facts of a network that no table of the runtime holds.
#include "emit/model_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "emit/c_writer.hpp"
#include "stm32tvm/version.hpp"

namespace stm32tvm {

std::uint64_t model_signature(const NetworkLayout& layout, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325 ^ seed;  // FNV-1a
  const auto add = [&](std::string_view bytes) {
    for (const char byte : bytes) {
      hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    }
  };
  for (const KernelSource& source : layout.network.sources) {
    add(source.text.view());
  }
  for (const Bytes& contents : layout.block_contents) {
    add(contents.view());
  }
  return hash;
}

std::string signature_literal(const NetworkLayout& layout) {
  return fmt::format("\"0x{:016x}{:016x}\"", model_signature(layout), model_signature(layout, 1));
}

std::vector<std::uint64_t> arena_sizes(const NetworkLayout& layout) {
  std::vector<std::uint64_t> sizes;
  for (const PlannedPool& pool : layout.plan.pools) {
    sizes.push_back(pool.bytes);
  }
  return sizes;
}

bool lie_in_arenas(const NetworkLayout& layout, const std::vector<TensorIndex>& tensors) {
  return std::ranges::all_of(tensors,
                             [&](TensorIndex tensor) { return layout.plan.buffer_of_tensor[tensor].has_value(); });
}

std::optional<NetworkLayout::Place> second_place(const NetworkLayout& layout, TensorIndex tensor) {
  const auto found = std::ranges::find_if(layout.plan.buffers, [&](const PlannedBuffer& buffer) {
    return buffer.kind == PlannedBuffer::Kind::second && buffer.tensor == tensor;
  });
  return found == layout.plan.buffers.end() ? std::nullopt
                                            : std::optional(NetworkLayout::Place{found->pool, found->offset});
}

std::string tool_version_braces() {
  std::string numbers = STM32TVM_VERSION;
  std::ranges::replace(numbers, '.', ',');
  return fmt::format("{{{}, 0}}", numbers);
}

std::string name_literal(const Tensor& tensor) {
  return c_literal((tensor.source_name.empty() ? tensor.name : tensor.source_name).substr(0, 100));
}

bool has_batch(const Tensor& tensor) {
  return tensor.shape.size() > 1 && tensor.shape.front() == 1;
}

bool has_small_zero_points(const Tensor& tensor) {
  const Quantization& quantization = tensor.quantization;
  const auto is_small = [](std::int32_t zero_point) {
    return zero_point >= std::numeric_limits<std::int16_t>::min() &&
           zero_point <= std::numeric_limits<std::int16_t>::max();
  };
  return (quantization.kind == Quantization::Kind::per_tensor || quantization.kind == Quantization::Kind::per_axis) &&
         std::ranges::all_of(quantization.zero_points, is_small);
}

int layer_number(const Operator& call) {
  constexpr std::pair<std::string_view, int> types[] = {{"conv2d", 0x103},  {"dense", 0x104},     {"pool2d", 0x10B},
                                                        {"softmax", 0x10C}, {"transpose", 0x10A}, {"add", 0x113}};
  for (const auto& [word, type] : types) {
    if (call.kernel.find(word) != std::string::npos) {
      return type;
    }
  }
  return 0x107;
}

}  // namespace stm32tvm
