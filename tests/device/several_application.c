/* SPDX-License-Identifier: Apache-2.0 */
/* Several networks in one image, in turns. Arguments: NAME=FOLDER for each, with inI_K.bin and outO_K.bin. */
#include <stdio.h>
#include <stdlib.h>

#include "ai_runtime_api.h"
#include "compare.h"

#define SAMPLES 4
#define MAXIMUM 8

#define CHECK(condition)                                                        \
  do {                                                                          \
    if (!(condition)) {                                                         \
      fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                  \
    }                                                                           \
  } while (0)

static void read_file(const char* folder, const char* kind, int index, int sample, void* bytes, size_t size) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s%d_%d.bin", folder, kind, index, sample);
  FILE* file = fopen(path, "rb");
  CHECK(file != NULL);
  CHECK(fread(bytes, 1, size, file) == size);
  CHECK(fgetc(file) == EOF);
  fclose(file);
}

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
    read_file(folder, "in", i, sample, get_dltensor(input)->data, get_tensor_size(input));
  }
  CHECK(ai_run(network) == AI_STATUS_OK);
  for (int i = 0; i < ai_get_output_size(network); ++i) {
    ai_tensor* output = ai_get_output(network, i);
    uint8_t* expected = malloc(get_tensor_size(output));
    read_file(folder, "out", i, sample, expected, get_tensor_size(output));
    CHECK(first_difference(output->dltensor.dtype, output->dltensor.data, expected, get_tensor_size(output)) < 0);
    free(expected);
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
