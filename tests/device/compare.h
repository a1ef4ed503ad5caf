/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing outputs with golden ones: integers bit for bit, floats within 1e-5 relative or 1e-6 absolute. */
#ifndef COMPARE_H
#define COMPARE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dlpack/dlpack.h"

/* Index of the first element that differs, or -1. */
static long first_difference(DLDataType type, const uint8_t* values, const uint8_t* expected, size_t bytes) {
  if (type.code == kDLFloat && type.bits == 32) {
    for (size_t i = 0; i < bytes / 4; ++i) {
      float a, b;
      memcpy(&a, values + 4 * i, 4);
      memcpy(&b, expected + 4 * i, 4);
      if (!(fabsf(a - b) <= 1e-6f || fabsf(a - b) <= 1e-5f * fabsf(b))) {
        return (long)i;
      }
    }
    return -1;
  }
  for (size_t i = 0; i < bytes; ++i) {
    if (values[i] != expected[i]) {
      return (long)(i / (type.bits < 8 ? 1u : type.bits / 8u));
    }
  }
  return -1;
}

#endif /* COMPARE_H */
