/* SPDX-License-Identifier: Apache-2.0 */
/* The device's side of ST's validation protocol: a host with ai_runner (versions 3.1 and 3.2) connects over a serial
 * line, asks what networks there are, and runs them on inputs that it sends, whole or operator by operator. */
#ifndef STVM_VALIDATION_H
#define STVM_VALIDATION_H

#include <stdint.h>

#include "stvm.h"
#include "stvm_packets.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Characters of a network's name that a request can carry. */
#define STVM_VALIDATION_NAME_LONGEST 63

/* One network with an instance of it, whose pools all have addresses. */
typedef struct stvm_validation_model {
  const char* name;
  const stvm_details* details;
  uint8_t** pools;
  /* Of each input, then each output. */
  const char* const* names;
  const float* scales; /* 0 where it is not quantized */
  const int32_t* zero_points;
  const char* signature; /* tells one archive's network from another's; hexadecimal */
} stvm_validation_model;

/* The device: all but the link is const during a session. */
typedef struct stvm_validation {
  stvm_link link;
  const stvm_validation_model* models;
  uint32_t model_count;
  uint32_t device_id; /* DEV_ID of the part's DBGMCU_IDCODE register; 0 where it is not known */
  uint32_t clock_hz;  /* of the core */
  uint32_t ticks_hz;
  uint64_t (*ticks)(void); /* a counter of ticks_hz a second */
  uint32_t tool_version;   /* of stm32tvm: major << 24 | minor << 16 | patch << 8 */
} stvm_validation;

/* Answers one request. 0 when none came, or what came was none. */
int stvm_validation_answer(stvm_validation* device);

#ifdef __cplusplus
}
#endif

#endif /* STVM_VALIDATION_H */
