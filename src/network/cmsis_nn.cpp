// SPDX-License-Identifier: Apache-2.0
// CMSIS-NN has a source for each function, in a folder for each kind.
#include "network/cmsis_nn.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace stm32tvm {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> folders = {{
    {"arm_avgpool_s16", "PoolingFunctions"},
    {"arm_avgpool_s8", "PoolingFunctions"},
    {"arm_convolve_wrapper_s16", "ConvolutionFunctions"},
    {"arm_convolve_wrapper_s8", "ConvolutionFunctions"},
    {"arm_depthwise_conv_wrapper_s16", "ConvolutionFunctions"},
    {"arm_depthwise_conv_wrapper_s8", "ConvolutionFunctions"},
    {"arm_elementwise_add_s16", "BasicMathFunctions"},
    {"arm_elementwise_add_s8", "BasicMathFunctions"},
    {"arm_elementwise_mul_s16", "BasicMathFunctions"},
    {"arm_elementwise_mul_s8", "BasicMathFunctions"},
    {"arm_fully_connected_s16", "FullyConnectedFunctions"},
    {"arm_fully_connected_s8", "FullyConnectedFunctions"},
    {"arm_max_pool_s16", "PoolingFunctions"},
    {"arm_max_pool_s8", "PoolingFunctions"},
    {"arm_softmax_s16", "SoftmaxFunctions"},
    {"arm_softmax_s8", "SoftmaxFunctions"},
}};

}  // namespace

std::string source_of_cmsis_nn(std::string_view function) {
  for (const auto& [name, folder] : folders) {
    if (name == function) {
      return fmt::format("Source/{}/{}.c", folder, function);
    }
  }
  return {};
}

}  // namespace stm32tvm
