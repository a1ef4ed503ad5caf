/* SPDX-License-Identifier: Apache-2.0 */
/* One run of the network through the ai_* API: the place to start from. */
#include <string.h>

#include "@NAME@.h"
#include "console.h"

extern ai_model_info @NAME@_network;

int main(void) {
  ai_handle network = AI_HANDLE_NULL;
  if (ai_create(&@NAME@_network, AI_MODEL_activations(&@NAME@_network), &network) != AI_STATUS_OK) {
    console_text("ai_create failed\n");
    return 1;
  }
  for (int32_t i = 0; i < ai_get_input_size(network); ++i) {
    ai_tensor* const input = ai_get_input(network, i);
    memset(get_dltensor(input)->data, 0, get_tensor_size(input)); /* the application's data go here */
  }
  if (ai_run(network) != AI_STATUS_OK) {
    console_text(ai_get_error(network));
    console_text("\n");
    return 1;
  }
  for (int32_t i = 0; i < ai_get_output_size(network); ++i) {
    console_text("output ");
    console_integer(i + 1);
    console_text(" starts with byte ");
    console_integer(*(const uint8_t*)get_dltensor(ai_get_output(network, i))->data);
    console_text("\n");
  }
  ai_destroy(network);
  return 0;
}
