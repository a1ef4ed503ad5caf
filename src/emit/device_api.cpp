// SPDX-License-Identifier: Apache-2.0
// The table of device APIs.
#include "emit/device_api.hpp"

#include "emit/st_ai_api.hpp"
#include "emit/tvm_api.hpp"

namespace stm32tvm {

const DeviceApiEmitter& device_api_emitter(EmitOptions::DeviceApi api) {
  static constexpr DeviceApiEmitter tvm = {"tvm", check_tvm_api, add_tvm_api};
  static constexpr DeviceApiEmitter st_ai = {"st_ai", check_st_ai_api, add_st_ai_api};
  switch (api) {
    case EmitOptions::DeviceApi::tvm:
      return tvm;
    case EmitOptions::DeviceApi::st_ai:
      return st_ai;
  }
  return tvm;
}

}  // namespace stm32tvm
