/* SPDX-License-Identifier: Apache-2.0 */
/* An application of the st-ai API. It serves networks with inputs and outputs in the activations, and others: what the
 * network does not provide is allocated here. The run loop serves processors with an accelerator, too. */
#include <stddef.h>

#include "board.h"
#include "network.h"
#include "network_data.h"

STAI_NETWORK_CONTEXT_DECLARE(network_context, STAI_NETWORK_CONTEXT_SIZE)
STAI_ALIGNED(32) static uint8_t activations[STAI_NETWORK_ACTIVATIONS_SIZE_BYTES];

#if !(STAI_NETWORK_FLAGS & STAI_FLAG_INPUTS)
STAI_ALIGNED(32) static uint8_t input_memory[STAI_NETWORK_IN_SIZE_BYTES];
static const uint8_t input_alignments[] = STAI_NETWORK_IN_ALIGNMENTS;
#endif

static stai_ptr inputs[STAI_NETWORK_IN_NUM];
static stai_ptr outputs[STAI_NETWORK_OUT_NUM];
static const uint32_t input_sizes[] = STAI_NETWORK_IN_SIZES_BYTES;
static const uint32_t output_sizes[] = STAI_NETWORK_OUT_SIZES_BYTES;
static const stai_format output_formats[] = STAI_NETWORK_OUT_FORMATS;

static int check(const char* call, stai_return_code code) {
  if (code >= STAI_ERROR_GENERIC) {
    board_error(call, (int32_t)code);
    return -1;
  }
  return 0;
}

#if !(STAI_NETWORK_FLAGS & STAI_FLAG_INPUTS)
/* Cuts all inputs out of one block. */
static stai_return_code allocate_inputs(void) {
  uintptr_t address = (uintptr_t)input_memory;
  for (uint32_t i = 0; i < STAI_NETWORK_IN_NUM; ++i) {
    address = (address + input_alignments[i] - 1) / input_alignments[i] * input_alignments[i];
    inputs[i] = (stai_ptr)address;
    address += input_sizes[i];
  }
  return stai_network_set_inputs(network_context, inputs, STAI_NETWORK_IN_NUM);
}
#endif

static int bootstrap(void) {
  const stai_ptr pools[STAI_NETWORK_ACTIVATIONS_NUM] = {activations};
  stai_size count = 0;
  if (check("stai_runtime_init", stai_runtime_init()) != 0 ||
      check("stai_network_init", stai_network_init(network_context)) != 0 ||
      check("set_activations", stai_network_set_activations(network_context, pools, STAI_NETWORK_ACTIVATIONS_NUM)) !=
          0) {
    return -1;
  }
#if STAI_NETWORK_FLAGS & STAI_FLAG_INPUTS
  (void)stai_network_get_inputs(network_context, inputs, &count);
#else
  (void)allocate_inputs();
#endif
  return check("get_outputs", stai_network_get_outputs(network_context, outputs, &count));
}

static int acquire_and_process_data(void) {
  for (uint32_t i = 0; i < STAI_NETWORK_IN_NUM; ++i) {
    if (!board_acquire(i, inputs[i], input_sizes[i])) {
      return 0;
    }
  }
  return 1;
}

static int run(void) {
  stai_return_code code;
  do {
    code = stai_network_run(network_context, STAI_MODE_ASYNC);
  } while (code == STAI_RUNNING_WFE || code == STAI_RUNNING_NO_WFE);
  (void)stai_ext_network_new_inference(network_context);
  return check("stai_network_run", code);
}

static void post_process(void) {
  for (uint32_t i = 0; i < STAI_NETWORK_OUT_NUM; ++i) {
    board_deliver(i, outputs[i], output_sizes[i],
                  STAI_FORMAT_GET_TYPE((uint32_t)output_formats[i]) == STAI_FORMAT_TYPE_FLOAT);
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
  return check("stai_network_deinit", stai_network_deinit(network_context)) == 0 ? 0 : 1;
}
