/* SPDX-License-Identifier: Apache-2.0 */
/* simulation INPUT OUTPUT: runs the network digits on this machine; the exit code is 0 when it gives this output. */
#include <stdio.h>
#include <string.h>

#include "ai_runtime_api.h"

extern ai_model_info digits_network;

static int read_all(const char* path, void* data, size_t size) {
  FILE* const file = fopen(path, "rb");
  const int done = file != NULL && fread(data, 1, size, file) == size;
  return file != NULL && fclose(file) == 0 && done;
}

int main(int argc, char** argv) {
  ai_handle network = AI_HANDLE_NULL;
  char wanted[10];
  if (argc != 3 || ai_create(&digits_network, AI_MODEL_activations(&digits_network), &network) != AI_STATUS_OK) {
    return 2;
  }
  const DLTensor* const input = get_dltensor(ai_get_input(network, 0));
  const DLTensor* const output = get_dltensor(ai_get_output(network, 0));
  return read_all(argv[1], input->data, 64) && read_all(argv[2], wanted, sizeof wanted) &&
                 ai_run(network) == AI_STATUS_OK && memcmp(output->data, wanted, sizeof wanted) == 0
             ? 0
             : 1;
}
