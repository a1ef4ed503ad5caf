// SPDX-License-Identifier: Apache-2.0
// Sorts included headers and called functions into what they ask of the build.
#include "network/needs.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "network/cmsis_nn.hpp"

namespace stm32tvm {
namespace {

// The functions of C99's math.h that TVM's C code generator calls, with and without the f of float.
constexpr std::array<std::string_view, 35> math_functions = {
    "acos",  "acosh", "asin", "asinh", "atan",  "atan2", "atanh",     "ceil",      "copysign",
    "cos",   "cosh",  "erf",  "exp",   "exp2",  "expm1", "fabs",      "floor",     "fmod",
    "hypot", "ldexp", "log",  "log10", "log1p", "log2",  "nearbyint", "nextafter", "pow",
    "rint",  "round", "sin",  "sinh",  "sqrt",  "tan",   "tanh",      "trunc"};

bool is_math_function(std::string_view name) {
  const auto listed = [](std::string_view candidate) {
    return std::find(math_functions.begin(), math_functions.end(), candidate) != math_functions.end();
  };
  return listed(name) || (name.ends_with('f') && listed(name.substr(0, name.size() - 1)));
}

}  // namespace

Needs needs_of(const std::vector<SourceFacts>& sources) {
  std::set<std::string> headers;
  std::set<std::string> math;
  std::set<std::string> cmsis_nn;
  for (const SourceFacts& source : sources) {
    headers.insert(source.includes.begin(), source.includes.end());
    for (const Kernel& kernel : source.kernels) {
      for (const std::string& call : kernel.calls) {
        if (is_math_function(call)) {
          math.insert(call);
        } else if (call.starts_with("arm_")) {
          cmsis_nn.insert(call);
        }
      }
    }
  }
  Needs needs;
  std::set<std::string> cmsis_nn_sources;
  for (const std::string& function : cmsis_nn) {
    if (std::string source = source_of_cmsis_nn(function); !source.empty()) {
      cmsis_nn_sources.insert(std::move(source));
    }
  }
  needs.cmsis_nn_sources.assign(cmsis_nn_sources.begin(), cmsis_nn_sources.end());
  needs.cmsis_nn_version = cmsis_nn.empty() ? "" : cmsis_nn_version;
  needs.ethos_u = headers.contains("tvm_ethosu_runtime.h");
  needs.headers.assign(headers.begin(), headers.end());
  needs.math_functions.assign(math.begin(), math.end());
  needs.cmsis_nn_functions.assign(cmsis_nn.begin(), cmsis_nn.end());
  needs.arm_simd = headers.contains("arm_acle.h");
  return needs;
}

}  // namespace stm32tvm
