/* SPDX-License-Identifier: Apache-2.0 */
/* One run of the network through the legacy API: the place to start from. */
#include <string.h>

#include "@NAME@.h"
#include "@NAME@_data.h"
#include "console.h"

@ARENAS@

static const ai_size input_sizes[] = AI_@UPPER@_IN_SIZE_BYTES;

static int failed(const char* call, ai_error error) {
  console_text(call);
  console_text(" failed: type ");
  console_integer(error.type);
  console_text(" code ");
  console_integer(error.code);
  console_text("\n");
  return 1;
}

int main(void) {
  ai_handle network = AI_HANDLE_NULL;
  const ai_handle arenas[AI_@UPPER@_DATA_ACTIVATIONS_COUNT] = {@ARENA_NAMES@};
  const ai_error error = ai_@NAME@_create_and_init(&network, arenas, NULL);
  if (error.type != AI_ERROR_NONE) {
    return failed("create_and_init", error);
  }
  ai_buffer* const inputs = ai_@NAME@_inputs_get(network, NULL);
  ai_buffer* const outputs = ai_@NAME@_outputs_get(network, NULL);
  for (uint32_t i = 0; i < AI_@UPPER@_IN_NUM; ++i) {
    memset(inputs[i].data, 0, input_sizes[i]); /* the application's data go here */
  }
  if (ai_@NAME@_run(network, inputs, outputs) != 1) {
    return failed("run", ai_@NAME@_get_error(network));
  }
  for (uint32_t i = 0; i < AI_@UPPER@_OUT_NUM; ++i) {
    console_text("output ");
    console_integer(i + 1);
    console_text(" starts with byte ");
    console_integer(*AI_BUFFER_DATA(&outputs[i], uint8_t));
    console_text("\n");
  }
  (void)ai_@NAME@_destroy(network);
  return 0;
}
