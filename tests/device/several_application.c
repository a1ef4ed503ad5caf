/* SPDX-License-Identifier: Apache-2.0 */
/* Several networks in one image, in turns. Arguments: NAME=FOLDER for each, with inI_K.bin and outO_K.bin. */
#include "ai_runtime_api.h"
#include "golden_files.h"

#define SAMPLES 4
#define MAXIMUM 8

static const char* folder_of(ai_handle network, int argc, char** argv) {
  const char* name = ai_get_name(network);
  for (int i = 1; i < argc; ++i) {
    if (strncmp(argv[i], name, strlen(name)) == 0 && argv[i][strlen(name)] == '=') {
      return argv[i] + strlen(name) + 1;
    }
  }
  fprintf(stderr, "no folder for %s\n", name);
  exit(1);
}

static void run(ai_handle network, const char* folder, int sample) {
  for (int i = 0; i < ai_get_input_size(network); ++i) {
    ai_tensor* input = ai_get_input(network, i);
    CHECK(read_file(folder, "in", i, sample, get_dltensor(input)->data, get_tensor_size(input)));
  }
  CHECK(ai_run(network) == AI_STATUS_OK);
  for (int i = 0; i < ai_get_output_size(network); ++i) {
    ai_tensor* output = ai_get_output(network, i);
    check_output(folder, i, sample, output->dltensor.dtype, output->dltensor.data, get_tensor_size(output));
  }
}

int main(int argc, char** argv) {
  ai_handle networks[MAXIMUM];
  int count = 0;
  for (ai_model_iterator it = ai_model_iterator_begin(); it != ai_model_iterator_end();
       it = ai_model_iterator_next(it)) {
    ai_model_info* info = ai_model_iterator_value(it);
    CHECK(count < MAXIMUM);
    CHECK(ai_create(info, AI_MODEL_activations(info), &networks[count]) == AI_STATUS_OK);
    ++count;
  }
  CHECK(count == argc - 1);
  for (int sample = 0; sample < SAMPLES; ++sample) {
    for (int i = 0; i < count; ++i) {
      run(networks[i], folder_of(networks[i], argc, argv), sample);
    }
  }
  printf("%d networks give their %d samples\n", count, SAMPLES);
  return 0;
}
