/* SPDX-License-Identifier: Apache-2.0 */
/* What main.c asks of the network, through the ai_* API. */
#ifndef NETWORK_PORT_H
#define NETWORK_PORT_H

#include <stddef.h>
#include <stdint.h>

#include "ai_runtime_api.h"

typedef struct network_tensor {
  DLDataType type;
  uint8_t* data;
  uint32_t bytes;
} network_tensor;

extern ai_model_info @NAME@_network;
static ai_handle network_handle = AI_HANDLE_NULL;

/* Returns what went wrong; NULL for nothing. */
static inline const char* network_create(void) {
  if (ai_create(&@NAME@_network, @NAME@_network.activations, &network_handle) == AI_STATUS_OK) {
    return NULL;
  }
  return network_handle == AI_HANDLE_NULL ? "ai_create failed" : ai_get_error(network_handle);
}

static inline const char* network_run(void) {
  return ai_run(network_handle) == AI_STATUS_OK ? NULL : ai_get_error(network_handle);
}

static inline uint32_t network_input_count(void) {
  return (uint32_t)ai_get_input_size(network_handle);
}

static inline uint32_t network_output_count(void) {
  return (uint32_t)ai_get_output_size(network_handle);
}

static inline network_tensor network_tensor_of(const ai_tensor* tensor) {
  const network_tensor made = {tensor->dltensor.dtype, tensor->dltensor.data, get_tensor_size(tensor)};
  return made;
}

static inline network_tensor network_input(uint32_t index) {
  return network_tensor_of(ai_get_input(network_handle, (int32_t)index));
}

static inline network_tensor network_output(uint32_t index) {
  return network_tensor_of(ai_get_output(network_handle, (int32_t)index));
}

#endif /* NETWORK_PORT_H */
