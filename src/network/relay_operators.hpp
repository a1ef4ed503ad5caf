// SPDX-License-Identifier: Apache-2.0
// What is known of Relay's operators: what they state of quantization, and what they keep; part of
// relay_quantization.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace stm32tvm::relay {

// Which operands of an operator state scale and zero point of which tensor; tensor -1 is the result.
struct Statement {
  int tensor;
  unsigned scale;
  unsigned zero_point;
};
inline constexpr std::array product = {Statement{0, 4, 2}, Statement{1, 5, 3}};
inline constexpr std::array binary = {Statement{0, 2, 3}, Statement{1, 4, 5}, Statement{-1, 6, 7}};
inline constexpr std::array rescale = {Statement{0, 1, 2}, Statement{-1, 3, 4}};
inline constexpr std::array quantize = {Statement{-1, 1, 2}};
inline constexpr std::array dequantize = {Statement{0, 1, 2}};

struct QuantizedOperator {
  std::string_view name;
  std::size_t arguments;
  std::span<const Statement> statements;
};
inline constexpr std::array quantized_operators = {
    QuantizedOperator{"qnn.conv2d", 6, product},    QuantizedOperator{"qnn.conv2d_transpose", 6, product},
    QuantizedOperator{"qnn.dense", 6, product},     QuantizedOperator{"qnn.batch_matmul", 6, product},
    QuantizedOperator{"qnn.add", 8, binary},        QuantizedOperator{"qnn.subtract", 8, binary},
    QuantizedOperator{"qnn.mul", 8, binary},        QuantizedOperator{"qnn.requantize", 5, rescale},
    QuantizedOperator{"qnn.softmax", 5, rescale},   QuantizedOperator{"qnn.leaky_relu", 5, rescale},
    QuantizedOperator{"qnn.sigmoid", 5, rescale},   QuantizedOperator{"qnn.hardswish", 5, rescale},
    QuantizedOperator{"qnn.tanh", 5, rescale},      QuantizedOperator{"qnn.exp", 5, rescale},
    QuantizedOperator{"qnn.sqrt", 5, rescale},      QuantizedOperator{"qnn.rsqrt", 5, rescale},
    QuantizedOperator{"qnn.erf", 5, rescale},       QuantizedOperator{"qnn.log", 5, rescale},
    QuantizedOperator{"qnn.abs", 5, rescale},       QuantizedOperator{"qnn.avg_pool2d", 5, rescale},
    QuantizedOperator{"qnn.quantize", 3, quantize}, QuantizedOperator{"qnn.dequantize", 3, dequantize},
};

inline const QuantizedOperator* find_quantized_operator(std::string_view name) {
  for (const QuantizedOperator& candidate : quantized_operators) {
    if (candidate.name == name) {
      return &candidate;
    }
  }
  return nullptr;
}

// Results whose values stand for real numbers as the first operand's do: values are moved, picked, bounded or averaged.
inline constexpr std::array<std::string_view, 39> keeping_operators = {"reshape",
                                                                       "contrib_reverse_reshape",
                                                                       "transpose",
                                                                       "squeeze",
                                                                       "expand_dims",
                                                                       "nn.batch_flatten",
                                                                       "layout_transform",
                                                                       "copy",
                                                                       "annotation.stop_fusion",
                                                                       "annotation.compiler_begin",
                                                                       "annotation.compiler_end",
                                                                       "on_device",
                                                                       "device_copy",
                                                                       "broadcast_to",
                                                                       "tile",
                                                                       "repeat",
                                                                       "reverse",
                                                                       "split",
                                                                       "strided_slice",
                                                                       "slice_like",
                                                                       "take",
                                                                       "gather",
                                                                       "gather_nd",
                                                                       "nn.pad",
                                                                       "nn.mirror_pad",
                                                                       "nn.space_to_depth",
                                                                       "nn.depth_to_space",
                                                                       "clip",
                                                                       "max",
                                                                       "min",
                                                                       "mean",
                                                                       "nn.max_pool1d",
                                                                       "nn.max_pool2d",
                                                                       "nn.max_pool3d",
                                                                       "nn.global_max_pool2d",
                                                                       "nn.avg_pool1d",
                                                                       "nn.avg_pool2d",
                                                                       "nn.avg_pool3d",
                                                                       "nn.global_avg_pool2d"};

// Other operators whose result has the element type of their first operand, unless out_dtype says otherwise.
inline constexpr std::array<std::string_view, 20> typed_by_data_operators = {"nn.relu",
                                                                             "nn.leaky_relu",
                                                                             "nn.prelu",
                                                                             "nn.softmax",
                                                                             "nn.log_softmax",
                                                                             "nn.bias_add",
                                                                             "nn.lrn",
                                                                             "nn.dense",
                                                                             "nn.matmul",
                                                                             "nn.conv1d",
                                                                             "nn.conv2d",
                                                                             "nn.conv3d",
                                                                             "nn.conv2d_transpose",
                                                                             "nn.batch_matmul",
                                                                             "sum",
                                                                             "prod",
                                                                             "qnn.add",
                                                                             "qnn.subtract",
                                                                             "qnn.mul",
                                                                             "concatenate"};

// Operators whose operands and result all have the same element type.
inline constexpr std::array<std::string_view, 19> elementwise_operators = {
    "add",   "subtract", "multiply", "divide", "maximum", "minimum",  "power", "exp",  "log",  "sqrt",
    "rsqrt", "tanh",     "sigmoid",  "erf",    "abs",     "negative", "floor", "ceil", "round"};

}  // namespace stm32tvm::relay
