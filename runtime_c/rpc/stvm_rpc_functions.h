/* SPDX-License-Identifier: Apache-2.0 */
/* What a host can call: the server's own functions by their global names, the archive's kernels, time evaluators and
 * the functions of the ahead-of-time executor. */
#ifndef STVM_RPC_FUNCTIONS_H
#define STVM_RPC_FUNCTIONS_H

#include "stvm_rpc_wire.h"

/* Handle of the global function of this name; 0 when there is none. */
uint32_t stvm_rpc_find_global(const char* name);

/* Handle of a module's function; 0 when the module or the function is not there. */
uint32_t stvm_rpc_find_function(const stvm_rpc_server* server, uint32_t module, const char* name);

/* Calls the function behind a handle with the server's arguments. Returns what is wrong, or NULL. */
const char* stvm_rpc_call(stvm_rpc_server* server, uint32_t function, stvm_rpc_result* result);

/* Checks the server's arguments for a kernel, or makes them for the executor's run, and finds what is to be called with
 * them. Returns what is wrong, or NULL. */
const char* stvm_rpc_prepare(stvm_rpc_server* server, uint32_t function, TVMBackendPackedCFunc* kernel);

/* Calls a kernel that was prepared. Returns what is wrong, or NULL. */
const char* stvm_rpc_call_kernel(stvm_rpc_server* server, TVMBackendPackedCFunc kernel, stvm_rpc_result* result);

/* Frees a time evaluator; every other function lives as long as the server. */
void stvm_rpc_free_function(stvm_rpc_server* server, uint32_t function);

/* Whether `bytes` from `address` on are inside one tensor, or constants. */
bool stvm_rpc_readable(const stvm_rpc_server* server, uint64_t address, uint64_t bytes);

/* Bytes of a tensor's values; UINT64_MAX when that is no size. */
uint64_t stvm_rpc_tensor_bytes(const DLTensor* tensor);

/* Whether argument `index` is there and a whole number, which may have come as a bool. */
bool stvm_rpc_is_integer(const stvm_rpc_arguments* arguments, uint32_t index);
bool stvm_rpc_is_string(const stvm_rpc_arguments* arguments, uint32_t index);

/* Handles: a module's, and those of its functions. */
enum {
  STVM_RPC_MODULE_LIBRARY = 0x8000,
  STVM_RPC_MODULE_EXECUTOR = 0x8001,
  STVM_RPC_MODULE_GLOBAL = 0x8002,
  STVM_RPC_MODULE_EVALUATORS = 0x8003
};
uint32_t stvm_rpc_function_handle(uint32_t module, uint32_t index);

/* The time evaluator's part (stvm_rpc_evaluator.c). */
const char* stvm_rpc_make_evaluator(stvm_rpc_server* server, stvm_rpc_result* result);
const char* stvm_rpc_evaluate(stvm_rpc_server* server, stvm_rpc_evaluator* evaluator, stvm_rpc_result* result);

/* The executor's part (stvm_rpc_executor.c). */
const char* stvm_rpc_make_executor(stvm_rpc_server* server, stvm_rpc_result* result);
uint32_t stvm_rpc_find_executor_function(const char* name);
const char* stvm_rpc_prepare_run(stvm_rpc_server* server, TVMBackendPackedCFunc* kernel);
bool stvm_rpc_is_run(uint32_t index);
const char* stvm_rpc_call_executor(stvm_rpc_server* server, uint32_t index, stvm_rpc_result* result);

#endif /* STVM_RPC_FUNCTIONS_H */
