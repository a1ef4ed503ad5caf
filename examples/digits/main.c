/* SPDX-License-Identifier: Apache-2.0 */
/* The demo's application: shows each sample as a picture, with the digit that the network takes it for. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ai_runtime_api.h"
#include "console.h"
#include "samples.h"
#include "ticks.h"

#define WIDTH 8
#define HEIGHT 8
#define CLASSES 10

extern ai_model_info digits_network;

/* Pixels are int8: -128 is paper, 127 ink. */
static void show_picture(const int8_t* pixels) {
  static const char shades[] = " .:-=+*#%@";
  for (int y = 0; y < HEIGHT; ++y) {
    char row[2 * WIDTH + 2];
    for (int x = 0; x < WIDTH; ++x) {
      const int shade = (pixels[y * WIDTH + x] + 128) * ((int)sizeof shades - 2) / 255;
      row[2 * x] = shades[shade];
      row[2 * x + 1] = shades[shade];
    }
    row[2 * WIDTH] = '\n';
    row[2 * WIDTH + 1] = '\0';
    console_text(row);
  }
}

static int best_class(const int8_t* logits) {
  int best = 0;
  for (int i = 1; i < CLASSES; ++i) {
    if (logits[i] > logits[best]) {
      best = i;
    }
  }
  return best;
}

static void report(int predicted, int expected, uint64_t ticks) {
  console_text("predicted: ");
  console_integer(predicted);
  console_text(predicted == expected ? " (as in TVM), " : " (TVM says otherwise), ");
  console_integer((int64_t)ticks);
  console_text(" ticks of SysTick = ");
  /* With -icount shift=0 QEMU takes one virtual nanosecond for an instruction. */
  console_integer((int64_t)(ticks * 1000u / (TICKS_HZ / 1000000u)));
  console_text(" instructions\n\n");
}

int main(void) {
  ai_handle network = AI_HANDLE_NULL;
  int wrong = 0;
  if (ai_create(&digits_network, AI_MODEL_activations(&digits_network), &network) != AI_STATUS_OK) {
    return 1;
  }
  ai_tensor* const image = ai_get_input(network, 0);
  ai_tensor* const logits = ai_get_output(network, 0);
  ticks_start();
  for (uint32_t i = 0; i < sample_count; ++i) {
    memcpy(get_dltensor(image)->data, samples[i].inputs[0], get_tensor_size(image));
    const uint64_t start = ticks_now();
    const ai_status status = ai_run(network);
    const uint64_t ticks = ticks_now() - start;
    if (status != AI_STATUS_OK) {
      console_text(ai_get_error(network));
      console_text("\n");
      return 1;
    }
    const int predicted = best_class(get_dltensor(logits)->data);
    const int expected = best_class(samples[i].outputs[0]);
    show_picture(samples[i].inputs[0]);
    report(predicted, expected, ticks);
    wrong += predicted != expected;
  }
  return wrong;
}
