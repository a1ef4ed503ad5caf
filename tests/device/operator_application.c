/* SPDX-License-Identifier: Apache-2.0 */
/* Runs an emitted operator, C[i] = A[i] * B[i], on many values. */
#include <stdio.h>

#include "ai_runtime_api.h"

#define COUNT 16

extern ai_model_info product_network;

int main(void) {
  ai_handle network = AI_HANDLE_NULL;
  if (ai_create(&product_network, product_network.activations, &network) != AI_STATUS_OK ||
      ai_get_input_size(network) != 2 || ai_get_output_size(network) != 1) {
    return 1;
  }
  int8_t* const a = ai_get_input(network, 0)->dltensor.data;
  int8_t* const b = ai_get_input(network, 1)->dltensor.data;
  const int32_t* const c = ai_get_output(network, 0)->dltensor.data;
  for (int first = -128; first < 128; ++first) {
    for (int i = 0; i < COUNT; ++i) {
      a[i] = (int8_t)first;
      b[i] = (int8_t)(i * 17 - 128);
    }
    if (ai_run(network) != AI_STATUS_OK) {
      return 1;
    }
    for (int i = 0; i < COUNT; ++i) {
      if (c[i] != first * (i * 17 - 128)) {
        fprintf(stderr, "%d * %d gave %ld\n", first, i * 17 - 128, (long)c[i]);
        return 1;
      }
    }
  }
  puts("all products are right");
  return 0;
}
