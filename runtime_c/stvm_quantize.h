/* SPDX-License-Identifier: Apache-2.0 */
/* Between real numbers and quantized ones: real = scale * (q - zero_point). C99 and C++, no library.
 *
 * For each of int8, uint8 and int16:
 *   int8_t stvm_quantize_int8(float real, float scale, int32_t zero_point);
 *   float stvm_dequantize_int8(int8_t q, float scale, int32_t zero_point);
 *   void stvm_quantize_int8_buffer(const float* real, int8_t* q, size_t count, float scale, int32_t zero_point);
 *   void stvm_dequantize_int8_buffer(const int8_t* q, float* real, size_t count, float scale, int32_t zero_point);
 * zero_point is a value of the type. */
#ifndef STVM_QUANTIZE_H
#define STVM_QUANTIZE_H

#include <stddef.h>
#include <stdint.h>

/* C's casts, in a C++ program that is warned of them. */
#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#endif

/* real / scale, rounded to the nearest integer, halves away from zero, plus zero_point, kept in low..high. Where there
 * is no such number (NaN), it is zero_point, which stands for 0. */
static inline int32_t stvm_quantize_in_range(float real, float scale, int32_t zero_point, int32_t low, int32_t high) {
  /* From here on the sum is out of every range, and to here floats have a fraction. */
  const float limit = 8388608.0F;
  const float quotient = real / scale;
  int32_t q = 0;
  if (quotient >= limit) {
    return high;
  }
  if (quotient <= -limit) {
    return low;
  }
  if (quotient == quotient) {
    q = (int32_t)quotient;
    /* What the conversion cut off is exact; adding a half before it would round 0.49999997 up. */
    if (quotient - (float)q >= 0.5F) {
      ++q;
    } else if (quotient - (float)q <= -0.5F) {
      --q;
    }
  }
  q += zero_point;
  return q < low ? low : (q > high ? high : q);
}

#define STVM_DEFINE_QUANTIZATION(name, type, low, high)                                                     \
  static inline type stvm_quantize_##name(float real, float scale, int32_t zero_point) {                    \
    return (type)stvm_quantize_in_range(real, scale, zero_point, low, high);                                \
  }                                                                                                         \
  static inline float stvm_dequantize_##name(type q, float scale, int32_t zero_point) {                     \
    return scale * (float)((int32_t)q - zero_point);                                                        \
  }                                                                                                         \
  static inline void stvm_quantize_##name##_buffer(const float* real, type* q, size_t count, float scale,   \
                                                   int32_t zero_point) {                                    \
    for (size_t i = 0; i < count; ++i) {                                                                    \
      q[i] = stvm_quantize_##name(real[i], scale, zero_point);                                              \
    }                                                                                                       \
  }                                                                                                         \
  static inline void stvm_dequantize_##name##_buffer(const type* q, float* real, size_t count, float scale, \
                                                     int32_t zero_point) {                                  \
    for (size_t i = 0; i < count; ++i) {                                                                    \
      real[i] = stvm_dequantize_##name(q[i], scale, zero_point);                                            \
    }                                                                                                       \
  }

STVM_DEFINE_QUANTIZATION(int8, int8_t, INT8_MIN, INT8_MAX)
STVM_DEFINE_QUANTIZATION(uint8, uint8_t, 0, UINT8_MAX)
STVM_DEFINE_QUANTIZATION(int16, int16_t, INT16_MIN, INT16_MAX)

#undef STVM_DEFINE_QUANTIZATION

#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#endif /* STVM_QUANTIZE_H */
