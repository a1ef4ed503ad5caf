/* SPDX-License-Identifier: Apache-2.0 */
/* One run of the network through the st-ai API: the place to start from. */
#include <string.h>

#include "@NAME@.h"
#include "console.h"
#include "stai_debug.h"

STAI_ALIGNED(STAI_@UPPER@_CONTEXT_ALIGNMENT)
static stai_network network_context[STAI_@UPPER@_CONTEXT_SIZE];
@ARENAS@

static const uint32_t input_sizes[] = STAI_@UPPER@_IN_SIZES_BYTES;

int main(void) {
  const stai_ptr arenas[STAI_@UPPER@_ACTIVATIONS_NUM] = {@ARENA_NAMES@};
  stai_ptr inputs[STAI_@UPPER@_IN_NUM];
  stai_ptr outputs[STAI_@UPPER@_OUT_NUM];
  stai_size count = 0;
  (void)stai_@NAME@_init(network_context);
  (void)stai_@NAME@_set_activations(network_context, arenas, STAI_@UPPER@_ACTIVATIONS_NUM);
  (void)stai_@NAME@_get_inputs(network_context, inputs, &count);
  for (stai_size i = 0; i < count; ++i) {
    memset(inputs[i], 0, input_sizes[i]); /* the application's data go here */
  }
  /* The first error of all these calls is what every later one returns. */
  const stai_return_code code = stai_@NAME@_run(network_context, STAI_MODE_SYNC);
  if (code >= STAI_ERROR_GENERIC) {
    console_text(stai_get_return_code_name(code));
    console_text("\n");
    return 1;
  }
  (void)stai_@NAME@_get_outputs(network_context, outputs, &count);
  for (stai_size i = 0; i < count; ++i) {
    console_text("output ");
    console_integer(i + 1);
    console_text(" starts with byte ");
    console_integer(*outputs[i]);
    console_text("\n");
  }
  return 0;
}
