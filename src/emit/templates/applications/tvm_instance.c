/* SPDX-License-Identifier: Apache-2.0 */
/* An instance of the ai_* API, in the network's own arena. */
#include "instance.h"

#include "ai_runtime_api.h"

extern ai_model_info @NAME@_network;

const stvm_context* instance_create(void) {
  ai_handle handle = AI_HANDLE_NULL;
  if (ai_create(&@NAME@_network, AI_MODEL_activations(&@NAME@_network), &handle) != AI_STATUS_OK) {
    return NULL;
  }
  return &((const ai_model_handle*)handle)->context;
}
