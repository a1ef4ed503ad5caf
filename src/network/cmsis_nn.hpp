// SPDX-License-Identifier: Apache-2.0
// The functions of CMSIS-NN that TVM's code calls, and the sources that define them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stm32tvm {

/// The version whose layout source_of_cmsis_nn() tells: the one that TVM's own tests took last
/// (apache/tvm, docker/install/ubuntu_install_cmsis.sh).
inline constexpr std::string_view cmsis_nn_version = "4.1.0";

/// The source, as a path in a checkout of CMSIS-NN: "Source/SoftmaxFunctions/arm_softmax_s8.c". Empty for a function
/// that TVM's code generator does not call (apache/tvm, src/relay/backend/contrib/cmsisnn/relay_to_tir.cc).
std::string source_of_cmsis_nn(std::string_view function);

}  // namespace stm32tvm
