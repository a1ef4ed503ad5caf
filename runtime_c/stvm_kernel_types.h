/* SPDX-License-Identifier: Apache-2.0 */
/* Types through which edited kernels access memory. They tell the compiler which memory overlaps, and how it is
 * aligned. */
#ifndef STVM_KERNEL_TYPES_H
#define STVM_KERNEL_TYPES_H

#include <stdint.h>

/* Elements of memory that overlaps nothing else the kernel touches. An int8_t is a character type, which may be a part
 * of anything: each store would make the compiler read it again. A structure is not. */
typedef struct {
  int8_t value;
} stvm_own_int8_t;

typedef struct {
  uint8_t value;
} stvm_own_uint8_t;

/* Elements of memory that overlaps memory of another type in the same kernel. */
#if defined(__GNUC__)
#define STVM_SHARED __attribute__((__may_alias__))
#else
#define STVM_SHARED
#endif

/* An address that is a multiple of four. */
#if defined(__GNUC__)
#define STVM_WORD_ALIGNED(address) __builtin_assume_aligned(address, 4)
#else
#define STVM_WORD_ALIGNED(address) (address)
#endif

typedef int16_t STVM_SHARED stvm_shared_int16_t;
typedef uint16_t STVM_SHARED stvm_shared_uint16_t;
typedef int32_t STVM_SHARED stvm_shared_int32_t;
typedef uint32_t STVM_SHARED stvm_shared_uint32_t;
typedef int64_t STVM_SHARED stvm_shared_int64_t;
typedef uint64_t STVM_SHARED stvm_shared_uint64_t;
typedef float STVM_SHARED stvm_shared_float;
typedef double STVM_SHARED stvm_shared_double;

#endif /* STVM_KERNEL_TYPES_H */
