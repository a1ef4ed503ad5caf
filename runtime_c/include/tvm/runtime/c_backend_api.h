/* SPDX-License-Identifier: Apache-2.0 */
/* The part of TVM's backend API that its generated C uses. Names and signatures are those of apache/tvm v0.14.0
 * include/tvm/runtime/c_backend_api.h; the text is this project's. */
#ifndef TVM_RUNTIME_C_BACKEND_API_H_
#define TVM_RUNTIME_C_BACKEND_API_H_

#include <tvm/runtime/c_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int (*TVMBackendPackedCFunc)(TVMValue* args, int* type_codes, int num_args, TVMValue* out_ret_value,
                                     int* out_ret_tcode, void* resource_handle);

/* Hands a workspace of exactly nbytes to the kernel that runs now, from the memory plan. NULL when the plan holds none;
 * the hints are not used. */
TVM_DLL void* TVMBackendAllocWorkspace(int device_type, int device_id, uint64_t nbytes, int dtype_code_hint,
                                       int dtype_bits_hint);

/* Takes a workspace back. 0, or -1 when ptr is none that the running kernel holds. */
TVM_DLL int TVMBackendFreeWorkspace(int device_type, int device_id, void* ptr);

#ifdef __cplusplus
}
#endif

#endif /* TVM_RUNTIME_C_BACKEND_API_H_ */
