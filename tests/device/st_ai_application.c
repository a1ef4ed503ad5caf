/* SPDX-License-Identifier: Apache-2.0 */
/* Drives every function of the st-ai API of a network called "network", with good and bad arguments, and runs it on the
 * golden samples of a folder: in activations, in buffers of its own, with weights elsewhere, and two contexts in turns.
 */
#include "golden_files.h"
#include "network.h"
#include "network_data.h"
#include "network_details.h"
#include "stai_debug.h"
#include "stai_events.h"

#if !(STAI_NETWORK_FLAGS & STAI_FLAG_INPUTS) || (STAI_NETWORK_FLAGS & STAI_FLAG_ACTIVATIONS) || STAI_NETWORK_STATES_NUM
#error "inputs are in the activations, which are the application's"
#endif

static const uint32_t input_sizes[] = STAI_NETWORK_IN_SIZES_BYTES;
static const uint32_t output_sizes[] = STAI_NETWORK_OUT_SIZES_BYTES;
static const stai_format input_formats[] = STAI_NETWORK_IN_FORMATS;
static const uint8_t input_alignments[] = STAI_NETWORK_IN_ALIGNMENTS;
static const char* const input_names[] = STAI_NETWORK_IN_NAMES;
static const int32_t first_shape[] = STAI_NETWORK_IN_1_SHAPE;

STAI_ALIGNED(32) static uint8_t activations[2][STAI_NETWORK_ACTIVATION_1_SIZE_BYTES + 8];
STAI_ALIGNED(STAI_NETWORK_CONTEXT_ALIGNMENT) static stai_network contexts[2][STAI_NETWORK_CONTEXT_SIZE + 8];
STAI_NETWORK_CONTEXT_DECLARE(unused_context, STAI_NETWORK_CONTEXT_SIZE)
static const char* folder;

static int fill(const stai_ptr* inputs, int sample) {
  for (int i = 0; i < STAI_NETWORK_IN_NUM; ++i) {
    if (!read_file(folder, "in", i, sample, inputs[i], input_sizes[i])) {
      return 0;
    }
  }
  return 1;
}

static void check_outputs(const stai_ptr* outputs, const stai_tensor* tensors, int sample) {
  for (int i = 0; i < STAI_NETWORK_OUT_NUM; ++i) {
    const uint32_t format = (uint32_t)tensors[i].format;
    const DLDataType type = {STAI_FORMAT_GET_TYPE(format) == STAI_FORMAT_TYPE_FLOAT ? kDLFloat : kDLInt,
                             (uint8_t)STAI_FORMAT_GET_BITS(format), 1};
    CHECK(tensors[i].size_bytes == output_sizes[i]);
    check_output(folder, i, sample, type, outputs[i], output_sizes[i]);
  }
}

static void set_activations(stai_network* network, uint8_t* memory) {
  const stai_ptr list[STAI_NETWORK_ACTIVATIONS_NUM] = {memory};
  CHECK(stai_network_init(network) == STAI_SUCCESS);
  CHECK(stai_network_set_activations(network, list, STAI_NETWORK_ACTIVATIONS_NUM) == STAI_SUCCESS);
}

/* A context that has seen one error gives that one from then on: each bad call gets a fresh one. */
static stai_network* fresh(void) {
  set_activations(contexts[0], activations[0]);
  return contexts[0];
}

typedef stai_return_code (*set_function)(stai_network*, const stai_ptr*, const stai_size);
typedef stai_return_code (*get_function)(stai_network*, stai_ptr*, stai_size*);

static void check_buffers(get_function get, set_function set, stai_size count, stai_return_code pointer_error,
                          stai_return_code number_error) {
  stai_ptr list[64];
  stai_size found = 99;
  CHECK(get(fresh(), list, &found) == STAI_SUCCESS);
  CHECK(found == count);
  CHECK(set(fresh(), list, count) == STAI_SUCCESS);
  CHECK(get(fresh(), NULL, &found) == STAI_SUCCESS);
  CHECK(get(fresh(), list, NULL) == STAI_ERROR_NETWORK_INVALID_API_ARGUMENTS);
  CHECK(set(fresh(), NULL, count) == STAI_ERROR_NETWORK_INVALID_API_ARGUMENTS);
  CHECK(set(fresh(), list, count + 1) == number_error);
  CHECK(get(NULL, list, &found) == STAI_ERROR_NETWORK_INVALID_CONTEXT_HANDLE);
  CHECK(set(NULL, list, count) == STAI_ERROR_NETWORK_INVALID_CONTEXT_HANDLE);
  CHECK(get(contexts[0] + 4, list, &found) == STAI_ERROR_NETWORK_INVALID_CONTEXT_ALIGNMENT);
  CHECK(set(unused_context, list, count) == STAI_ERROR_NETWORK_INVALID_CONTEXT_HANDLE);
  if (count > 0) {
    const stai_ptr good = list[count - 1];
    list[count - 1] = good + 1;
    CHECK(set(fresh(), list, count) == STAI_ERROR_INVALID_BUFFER_ALIGNMENT);
    list[count - 1] = NULL;
    CHECK(set(fresh(), list, count) == pointer_error);
    /* The first error stays, whatever comes, until init. */
    list[count - 1] = good;
    CHECK(set(contexts[0], list, count) == pointer_error);
    CHECK(get(contexts[0], list, &found) == pointer_error);
    CHECK(stai_network_run(contexts[0], STAI_MODE_SYNC) == pointer_error);
    CHECK(stai_network_get_error(contexts[0]) == pointer_error);
    CHECK(stai_network_get_error(fresh()) == STAI_SUCCESS);
  }
}

static void check_bad_use(void) {
  stai_network_info info;
  stai_runtime_info runtime;
  CHECK(stai_runtime_init() == STAI_SUCCESS);
  CHECK(stai_runtime_set_callback(NULL, NULL) == STAI_SUCCESS);
  CHECK(stai_runtime_get_info(NULL) == STAI_ERROR_NETWORK_INVALID_API_ARGUMENTS);
  CHECK(stai_runtime_get_info(&runtime) == STAI_SUCCESS && runtime.api_version.major == 1);
  CHECK(stai_runtime_deinit() == STAI_SUCCESS);
  CHECK(stai_init_format(STAI_FORMAT_TYPE_Q, 1, 8, 7) == STAI_FORMAT_Q7);
  CHECK(stai_init_format(STAI_FORMAT_TYPE_FLOAT, 1, 32, 0) == STAI_FORMAT_FLOAT32);
  CHECK(strcmp(stai_get_return_code_name(STAI_ERROR_NOT_IMPLEMENTED), "STAI_ERROR_NOT_IMPLEMENTED") == 0);
  CHECK(strcmp(stai_get_return_code_name((stai_return_code)0x77), "UNKNOWN") == 0);
  CHECK(strcmp(stai_get_format_type_name(STAI_FORMAT_TYPE_BOOL), "STAI_FORMAT_TYPE_BOOL") == 0);
  CHECK(strcmp(stai_get_format_name(STAI_FORMAT_UQ15), "STAI_FORMAT_UQ15") == 0);

  CHECK(stai_network_init(NULL) == STAI_ERROR_NETWORK_INVALID_CONTEXT_HANDLE);
  CHECK(stai_network_init(contexts[0] + 4) == STAI_ERROR_NETWORK_INVALID_CONTEXT_ALIGNMENT);
  CHECK(stai_network_deinit(NULL) == STAI_ERROR_NETWORK_INVALID_CONTEXT_HANDLE);
  CHECK(stai_network_deinit(unused_context) == STAI_ERROR_NETWORK_INVALID_CONTEXT_HANDLE);
  CHECK(stai_network_run(NULL, STAI_MODE_SYNC) == STAI_ERROR_NETWORK_INVALID_CONTEXT_HANDLE);
  CHECK(stai_network_run(unused_context, STAI_MODE_SYNC) == STAI_ERROR_NETWORK_INVALID_CONTEXT_HANDLE);
  CHECK(stai_network_run(contexts[0] + 2, STAI_MODE_SYNC) == STAI_ERROR_NETWORK_INVALID_CONTEXT_ALIGNMENT);
  CHECK(stai_network_get_error(NULL) == STAI_ERROR_NETWORK_INVALID_CONTEXT_HANDLE);
  CHECK(stai_network_set_callback(NULL, NULL, NULL) == STAI_ERROR_NETWORK_INVALID_CONTEXT_HANDLE);
  CHECK(stai_ext_network_new_inference(NULL) == STAI_ERROR_NETWORK_INVALID_CONTEXT_HANDLE);
  CHECK(stai_network_get_info(NULL, &info) == STAI_ERROR_NETWORK_INVALID_CONTEXT_HANDLE);
  CHECK(stai_network_get_info(fresh(), NULL) == STAI_ERROR_NETWORK_INVALID_API_ARGUMENTS);
  CHECK(stai_network_get_context_size() == STAI_NETWORK_CONTEXT_SIZE);

  CHECK(stai_network_init(contexts[0]) == STAI_SUCCESS);
  stai_ptr none[STAI_NETWORK_IN_NUM];
  stai_size count;
  CHECK(stai_network_get_inputs(contexts[0], none, &count) == STAI_SUCCESS && none[0] == NULL);
  CHECK(stai_network_run(contexts[0], STAI_MODE_SYNC) == STAI_ERROR_NETWORK_INVALID_ACTIVATIONS_PTR);
  CHECK(stai_network_deinit(fresh()) == STAI_SUCCESS);
  CHECK(stai_network_run(contexts[0], STAI_MODE_SYNC) == STAI_ERROR_NETWORK_INVALID_ACTIVATIONS_PTR);

  check_buffers(stai_network_get_activations, stai_network_set_activations, STAI_NETWORK_ACTIVATIONS_NUM,
                STAI_ERROR_NETWORK_INVALID_ACTIVATIONS_PTR, STAI_ERROR_NETWORK_INVALID_ACTIVATIONS_NUM);
  check_buffers(stai_network_get_weights, stai_network_set_weights, STAI_NETWORK_WEIGHTS_NUM,
                STAI_ERROR_NETWORK_INVALID_WEIGHTS_PTR, STAI_ERROR_NETWORK_INVALID_WEIGHTS_NUM);
  check_buffers(stai_network_get_inputs, stai_network_set_inputs, STAI_NETWORK_IN_NUM,
                STAI_ERROR_NETWORK_INVALID_IN_PTR, STAI_ERROR_NETWORK_INVALID_IN_NUM);
  check_buffers(stai_network_get_outputs, stai_network_set_outputs, STAI_NETWORK_OUT_NUM,
                STAI_ERROR_NETWORK_INVALID_OUT_PTR, STAI_ERROR_NETWORK_INVALID_OUT_NUM);
  CHECK(stai_network_set_states(fresh(), NULL, 7) == STAI_SUCCESS);
  CHECK(stai_network_get_states(fresh(), NULL, &count) == STAI_SUCCESS && count == 0);
  CHECK(stai_network_get_states(fresh(), NULL, NULL) == STAI_ERROR_NETWORK_INVALID_API_ARGUMENTS);
}

static void check_info(void) {
  stai_network_info info;
  CHECK(stai_network_get_info(fresh(), &info) == STAI_SUCCESS);
  CHECK(info.flags == STAI_NETWORK_FLAGS && info.n_nodes == STAI_NETWORK_NODES_NUM);
  CHECK(strcmp(info.c_model_name, "network") == 0);
  CHECK(info.n_inputs == STAI_NETWORK_IN_NUM && info.n_outputs == STAI_NETWORK_OUT_NUM);
  CHECK(info.n_activations == STAI_NETWORK_ACTIVATIONS_NUM && info.n_weights == STAI_NETWORK_WEIGHTS_NUM);
  CHECK(info.activations[0].size_bytes == STAI_NETWORK_ACTIVATION_1_SIZE_BYTES);
  uint32_t packed = 0;
  for (int i = 0; i < STAI_NETWORK_IN_NUM; ++i) {
    CHECK(info.inputs[i].size_bytes == input_sizes[i] && info.inputs[i].format == input_formats[i]);
    CHECK(strcmp(info.inputs[i].name, input_names[i]) == 0);
    packed += input_sizes[i] + input_alignments[i];
  }
  CHECK(packed <= STAI_NETWORK_IN_SIZE_BYTES);
  CHECK(info.inputs[0].shape.size == sizeof first_shape / sizeof first_shape[0]);
  CHECK(memcmp(info.inputs[0].shape.data, first_shape, sizeof first_shape) == 0);
#if defined(STAI_NETWORK_IN_1_SCALE)
  CHECK(info.inputs[0].scale.size == 1 && info.inputs[0].scale.data[0] == STAI_NETWORK_IN_1_SCALE);
  CHECK(info.inputs[0].zeropoint.data[0] == STAI_NETWORK_IN_1_ZERO_POINT);
#else
  CHECK(info.inputs[0].scale.size == 0);
#endif
  CHECK(g_network_details.n_nodes == STAI_NETWORK_NODES_NUM);
  CHECK(g_network_details.tensors[g_network_details.nodes[0].input_tensors.data[0]].size_bytes == input_sizes[0]);
}

static int starts;
static int stops;

static void on_event(void* cookie, const stai_event_type type, const void* payload) {
  const stai_event_node_start_stop* const event = (const stai_event_node_start_stop*)payload;
  CHECK(cookie == contexts[0]);
  CHECK(event->node_id == (type == STAI_EVENT_NODE_START ? starts : stops));
  CHECK(event->buffers.size >= 1);
  CHECK(type == STAI_EVENT_NODE_START || type == STAI_EVENT_NODE_STOP);
  (type == STAI_EVENT_NODE_START ? ++starts : ++stops);
}

int main(int argc, char** argv) {
  CHECK(argc == 2);
  folder = argv[1];
  check_bad_use();
  check_info();

  stai_network_info info;
  stai_ptr inputs[2][STAI_NETWORK_IN_NUM];
  stai_ptr outputs[2][STAI_NETWORK_OUT_NUM];
  stai_size count;
  int sample = 0;
  for (int i = 0; i < 2; ++i) {
    set_activations(contexts[i], activations[i]);
    CHECK(stai_network_get_inputs(contexts[i], inputs[i], &count) == STAI_SUCCESS);
    CHECK(stai_network_get_outputs(contexts[i], outputs[i], &count) == STAI_SUCCESS);
  }
  CHECK(stai_network_get_info(contexts[0], &info) == STAI_SUCCESS);
  /* The second context: other weights, and buffers of its own. */
  uint8_t* const weights = malloc(STAI_NETWORK_WEIGHTS_SIZE_BYTES + 1);
  if (STAI_NETWORK_WEIGHTS_NUM > 0) {
    memcpy(weights, g_network_weights_array, STAI_NETWORK_WEIGHTS_SIZE_BYTES);
    CHECK(stai_network_set_weights(contexts[1], (const stai_ptr*)&weights, STAI_NETWORK_WEIGHTS_NUM) == STAI_SUCCESS);
  }
  for (int i = 0; i < STAI_NETWORK_IN_NUM; ++i) {
    inputs[1][i] = malloc(input_sizes[i]);
  }
  for (int i = 0; i < STAI_NETWORK_OUT_NUM; ++i) {
    outputs[1][i] = malloc(output_sizes[i]);
  }
  CHECK(stai_network_set_inputs(contexts[1], inputs[1], STAI_NETWORK_IN_NUM) == STAI_SUCCESS);
  CHECK(stai_network_set_outputs(contexts[1], outputs[1], STAI_NETWORK_OUT_NUM) == STAI_SUCCESS);
  CHECK(stai_network_set_callback(contexts[0], on_event, contexts[0]) == STAI_SUCCESS);
  for (; fill(inputs[0], sample); ++sample) {
    starts = stops = 0;
    CHECK(fill(inputs[1], (sample + 1) % 4));
    CHECK(stai_network_run(contexts[0], STAI_MODE_SYNC) == STAI_SUCCESS);
    CHECK(starts == STAI_NETWORK_NODES_NUM && stops == starts);
    CHECK(stai_network_run(contexts[1], STAI_MODE_ASYNC) == STAI_SUCCESS);
    check_outputs(outputs[0], info.outputs, sample);
    check_outputs(outputs[1], info.outputs, (sample + 1) % 4);
    CHECK(stai_ext_network_new_inference(contexts[1]) == STAI_SUCCESS);
  }
  CHECK(sample == 4);
  starts = 0;
  CHECK(stai_network_set_callback(contexts[0], NULL, NULL) == STAI_SUCCESS);
  CHECK(stai_network_run(contexts[0], STAI_MODE_SYNC) == STAI_SUCCESS);
  CHECK(starts == 0);
  /* set_activations puts inputs and outputs back. */
  set_activations(contexts[1], activations[1]);
  CHECK(stai_network_get_inputs(contexts[1], inputs[0], &count) == STAI_SUCCESS);
  CHECK(inputs[0][0] >= activations[1] && inputs[0][0] < activations[1] + sizeof activations[1]);
  for (int i = 0; i < STAI_NETWORK_IN_NUM; ++i) {
    free(inputs[1][i]);
  }
  for (int i = 0; i < STAI_NETWORK_OUT_NUM; ++i) {
    free(outputs[1][i]);
  }
  free(weights);
  printf("%d samples are as expected\n", sample);
  return 0;
}
