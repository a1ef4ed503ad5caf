// SPDX-License-Identifier: Apache-2.0
// Counts, ranges and types of a quantization's figures.
#include "network/quantization_rules.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <limits>

namespace stm32tvm {
namespace {

/// Emitted figures are float: smaller scales are 0 there or lose their digits, larger ones are infinite.
bool is_scale(double scale) {
  return scale >= static_cast<double>(std::numeric_limits<float>::min()) &&
         scale <= static_cast<double>(std::numeric_limits<float>::max());
}

bool holds(DataType type, std::int64_t zero_point) {
  if (type.bits > 32 || (type.bits == 32 && type.code == DataType::Code::unsigned_integer)) {
    return zero_point >= 0 || type.code == DataType::Code::signed_integer;
  }
  const bool is_signed = type.code == DataType::Code::signed_integer;
  const std::int64_t low = is_signed ? -(std::int64_t{1} << (type.bits - 1)) : 0;
  const std::int64_t high = (std::int64_t{1} << (is_signed ? type.bits - 1 : type.bits)) - 1;
  return low <= zero_point && zero_point <= high;
}

std::optional<std::string> count_fault(const Quantization& quantization, const Tensor& tensor) {
  const std::size_t count = quantization.scales.size();
  if (quantization.zero_points.size() != count || count == 0) {
    return fmt::format("has {} scales and {} zero points, where it needs as many of each, and at least one", count,
                       quantization.zero_points.size());
  }
  if (quantization.kind == Quantization::Kind::per_tensor) {
    if (count != 1 || quantization.axis != -1) {
      return fmt::format("has {} scales and axis {}, where a whole tensor has one scale and axis -1", count,
                         quantization.axis);
    }
    return std::nullopt;
  }
  if (quantization.axis < 0 || static_cast<std::size_t>(quantization.axis) >= tensor.shape.size()) {
    return fmt::format("is quantized along axis {}, and it has {} dimensions", quantization.axis, tensor.shape.size());
  }
  const std::int64_t dimension = tensor.shape[static_cast<std::size_t>(quantization.axis)];
  if (dimension < 0 || static_cast<std::uint64_t>(dimension) != count) {
    return fmt::format("has {} scales, and its axis {} has {} places", count, quantization.axis, dimension);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> quantization_fault(const Quantization& quantization, const Tensor& tensor) {
  if (quantization.kind != Quantization::Kind::per_tensor && quantization.kind != Quantization::Kind::per_axis) {
    return quantization.scales.empty() && quantization.zero_points.empty()
               ? std::nullopt
               : std::optional<std::string>("has figures, and is said to have none");
  }
  if (!tensor.type.is_integer() || tensor.type.bits == 1) {
    return fmt::format("is of type {}, and only integers can be quantized", to_string(tensor.type));
  }
  if (auto fault = count_fault(quantization, tensor)) {
    return fault;
  }
  for (const double scale : quantization.scales) {
    if (!is_scale(scale)) {
      return fmt::format("has the scale {}, and a scale is a float32 above 0", scale);
    }
  }
  for (const std::int32_t zero_point : quantization.zero_points) {
    if (!holds(tensor.type, zero_point)) {
      return fmt::format("has the zero point {}, which no {} can be", zero_point, to_string(tensor.type));
    }
  }
  return std::nullopt;
}

std::string figures_text(const Quantization& quantization) {
  if (quantization.scales.empty() || quantization.zero_points.empty()) {
    return "no scale";
  }
  // Nine significant digits tell every float32 from the next.
  if (quantization.kind == Quantization::Kind::per_axis) {
    return fmt::format("{} scales along axis {}, the first {:.9g}, zero point {}", quantization.scales.size(),
                       quantization.axis, quantization.scales.front(), quantization.zero_points.front());
  }
  return fmt::format("scale {:.9g}, zero point {}", quantization.scales.front(), quantization.zero_points.front());
}

}  // namespace stm32tvm
