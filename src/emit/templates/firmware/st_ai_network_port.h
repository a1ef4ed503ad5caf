/* SPDX-License-Identifier: Apache-2.0 */
/* What main.c asks of the network, through the st-ai API. */
#ifndef NETWORK_PORT_H
#define NETWORK_PORT_H

#include <stddef.h>
#include <stdint.h>

#include "@NAME@.h"
#include "stai_debug.h"

typedef struct network_tensor {
  DLDataType type;
  uint8_t* data;
  uint32_t bytes;
} network_tensor;

STAI_ALIGNED(STAI_@UPPER@_CONTEXT_ALIGNMENT)
static stai_network network_context[STAI_@UPPER@_CONTEXT_SIZE];
@ARENAS@
static stai_network_info network_info;

/* Returns what went wrong; NULL for nothing. */
static inline const char* network_error(stai_return_code code) {
  return code < STAI_ERROR_GENERIC ? NULL : stai_get_return_code_name(code);
}

static inline const char* network_create(void) {
  const stai_ptr arenas[STAI_@UPPER@_ACTIVATIONS_NUM] = {@ARENA_NAMES@};
  (void)stai_@NAME@_init(network_context);
  (void)stai_@NAME@_get_info(network_context, &network_info);
  return network_error(stai_@NAME@_set_activations(network_context, arenas, STAI_@UPPER@_ACTIVATIONS_NUM));
}

static inline const char* network_run(void) {
  return network_error(stai_@NAME@_run(network_context, STAI_MODE_SYNC));
}

static inline uint32_t network_input_count(void) {
  return network_info.n_inputs;
}

static inline uint32_t network_output_count(void) {
  return network_info.n_outputs;
}

static inline network_tensor network_tensor_of(const stai_tensor* tensor, stai_ptr data) {
  const uint32_t is_float = STAI_FORMAT_GET_TYPE(tensor->format) == STAI_FORMAT_TYPE_FLOAT;
  const uint32_t is_signed = STAI_FORMAT_GET_SIGN(tensor->format) != 0;
  const uint8_t code = (uint8_t)(is_float ? kDLFloat : is_signed ? kDLInt : kDLUInt);
  const network_tensor made = {
      {code, (uint8_t)STAI_FORMAT_GET_BITS((uint32_t)tensor->format), 1}, data, tensor->size_bytes};
  return made;
}

static inline network_tensor network_input(uint32_t index) {
  stai_ptr addresses[STAI_@UPPER@_IN_NUM + 1];
  stai_size count = 0;
  (void)stai_@NAME@_get_inputs(network_context, addresses, &count);
  return network_tensor_of(&network_info.inputs[index], addresses[index]);
}

static inline network_tensor network_output(uint32_t index) {
  stai_ptr addresses[STAI_@UPPER@_OUT_NUM + 1];
  stai_size count = 0;
  (void)stai_@NAME@_get_outputs(network_context, addresses, &count);
  return network_tensor_of(&network_info.outputs[index], addresses[index]);
}

#endif /* NETWORK_PORT_H */
