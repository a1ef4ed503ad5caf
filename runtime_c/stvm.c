/* SPDX-License-Identifier: Apache-2.0 */
/* The operator loop and the workspaces of its kernels. */
#include "stvm.h"

#include <stddef.h>
#include <string.h>

/* The call that runs now. TVM's workspace functions have no context argument, so this is the one global variable. */
typedef struct stvm_call {
  const stvm_operator* operator_; /* NULL between calls */
  uint8_t* const* pools;          /* NULL: the network's own */
  const stvm_pool* own_pools;
  uint32_t taken;   /* bit i: workspace i is handed out */
  uint32_t refused; /* a workspace was asked for that is not in the table */
} stvm_call;

static STVM_THREAD_LOCAL stvm_call stvm_current;

static uint8_t* workspace_address(const stvm_workspace* workspace) {
  uint8_t* const pool = stvm_current.pools != NULL ? stvm_current.pools[workspace->place.pool]
                                                   : stvm_current.own_pools[workspace->place.pool].address;
  return pool + workspace->place.offset;
}

void* TVMBackendAllocWorkspace(int device_type, int device_id, uint64_t nbytes, int dtype_code_hint,
                               int dtype_bits_hint) {
  (void)device_type;
  (void)device_id;
  (void)dtype_code_hint;
  (void)dtype_bits_hint;
  const stvm_operator* const operator_ = stvm_current.operator_;
  if (operator_ != NULL) {
    for (uint32_t i = 0; i < operator_->workspace_count; ++i) {
      const uint32_t bit = UINT32_C(1) << i;
      if (operator_->workspaces[i].bytes == nbytes && (stvm_current.taken & bit) == 0) {
        stvm_current.taken |= bit;
        return workspace_address(&operator_->workspaces[i]);
      }
    }
  }
  stvm_current.refused = 1;
  return NULL;
}

int TVMBackendFreeWorkspace(int device_type, int device_id, void* ptr) {
  (void)device_type;
  (void)device_id;
  const stvm_operator* const operator_ = stvm_current.operator_;
  if (operator_ != NULL) {
    for (uint32_t i = 0; i < operator_->workspace_count; ++i) {
      const uint32_t bit = UINT32_C(1) << i;
      if ((stvm_current.taken & bit) != 0 && workspace_address(&operator_->workspaces[i]) == ptr) {
        stvm_current.taken &= ~bit;
        return 0;
      }
    }
  }
  return -1;
}

/* Calls one operator with these arguments, which are the operator's own or a copy of them. */
static int32_t call(const stvm_network* network, const stvm_operator* operator_, const TVMValue* arguments) {
  TVMValue result;
  int32_t result_type;
  stvm_current.operator_ = operator_;
  stvm_current.taken = 0;
  return operator_->kernel((void*)arguments, (int32_t*)network->argument_types, operator_->argument_count, &result,
                           &result_type, (void*)operator_);
}

static void begin(const stvm_network* network, uint8_t* const pools[]) {
  stvm_current.pools = pools;
  stvm_current.own_pools = network->pools;
  stvm_current.refused = 0;
}

static stvm_status end(int32_t kernel_result) {
  stvm_current.operator_ = NULL;
  if (stvm_current.refused != 0) {
    return STVM_ERROR_WORKSPACE;
  }
  return kernel_result == 0 ? STVM_OK : STVM_ERROR_KERNEL;
}

stvm_status stvm_run(const stvm_network* network) {
  const stvm_operator* operator_ = network->operators;
  const stvm_operator* const last = operator_ + network->operator_count;
  int32_t result = 0;
  begin(network, NULL);
  for (; operator_ != last && result == 0; ++operator_) {
    result = call(network, operator_, operator_->arguments);
  }
  return end(result);
}

/* Where the byte at `address` lies when the network's own pools are replaced by `pools`. */
static void* moved(const stvm_network* network, uint8_t* const pools[], void* address) {
  for (uint32_t i = 0; i < network->pool_count; ++i) {
    const uintptr_t offset = (uintptr_t)address - (uintptr_t)network->pools[i].address;
    if (offset < network->pools[i].bytes) {
      return pools[i] + offset;
    }
  }
  return address;
}

stvm_status stvm_run_in(const stvm_network* network, uint8_t* const pools[], stvm_scratch scratch) {
  const uintptr_t tensors = (uintptr_t)network->tensors;
  const uintptr_t tensors_bytes = network->tensor_count * sizeof(DLTensor);
  int32_t result = 0;
  begin(network, pools);
  for (uint32_t i = 0; i < network->operator_count && result == 0; ++i) {
    const stvm_operator* const operator_ = &network->operators[i];
    for (uint32_t j = 0; j < operator_->argument_count; ++j) {
      const TVMValue argument = operator_->arguments[j];
      if ((uintptr_t)argument.v_handle - tensors < tensors_bytes) {
        scratch.tensors[j] = *(const DLTensor*)argument.v_handle;
        scratch.tensors[j].data = moved(network, pools, scratch.tensors[j].data);
        scratch.arguments[j].v_handle = &scratch.tensors[j];
      } else {
        scratch.arguments[j] = argument;
      }
    }
    result = call(network, operator_, scratch.arguments);
  }
  return end(result);
}

uint32_t stvm_tensor_bytes(const DLTensor* tensor) {
  uint32_t bytes = ((uint32_t)tensor->dtype.bits + 7U) / 8U * tensor->dtype.lanes;
  for (int32_t i = 0; i < tensor->ndim; ++i) {
    bytes *= (uint32_t)tensor->shape[i];
  }
  return bytes;
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
  if (from->data != to->data) {
    memmove(to->data, from->data, stvm_tensor_bytes(from));
  }
  return 0;
}
