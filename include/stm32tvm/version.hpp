// SPDX-License-Identifier: Apache-2.0
// The version numbers of the library and of what it reads and writes; CMakeLists.txt reads them from here.
#pragma once

/// Version of the library (semantic versioning).
#define STM32TVM_VERSION_MAJOR 1
#define STM32TVM_VERSION_MINOR 0
#define STM32TVM_VERSION_PATCH 0
#define STM32TVM_VERSION "1.0.0"

/// Contract between emitted networks and the device runtime: STVM_CONTRACT of runtime_c/stvm.h.
#define STM32TVM_CONTRACT 1

/// Lowest and highest Model Library Format version that is read (apache/tvm, python/tvm/micro/model_library_format.py).
#define STM32TVM_MODEL_LIBRARY_FORMAT_MINIMUM 1
#define STM32TVM_MODEL_LIBRARY_FORMAT_MAXIMUM 7
