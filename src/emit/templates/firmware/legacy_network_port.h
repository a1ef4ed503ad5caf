/* SPDX-License-Identifier: Apache-2.0 */
/* What main.c asks of the network, through the legacy API. */
#ifndef NETWORK_PORT_H
#define NETWORK_PORT_H

#include <stddef.h>
#include <stdint.h>

#include "@NAME@.h"
#include "@NAME@_data.h"

typedef struct network_tensor {
  DLDataType type;
  uint8_t* data;
  uint32_t bytes;
} network_tensor;

@ARENAS@
static ai_handle network_handle = AI_HANDLE_NULL;
static ai_buffer* network_inputs;
static ai_buffer* network_outputs;

static inline const char* network_create(void) {
  const ai_handle arenas[AI_@UPPER@_DATA_ACTIVATIONS_COUNT] = {@ARENA_NAMES@};
  const ai_error error = ai_@NAME@_create_and_init(&network_handle, arenas, NULL);
  if (error.type != AI_ERROR_NONE) {
    return error.code == AI_ERROR_CODE_NETWORK_WEIGHTS ? "ai_@NAME@_create_and_init: AI_ERROR_CODE_NETWORK_WEIGHTS"
                                                       : "ai_@NAME@_create_and_init failed";
  }
  network_inputs = ai_@NAME@_inputs_get(network_handle, NULL);
  network_outputs = ai_@NAME@_outputs_get(network_handle, NULL);
  return NULL;
}

/* Returns what went wrong; NULL for nothing. */
static inline const char* network_run(void) {
  return ai_@NAME@_run(network_handle, network_inputs, network_outputs) == 1 ? NULL : "ai_@NAME@_run failed";
}

static inline uint32_t network_input_count(void) {
  return AI_@UPPER@_IN_NUM;
}

static inline uint32_t network_output_count(void) {
  return AI_@UPPER@_OUT_NUM;
}

static inline network_tensor network_tensor_of(const ai_buffer* buffer) {
  const uint32_t is_float = AI_BUFFER_FMT_GET_TYPE(buffer->format) == AI_BUFFER_FMT_TYPE_FLOAT;
  const uint32_t is_signed = AI_BUFFER_FMT_GET_SIGN(buffer->format) != 0;
  const uint8_t code = (uint8_t)(is_float ? kDLFloat : is_signed ? kDLInt : kDLUInt);
  const network_tensor made = {{code, (uint8_t)AI_BUFFER_FMT_GET_BITS(buffer->format), 1},
                               (uint8_t*)buffer->data,
                               AI_BUFFER_BYTE_SIZE(AI_BUFFER_SIZE(buffer), buffer->format)};
  return made;
}

static inline network_tensor network_input(uint32_t index) {
  return network_tensor_of(&network_inputs[index]);
}

static inline network_tensor network_output(uint32_t index) {
  return network_tensor_of(&network_outputs[index]);
}

#endif /* NETWORK_PORT_H */
