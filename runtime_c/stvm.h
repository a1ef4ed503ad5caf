/* SPDX-License-Identifier: Apache-2.0 */
/* stvm: the device runtime under every device API. It walks a network's const tables and serves its kernels' workspaces
 * from the memory plan. No heap, no stdio; C99. */
#ifndef STVM_H
#define STVM_H

#include <stdint.h>

#include "dlpack/dlpack.h"
#include "tvm/runtime/c_backend_api.h"
#include "tvm/runtime/c_runtime_api.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What emitted networks and this runtime agree on; emitted sources refuse any other number. */
#define STVM_CONTRACT 1

/* Storage of the one variable that TVM's context-free workspace functions need. Define it as _Thread_local (or the
 * compiler's own word) where several threads run networks at the same time. */
#ifndef STVM_THREAD_LOCAL
#define STVM_THREAD_LOCAL
#endif

/* A condition that the compiler checks; `name` says in the error what does not hold. */
#define STVM_STATIC_ASSERT(condition, name) typedef char stvm_assert_##name[(condition) ? 1 : -1]

/* The most workspaces that one operator may have. */
#define STVM_WORKSPACES_MAXIMUM 32

typedef enum stvm_status {
  STVM_OK = 0,
  STVM_ERROR_KERNEL = -1,    /* a kernel returned a value other than 0 */
  STVM_ERROR_WORKSPACE = -2, /* a kernel asked for a workspace that the plan does not hold */
} stvm_status;

/* A TVM kernel of the packed calling convention, as the C target of TVM 0.8 to 0.18 defines it. */
typedef int32_t (*stvm_kernel)(void* args, int32_t* arg_type_ids, int32_t num_args, void* out_ret_value,
                               int32_t* out_ret_tcode, void* resource_handle);

/* Any function; the one behind it knows its type. */
typedef void (*stvm_function)(void);

/* A place in the memory plan. */
typedef struct stvm_place {
  uint32_t pool;   /* index of the pool */
  uint32_t offset; /* bytes from the pool's start */
} stvm_place;

/* A workspace of an operator: TVMBackendAllocWorkspace hands out the first free one of exactly the size asked for. */
typedef struct stvm_workspace {
  stvm_place place;
  uint32_t bytes;
} stvm_workspace;

/* One call: kernel(arguments), inputs first, then outputs, then pools, each a DLTensor. The kernel's resource_handle is
 * the operator itself. */
typedef struct stvm_operator {
  stvm_kernel kernel;
  stvm_function target; /* what the kernel calls, where it is an adapter; else NULL */
  const TVMValue* arguments;
  const stvm_workspace* workspaces; /* NULL when there are none */
  uint16_t argument_count;
  uint16_t workspace_count; /* at most STVM_WORKSPACES_MAXIMUM */
} stvm_operator;

/* A memory that tensors and workspaces lie in. */
typedef struct stvm_pool {
  uint8_t* address;
  uint32_t bytes;
} stvm_pool;

/* A network: const tables, in flash. */
typedef struct stvm_network {
  const stvm_operator* operators; /* in execution order */
  const DLTensor* tensors;        /* inner tensors and parameters; their data is a link-time address */
  const stvm_pool* pools;         /* the network's own pools */
  const int32_t* argument_types;  /* TVM's type code of an argument, as often as the longest call has arguments */
  uint32_t operator_count;
  uint32_t tensor_count;
  uint32_t pool_count;
} stvm_network;

/* Memory for the arguments of one call, as many of each as the network's longest call has arguments. */
typedef struct stvm_scratch {
  TVMValue* arguments;
  DLTensor* tensors;
} stvm_scratch;

/* Runs all operators in the network's own pools. Returns the first failure; a workspace that the failed kernel still
 * held is free again. */
stvm_status stvm_run(const stvm_network* network);

/* The same in other memory: pools[i] stands for the network's pool i and is as large and as aligned. Whatever an
 * argument's table holds inside the network's own pools is moved there; all other arguments are passed as they are. */
stvm_status stvm_run_in(const stvm_network* network, uint8_t* const pools[], stvm_scratch scratch);

/* The kernel of __nop and __copy: copies the bytes of argument 0 to argument 1, unless they are the same bytes. */
int32_t stvm_copy(void* args, int32_t* arg_type_ids, int32_t num_args, void* out_ret_value, int32_t* out_ret_tcode,
                  void* resource_handle);

/* Bytes of a tensor's values, without padding: whole bytes for each element. */
uint32_t stvm_tensor_bytes(const DLTensor* tensor);

#ifdef __cplusplus
}
#endif

#endif /* STVM_H */
