/* SPDX-License-Identifier: Apache-2.0 */
/* An application of the ai_* API of TVM's STM32 port: it finds the networks of the image, makes a handle of the first
 * in the network's own activations, and runs it as long as there are data. */
#include <stddef.h>

#include "ai_runtime_api.h"
#include "board.h"

static ai_handle network = AI_HANDLE_NULL;

static int bootstrap(void) {
  const ai_model_iterator first = ai_model_iterator_begin();
  if (first == ai_model_iterator_end()) {
    board_error("the image holds no network", 0);
    return -1;
  }
  ai_model_info* const model = ai_model_iterator_value(first);
  if (ai_create(model, AI_MODEL_activations(model), &network) != AI_STATUS_OK) {
    board_error(ai_get_error(network), AI_STATUS_ERROR);
    return -1;
  }
  return 0;
}

static int acquire_and_process_data(void) {
  for (int32_t i = 0; i < ai_get_input_size(network); ++i) {
    ai_tensor* const input = ai_get_input(network, i);
    if (!board_acquire((uint32_t)i, get_dltensor(input)->data, get_tensor_size(input))) {
      return 0;
    }
  }
  return 1;
}

static int run(void) {
  if (ai_run(network) != AI_STATUS_OK) {
    board_error(ai_get_error(network), AI_STATUS_ERROR);
    return -1;
  }
  return 0;
}

static void post_process(void) {
  for (int32_t i = 0; i < ai_get_output_size(network); ++i) {
    ai_tensor* const output = ai_get_output(network, i);
    const DLTensor* const tensor = get_dltensor(output);
    board_deliver((uint32_t)i, tensor->data, get_tensor_size(output), tensor->dtype.code == kDLFloat);
  }
}

int main(void) {
  if (bootstrap() != 0) {
    return 1;
  }
  while (acquire_and_process_data()) {
    if (run() != 0) {
      return 1;
    }
    post_process();
  }
  return ai_destroy(network) == AI_STATUS_OK ? 0 : 1;
}
