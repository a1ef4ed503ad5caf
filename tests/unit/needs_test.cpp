// SPDX-License-Identifier: Apache-2.0
// Tests of what a network's sources need beside themselves.
#include "network/needs.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "network/kernel_reader.hpp"
#include "stm32tvm/network_descriptor.hpp"

namespace {

using stm32tvm::Kernel;
using stm32tvm::Needs;
using stm32tvm::needs_of;
using stm32tvm::SourceFacts;
using Strings = std::vector<std::string>;

SourceFacts source(Strings includes, const std::vector<Strings>& calls_of_kernels) {
  SourceFacts facts;
  facts.includes = std::move(includes);
  for (const Strings& calls : calls_of_kernels) {
    Kernel kernel;
    kernel.calls = calls;
    facts.kernels.push_back(std::move(kernel));
  }
  return facts;
}

}  // namespace

TEST_CASE("needs: no source needs nothing") {
  CHECK(needs_of({}) == Needs{});
}

TEST_CASE("needs: headers of all sources, sorted, once each") {
  const Needs needs =
      needs_of({source({"math.h", "stdbool.h", "math.h"}, {}), source({"dlpack/dlpack.h", "math.h"}, {})});
  CHECK(needs.headers == Strings{"dlpack/dlpack.h", "math.h", "stdbool.h"});
  CHECK_FALSE(needs.arm_simd);
}

TEST_CASE("needs: functions of libm in all their forms, and nothing that looks like one") {
  const Needs needs = needs_of({source({}, {{"expf", "roundf", "tanhf", "memcpy", "fexp", "f"}, {"exp", "expf"}}),
                                source({}, {{"floorf", "sqrt", "erff", "if", "printf", "myexpf", "round_"}})});
  CHECK(needs.math_functions == Strings{"erff", "exp", "expf", "floorf", "roundf", "sqrt", "tanhf"});
  CHECK(needs.cmsis_nn_functions.empty());
}

TEST_CASE("needs: every function of one or two numbers that C99's math.h has and TVM calls") {
  for (const std::string name :
       {"acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil",  "copysign", "cos",      "cosh",      "erf",
        "exp",  "exp2",  "fabs", "floor", "fmod", "hypot", "log",   "log10", "log1p",    "log2",     "nearbyint", "pow",
        "rint", "round", "sin",  "sinh",  "sqrt", "tan",   "tanh",  "trunc", "ldexp",    "nextafter"}) {
    CAPTURE(name);
    CHECK(needs_of({source({}, {{name}})}).math_functions == Strings{name});
    CHECK(needs_of({source({}, {{name + "f"}})}).math_functions == Strings{name + "f"});
    CHECK(needs_of({source({}, {{name + "x"}})}).math_functions.empty());
  }
}

TEST_CASE("needs: CMSIS-NN's functions") {
  const Needs needs = needs_of({source({"arm_nnfunctions.h"}, {{"arm_softmax_s8", "arm_convolve_wrapper_s8"}}),
                                source({}, {{"arm_softmax_s8", "army"}})});
  CHECK(needs.cmsis_nn_functions == Strings{"arm_convolve_wrapper_s8", "arm_softmax_s8"});
  CHECK(needs.cmsis_nn_sources ==
        Strings{"Source/ConvolutionFunctions/arm_convolve_wrapper_s8.c", "Source/SoftmaxFunctions/arm_softmax_s8.c"});
  CHECK(needs.cmsis_nn_version == "4.1.0");
  CHECK(needs_of({}).cmsis_nn_version.empty());
  CHECK_FALSE(needs.arm_simd);
}

TEST_CASE("needs: the DSP extension shows by its header") {
  CHECK(needs_of({source({"arm_acle.h"}, {})}).arm_simd);
  CHECK_FALSE(needs_of({source({"arm_math.h"}, {})}).arm_simd);
}

TEST_CASE("needs: an Ethos-U shows by its driver's header") {
  CHECK(needs_of({source({"tvm_ethosu_runtime.h"}, {})}).ethos_u);
  CHECK_FALSE(needs_of({source({"arm_nnfunctions.h"}, {})}).ethos_u);
}
