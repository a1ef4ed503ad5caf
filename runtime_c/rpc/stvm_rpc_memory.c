/* SPDX-License-Identifier: Apache-2.0 */
#include "stvm_rpc_memory.h"

#include <stddef.h>

/* Stands before every part of the block. */
typedef struct part {
  uint32_t bytes; /* behind the header; a multiple of the grain */
  uint32_t use;   /* a stvm_rpc_use */
  uint32_t unused[2];
} part;

typedef char part_is_one_grain[sizeof(part) == STVM_RPC_MEMORY_GRAIN ? 1 : -1];

static part* part_at(const stvm_rpc_memory* memory, uint32_t offset) {
  return (part*)(void*)(memory->block + offset);
}

/* Whether a part's header is as it was written: a kernel that wrote past its memory may have changed it. */
static bool is_sound(const stvm_rpc_memory* memory, uint32_t offset) {
  const uint32_t bytes = part_at(memory, offset)->bytes;
  return bytes <= memory->bytes - offset - STVM_RPC_MEMORY_GRAIN && bytes % STVM_RPC_MEMORY_GRAIN == 0;
}

/* The offset behind a part; the end of the block behind one that is not sound. */
static uint32_t next_offset(const stvm_rpc_memory* memory, uint32_t offset) {
  return is_sound(memory, offset) ? offset + STVM_RPC_MEMORY_GRAIN + part_at(memory, offset)->bytes : memory->bytes;
}

void stvm_rpc_memory_start(stvm_rpc_memory* memory, uint8_t* block, uint32_t bytes) {
  const uint32_t misfit = (uint32_t)((uintptr_t)block % STVM_RPC_MEMORY_GRAIN);
  const uint32_t skipped = misfit == 0 ? 0 : STVM_RPC_MEMORY_GRAIN - misfit;
  const uint32_t usable = bytes < skipped ? 0 : (bytes - skipped) / STVM_RPC_MEMORY_GRAIN * STVM_RPC_MEMORY_GRAIN;
  memory->block = block + (usable == 0 ? 0 : skipped);
  memory->bytes = usable;
  if (usable != 0) {
    part_at(memory, 0)->bytes = usable - STVM_RPC_MEMORY_GRAIN;
    part_at(memory, 0)->use = STVM_RPC_USE_NONE;
  }
}

/* Makes one part of a free part and the free ones behind it. */
static void join_free(const stvm_rpc_memory* memory, uint32_t offset) {
  uint32_t next = next_offset(memory, offset);
  while (next < memory->bytes && part_at(memory, next)->use == STVM_RPC_USE_NONE) {
    next = next_offset(memory, next);
    part_at(memory, offset)->bytes = next - offset - STVM_RPC_MEMORY_GRAIN;
  }
}

void* stvm_rpc_allocate(stvm_rpc_memory* memory, uint64_t bytes, stvm_rpc_use use) {
  if (bytes > memory->bytes) {
    return NULL;
  }
  /* An allocation of no bytes gets an address of its own too. */
  const uint32_t needed =
      (uint32_t)((bytes == 0 ? 1 : bytes) + STVM_RPC_MEMORY_GRAIN - 1) / STVM_RPC_MEMORY_GRAIN * STVM_RPC_MEMORY_GRAIN;
  for (uint32_t offset = 0; offset < memory->bytes; offset = next_offset(memory, offset)) {
    part* const candidate = part_at(memory, offset);
    if (candidate->use != STVM_RPC_USE_NONE || !is_sound(memory, offset)) {
      continue;
    }
    join_free(memory, offset);
    if (candidate->bytes < needed) {
      continue;
    }
    if (candidate->bytes > needed) {
      part* const rest = part_at(memory, offset + STVM_RPC_MEMORY_GRAIN + needed);
      rest->bytes = candidate->bytes - needed - STVM_RPC_MEMORY_GRAIN;
      rest->use = STVM_RPC_USE_NONE;
      candidate->bytes = needed;
    }
    candidate->use = (uint32_t)use;
    return candidate + 1;
  }
  return NULL;
}

bool stvm_rpc_release(stvm_rpc_memory* memory, const void* address, stvm_rpc_use use) {
  for (uint32_t offset = 0; offset < memory->bytes; offset = next_offset(memory, offset)) {
    part* const candidate = part_at(memory, offset);
    if (candidate + 1 == address) {
      const bool held = candidate->use == (uint32_t)use;
      candidate->use = held ? STVM_RPC_USE_NONE : candidate->use;
      return held;
    }
  }
  return false;
}

void stvm_rpc_release_all(stvm_rpc_memory* memory, stvm_rpc_use use) {
  for (uint32_t offset = 0; offset < memory->bytes; offset = next_offset(memory, offset)) {
    if (part_at(memory, offset)->use == (uint32_t)use) {
      part_at(memory, offset)->use = STVM_RPC_USE_NONE;
    }
  }
}

bool stvm_rpc_holds(const stvm_rpc_memory* memory, uint64_t address, uint64_t bytes) {
  for (uint32_t offset = 0; offset < memory->bytes; offset = next_offset(memory, offset)) {
    const part* const candidate = part_at(memory, offset);
    const uint64_t start = (uintptr_t)(candidate + 1);
    if (candidate->use != STVM_RPC_USE_NONE && address >= start && address - start <= candidate->bytes &&
        is_sound(memory, offset)) {
      return bytes <= candidate->bytes - (address - start);
    }
  }
  return false;
}

uint32_t stvm_rpc_largest_free(const stvm_rpc_memory* memory) {
  uint32_t largest = 0;
  for (uint32_t offset = 0; offset < memory->bytes; offset = next_offset(memory, offset)) {
    if (part_at(memory, offset)->use == STVM_RPC_USE_NONE) {
      join_free(memory, offset);
      largest = part_at(memory, offset)->bytes > largest ? part_at(memory, offset)->bytes : largest;
    }
  }
  return largest;
}
