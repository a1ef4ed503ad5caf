/* SPDX-License-Identifier: Apache-2.0 */
/* The one block of memory that tensors of the host and workspaces of kernels come from. First fit, in the order of
 * addresses; neighbours that are free become one. */
#ifndef STVM_RPC_MEMORY_H
#define STVM_RPC_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Addresses and sizes are multiples of this. */
#define STVM_RPC_MEMORY_GRAIN 16u

typedef enum stvm_rpc_use {
  STVM_RPC_USE_NONE,
  STVM_RPC_USE_TENSOR,   /* the host allocated it, and frees it */
  STVM_RPC_USE_WORKSPACE /* a kernel did; it is free again after its call at the latest */
} stvm_rpc_use;

typedef struct stvm_rpc_memory {
  uint8_t* block; /* on a boundary of the grain */
  uint32_t bytes; /* a multiple of the grain */
} stvm_rpc_memory;

/* Takes the block over, cut to whole grains; all of it is free. */
void stvm_rpc_memory_start(stvm_rpc_memory* memory, uint8_t* block, uint32_t bytes);

/* NULL when no free part is large enough. */
void* stvm_rpc_allocate(stvm_rpc_memory* memory, uint64_t bytes, stvm_rpc_use use);

/* False when `address` is not one that was handed out for this use and is still in use. */
bool stvm_rpc_release(stvm_rpc_memory* memory, const void* address, stvm_rpc_use use);

/* Releases everything of a use. */
void stvm_rpc_release_all(stvm_rpc_memory* memory, stvm_rpc_use use);

/* Whether the bytes are inside one allocation. */
bool stvm_rpc_holds(const stvm_rpc_memory* memory, uint64_t address, uint64_t bytes);

/* Bytes of the largest free part. */
uint32_t stvm_rpc_largest_free(const stvm_rpc_memory* memory);

#ifdef __cplusplus
}
#endif

#endif /* STVM_RPC_MEMORY_H */
