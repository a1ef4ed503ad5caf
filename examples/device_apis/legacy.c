/* SPDX-License-Identifier: Apache-2.0 */
/* An application of X-CUBE-AI's legacy API, in the order of calls of its template: create and initialise, get the
 * descriptors of inputs and outputs, give them memory unless they lie in the activations, then run. */
#include <stddef.h>

#include "ai_datatypes_defines.h"
#include "ai_platform.h"
#include "board.h"
#include "network.h"
#include "network_data.h"

AI_ALIGNED(32) static ai_u8 activations[AI_NETWORK_DATA_ACTIVATIONS_SIZE];

#if !defined(AI_NETWORK_INPUTS_IN_ACTIVATIONS)
AI_ALIGNED(32) static ai_u8 input_1[AI_NETWORK_IN_1_SIZE_BYTES];
static ai_u8* const input_data[AI_NETWORK_IN_NUM] = {input_1};
#endif

AI_STATIC ai_handle network = AI_HANDLE_NULL;
AI_STATIC ai_buffer* ai_input;
AI_STATIC ai_buffer* ai_output;

static int bootstrap(void) {
  const ai_handle acts[] = {activations};
  const ai_error error = ai_network_create_and_init(&network, acts, NULL);
  if (error.type != AI_ERROR_NONE) {
    board_error("ai_network_create_and_init", (int32_t)error.code);
    return -1;
  }
  ai_input = ai_network_inputs_get(network, NULL);
  ai_output = ai_network_outputs_get(network, NULL);
#if !defined(AI_NETWORK_INPUTS_IN_ACTIVATIONS)
  for (int i = 0; i < AI_NETWORK_IN_NUM; ++i) {
    ai_input[i].data = AI_HANDLE_PTR(input_data[i]);
  }
#endif
  return 0;
}

static ai_size bytes_of(const ai_buffer* buffer) {
  return AI_BUFFER_BYTE_SIZE(AI_BUFFER_SIZE(buffer), buffer->format);
}

static int acquire_and_process_data(void) {
  for (ai_u32 i = 0; i < AI_NETWORK_IN_NUM; ++i) {
    if (!board_acquire(i, ai_input[i].data, bytes_of(&ai_input[i]))) {
      return 0;
    }
  }
  return 1;
}

static int run(void) {
  if (ai_network_run(network, ai_input, ai_output) != 1) {
    board_error("ai_network_run", (int32_t)ai_network_get_error(network).code);
    return -1;
  }
  return 0;
}

static void post_process(void) {
  for (ai_u32 i = 0; i < AI_NETWORK_OUT_NUM; ++i) {
    board_deliver(i, ai_output[i].data, bytes_of(&ai_output[i]),
                  AI_BUFFER_FMT_GET_TYPE(ai_output[i].format) == AI_BUFFER_FMT_TYPE_FLOAT);
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
  return ai_network_destroy(network) == AI_HANDLE_NULL ? 0 : 1;
}
