// SPDX-License-Identifier: Apache-2.0
// What the parameters of an ahead-of-time module's main function are: inputs, outputs, and pools of memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "network/aot_main.hpp"
#include "network/module_sources.hpp"
#include "stm32tvm/diagnostic.hpp"
#include "stm32tvm/model_library.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

struct AotPool {
  std::uint32_t parameter = 0;  ///< of the main function
  std::string name;             ///< "global_workspace"
  std::uint64_t bytes = 0;
  std::optional<Bytes> constants;  ///< the values of a pool of constants
};

/// An input or output.
struct AotTensor {
  Tensor tensor;
  /// The main function's pointers to it begin at this place: a parameter's start, or, for an interface in pools, a
  /// place in a pool under this variable's name.
  AotPlace place;
  std::string pointer;  ///< empty when the place is a parameter
};

struct AotInterface {
  std::vector<AotTensor> inputs;       ///< in call order
  std::vector<AotTensor> outputs;      ///< in call order
  std::vector<AotPool> pools;          ///< in the order of the parameters
  std::vector<std::uint32_t> devices;  ///< parameters that are handles of devices, as the Ethos-U's driver takes one
  std::vector<Diagnostic> diagnostics;
};

/// `parameter_types` are the C types of the main function's parameters, empty in the packed form.
Result<AotInterface> read_aot_interface(const Module& module, const ModuleSources& sources, const AotMain& main,
                                        const std::vector<std::string>& parameter_types, const ModelLimits& limits);

}  // namespace stm32tvm
