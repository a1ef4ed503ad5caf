/* SPDX-License-Identifier: Apache-2.0 */
#include "stvm_rpc_functions.h"

#include <stddef.h>

typedef const char* (*global_function)(stvm_rpc_server* server, stvm_rpc_result* result);

/* Bytes of a packet that are no contents of a tensor: session, type and length. */
#define PACKET_OVERHEAD_BYTES 11u

uint32_t stvm_rpc_function_handle(uint32_t module, uint32_t index) {
  return module << 16 | 0x8000u | index;
}

static uint32_t index_of(uint32_t function) {
  return function & 0x7FFFu;
}

bool stvm_rpc_is_integer(const stvm_rpc_arguments* arguments, uint32_t index) {
  return index < arguments->count &&
         (arguments->codes[index] == kTVMArgInt || arguments->codes[index] == STVM_RPC_TYPE_BOOL);
}

bool stvm_rpc_is_string(const stvm_rpc_arguments* arguments, uint32_t index) {
  return index < arguments->count && arguments->codes[index] == STVM_RPC_TYPE_STRING;
}

uint64_t stvm_rpc_tensor_bytes(const DLTensor* tensor) {
  uint64_t bytes = ((uint64_t)tensor->dtype.bits * tensor->dtype.lanes + 7) / 8;
  for (int32_t i = 0; i < tensor->ndim; ++i) {
    const uint64_t dimension = (uint64_t)tensor->shape[i];
    if (dimension > UINT32_MAX || bytes > UINT32_MAX) {
      return UINT64_MAX;
    }
    bytes *= dimension;
  }
  return bytes > UINT32_MAX ? UINT64_MAX : bytes;
}

bool stvm_rpc_readable(const stvm_rpc_server* server, uint64_t address, uint64_t bytes) {
  const uint64_t constants = (uintptr_t)server->platform.constants;
  const uint64_t constants_bytes = server->platform.constants_bytes;
  if (address >= constants && address - constants < constants_bytes) {
    return bytes <= constants_bytes - (address - constants);
  }
  return stvm_rpc_holds(&server->memory, address, bytes);
}

/* A kernel gets tensors whose bytes are where the host may have them. */
static const char* check_tensors(stvm_rpc_server* server) {
  const stvm_rpc_arguments* const arguments = &server->arguments;
  for (uint32_t i = 0; i < arguments->count; ++i) {
    if (arguments->codes[i] != kTVMDLTensorHandle) {
      continue;
    }
    const DLTensor* const tensor = &arguments->tensors[i];
    const uint64_t bytes = stvm_rpc_tensor_bytes(tensor);
    if (tensor->byte_offset != 0 || !stvm_rpc_readable(server, (uintptr_t)tensor->data, bytes)) {
      return stvm_rpc_number_message(server, "argument ", i, " is no tensor that was allocated on the device");
    }
  }
  return NULL;
}

/* The registry's names start with their number in two bytes; each ends with a NUL. */
static uint32_t library_size(const stvm_rpc_server* server) {
  const uint8_t* const names = (const uint8_t*)server->platform.library->registry->names;
  return names[0] | (uint32_t)names[1] << 8;
}

static uint32_t find_in_library(const stvm_rpc_server* server, const char* wanted) {
  const char* name = server->platform.library->registry->names + 2;
  const uint32_t size = library_size(server);
  for (uint32_t i = 0; i < size; ++i) {
    if (stvm_rpc_same(name, wanted)) {
      return stvm_rpc_function_handle(STVM_RPC_MODULE_LIBRARY, i);
    }
    name += stvm_rpc_length(name) + 1;
  }
  return 0;
}

uint32_t stvm_rpc_find_function(const stvm_rpc_server* server, uint32_t module, const char* name) {
  if (module == STVM_RPC_MODULE_LIBRARY) {
    return find_in_library(server, name);
  }
  if (module == STVM_RPC_MODULE_EXECUTOR && server->executor.metadata != NULL) {
    return stvm_rpc_find_executor_function(name);
  }
  return 0;
}

static const char* system_library(stvm_rpc_server* server, stvm_rpc_result* result) {
  (void)server;
  result->code = STVM_RPC_TYPE_MODULE;
  result->value.v_handle = (void*)(uintptr_t)STVM_RPC_MODULE_LIBRARY;
  return NULL;
}

/* (module, name, whether to look in imports too: an int, or a bool from TVM 0.18 on) */
static const char* module_get_function(stvm_rpc_server* server, stvm_rpc_result* result) {
  const stvm_rpc_arguments* const arguments = &server->arguments;
  if (arguments->count != 3 || arguments->codes[0] != STVM_RPC_TYPE_MODULE || !stvm_rpc_is_string(arguments, 1) ||
      !stvm_rpc_is_integer(arguments, 2)) {
    return "tvm.rpc.server.ModuleGetFunction takes a module, a name and a bool";
  }
  const uint32_t function =
      stvm_rpc_find_function(server, (uint32_t)(uintptr_t)arguments->values[0].v_handle, arguments->values[1].v_str);
  if (function != 0) { /* no function is a null, as TVM's own server answers */
    result->code = STVM_RPC_TYPE_FUNCTION;
    result->value.v_handle = (void*)(uintptr_t)function;
  }
  return NULL;
}

static const char* packet_size(stvm_rpc_server* server, stvm_rpc_result* result) {
  (void)server;
  result->code = kTVMArgInt;
  result->value.v_int64 = STVM_RPC_PACKET_BYTES - PACKET_OVERHEAD_BYTES;
  return NULL;
}

/* xorshift32 by G. Marsaglia */
static uint32_t next_random(uint32_t* state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

/* The two highest bytes of 1.0, and the bits below them that may be any. */
static uint32_t one_of(DLDataType type, uint32_t* free_bits) {
  const bool is_half = type.code == kDLFloat && type.bits == 16;
  *free_bits = is_half ? 0x3FFu : type.bits == 64 ? 0x0Fu : 0x7Fu;
  return is_half ? 0x3C00u : type.bits == 64 ? 0x3FF0u : 0x3F80u;
}

/* Whole numbers of any bits; floats from 1 to 2, because a denormal or a NaN takes another time than a number. */
static void fill(uint8_t* to, uint32_t bytes, DLDataType type, uint32_t state) {
  const uint32_t element = type.bits < 8 ? 1 : type.bits / 8u;
  const bool is_float = (type.code == kDLFloat || type.code == kDLBfloat) && element >= 2;
  for (uint32_t i = 0; i < bytes; ++i) {
    to[i] = (uint8_t)(next_random(&state) & (type.bits == 1 ? 1u : 0xFFu));
    if (is_float && i % element == element - 1) {
      uint32_t free_bits;
      const uint32_t one = one_of(type, &free_bits);
      const uint32_t high = one | (next_random(&state) & free_bits);
      to[i - 1] = (uint8_t)high;
      to[i] = (uint8_t)(high >> 8);
    }
  }
}

static const char* random_fill(stvm_rpc_server* server, stvm_rpc_result* result) {
  (void)result;
  const stvm_rpc_arguments* const arguments = &server->arguments;
  if (arguments->count != 1 || arguments->codes[0] != kTVMDLTensorHandle) {
    return "tvm.contrib.random.random_fill takes a tensor";
  }
  const DLTensor* const tensor = &arguments->tensors[0];
  const uint64_t bytes = stvm_rpc_tensor_bytes(tensor);
  if (tensor->byte_offset != 0 || !stvm_rpc_holds(&server->memory, (uintptr_t)tensor->data, bytes)) {
    return "the tensor to fill was not allocated on the device";
  }
  fill(tensor->data, (uint32_t)bytes, tensor->dtype, server->platform.entropy() | 1u);
  return NULL;
}

static const struct {
  const char* name;
  global_function function;
} global_functions[] = {{"runtime.SystemLib", system_library},
                        {"tvm.rpc.server.ModuleGetFunction", module_get_function},
                        {"tvm.rpc.server.GetCRTMaxPacketSize", packet_size},
                        {"runtime.RPCTimeEvaluator", stvm_rpc_make_evaluator},
                        {"tvm.contrib.random.random_fill", random_fill},
                        {"tvm.aot_executor.create", stvm_rpc_make_executor}};

#define GLOBAL_FUNCTIONS (sizeof global_functions / sizeof global_functions[0])

uint32_t stvm_rpc_find_global(const char* name) {
  for (uint32_t i = 0; i < GLOBAL_FUNCTIONS; ++i) {
    if (stvm_rpc_same(global_functions[i].name, name)) {
      return stvm_rpc_function_handle(STVM_RPC_MODULE_GLOBAL, i);
    }
  }
  return 0;
}

const char* stvm_rpc_prepare(stvm_rpc_server* server, uint32_t function, TVMBackendPackedCFunc* kernel) {
  const uint32_t index = index_of(function);
  if (function == stvm_rpc_function_handle(STVM_RPC_MODULE_EXECUTOR, index) && stvm_rpc_is_run(index)) {
    return stvm_rpc_prepare_run(server, kernel);
  }
  if (function != stvm_rpc_function_handle(STVM_RPC_MODULE_LIBRARY, index) || index >= library_size(server)) {
    return "the handle is no kernel's";
  }
  *kernel = server->platform.library->registry->funcs[index];
  return check_tensors(server);
}

const char* stvm_rpc_call_kernel(stvm_rpc_server* server, TVMBackendPackedCFunc kernel, stvm_rpc_result* result) {
  stvm_rpc_arguments* const arguments = &server->arguments;
  result->code = kTVMNullptr;
  if (kernel(arguments->values, arguments->codes, (int)arguments->count, &result->value, &result->code, NULL) != 0) {
    stvm_rpc_release_all(&server->memory, STVM_RPC_USE_WORKSPACE);
    return "the kernel failed; it may have found no room for a workspace";
  }
  return NULL;
}

const char* stvm_rpc_call(stvm_rpc_server* server, uint32_t function, stvm_rpc_result* result) {
  const uint32_t index = index_of(function);
  result->code = kTVMNullptr;
  result->value.v_int64 = 0;
  result->bytes = 0;
  result->tensor = NULL;
  if (function == stvm_rpc_function_handle(STVM_RPC_MODULE_LIBRARY, index)) {
    TVMBackendPackedCFunc kernel;
    const char* const fault = stvm_rpc_prepare(server, function, &kernel);
    return fault != NULL ? fault : stvm_rpc_call_kernel(server, kernel, result);
  }
  if (function == stvm_rpc_function_handle(STVM_RPC_MODULE_EXECUTOR, index)) {
    return stvm_rpc_call_executor(server, index, result);
  }
  if (function == stvm_rpc_function_handle(STVM_RPC_MODULE_GLOBAL, index) && index < GLOBAL_FUNCTIONS) {
    return global_functions[index].function(server, result);
  }
  if (function == stvm_rpc_function_handle(STVM_RPC_MODULE_EVALUATORS, index) && index < STVM_RPC_EVALUATORS &&
      server->evaluators[index].function != 0) {
    return stvm_rpc_evaluate(server, &server->evaluators[index], result);
  }
  return "the handle is no function's";
}

void stvm_rpc_free_function(stvm_rpc_server* server, uint32_t function) {
  const uint32_t index = index_of(function);
  if (function == stvm_rpc_function_handle(STVM_RPC_MODULE_EVALUATORS, index) && index < STVM_RPC_EVALUATORS) {
    server->evaluators[index].function = 0;
  }
}
