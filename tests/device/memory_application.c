/* SPDX-License-Identifier: Apache-2.0 */
/* The digits network with two places for its input and two for its output, in turns: a run reads and writes one of each
 * while the next sample is in the other already, and the result before still there. Places are in the activations where
 * INPUT_IS_DOUBLE and OUTPUT_IS_DOUBLE say so, else memory of this application. API_ST_AI and API_LEGACY tell these
 * APIs from tvm. Argument: a folder of samples. */
#include "golden_files.h"
#include "network.h"

static uint8_t* inputs[2];
static uint8_t* outputs[2];

#if defined(API_ST_AI)
#include "network_data.h"

#define IN_BYTES STAI_NETWORK_IN_1_SIZE_BYTES
#define OUT_BYTES STAI_NETWORK_OUT_1_SIZE_BYTES
#if defined(INPUT_IS_DOUBLE) != ((STAI_NETWORK_FLAGS & STAI_FLAG_INPUTS) != 0) || \
    defined(OUTPUT_IS_DOUBLE) != ((STAI_NETWORK_FLAGS & STAI_FLAG_OUTPUTS) != 0)
#error "the flags do not say what lies in the activations"
#endif

STAI_NETWORK_CONTEXT_DECLARE(context, STAI_NETWORK_CONTEXT_SIZE)
STAI_ALIGNED(32) static uint8_t first_arena[STAI_NETWORK_ACTIVATION_1_SIZE_BYTES];
STAI_ALIGNED(32) static uint8_t second_arena[STAI_NETWORK_ACTIVATION_2_SIZE_BYTES];
static const stai_ptr arenas[STAI_NETWORK_ACTIVATIONS_NUM] = {first_arena, second_arena};

static void create(void) {
  stai_network_info info;
  stai_size count;
  CHECK(stai_network_init(context) == STAI_SUCCESS);
  CHECK(stai_network_set_activations(context, arenas, STAI_NETWORK_ACTIVATIONS_NUM) == STAI_SUCCESS);
  CHECK(stai_network_get_inputs(context, &inputs[0], &count) == STAI_SUCCESS);
  CHECK(stai_network_get_outputs(context, &outputs[0], &count) == STAI_SUCCESS);
  CHECK(stai_network_get_info(context, &info) == STAI_SUCCESS);
  CHECK(info.flags == STAI_NETWORK_FLAGS);
  CHECK(info.inputs[0].flags == STAI_NETWORK_IN_1_FLAGS && info.outputs[0].flags == STAI_NETWORK_OUT_1_FLAGS);
  CHECK((inputs[0] != NULL) == ((STAI_NETWORK_IN_1_FLAGS & STAI_FLAG_PREALLOCATED) != 0));
  CHECK((outputs[0] != NULL) == ((STAI_NETWORK_OUT_1_FLAGS & STAI_FLAG_PREALLOCATED) != 0));
#if defined(INPUT_IS_DOUBLE)
  inputs[1] = arenas[STAI_NETWORK_IN_1_SECOND_ACTIVATION - 1] + STAI_NETWORK_IN_1_SECOND_OFFSET;
#endif
#if defined(OUTPUT_IS_DOUBLE)
  outputs[1] = arenas[STAI_NETWORK_OUT_1_SECOND_ACTIVATION - 1] + STAI_NETWORK_OUT_1_SECOND_OFFSET;
#endif
}

static int run_as_made(void) {
  const int ran = stai_network_run(context, STAI_MODE_SYNC) == STAI_SUCCESS;
  create(); /* which forgets the error */
  return ran;
}

static int run(int place) {
  return stai_network_set_inputs(context, &inputs[place], 1) == STAI_SUCCESS &&
         stai_network_set_outputs(context, &outputs[place], 1) == STAI_SUCCESS &&
         stai_network_run(context, STAI_MODE_SYNC) == STAI_SUCCESS;
}

#elif defined(API_LEGACY)
#include "network_data.h"

#define IN_BYTES AI_NETWORK_IN_1_SIZE_BYTES
#define OUT_BYTES AI_NETWORK_OUT_1_SIZE_BYTES
#if defined(INPUT_IS_DOUBLE) != defined(AI_NETWORK_INPUTS_IN_ACTIVATIONS) || \
    defined(OUTPUT_IS_DOUBLE) != defined(AI_NETWORK_OUTPUTS_IN_ACTIVATIONS)
#error "the macros do not say what lies in the activations"
#endif

AI_ALIGNED(32) static ai_u8 first_arena[AI_NETWORK_DATA_ACTIVATION_1_SIZE];
AI_ALIGNED(32) static ai_u8 second_arena[AI_NETWORK_DATA_ACTIVATION_2_SIZE];
static const ai_handle arenas[AI_NETWORK_DATA_ACTIVATIONS_COUNT] = {first_arena, second_arena};
static ai_handle network = AI_HANDLE_NULL;
static ai_buffer* input;
static ai_buffer* output;

static void create(void) {
  CHECK(ai_network_create_and_init(&network, arenas, NULL).type == AI_ERROR_NONE);
  input = ai_network_inputs_get(network, NULL);
  output = ai_network_outputs_get(network, NULL);
  inputs[0] = (uint8_t*)input->data;
  outputs[0] = (uint8_t*)output->data;
#if defined(INPUT_IS_DOUBLE)
  inputs[1] = (uint8_t*)arenas[AI_NETWORK_IN_1_SECOND_ACTIVATION - 1] + AI_NETWORK_IN_1_SECOND_OFFSET;
#endif
#if defined(OUTPUT_IS_DOUBLE)
  outputs[1] = (uint8_t*)arenas[AI_NETWORK_OUT_1_SECOND_ACTIVATION - 1] + AI_NETWORK_OUT_1_SECOND_OFFSET;
#endif
}

static int run_as_made(void) {
  const int forwarded = ai_network_forward(network, input) == 1;
  CHECK((ai_network_run(network, input, output) == 1) == forwarded);
  return forwarded;
}

static int run(int place) {
  input->data = inputs[place];
  output->data = outputs[place];
  return ai_network_run(network, input, output) == 1;
}

#else
#define IN_BYTES NETWORK_IN_1_SIZE_BYTES
#define OUT_BYTES NETWORK_OUT_1_SIZE_BYTES

extern const ai_model_info network_network;
static ai_handle network = AI_HANDLE_NULL;

static void create(void) {
  ai_model_info* const info = (ai_model_info*)&network_network;
  CHECK(ai_create(info, AI_MODEL_activations(info), &network) == AI_STATUS_OK);
  inputs[0] = ai_get_input(network, 0)->dltensor.data;
  outputs[0] = ai_get_output(network, 0)->dltensor.data;
#if defined(INPUT_IS_DOUBLE)
  CHECK(inputs[0] == network_in_1_buffers[0]);
  inputs[1] = network_in_1_buffers[1];
#endif
#if defined(OUTPUT_IS_DOUBLE)
  CHECK(outputs[0] == network_out_1_buffers[0]);
  outputs[1] = network_out_1_buffers[1];
#endif
}

static int run_as_made(void) {
  return ai_run(network) == AI_STATUS_OK;
}

static int run(int place) {
  ai_get_input(network, 0)->dltensor.data = inputs[place];
  ai_get_output(network, 0)->dltensor.data = outputs[place];
  return ai_run(network) == AI_STATUS_OK;
}
#endif

static void read_into(uint8_t* bytes, const char* folder, const char* kind, int sample, size_t size) {
  CHECK(read_file(folder, kind, 0, sample, bytes, size));
}

int main(int argc, char** argv) {
  static uint64_t own_inputs[2][(IN_BYTES + 7) / 8];
  static uint64_t own_outputs[2][(OUT_BYTES + 7) / 8];
  static uint8_t expected[4][OUT_BYTES];
  CHECK(argc == 2);
  create();
  /* One of the two has no memory until the application gives it some. */
  CHECK(!run_as_made());
#if !defined(INPUT_IS_DOUBLE)
  CHECK(inputs[0] == NULL);
  inputs[0] = (uint8_t*)own_inputs[0];
  inputs[1] = (uint8_t*)own_inputs[1];
#endif
#if !defined(OUTPUT_IS_DOUBLE)
  CHECK(outputs[0] == NULL);
  outputs[0] = (uint8_t*)own_outputs[0];
  outputs[1] = (uint8_t*)own_outputs[1];
#endif
  read_into(inputs[0], argv[1], "in", 0, IN_BYTES);
  for (int sample = 0; sample < 4; ++sample) {
    read_into(inputs[(sample + 1) % 2], argv[1], "in", (sample + 1) % 4, IN_BYTES);
    read_into(expected[sample], argv[1], "out", sample, OUT_BYTES);
    CHECK(run(sample % 2));
    for (int result = sample > 0 ? sample - 1 : 0; result <= sample; ++result) {
      CHECK(memcmp(outputs[result % 2], expected[result], OUT_BYTES) == 0);
    }
  }
  printf("4 samples are as expected\n");
  return 0;
}
