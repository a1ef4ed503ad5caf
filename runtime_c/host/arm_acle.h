/* SPDX-License-Identifier: Apache-2.0 */
/* Arm's DSP intrinsics in portable C, for host builds of TVM's Arm kernels; found instead of the compiler's own header
 * of this name. Only for machines that lack the instructions: results are the same, bit for bit. */
#ifndef STVM_HOST_ARM_ACLE_H
#define STVM_HOST_ARM_ACLE_H

/* NOLINTBEGIN: the language is C, and the names are Arm's. */

#include <stdint.h>

/* Kernels that do not find this defined bring inline assembly of their own for __ror, __pkhbt and __pkhtb. */
#define ARM_CPU_INTRINSICS_EXIST

/* The GE flags that __ssub8 sets and __sel reads: on Arm a register, so one for each thread. */
#if defined(__cplusplus)
#define STVM_HOST_THREAD_LOCAL thread_local
#elif defined(__GNUC__)
#define STVM_HOST_THREAD_LOCAL __thread
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L && !defined(__STDC_NO_THREADS__)
#define STVM_HOST_THREAD_LOCAL _Thread_local
#else
#define STVM_HOST_THREAD_LOCAL
#endif

/* Byte i is 0xff when flag i is set. */
static STVM_HOST_THREAD_LOCAL uint32_t stvm_host_ge_mask;

/* The low and the high half of a word, and its byte i, as signed numbers. */
static inline int32_t stvm_host_bottom(uint32_t word) {
  return (int16_t)(uint16_t)(word & 0xffffU);
}
static inline int32_t stvm_host_top(uint32_t word) {
  return (int16_t)(uint16_t)(word >> 16);
}
static inline int32_t stvm_host_byte(uint32_t word, uint32_t i) {
  return (int8_t)(uint8_t)((word >> (8U * i)) & 0xffU);
}

/* Sums wrap, as the instructions' do: the Q flag that they also set is read by nobody here. */
static inline int32_t stvm_host_sum(int32_t a, int32_t b) {
  return (int32_t)((uint32_t)a + (uint32_t)b);
}

static inline int32_t __smlabb(int32_t a, int32_t b, int32_t sum) {
  return stvm_host_sum(stvm_host_bottom((uint32_t)a) * stvm_host_bottom((uint32_t)b), sum);
}

static inline int32_t __smlabt(int32_t a, int32_t b, int32_t sum) {
  return stvm_host_sum(stvm_host_bottom((uint32_t)a) * stvm_host_top((uint32_t)b), sum);
}

static inline int32_t __smlatb(int32_t a, int32_t b, int32_t sum) {
  return stvm_host_sum(stvm_host_top((uint32_t)a) * stvm_host_bottom((uint32_t)b), sum);
}

static inline int32_t __smlatt(int32_t a, int32_t b, int32_t sum) {
  return stvm_host_sum(stvm_host_top((uint32_t)a) * stvm_host_top((uint32_t)b), sum);
}

static inline int32_t __smlad(int32_t a, int32_t b, int32_t sum) {
  return __smlatt(a, b, __smlabb(a, b, sum));
}
static inline int32_t __smladx(int32_t a, int32_t b, int32_t sum) {
  return __smlatb(a, b, __smlabt(a, b, sum));
}
static inline int32_t __smuad(int32_t a, int32_t b) {
  return __smlad(a, b, 0);
}
static inline int32_t __smuadx(int32_t a, int32_t b) {
  return __smladx(a, b, 0);
}

/* gcc's and clang's own names, which TVM's kernels use, too. */
#define __builtin_arm_smlabb __smlabb
#define __builtin_arm_smlabt __smlabt
#define __builtin_arm_smlatb __smlatb
#define __builtin_arm_smlatt __smlatt

/* Bytes 0 and 2, each extended to a half word. */
static inline int32_t __sxtb16(int32_t a) {
  const uint32_t bottom = (uint32_t)stvm_host_byte((uint32_t)a, 0) & 0xffffU;
  const uint32_t top = (uint32_t)stvm_host_byte((uint32_t)a, 2) << 16;
  return (int32_t)(top | bottom);
}

/* Four differences of bytes; each sets its GE flag when it is not negative. */
static inline int32_t __ssub8(int32_t a, int32_t b) {
  uint32_t result = 0;
  uint32_t i;
  stvm_host_ge_mask = 0;
  for (i = 0; i < 4; ++i) {
    const int32_t difference = stvm_host_byte((uint32_t)a, i) - stvm_host_byte((uint32_t)b, i);
    result |= ((uint32_t)difference & 0xffU) << (8U * i);
    if (difference >= 0) {
      stvm_host_ge_mask |= UINT32_C(0xff) << (8U * i);
    }
  }
  return (int32_t)result;
}

/* Each byte of `a` where its GE flag is set, else that of `b`. */
static inline int32_t __sel(int32_t a, int32_t b) {
  return (int32_t)(((uint32_t)a & stvm_host_ge_mask) | ((uint32_t)b & ~stvm_host_ge_mask));
}

static inline uint32_t __ror(uint32_t a, uint32_t count) {
  count %= 32U;
  return count == 0 ? a : (a >> count) | (a << (32U - count));
}

/* The low half of `a` below the high half of `b` shifted left by 0 to 31. */
static inline uint32_t __pkhbt(uint32_t a, uint32_t b, uint32_t count) {
  return (a & 0xffffU) | ((b << count) & UINT32_C(0xffff0000));
}

/* The high half of `a` above the low half of `b` shifted right by 0 to 32, its sign kept. */
static inline uint32_t __pkhtb(uint32_t a, uint32_t b, uint32_t count) {
  const uint32_t sign = b >> 31 != 0 ? UINT32_MAX : 0;
  uint32_t shifted = sign;
  if (count == 0) {
    shifted = b;
  } else if (count < 32U) {
    shifted = (b >> count) | (sign << (32U - count));
  }
  return (a & UINT32_C(0xffff0000)) | (shifted & 0xffffU);
}

/* NOLINTEND */

#endif /* STVM_HOST_ARM_ACLE_H */
