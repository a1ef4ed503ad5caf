// SPDX-License-Identifier: Apache-2.0
// The table of device APIs.
#include "emit/device_api.hpp"

#include "emit/tvm_api.hpp"

namespace stm32tvm {

const DeviceApiEmitter& device_api_emitter(EmitOptions::DeviceApi api) {
  static constexpr DeviceApiEmitter tvm = {"tvm", check_tvm_api, add_tvm_api};
  switch (api) {
    case EmitOptions::DeviceApi::tvm:
      return tvm;
  }
  return tvm;
}

}  // namespace stm32tvm
