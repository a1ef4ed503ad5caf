/* SPDX-License-Identifier: Apache-2.0 */
/* stvm: the device runtime under every device API. It walks a network's const tables and serves its kernels' workspaces
 * from the memory plan. Whatever changes during a run is in the caller's memory. No heap, no stdio; C99. */
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
#define STVM_CONTRACT 3

/* Storage of the one variable that TVM's context-free workspace functions need: a pointer to the run that goes on. Runs
 * may be nested, as where an interrupt runs a network while another runs, and time slices of several instances may
 * alternate. Define it as _Thread_local (or the compiler's own word) where threads run networks at the same time. */
#ifndef STVM_THREAD_LOCAL
#define STVM_THREAD_LOCAL
#endif

/* Before a definition: the alignment of its address, in bytes. */
#if defined(__GNUC__)
#define STVM_ALIGNED(bytes) __attribute__((aligned(bytes)))
#elif defined(__ICCARM__)
#define STVM_ALIGNED_TEXT(text) #text
#define STVM_ALIGNED(bytes) _Pragma(STVM_ALIGNED_TEXT(data_alignment = bytes))
#else
#define STVM_ALIGNED(bytes)
#endif

/* Before a function that every run calls. */
#if defined(__GNUC__)
#define STVM_INLINED static inline __attribute__((always_inline))
#else
#define STVM_INLINED static inline
#endif

/* A condition that the compiler checks; `name` says in the error what does not hold. */
#define STVM_STATIC_ASSERT(condition, name) typedef char stvm_assert_##name[(condition) ? 1 : -1]

/* The most workspaces that one operator may have. */
#define STVM_WORKSPACES_MAXIMUM 32

typedef enum stvm_status {
  STVM_OK = 0,
  STVM_RUNNING = 1,          /* of stvm_step(): the run is not done */
  STVM_ERROR_KERNEL = -1,    /* a kernel returned a value other than 0 */
  STVM_ERROR_WORKSPACE = -2, /* a kernel asked for a workspace that the plan does not hold */
  STVM_ERROR_WEIGHTS = -3,   /* the weights in storage are damaged, or those of another network */
} stvm_status;

/* A pool is a run of bytes that values lie in. A network's pools are, in this order: the arenas of its plan, its blocks
 * of weights, each input, each output. An instance of a network is an array of their addresses. */
typedef struct stvm_pool {
  uint32_t bytes;
  uint32_t alignment; /* of the address, in bytes: a power of two */
} stvm_pool;

/* In place of a pool's index: the application gives the memory, always. */
#define STVM_NO_POOL UINT32_MAX

/* A place in the pools. */
typedef struct stvm_place {
  uint32_t pool;   /* index of the pool, or STVM_NO_POOL */
  uint32_t offset; /* bytes from the pool's start */
} stvm_place;

/* A workspace of an operator: TVMBackendAllocWorkspace hands out the first free one of exactly the size asked for. */
typedef struct stvm_workspace {
  stvm_place place;
  uint32_t bytes;
} stvm_workspace;

/* A tensor: its data is NULL, or its address at link time where the memory is fixed there. */
typedef struct stvm_tensor {
  DLTensor dltensor;
  stvm_place place;
} stvm_tensor;

struct stvm_operator;

/* Runs one operator in these pools; returns what its kernel returns, 0 for success. */
typedef int32_t (*stvm_call)(const struct stvm_operator* operator_, uint8_t* const* pools);

/* A TVM kernel of the packed calling convention, as the C target of TVM 0.8 to 0.18 defines it. */
typedef int32_t (*stvm_kernel)(void* args, int32_t* arg_type_ids, int32_t num_args, void* out_ret_value,
                               int32_t* out_ret_tcode, void* resource_handle);

/* One call. */
typedef struct stvm_operator {
  stvm_call call;
  stvm_kernel kernel;        /* of the packed convention; NULL where `call` calls it by its own signature */
  const TVMValue* arguments; /* the kernel's, where their addresses are fixed at link time; else NULL */
  const uint16_t* operands;  /* its tensors: inputs, then outputs, then pools, as indices of a table of tensors */
  const stvm_workspace* workspaces; /* NULL when there are none */
  uint16_t input_count;
  uint16_t output_count;
  uint16_t operand_count;   /* inputs, outputs and pools */
  uint16_t workspace_count; /* at most STVM_WORKSPACES_MAXIMUM */
} stvm_operator;

/* A function of the application's that reads `bytes` bytes, from `offset` of a block of weights on, out of storage that
 * has no address. Returns 0 for success. */
typedef int32_t (*stvm_fetch)(uint32_t offset, void* to, uint32_t bytes);

/* One block of weights. */
typedef struct stvm_weights {
  uint8_t* data; /* where runs read it; NULL where operators fetch it into the arena */
  stvm_status (*load)(const struct stvm_weights* weights); /* stvm_load_weights; NULL: it needs nothing */
  const uint8_t* stored;                                   /* where it is stored; NULL: only `fetch` reaches it */
  stvm_fetch fetch;                                        /* NULL where it is stored at an address */
  uint32_t bytes;                                          /* with its header */
  uint32_t layout; /* what the header must say of the constants' names, types and places; 0: it has no header */
} stvm_weights;

/* The header that a block of weights starts with when it is stored apart from the program; little-endian. */
#define STVM_WEIGHTS_MAGIC UINT32_C(0x57565453) /* "STVW" */
typedef struct stvm_weights_header {
  uint32_t magic;
  uint32_t layout; /* as above */
  uint32_t bytes;  /* of the block, with this header */
  uint32_t crc;    /* CRC-32 of all bytes behind this header, as zlib computes it */
} stvm_weights_header;

/* A network: const tables, in flash. */
typedef struct stvm_network {
  const stvm_operator* operators; /* in execution order */
  const stvm_pool* pools;
  const stvm_place* interface_places; /* where inputs, then outputs, lie in the arenas, unless they are given memory */
  const int32_t* argument_types;      /* TVM's type code of an argument, as often as the longest call has arguments */
  const stvm_weights* weights;
  uint16_t operator_count;
  uint16_t arena_count;
  uint16_t weights_count; /* at least 1: a network without weights has an empty block */
  uint16_t input_count;
  uint16_t output_count;
} stvm_network;

/* Index of the first pool of weights, of the first input, of the first output, and the number of all pools. */
static inline uint32_t stvm_weights_pool(const stvm_network* network) {
  return network->arena_count;
}
static inline uint32_t stvm_input_pool(const stvm_network* network) {
  return stvm_weights_pool(network) + network->weights_count;
}
static inline uint32_t stvm_output_pool(const stvm_network* network) {
  return stvm_input_pool(network) + network->input_count;
}
static inline uint32_t stvm_pool_count(const stvm_network* network) {
  return stvm_output_pool(network) + network->output_count;
}

/* An instance of a network between calls: its owner is who made it. */
typedef struct stvm_context {
  const stvm_network* network;
  uint8_t** pools; /* the addresses of its pools */
} stvm_context;

/* What tools and observers ask for; no run needs it. */
typedef struct stvm_details {
  const stvm_network* network;
  const stvm_tensor* tensors; /* inputs, outputs, then all others */
  const char* const* operator_names;
  uint32_t tensor_count;
} stvm_details;

/* Runs all operators. Returns the first failure; a workspace that the failed kernel still held is free again. */
stvm_status stvm_run(const stvm_network* network, uint8_t* const* pools);

/* Runs `count` operators from `first` on: both within the network. */
stvm_status stvm_run_operators(const stvm_network* network, uint8_t* const* pools, uint32_t first, uint32_t count);

/* Runs all operators on the arguments that are fixed at link time: for a network whose operators all have them, in
 * pools that have the addresses of link time. Faster than stvm_run(), and the same otherwise. */
stvm_status stvm_run_fixed(const stvm_network* network, uint8_t* const* pools);

/* Sets the addresses of inputs and outputs to their places in the arenas; NULL where they have none. */
void stvm_place_interface(const stvm_network* network, uint8_t** pools);

/* Makes the weights ready, as their placement asks for, and sets the addresses of their pools: for whoever makes an
 * instance. STVM_ERROR_WEIGHTS refuses weights that are not whole, or not this network's. */
stvm_status stvm_place_weights(const stvm_network* network, uint8_t** pools);

/* What follows is called by emitted tables. */

/* Checks a block's header and CRC-32, and copies it to `data` where that is not where it is stored. */
stvm_status stvm_load_weights(const stvm_weights* weights);

/* Memory for the arguments of one call, as many of each as the network's longest call has arguments. */
typedef struct stvm_scratch {
  TVMValue* arguments;
  DLTensor* tensors;
} stvm_scratch;

/* Calls a kernel of the packed convention in any pools. */
int32_t stvm_call_packed(const stvm_operator* operator_, uint8_t* const* pools, const stvm_tensor* tensors,
                         const int32_t* argument_types, stvm_scratch scratch);

/* The kernel of __nop and __copy: copies the bytes of argument 0 to argument 1, unless they are the same bytes. */
int32_t stvm_copy(void* args, int32_t* arg_type_ids, int32_t num_args, void* out_ret_value, int32_t* out_ret_tcode,
                  void* resource_handle);

/* The same where addresses are known. Returns 0. */
int32_t stvm_copy_bytes(void* to, const void* from, uint32_t bytes);

/* CRC-32 as zlib computes it, of bytes that follow those of `crc`: starts as UINT32_MAX, and its complement is the sum.
 */
uint32_t stvm_add_to_crc(uint32_t crc, const uint8_t* data, uint32_t bytes);

/* Bytes of a tensor's values, without padding: whole bytes for each element. */
uint32_t stvm_tensor_bytes(const DLTensor* tensor);

#ifdef __cplusplus
}
#endif

#endif /* STVM_H */
