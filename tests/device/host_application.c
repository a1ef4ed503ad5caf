/* SPDX-License-Identifier: Apache-2.0 */
/* An application of TVM's STM32 port, as its users write them: it finds the network by the iterator, and runs it in
 * the network's arena, in a buffer of its own, and with inputs and outputs of its own. Argument: a folder with
 * inI_K.bin and outO_K.bin. */
#include "ai_runtime_api.h"
#include "golden_files.h"

static const char* folder;

static int set_inputs(ai_handle network, int sample) {
  for (int i = 0; i < ai_get_input_size(network); ++i) {
    ai_tensor* input = ai_get_input(network, i);
    if (!read_file(folder, "in", i, sample, get_dltensor(input)->data, get_tensor_size(input))) {
      return 0;
    }
  }
  return 1;
}

static void check_outputs(ai_handle network, int sample) {
  for (int i = 0; i < ai_get_output_size(network); ++i) {
    ai_tensor* output = ai_get_output(network, i);
    check_output(folder, i, sample, output->dltensor.dtype, output->dltensor.data, get_tensor_size(output));
  }
}

/* Runs all samples, each twice without filling the inputs again: they survive. */
static int run_samples(ai_handle network) {
  int sample = 0;
  while (set_inputs(network, sample)) {
    for (int run = 0; run < 2; ++run) {
      if (ai_run(network) != AI_STATUS_OK) {
        fprintf(stderr, "ai_run: %s\n", ai_get_error(network));
        exit(1);
      }
      check_outputs(network, sample);
    }
    ++sample;
  }
  return sample;
}

static int run_with_own_tensors(ai_handle network) {
  const int inputs = ai_get_input_size(network);
  const int outputs = ai_get_output_size(network);
  for (int i = 0; i < inputs + outputs; ++i) {
    ai_tensor* tensor = i < inputs ? ai_get_input(network, i) : ai_get_output(network, i - inputs);
    tensor->dltensor.data = malloc(get_tensor_size(tensor));
  }
  const int samples = run_samples(network);
  for (int i = 0; i < inputs + outputs; ++i) {
    free((i < inputs ? ai_get_input(network, i) : ai_get_output(network, i - inputs))->dltensor.data);
  }
  return samples;
}

int main(int argc, char** argv) {
  CHECK(argc == 2);
  folder = argv[1];
  int networks = 0;
  int samples = 0;
  for (ai_model_iterator it = ai_model_iterator_begin(); it != ai_model_iterator_end();
       it = ai_model_iterator_next(it)) {
    ai_model_info* info = ai_model_iterator_value(it);
    ai_handle network = AI_HANDLE_NULL;
    CHECK(ai_create(info, AI_MODEL_activations(info), &network) == AI_STATUS_OK);
    samples = run_samples(network);
    CHECK(run_with_own_tensors(network) == samples);
    CHECK(ai_destroy(network) == AI_STATUS_OK);

    /* What vectors of this machine need, at most. */
    const uintptr_t alignment = 64;
    void* const memory = malloc(AI_MODEL_activations_size(info) + alignment);
    ai_ptr activations = (ai_ptr)(((uintptr_t)memory + alignment - 1) / alignment * alignment);
    CHECK(ai_create(info, activations, &network) == AI_STATUS_OK);
    memset(AI_MODEL_activations(info), 0xA5, AI_MODEL_activations_size(info));
    CHECK(run_samples(network) == samples);
    CHECK(run_with_own_tensors(network) == samples);
    for (uint32_t i = 0; i < AI_MODEL_activations_size(info); ++i) {
      CHECK(AI_MODEL_activations(info)[i] == 0xA5);
    }
    CHECK(ai_destroy(network) == AI_STATUS_OK);
    free(memory);
    ++networks;
  }
  CHECK(networks == 1);
  CHECK(samples == 4);
  printf("%d samples are as expected\n", samples);
  return 0;
}
