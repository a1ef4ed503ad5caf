/* SPDX-License-Identifier: Apache-2.0 */
/* Creates the network; the exit code is 0 when that works. */
#include "ai_runtime_api.h"

extern ai_model_info digits_network;

int main(void) {
  ai_handle network = AI_HANDLE_NULL;
  return ai_create(&digits_network, AI_MODEL_activations(&digits_network), &network) == AI_STATUS_OK ? 0 : 1;
}
