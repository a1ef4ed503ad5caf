/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs to run the network on, with the outputs they should give. */
#ifndef SAMPLES_H
#define SAMPLES_H

#include <stdint.h>

typedef struct sample {
  const void* const* inputs;  /* the bytes of each input; NULL: all zero */
  const void* const* outputs; /* the bytes of each output; NULL: not checked */
} sample;

extern const sample @PREFIX@samples[];
extern const uint32_t @PREFIX@sample_count;

#endif /* SAMPLES_H */
