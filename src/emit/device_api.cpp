// SPDX-License-Identifier: Apache-2.0
// The table of device APIs.
#include "emit/device_api.hpp"

#include "emit/legacy_api.hpp"
#include "emit/st_ai_api.hpp"
#include "emit/tvm_api.hpp"

namespace stm32tvm {

const DeviceApiEmitter& device_api_emitter(EmitOptions::DeviceApi api) {
  static constexpr DeviceApiEmitter tvm = {"tvm", "", true, check_tvm_api, add_tvm_api, tvm_weights_symbol};
  static constexpr DeviceApiEmitter st_ai = {"st_ai",
                                             "STAI_ALIGNED(STAI_{1}_ACTIVATION_{0}_ALIGNMENT)\nstatic uint8_t "
                                             "network_activations_{0}[STAI_{1}_ACTIVATION_{0}_SIZE_BYTES];",
                                             false,
                                             check_st_ai_api,
                                             add_st_ai_api,
                                             st_ai_weights_symbol};
  static constexpr DeviceApiEmitter legacy = {"legacy",
                                              "AI_ALIGNED(AI_{1}_ACTIVATIONS_ALIGNMENT)\nstatic ai_u8 "
                                              "network_activations_{0}[AI_{1}_DATA_ACTIVATION_{0}_SIZE];",
                                              false,
                                              check_legacy_api,
                                              add_legacy_api,
                                              legacy_weights_symbol};
  switch (api) {
    case EmitOptions::DeviceApi::tvm:
      return tvm;
    case EmitOptions::DeviceApi::st_ai:
      return st_ai;
    case EmitOptions::DeviceApi::legacy:
      return legacy;
  }
  return tvm;
}

}  // namespace stm32tvm
