/* SPDX-License-Identifier: Apache-2.0 */
/* The digits network with its input in memory of the application and its output double-buffered: each run writes one of
 * the output's two places while the other still holds the result before. Argument: a folder of samples. */
#include <stdio.h>
#include <stdlib.h>

#include "compare.h"
#include "network.h"

extern const ai_model_info network_network;

static void read_file(const char* folder, const char* kind, int sample, void* bytes, size_t size) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s0_%d.bin", folder, kind, sample);
  FILE* file = fopen(path, "rb");
  if (file == NULL || fread(bytes, 1, size, file) != size) {
    exit(2);
  }
  fclose(file);
}

int main(int argc, char** argv) {
  static uint8_t image[NETWORK_IN_1_SIZE_BYTES];
  static uint8_t expected[4][NETWORK_OUT_1_SIZE_BYTES];
  ai_model_info* info = (ai_model_info*)&network_network;
  ai_handle network = AI_HANDLE_NULL;
  if (argc != 2 || ai_create(info, AI_MODEL_activations(info), &network) != AI_STATUS_OK) {
    return 2;
  }
  /* There is no input until the application gives one. */
  if (ai_get_input(network, 0)->dltensor.data != NULL || ai_run(network) == AI_STATUS_OK) {
    return 1;
  }
  ai_get_input(network, 0)->dltensor.data = image;
  for (int sample = 0; sample < 4; ++sample) {
    read_file(argv[1], "in", sample, image, sizeof image);
    read_file(argv[1], "out", sample, expected[sample], sizeof expected[sample]);
    ai_tensor* output = ai_get_output(network, 0);
    output->dltensor.data = network_out_1_buffers[sample % 2];
    if (ai_run(network) != AI_STATUS_OK) {
      return 1;
    }
    for (int result = sample > 0 ? sample - 1 : 0; result <= sample; ++result) {
      if (memcmp(network_out_1_buffers[result % 2], expected[result], sizeof expected[result]) != 0) {
        fprintf(stderr, "after run %d the result of run %d is another\n", sample, result);
        return 1;
      }
    }
  }
  printf("4 samples are as expected\n");
  return 0;
}
