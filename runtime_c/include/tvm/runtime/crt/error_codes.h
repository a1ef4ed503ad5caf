/* SPDX-License-Identifier: Apache-2.0 */
/* The error code that TVM's Arm kernels return. Name and value are those of apache/tvm v0.14.0
 * include/tvm/runtime/crt/error_codes.h; the text is this project's. */
#ifndef TVM_RUNTIME_CRT_ERROR_CODES_H_
#define TVM_RUNTIME_CRT_ERROR_CODES_H_

typedef enum {
  kTvmErrorNoError = 0,
  kTvmErrorFunctionCallInvalidArg = 0x0803 /* category 8, code 3 */
} tvm_crt_error_t;

#endif /* TVM_RUNTIME_CRT_ERROR_CODES_H_ */
