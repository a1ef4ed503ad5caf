/* SPDX-License-Identifier: Apache-2.0 */
/* The operator loop and the workspaces of its kernels. */
#include "stvm.h"

#include <stddef.h>
#include <string.h>

/* A run that goes on. */
typedef struct stvm_running {
  const stvm_operator* operator_; /* NULL before the first */
  uint8_t* const* pools;
  const stvm_operator* holder; /* whom `taken` is about */
  uint32_t taken;              /* bit i: workspace i is handed out */
  uint32_t refused;            /* a workspace was asked for that is not in the table */
} stvm_running;

/* TVM's workspace functions have no context argument, so this is the one global variable. NULL between runs. */
static STVM_THREAD_LOCAL stvm_running* stvm_current;

static uint8_t* address_of(uint8_t* const* pools, stvm_place place) {
  return pools[place.pool] + place.offset;
}

void* TVMBackendAllocWorkspace(int device_type, int device_id, uint64_t nbytes, int dtype_code_hint,
                               int dtype_bits_hint) {
  stvm_running* const run = stvm_current;
  (void)device_type;
  (void)device_id;
  (void)dtype_code_hint;
  (void)dtype_bits_hint;
  if (run == NULL) {
    return NULL;
  }
  if (run->holder != run->operator_) {
    run->holder = run->operator_;
    run->taken = 0;
  }
  for (uint32_t i = 0; i < run->operator_->workspace_count; ++i) {
    const stvm_workspace* const workspace = &run->operator_->workspaces[i];
    const uint32_t bit = UINT32_C(1) << i;
    if (workspace->bytes == nbytes && (run->taken & bit) == 0) {
      run->taken |= bit;
      return address_of(run->pools, workspace->place);
    }
  }
  run->refused = 1;
  return NULL;
}

int TVMBackendFreeWorkspace(int device_type, int device_id, void* ptr) {
  stvm_running* const run = stvm_current;
  (void)device_type;
  (void)device_id;
  if (run == NULL || run->holder != run->operator_) {
    return -1;
  }
  for (uint32_t i = 0; i < run->operator_->workspace_count; ++i) {
    const uint32_t bit = UINT32_C(1) << i;
    if ((run->taken & bit) != 0 && address_of(run->pools, run->operator_->workspaces[i].place) == ptr) {
      run->taken &= ~bit;
      return 0;
    }
  }
  return -1;
}

/* `operator_` is set before each call, and `taken` counts only for its holder. */
STVM_INLINED stvm_running begin(uint8_t* const* pools) {
  stvm_running run;
  run.pools = pools;
  run.holder = NULL;
  run.refused = 0;
  return run;
}

STVM_INLINED stvm_status status_of(const stvm_running* run, int32_t kernel_result) {
  if (run->refused != 0) {
    return STVM_ERROR_WORKSPACE;
  }
  return kernel_result == 0 ? STVM_OK : STVM_ERROR_KERNEL;
}

stvm_status stvm_run_operators(const stvm_network* network, uint8_t* const* pools, uint32_t first, uint32_t count) {
  const stvm_operator* operator_ = network->operators + first;
  const stvm_operator* const end = operator_ + count;
  stvm_running run = begin(pools);
  stvm_running* const outer = stvm_current;
  int32_t result = 0;
  stvm_current = &run;
  for (; operator_ != end && result == 0; ++operator_) {
    run.operator_ = operator_;
    result = operator_->call(operator_, pools);
  }
  stvm_current = outer;
  return status_of(&run, result);
}

stvm_status stvm_run(const stvm_network* network, uint8_t* const* pools) {
  return stvm_run_operators(network, pools, 0, network->operator_count);
}

stvm_status stvm_run_fixed(const stvm_network* network, uint8_t* const* pools) {
  const stvm_operator* operator_ = network->operators;
  const stvm_operator* const end = operator_ + network->operator_count;
  int32_t* const types = (int32_t*)network->argument_types;
  stvm_running run = begin(pools);
  stvm_running* const outer = stvm_current;
  TVMValue value;
  int32_t value_type;
  int32_t result = 0;
  stvm_current = &run;
  for (; operator_ != end && result == 0; ++operator_) {
    run.operator_ = operator_;
    result = operator_->kernel((void*)operator_->arguments, types, operator_->operand_count, &value, &value_type, NULL);
  }
  stvm_current = outer;
  return status_of(&run, result);
}

void stvm_place_interface(const stvm_network* network, uint8_t** pools) {
  const uint32_t first = stvm_input_pool(network);
  const uint32_t count = (uint32_t)network->input_count + network->output_count;
  for (uint32_t i = 0; i < count; ++i) {
    const stvm_place place = network->interface_places[i];
    pools[first + i] = place.pool == STVM_NO_POOL ? NULL : address_of(pools, place);
  }
}

/* Called by name, so that what is called can be told from the code, but linked only where a row of weights has it. */
#if defined(__GNUC__) && defined(__ELF__)
stvm_status stvm_load_weights(const stvm_weights* weights) __attribute__((weak));
#endif

stvm_status stvm_place_weights(const stvm_network* network, uint8_t** pools) {
  uint8_t** const addresses = pools + stvm_weights_pool(network);
  for (uint32_t i = 0; i < network->weights_count; ++i) {
    const stvm_weights* const weights = &network->weights[i];
    const stvm_status status = weights->load == NULL ? STVM_OK : stvm_load_weights(weights);
    if (status != STVM_OK) {
      return status;
    }
    addresses[i] = weights->data;
  }
  return STVM_OK;
}

int32_t stvm_call_packed(const stvm_operator* operator_, uint8_t* const* pools, const stvm_tensor* tensors,
                         const int32_t* argument_types, stvm_scratch scratch) {
  TVMValue value;
  int32_t value_type;
  for (uint32_t i = 0; i < operator_->operand_count; ++i) {
    const stvm_tensor* const tensor = &tensors[operator_->operands[i]];
    scratch.tensors[i] = tensor->dltensor;
    scratch.tensors[i].data = address_of(pools, tensor->place);
    scratch.arguments[i].v_handle = &scratch.tensors[i];
  }
  return operator_->kernel(scratch.arguments, (int32_t*)argument_types, operator_->operand_count, &value, &value_type,
                           NULL);
}

uint32_t stvm_tensor_bytes(const DLTensor* tensor) {
  uint32_t bytes = ((uint32_t)tensor->dtype.bits + 7U) / 8U * tensor->dtype.lanes;
  for (int32_t i = 0; i < tensor->ndim; ++i) {
    bytes *= (uint32_t)tensor->shape[i];
  }
  return bytes;
}

int32_t stvm_copy_bytes(void* to, const void* from, uint32_t bytes) {
  if (to != from) {
    memmove(to, from, bytes);
  }
  return 0;
}

int32_t stvm_copy(void* args, int32_t* arg_type_ids, int32_t num_args, void* out_ret_value, int32_t* out_ret_tcode,
                  void* resource_handle) {
  const TVMValue* const arguments = (const TVMValue*)args;
  const DLTensor* const from = (const DLTensor*)arguments[0].v_handle;
  const DLTensor* const to = (const DLTensor*)arguments[1].v_handle;
  (void)arg_type_ids;
  (void)num_args;
  (void)out_ret_value;
  (void)out_ret_tcode;
  (void)resource_handle;
  return stvm_copy_bytes(to->data, from->data, stvm_tensor_bytes(from));
}
