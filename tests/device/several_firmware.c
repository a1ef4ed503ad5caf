/* SPDX-License-Identifier: Apache-2.0 */
/* Two networks in one firmware, in turns. */
#include <string.h>

#include "ai_runtime_api.h"
#include "console.h"
#include "second_samples.h"

extern ai_model_info first_network;
extern ai_model_info second_network;

static int run(ai_handle network, const sample* one) {
  for (int32_t i = 0; i < ai_get_input_size(network); ++i) {
    const ai_tensor* const input = ai_get_input(network, i);
    memcpy(input->dltensor.data, one->inputs[i], get_tensor_size(input));
  }
  if (ai_run(network) != AI_STATUS_OK) {
    return 0;
  }
  for (int32_t i = 0; i < ai_get_output_size(network); ++i) {
    const ai_tensor* const output = ai_get_output(network, i);
    if (memcmp(output->dltensor.data, one->outputs[i], get_tensor_size(output)) != 0) {
      return 0;
    }
  }
  return 1;
}

int main(void) {
  ai_handle first = AI_HANDLE_NULL;
  ai_handle second = AI_HANDLE_NULL;
  if (sample_count != second_sample_count ||
      ai_create(&first_network, first_network.activations, &first) != AI_STATUS_OK ||
      ai_create(&second_network, second_network.activations, &second) != AI_STATUS_OK) {
    return 1;
  }
  for (uint32_t i = 0; i < sample_count; ++i) {
    if (!run(first, &samples[i]) || !run(second, &second_samples[i])) {
      console_text("an output is wrong\n");
      return 1;
    }
  }
  console_text("both networks give their ");
  console_integer(sample_count);
  console_text(" samples\n");
  return 0;
}
