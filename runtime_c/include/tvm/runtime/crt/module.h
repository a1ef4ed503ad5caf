/* SPDX-License-Identifier: Apache-2.0 */
/* The function registry of TVM's system library. Names and layouts are those of apache/tvm v0.14.0
 * include/tvm/runtime/crt/module.h and func_registry.h; the text is this project's. */
#ifndef TVM_RUNTIME_CRT_MODULE_H_
#define TVM_RUNTIME_CRT_MODULE_H_

#include <tvm/runtime/c_backend_api.h>
#include <tvm/runtime/c_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct TVMFuncRegistry {
  const char* names; /* number of functions (two bytes, little-endian), then their names, each ended by a NUL */
  const TVMBackendPackedCFunc* funcs;
} TVMFuncRegistry;

typedef struct TVMModule {
  const TVMFuncRegistry* registry;
} TVMModule;

/* Defined by the generated C of a system library. */
const TVMModule* TVMSystemLibEntryPoint(void);

#ifdef __cplusplus
}
#endif

#endif /* TVM_RUNTIME_CRT_MODULE_H_ */
