/* SPDX-License-Identifier: Apache-2.0 */
/* Drives every function of the legacy API of a network called "network", with good and bad arguments, and runs it on
 * the golden samples of a folder: in activations, in buffers of its own, two batches at once, and two instances in
 * turns. Compiled with AI_NETWORK_INSTANCES 2. */
#include "ai_platform_interface.h"
#include "golden_files.h"
#include "network.h"
#include "network_data.h"

#if AI_NETWORK_IN_NUM < 1 || !defined(AI_NETWORK_INPUTS_IN_ACTIVATIONS) || !defined(AI_NETWORK_OUTPUTS_IN_ACTIVATIONS)
#error "inputs and outputs are in the activations"
#endif

AI_ALIGNED(32) static ai_u8 activations[2][AI_NETWORK_DATA_ACTIVATION_1_SIZE + 32];
static const ai_size input_sizes[] = AI_NETWORK_IN_SIZE_BYTES;
static const ai_size output_sizes[] = AI_NETWORK_OUT_SIZE_BYTES;
static const ai_size input_elements[AI_NETWORK_IN_NUM] = AI_NETWORK_IN_SIZE;
static const ai_size activation_sizes[AI_NETWORK_DATA_ACTIVATIONS_COUNT] = AI_NETWORK_DATA_ACTIVATIONS_SIZES;
static const char* folder;

static int is_error(ai_error error, ai_error_type type, ai_error_code code) {
  return error.type == (unsigned)type && error.code == (unsigned)code;
}

/* The error of a call that failed, which is asked for once. */
static int has_error(ai_handle network, ai_error_type type, ai_error_code code) {
  const ai_error error = ai_network_get_error(network);
  return is_error(error, type, code) && is_error(ai_network_get_error(network), AI_ERROR_NONE, AI_ERROR_CODE_NONE);
}

static ai_handle create(int index) {
  ai_handle network = AI_HANDLE_NULL;
  const ai_handle arenas[] = {activations[index]};
  CHECK(ai_network_create_and_init(&network, arenas, NULL).type == AI_ERROR_NONE);
  CHECK(network != AI_HANDLE_NULL);
  return network;
}

static int fill(const ai_buffer* inputs, int sample) {
  for (int i = 0; i < AI_NETWORK_IN_NUM; ++i) {
    if (!read_file(folder, "in", i, sample, inputs[i].data, input_sizes[i])) {
      return 0;
    }
  }
  return 1;
}

static void check_outputs(const ai_buffer* outputs, int sample) {
  for (int i = 0; i < AI_NETWORK_OUT_NUM; ++i) {
    const DLDataType type = {AI_BUFFER_FMT_GET_TYPE(outputs[i].format) == AI_BUFFER_FMT_TYPE_FLOAT ? kDLFloat : kDLInt,
                             (uint8_t)AI_BUFFER_FMT_GET_BITS(outputs[i].format), 1};
    check_output(folder, i, sample, type, outputs[i].data, output_sizes[i]);
  }
}

static void check_descriptors(void) {
  ai_u16 count = 99;
  ai_buffer* const early = AI_NETWORK_IN; /* before any create */
  CHECK(early != NULL && early[0].data == NULL && early[0].format == AI_NETWORK_IN_1_FORMAT);
  CHECK(AI_NETWORK_OUT != NULL);
  ai_handle network = create(0);
  ai_buffer* const inputs = ai_network_inputs_get(network, &count);
  CHECK(inputs == early && count == AI_NETWORK_IN_NUM);
  CHECK(ai_network_outputs_get(network, &count) != NULL && count == AI_NETWORK_OUT_NUM);
  CHECK(ai_network_inputs_get(&count, &count) == NULL && count == 0);
  for (int i = 0; i < AI_NETWORK_IN_NUM; ++i) {
    CHECK(inputs[i].size == input_elements[i] && AI_BUFFER_SIZE(&inputs[i]) == input_elements[i]);
    CHECK(AI_BUFFER_BYTE_SIZE(AI_BUFFER_SIZE_UNPAD(&inputs[i]), inputs[i].format) == input_sizes[i]);
    CHECK((ai_u8*)inputs[i].data >= activations[0]);
    CHECK((ai_u8*)inputs[i].data + input_sizes[i] <= activations[0] + activation_sizes[0]);
    CHECK(AI_BUFFER_N_BATCHES(&inputs[i]) == 1 && AI_BUFFER_SHAPE_TYPE(&inputs[i]) == AI_SHAPE_BCWH);
  }
  CHECK(AI_BUFFER_CHANNELS(&inputs[0]) == AI_NETWORK_IN_1_CHANNEL);
#if defined(AI_NETWORK_IN_1_WIDTH)
  CHECK(AI_BUFFER_WIDTH(&inputs[0]) == AI_NETWORK_IN_1_WIDTH);
#endif
#if defined(AI_NETWORK_IN_1_HEIGHT)
  CHECK(AI_BUFFER_HEIGHT(&inputs[0]) == AI_NETWORK_IN_1_HEIGHT);
#endif
  const ai_buffer_meta_info* const meta = AI_BUFFER_META_INFO(&inputs[0]);
  const ai_size scales = AI_BUFFER_META_INFO_INTQ_GET_SIZE(meta);
  if (inputs[0].format != AI_BUFFER_FORMAT_S8) { /* the archives' int8 inputs are quantized, the others are not */
    CHECK(meta == NULL && scales == 0 && AI_BUFFER_META_INFO_INTQ_GET_SCALE(meta, 0) == 0);
    CHECK(AI_BUFFER_META_INFO_INTQ_GET_ZEROPOINT(meta, 0) == 0);
  } else {
    CHECK(scales == 1 && AI_BUFFER_META_INFO_INTQ_GET_SCALE(meta, 0) > 0);
    CHECK(AI_BUFFER_META_INFO_INTQ_GET_SCALE(meta, 1) == 1.0f);
    CHECK(AI_BUFFER_META_INFO_INTQ_GET_ZEROPOINT(meta, 0) >= -128);
    CHECK(AI_BUFFER_META_INFO_INTQ_GET_ZEROPOINT(meta, 0) <= 127);
  }
  CHECK(ai_network_destroy(network) == AI_HANDLE_NULL);
}

static void check_platform(void) {
  ai_buffer buffers[2] = {AI_BUFFER_OBJ_INIT(AI_BUFFER_FORMAT_S8, 2, 3, 4, 1, NULL),
                          AI_BUFFER_INIT(AI_FLAG_NONE, AI_BUFFER_FORMAT_FLOAT,
                                         AI_BUFFER_SHAPE_INIT(AI_SHAPE_BCWH, 4, 1, 10, 1, 1), 10, NULL, NULL)};
  ai_buffer_array array = AI_BUFFER_ARRAY_OBJ_INIT(AI_FLAG_NONE, 2, buffers);
  const ai_buffer_array none = AI_BUFFER_ARRAY_OBJ_INIT(AI_FLAG_NONE, 0, NULL);
  CHECK(ai_buffer_get_size(&buffers[0], true) == 24 && ai_buffer_get_size(NULL, false) == 0);
  CHECK(ai_buffer_get_byte_size(10, AI_BUFFER_FORMAT_FLOAT) == 40);
  CHECK(ai_buffer_get_byte_size(9, AI_BUFFER_FORMAT_U1) == 2);
  CHECK(ai_buffer_array_is_valid(&array) && !ai_buffer_array_is_empty(&array) && ai_buffer_array_sane(&array));
  CHECK(!ai_buffer_array_is_valid(NULL) && ai_buffer_array_is_empty(NULL) && !ai_buffer_array_sane(NULL));
  CHECK(!ai_buffer_array_sane(&none) && ai_buffer_array_get_byte_size(&none) == 0);
  CHECK(ai_buffer_array_get_byte_size(&array) == 24 + 40);
  CHECK(ai_buffer_array_item_set_address(&array, 1, buffers) && AI_BUFFER_ARRAY_ITEM(&array, 1)->data == buffers);
  CHECK(!ai_buffer_array_item_set_address(&array, 2, buffers));
  CHECK(!AI_BUFFER_ARRAY_ITEM_SET_ADDRESS(NULL, 0, buffers));
  CHECK(AI_BUFFER_ARRAY_SIZE(&array) == 2);
  CHECK(AI_BUFFER_FMT_SET(AI_BUFFER_FMT_TYPE_Q, 1, 0, 8, 0) == AI_BUFFER_FORMAT_S8);
  CHECK(AI_BUFFER_FMT_SET(AI_BUFFER_FMT_TYPE_Q, 0, 0, 16, 15) == AI_BUFFER_FORMAT_UQ15);
}

/* Handles: none, foreign, all in use, destroyed twice. */
static void check_handles(void) {
  ai_handle networks[3];
  ai_network_report report;
  CHECK(is_error(ai_network_create(NULL, AI_NETWORK_DATA_CONFIG), AI_ERROR_INVALID_PARAM, AI_ERROR_CODE_INVALID_PTR));
  CHECK(is_error(ai_network_create_and_init(NULL, NULL, NULL), AI_ERROR_INVALID_PARAM, AI_ERROR_CODE_INVALID_PTR));
  CHECK(ai_network_create(&networks[0], NULL).type == AI_ERROR_NONE);
  CHECK(ai_network_create(&networks[1], NULL).type == AI_ERROR_NONE && networks[1] != networks[0]);
  CHECK(is_error(ai_network_create(&networks[2], NULL), AI_ERROR_ALLOCATION_FAILED, AI_ERROR_CODE_IN_USE));
  CHECK(networks[2] == AI_HANDLE_NULL);
  CHECK(ai_network_get_report(networks[1], &report));
  CHECK(ai_network_destroy(networks[0]) == AI_HANDLE_NULL);
  const ai_handle handles[] = {networks[0], AI_HANDLE_NULL, &report};
  for (int i = 0; i < 3; ++i) {
    CHECK(ai_network_destroy(handles[i]) == handles[i]);
    CHECK(is_error(ai_network_get_error(handles[i]), AI_ERROR_INVALID_HANDLE, AI_ERROR_CODE_NETWORK));
    CHECK(!ai_network_init(handles[i], NULL));
    CHECK(!ai_network_get_report(handles[i], &report) && !ai_network_get_info(handles[i], &report));
    CHECK(ai_network_run(handles[i], NULL, NULL) == 0 && ai_network_forward(handles[i], NULL) == 0);
  }
  for (int i = 0; i < 2; ++i) {
    CHECK(!ai_platform_observer_register(handles[i], NULL, NULL, 0));
    CHECK(!ai_platform_observer_unregister(handles[i], NULL, NULL));
    CHECK(!ai_platform_observer_register_s(handles[i], NULL) && !ai_platform_observer_unregister_s(handles[i], NULL));
    CHECK(!ai_platform_observer_node_info(handles[i], NULL));
  }
  CHECK(ai_network_destroy(networks[1]) == AI_HANDLE_NULL);
}

/* What init refuses. */
static void check_parameters(void) {
  ai_handle network;
  ai_network_params params;
  const ai_handle misaligned[] = {activations[0] + 1};
  CHECK(is_error(ai_network_create_and_init(&network, NULL, NULL), AI_ERROR_INIT_FAILED,
                 AI_ERROR_CODE_NETWORK_ACTIVATIONS));
  ai_buffer* const inputs = ai_network_inputs_get(network, NULL);
  CHECK(ai_network_run(network, inputs, NULL) == 0);
  CHECK(has_error(network, AI_ERROR_INVALID_STATE, AI_ERROR_CODE_MISSED_INIT));
  CHECK(!ai_platform_observer_register(network, NULL, NULL, 0));
  CHECK(has_error(network, AI_ERROR_INVALID_STATE, AI_ERROR_CODE_MISSED_INIT));
  CHECK(!ai_network_init(network, NULL));
  CHECK(has_error(network, AI_ERROR_INIT_FAILED, AI_ERROR_CODE_NETWORK_PARAMS));
  CHECK(!ai_network_data_params_get(NULL) && ai_network_data_params_get(&params));
  CHECK(params.map_signature == AI_MAGIC_SIGNATURE);
  CHECK(AI_BUFFER_ARRAY_ITEM_SET_ADDRESS(&params.map_activations, 0, misaligned[0]));
  CHECK(!ai_network_init(network, &params));
  CHECK(!ai_network_init(network, NULL)); /* the first error is kept */
  CHECK(has_error(network, AI_ERROR_INIT_FAILED, AI_ERROR_CODE_NETWORK_ACTIVATIONS));
  CHECK(AI_BUFFER_ARRAY_ITEM_SET_ADDRESS(&params.map_activations, 0, activations[0]));
  params.map_activations.size = 0;
  CHECK(!ai_network_init(network, &params));
  CHECK(has_error(network, AI_ERROR_INIT_FAILED, AI_ERROR_CODE_NETWORK_ACTIVATIONS));
  params.map_activations.size = AI_NETWORK_DATA_ACTIVATIONS_COUNT;
  if (AI_NETWORK_DATA_WEIGHTS_COUNT > 0) {
    CHECK(AI_BUFFER_ARRAY_ITEM_SET_ADDRESS(&params.map_weights, 0, NULL));
    CHECK(!ai_network_init(network, &params));
    CHECK(has_error(network, AI_ERROR_INIT_FAILED, AI_ERROR_CODE_NETWORK_WEIGHTS));
    CHECK(ai_network_data_params_get(&params) && params.map_weights.buffer[0].data != NULL);
    CHECK(AI_BUFFER_ARRAY_ITEM_SET_ADDRESS(&params.map_activations, 0, activations[0]));
  }
  CHECK(ai_network_init(network, &params));
  CHECK(ai_network_destroy(network) == AI_HANDLE_NULL);
}

static void check_reports(void) {
  ai_network_report report;
  ai_handle network = create(0);
  CHECK(!ai_network_get_report(network, NULL));
  CHECK(has_error(network, AI_ERROR_INVALID_PARAM, AI_ERROR_CODE_INVALID_PTR));
  CHECK(!ai_network_get_info(network, NULL));
  CHECK(has_error(network, AI_ERROR_INVALID_PARAM, AI_ERROR_CODE_INVALID_PTR));
  CHECK(ai_network_get_report(network, &report));
  CHECK(strcmp(report.model_name, AI_NETWORK_MODEL_NAME) == 0 && report.n_nodes == AI_NETWORK_N_NODES);
  CHECK(report.n_inputs == AI_NETWORK_IN_NUM && report.n_outputs == AI_NETWORK_OUT_NUM);
  CHECK(report.inputs == ai_network_inputs_get(network, NULL));
  CHECK(report.outputs == ai_network_outputs_get(network, NULL));
  CHECK(report.map_signature == AI_MAGIC_SIGNATURE);
  CHECK(report.map_activations.size == AI_NETWORK_DATA_ACTIVATIONS_COUNT);
  CHECK(report.map_activations.buffer[0].data == activations[0]);
  CHECK(ai_buffer_array_get_byte_size(&report.map_activations) == AI_NETWORK_DATA_ACTIVATIONS_SIZE);
  CHECK(ai_buffer_array_get_byte_size(&report.map_weights) == AI_NETWORK_DATA_WEIGHTS_SIZE);
  CHECK(report.api_version.major == AI_PLATFORM_API_MAJOR && report.api_version.minor == AI_PLATFORM_API_MINOR);
  CHECK(ai_network_get_info(network, &report));
  CHECK(report.activations.data == activations[0] && report.activations.size == AI_NETWORK_DATA_ACTIVATION_1_SIZE);
  CHECK(report.params.size == AI_NETWORK_DATA_WEIGHTS_SIZE);
  CHECK(ai_network_destroy(network) == AI_HANDLE_NULL);
}

/* What run refuses; `good` is changed and put back. */
static void check_run(void) {
  ai_handle network = create(0);
  ai_buffer* const inputs = ai_network_inputs_get(network, NULL);
  ai_buffer* const outputs = ai_network_outputs_get(network, NULL);
  const ai_buffer good = outputs[0];
  CHECK(ai_network_run(network, NULL, outputs) == 0);
  CHECK(has_error(network, AI_ERROR_INVALID_INPUT, AI_ERROR_CODE_INVALID_PTR));
  outputs[0].data = NULL;
  CHECK(ai_network_run(network, inputs, outputs) == 0);
  CHECK(has_error(network, AI_ERROR_INVALID_OUTPUT, AI_ERROR_CODE_INVALID_PTR));
  outputs[0].data = (ai_u8*)good.data + 1;
  CHECK(ai_network_run(network, inputs, outputs) == 0);
  CHECK(has_error(network, AI_ERROR_INVALID_OUTPUT, AI_ERROR_CODE_INVALID_PTR));
  outputs[0] = good;
  outputs[0].format = AI_BUFFER_FORMAT_U16;
  CHECK(ai_network_run(network, inputs, outputs) == 0);
  CHECK(has_error(network, AI_ERROR_INVALID_OUTPUT, AI_ERROR_CODE_INVALID_FORMAT));
  outputs[0] = good;
  outputs[0].size -= 1;
  CHECK(ai_network_run(network, inputs, outputs) == 0);
  CHECK(has_error(network, AI_ERROR_INVALID_OUTPUT, AI_ERROR_CODE_INVALID_SIZE));
  outputs[0] = good;
  for (ai_shape_dimension batches = 0; batches < 4; batches += 2) {
    AI_BUFFER_SET_SHAPE_ELEM(&inputs[0], AI_SHAPE_BATCH, batches);
    CHECK(ai_network_run(network, inputs, outputs) == 0);
    CHECK(has_error(network, AI_ERROR_INVALID_INPUT, AI_ERROR_CODE_INVALID_BATCH));
  }
  AI_BUFFER_SET_SHAPE_ELEM(&inputs[0], AI_SHAPE_BATCH, 1);
  CHECK(fill(inputs, 0));
  CHECK(ai_network_forward(network, inputs) == 1);
  check_outputs(outputs, 0);
  CHECK(ai_network_destroy(network) == AI_HANDLE_NULL);
}

/* The parameters of X-CUBE-AI before 7.1, and the weights' table where an address is meant. */
static void check_old_parameters(void) {
  ai_handle network;
  CHECK(ai_network_create(&network, AI_NETWORK_DATA_CONFIG).type == AI_ERROR_NONE);
  const ai_network_params params = AI_NETWORK_PARAMS_INIT(AI_NETWORK_DATA_WEIGHTS(ai_network_data_weights_get()),
                                                          AI_NETWORK_DATA_ACTIVATIONS(activations[0]));
  CHECK(ai_network_init(network, &params));
  CHECK(fill(ai_network_inputs_get(network, NULL), 1));
  CHECK(ai_network_run(network, AI_NETWORK_IN, AI_NETWORK_OUT) == 1);
  check_outputs(ai_network_outputs_get(network, NULL), 1);
  CHECK(ai_network_destroy(network) == AI_HANDLE_NULL);
  const ai_handle arenas[] = {activations[0]};
  const ai_handle tables[] = {ai_network_data_weights_get()};
  CHECK(ai_network_create_and_init(&network, arenas, tables).type == AI_ERROR_NONE);
  CHECK(ai_network_destroy(network) == AI_HANDLE_NULL);
  AI_NETWORK_DATA_ACTIVATIONS_TABLE_GET()[0] = activations[0]; /* then create_and_init needs none */
  CHECK(ai_network_create_and_init(&network, NULL, AI_NETWORK_DATA_WEIGHTS_TABLE_GET()).type == AI_ERROR_NONE);
  CHECK(ai_network_destroy(network) == AI_HANDLE_NULL);
}

typedef struct {
  unsigned before;
  unsigned after;
} events;

static ai_u32 on_node(const ai_handle cookie, const ai_u32 flags, const ai_observer_node* node) {
  events* const seen = (events*)cookie;
  const unsigned index = (flags & AI_OBSERVER_PRE_EVT) != 0 ? seen->before++ : seen->after++;
  CHECK(node->c_idx == index && (node->type & 0x100) != 0);
  CHECK(((flags & AI_OBSERVER_FIRST_EVT) != 0) == (index == 0));
  CHECK(((flags & AI_OBSERVER_LAST_EVT) != 0) == (index + 1 == AI_NETWORK_N_NODES));
  return 0;
}

static void check_observer(void) {
  ai_handle network = create(0);
  events seen = {0, 0};
  ai_observer_exec_ctx context = {on_node, &seen, AI_OBSERVER_POST_EVT, 0, 0, NULL};
  ai_observer_node node = {0, 0, 0, 0, NULL, NULL};
  CHECK(ai_platform_observer_node_info(network, &node) && node.type != 0);
  node.c_idx = AI_NETWORK_N_NODES;
  CHECK(!ai_platform_observer_node_info(network, &node));
  CHECK(has_error(network, AI_ERROR_INVALID_PARAM, AI_ERROR_CODE_OUT_OF_RANGE));
  CHECK(!ai_platform_observer_node_info(network, NULL));
  CHECK(has_error(network, AI_ERROR_INVALID_PARAM, AI_ERROR_CODE_INVALID_PTR));
  CHECK(!ai_platform_observer_register(network, NULL, &seen, AI_OBSERVER_PRE_EVT));
  CHECK(has_error(network, AI_ERROR_INVALID_PARAM, AI_ERROR_CODE_INVALID_PTR));
  CHECK(ai_platform_observer_register(network, on_node, &seen, AI_OBSERVER_PRE_EVT | AI_OBSERVER_POST_EVT));
  CHECK(!ai_platform_observer_register_s(network, &context));
  CHECK(has_error(network, AI_ERROR_INVALID_PARAM, AI_ERROR_CODE_IN_USE));
  CHECK(fill(AI_NETWORK_IN, 2) && ai_network_run(network, AI_NETWORK_IN, AI_NETWORK_OUT) == 1);
  check_outputs(AI_NETWORK_OUT, 2);
  CHECK(seen.before == AI_NETWORK_N_NODES && seen.after == AI_NETWORK_N_NODES);
  CHECK(!ai_platform_observer_unregister(network, on_node, NULL) &&
        !ai_platform_observer_unregister_s(network, &context));
  CHECK(has_error(network, AI_ERROR_INVALID_PARAM, AI_ERROR_CODE_INVALID_PTR));
  CHECK(ai_platform_observer_unregister(network, on_node, &seen));
  seen.after = 0;
  CHECK(ai_platform_observer_register_s(network, &context));
  CHECK(ai_network_forward(network, AI_NETWORK_IN) == 1);
  CHECK(seen.before == AI_NETWORK_N_NODES && seen.after == AI_NETWORK_N_NODES);
  CHECK(ai_platform_observer_unregister_s(network, &context));
  CHECK(ai_network_forward(network, AI_NETWORK_IN) == 1 && seen.after == AI_NETWORK_N_NODES);
  CHECK(ai_network_destroy(network) == AI_HANDLE_NULL);
}

/* Two instances in turns, the second in buffers of its own that hold two batches. */
static int run_samples(void) {
  ai_handle networks[2] = {create(0), create(1)};
  ai_buffer* inputs[2];
  ai_buffer* outputs[2];
  int sample = 0;
  for (int i = 0; i < 2; ++i) {
    inputs[i] = ai_network_inputs_get(networks[i], NULL);
    outputs[i] = ai_network_outputs_get(networks[i], NULL);
  }
  CHECK(inputs[0] != inputs[1]);
  for (int i = 0; i < AI_NETWORK_IN_NUM; ++i) {
    inputs[1][i].data = malloc(2 * input_sizes[i]);
    AI_BUFFER_SET_SHAPE_ELEM(&inputs[1][i], AI_SHAPE_BATCH, 2);
  }
  for (int i = 0; i < AI_NETWORK_OUT_NUM; ++i) {
    outputs[1][i].data = malloc(2 * output_sizes[i]);
    AI_BUFFER_SET_SHAPE_ELEM(&outputs[1][i], AI_SHAPE_BATCH, 2);
  }
  CHECK(AI_BUFFER_N_BATCHES(&inputs[0][0]) == 1);
  for (; fill(inputs[0], sample); ++sample) {
    CHECK(ai_network_run(networks[0], inputs[0], outputs[0]) == 1);
    CHECK(fill(inputs[1], (sample + 1) % 4));
    for (int i = 0; i < AI_NETWORK_IN_NUM; ++i) {
      CHECK(read_file(folder, "in", i, (sample + 2) % 4, (ai_u8*)inputs[1][i].data + input_sizes[i], input_sizes[i]));
    }
    CHECK(ai_network_run(networks[1], inputs[1], outputs[1]) == 2);
    check_outputs(outputs[0], sample);
    ai_buffer batch[AI_NETWORK_OUT_NUM];
    memcpy(batch, outputs[1], sizeof batch);
    for (int i = 0; i < AI_NETWORK_OUT_NUM; ++i) {
      batch[i].data = (ai_u8*)batch[i].data + output_sizes[i];
    }
    check_outputs(outputs[1], (sample + 1) % 4);
    check_outputs(batch, (sample + 2) % 4);
  }
  for (int i = 0; i < AI_NETWORK_IN_NUM; ++i) {
    free(inputs[1][i].data);
  }
  for (int i = 0; i < AI_NETWORK_OUT_NUM; ++i) {
    free(outputs[1][i].data);
  }
  return sample;
}

int main(int argc, char** argv) {
  CHECK(argc == 2);
  folder = argv[1];
  check_descriptors();
  check_platform();
  check_handles();
  check_parameters();
  check_reports();
  check_run();
  check_old_parameters();
  check_observer();
  const int samples = run_samples();
  CHECK(samples == 4);
  printf("%d samples are as expected\n", samples);
  return 0;
}
