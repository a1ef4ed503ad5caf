/* SPDX-License-Identifier: Apache-2.0 */
/* tvm.aot_executor.create, and the functions of the module that it makes. */
#include <stddef.h>
#include <string.h>

#include "stvm_rpc_functions.h"

static const char* const functions[] = {
    "get_input", "get_input_index", "get_num_inputs", "get_num_outputs", "get_output",  "run",
    "set_input", "get_input_name",  "get_input_info", "load_params",     "share_params"};
enum {
  GET_INPUT,
  GET_INPUT_INDEX,
  GET_NUM_INPUTS,
  GET_NUM_OUTPUTS,
  GET_OUTPUT,
  RUN,
  SET_INPUT,
  GET_INPUT_NAME,
  FUNCTIONS_SERVED
};

uint32_t stvm_rpc_find_executor_function(const char* name) {
  for (uint32_t i = 0; i < sizeof functions / sizeof functions[0]; ++i) {
    if (stvm_rpc_same(functions[i], name)) {
      return stvm_rpc_function_handle(STVM_RPC_MODULE_EXECUTOR, i);
    }
  }
  return 0;
}

/* tvmgen_<module><end>, in the archive's own table; 0 when it is not there. */
static uint32_t find(stvm_rpc_server* server, const char* module, const char* end) {
  return stvm_rpc_find_function(server, STVM_RPC_MODULE_LIBRARY, stvm_rpc_message(server, "tvmgen_", module, end));
}

static uint32_t input_count(const stvm_rpc_executor* executor) {
  return (uint32_t)executor->metadata->num_inputs;
}

static uint32_t tensor_count(const stvm_rpc_executor* executor) {
  return input_count(executor) + (uint32_t)executor->metadata->num_outputs;
}

static void release(stvm_rpc_server* server) {
  stvm_rpc_executor* const executor = &server->executor;
  for (uint32_t i = 0; executor->metadata != NULL && i < tensor_count(executor); ++i) {
    stvm_rpc_release(&server->memory, executor->tensors[i].data, STVM_RPC_USE_TENSOR);
  }
  stvm_rpc_release(&server->memory, executor->tensors, STVM_RPC_USE_TENSOR);
  executor->metadata = NULL;
}

/* Inputs and outputs live as long as the executor. False when the memory is too small. */
static bool allocate(stvm_rpc_server* server) {
  stvm_rpc_executor* const executor = &server->executor;
  const uint32_t count = tensor_count(executor);
  const uint32_t bytes = count * (uint32_t)sizeof(DLTensor);
  executor->tensors = stvm_rpc_allocate(&server->memory, bytes, STVM_RPC_USE_TENSOR);
  if (executor->tensors == NULL) {
    return false;
  }
  memset(executor->tensors, 0, bytes);
  for (uint32_t i = 0; i < count; ++i) {
    const bool is_input = i < input_count(executor);
    const struct TVMTensorInfo* const info =
        is_input ? &executor->metadata->inputs[i] : &executor->metadata->outputs[i - input_count(executor)];
    DLTensor* const tensor = &executor->tensors[i];
    tensor->device.device_type = kDLCPU;
    tensor->ndim = (int32_t)info->num_shape;
    tensor->dtype = info->dtype;
    tensor->shape = (int64_t*)(uintptr_t)info->shape; /* DLPack has no const */
    tensor->data = stvm_rpc_allocate(&server->memory, stvm_rpc_tensor_bytes(tensor), STVM_RPC_USE_TENSOR);
    if (tensor->data == NULL) {
      return false;
    }
  }
  return true;
}

const char* stvm_rpc_make_executor(stvm_rpc_server* server, stvm_rpc_result* result) {
  stvm_rpc_arguments* const arguments = &server->arguments;
  if (arguments->count != 3 || arguments->codes[0] != STVM_RPC_TYPE_MODULE || !stvm_rpc_is_string(arguments, 2)) {
    return "tvm.aot_executor.create takes a module, a device and a name";
  }
  const char* const name = arguments->values[2].v_str;
  const uint32_t metadata = find(server, name, "_get_c_metadata");
  const uint32_t run = find(server, name, "_run");
  if (metadata == 0 || run == 0) {
    return stvm_rpc_message(server, "there is no ahead-of-time module ", name, " on the device");
  }
  release(server);
  arguments->count = 0;
  TVMBackendPackedCFunc kernel;
  const char* fault = stvm_rpc_prepare(server, run, &server->executor.run);
  fault = fault != NULL ? fault : stvm_rpc_prepare(server, metadata, &kernel);
  fault = fault != NULL ? fault : stvm_rpc_call_kernel(server, kernel, result);
  if (fault != NULL) {
    return fault;
  }
  server->executor.metadata = result->value.v_handle;
  if (!allocate(server)) {
    release(server);
    return "the memory is too small for the inputs and outputs";
  }
  result->code = STVM_RPC_TYPE_MODULE;
  result->value.v_handle = (void*)(uintptr_t)STVM_RPC_MODULE_EXECUTOR;
  return NULL;
}

/* The input that argument 0 names, by index or by name; the number of inputs when there is none. */
static uint32_t input_index(const stvm_rpc_server* server) {
  const stvm_rpc_executor* const executor = &server->executor;
  const stvm_rpc_arguments* const arguments = &server->arguments;
  const uint32_t count = input_count(executor);
  if (stvm_rpc_is_integer(arguments, 0)) {
    const int64_t index = arguments->values[0].v_int64;
    return index < 0 || index > count ? count : (uint32_t)index;
  }
  uint32_t i = stvm_rpc_is_string(arguments, 0) ? 0 : count;
  while (i < count && !stvm_rpc_same(executor->metadata->inputs[i].name, arguments->values[0].v_str)) {
    ++i;
  }
  return i;
}

bool stvm_rpc_is_run(uint32_t index) {
  return index == RUN;
}

const char* stvm_rpc_prepare_run(stvm_rpc_server* server, TVMBackendPackedCFunc* kernel) {
  const stvm_rpc_executor* const executor = &server->executor;
  stvm_rpc_arguments* const arguments = &server->arguments;
  if (executor->metadata == NULL) {
    return "there is no executor; create it";
  }
  arguments->count = tensor_count(executor);
  if (arguments->count > STVM_RPC_ARGUMENTS) {
    return stvm_rpc_number_message(server, "the network has ", arguments->count,
                                   " inputs and outputs, more than the device takes");
  }
  for (uint32_t i = 0; i < arguments->count; ++i) {
    arguments->values[i].v_handle = &executor->tensors[i];
  }
  /* The generated main function also reads the codes of the pools that it adds itself. */
  for (uint32_t i = 0; i < STVM_RPC_ARGUMENTS; ++i) {
    arguments->codes[i] = kTVMDLTensorHandle;
  }
  *kernel = executor->run;
  return NULL;
}

static const char* run(stvm_rpc_server* server, stvm_rpc_result* result) {
  TVMBackendPackedCFunc kernel = NULL;
  const char* const fault = stvm_rpc_prepare_run(server, &kernel);
  return fault != NULL ? fault : stvm_rpc_call_kernel(server, kernel, result);
}

static const char* set_input(stvm_rpc_server* server, uint32_t input) {
  const stvm_rpc_arguments* const arguments = &server->arguments;
  const DLTensor* const to = &server->executor.tensors[input];
  const DLTensor* const from = &arguments->tensors[1];
  const uint64_t bytes = stvm_rpc_tensor_bytes(to);
  if (arguments->count != 2 || arguments->codes[1] != kTVMDLTensorHandle || stvm_rpc_tensor_bytes(from) != bytes ||
      from->byte_offset != 0 || !stvm_rpc_readable(server, (uintptr_t)from->data, bytes)) {
    return "set_input takes an input and a tensor of its size on the device";
  }
  stvm_rpc_copy(to->data, from->data, (uint32_t)bytes);
  return NULL;
}

static void give_array(stvm_rpc_executor* executor, uint32_t index, stvm_rpc_result* result) {
  result->code = STVM_RPC_TYPE_ARRAY;
  result->tensor = &executor->tensors[index];
  result->value.v_handle = &executor->tensors[index];
}

static void give_integer(int64_t value, stvm_rpc_result* result) {
  result->code = kTVMArgInt;
  result->value.v_int64 = value;
}

static const char* call_with_input(stvm_rpc_server* server, uint32_t index, stvm_rpc_result* result) {
  stvm_rpc_executor* const executor = &server->executor;
  const uint32_t input = input_index(server);
  if (index == GET_INPUT_INDEX) { /* no input is -1, as in TVM */
    give_integer(input < input_count(executor) ? (int64_t)input : -1, result);
    return NULL;
  }
  if (input >= input_count(executor)) {
    return "the network has no such input";
  }
  if (index == SET_INPUT) {
    return set_input(server, input);
  }
  if (index == GET_INPUT_NAME) {
    result->code = STVM_RPC_TYPE_STRING;
    result->value.v_str = executor->metadata->inputs[input].name;
    result->bytes = stvm_rpc_length(result->value.v_str);
    return NULL;
  }
  give_array(executor, input, result);
  return NULL;
}

const char* stvm_rpc_call_executor(stvm_rpc_server* server, uint32_t index, stvm_rpc_result* result) {
  stvm_rpc_executor* const executor = &server->executor;
  if (executor->metadata == NULL) {
    return "there is no executor; create it";
  }
  switch (index) {
    case RUN:
      return run(server, result);
    case GET_NUM_INPUTS:
      give_integer(executor->metadata->num_inputs, result);
      return NULL;
    case GET_NUM_OUTPUTS:
      give_integer(executor->metadata->num_outputs, result);
      return NULL;
    case GET_OUTPUT: {
      const int64_t output = stvm_rpc_is_integer(&server->arguments, 0) ? server->arguments.values[0].v_int64 : -1;
      if (output < 0 || output >= executor->metadata->num_outputs) {
        return "the network has no such output";
      }
      give_array(executor, input_count(executor) + (uint32_t)output, result);
      return NULL;
    }
    default:
      return index < FUNCTIONS_SERVED ? call_with_input(server, index, result)
                                      : "the executor on the device does not have this function";
  }
}
