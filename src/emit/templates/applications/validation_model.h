/* SPDX-License-Identifier: Apache-2.0 */
/* What the validation protocol tells of the network beyond the runtime's tables. */
#ifndef VALIDATION_MODEL_H
#define VALIDATION_MODEL_H

#include <stdint.h>

/* Of each input, then each output. */
extern const char* const validation_names[];
extern const float validation_scales[];
extern const int32_t validation_zero_points[];

/* CRC-32 of kernels and weights: tells this network from another. */
#define VALIDATION_SIGNATURE "@SIGNATURE@"

/* Of stm32tvm: major << 24 | minor << 16 | patch << 8. */
#define VALIDATION_TOOL_VERSION @TOOL_VERSION@u

#endif /* VALIDATION_MODEL_H */
