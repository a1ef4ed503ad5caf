// SPDX-License-Identifier: Apache-2.0
// The symbolic tensors of a Relay text, joined where their values mean the same, and the facts stated of them; part of
// relay_quantization.cpp.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "network/relay_parser.hpp"
#include "stm32tvm/data_type.hpp"

namespace stm32tvm::relay {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

inline bool is_float(const std::optional<DataType>& type) {
  return type && (type->code == DataType::Code::floating_point || type->code == DataType::Code::bfloat);
}

// The values that integers of a type can have; all numbers for other types.
struct Range {
  double low = -infinity;
  double high = infinity;
  [[nodiscard]] bool holds(const Range& other) const { return low <= other.low && other.high <= high; }
};
inline Range range_of(const std::optional<DataType>& type) {
  if (!type || !type->is_integer()) {
    return {};
  }
  const bool has_sign = type->code == DataType::Code::signed_integer;
  const double half = std::ldexp(1.0, type->bits - 1);
  return has_sign ? Range{-half, half - 1} : Range{0, 2 * half - 1};
}

// What one quantized operator states of a tensor.
struct Fact {
  double scale = 0;
  std::int32_t zero_point = 0;
  std::string_view role;
  std::string_view name;
  std::uint32_t line = 0;

  [[nodiscard]] bool agrees(const Fact& other) const {
    return zero_point == other.zero_point && std::abs(scale - other.scale) <= 1e-6 * std::max(scale, other.scale);
  }
  [[nodiscard]] std::string evidence() const { return fmt::format("{} of {} at line {}", role, name, line); }
  [[nodiscard]] std::string text() const {
    return fmt::format("scale {}, zero point {} ({})", scale, zero_point, evidence());
  }
};

// Symbolic tensors. Those whose values mean the same are joined; facts hold for all that are joined.
class Tensors {
 public:
  struct Tensor {
    std::optional<DataType> element;
    std::optional<std::vector<std::int64_t>> shape;
    Range range;
    std::string_view span;
    std::uint32_t parent = 0;
    std::uint32_t fact = relay_none;      // of a class's root: the first fact in the order of the text
    std::uint32_t conflict = relay_none;  // of a class's root: a fact that contradicts it
  };

  std::uint32_t add() {
    const auto index = static_cast<std::uint32_t>(tensors_.size());
    tensors_.emplace_back().parent = index;
    return index;
  }
  Tensor& operator[](std::uint32_t tensor) { return tensors_[tensor]; }
  [[nodiscard]] const Fact& fact(std::uint32_t index) const { return facts_[index]; }

  void set_type(std::uint32_t tensor, const std::optional<DataType>& element) {
    tensors_[tensor].element = element;
    tensors_[tensor].range = range_of(element);
  }

  Tensor& root(std::uint32_t tensor) {
    while (tensors_[tensor].parent != tensor) {
      tensors_[tensor].parent = tensors_[tensors_[tensor].parent].parent;
      tensor = tensors_[tensor].parent;
    }
    return tensors_[tensor];
  }

  void join(std::uint32_t a, std::uint32_t b) {
    Tensor& into = root(a);
    Tensor& from = root(b);
    if (&into == &from) {
      return;
    }
    from.parent = into.parent;
    if (from.fact != relay_none) {
      add_fact(into, from.fact);
    }
    if (from.conflict != relay_none && into.conflict == relay_none) {
      add_fact(into, from.conflict);
    }
  }

  void state(std::uint32_t tensor, const Fact& fact) {
    facts_.push_back(fact);
    add_fact(root(tensor), static_cast<std::uint32_t>(facts_.size() - 1));
  }

 private:
  void add_fact(Tensor& root, std::uint32_t fact) {
    if (root.fact == relay_none) {
      root.fact = fact;
    } else if (root.conflict == relay_none && !facts_[root.fact].agrees(facts_[fact])) {
      root.conflict = std::max(root.fact, fact);
      root.fact = std::min(root.fact, fact);
    }
  }

  std::vector<Tensor> tensors_;
  std::vector<Fact> facts_;
};

}  // namespace stm32tvm::relay
