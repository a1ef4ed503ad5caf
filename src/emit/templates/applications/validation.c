/* SPDX-License-Identifier: Apache-2.0 */
/* Answers ST's ai_runner on the serial port: it sends inputs, and gets outputs and times back. */
#include <stddef.h>

#include "console.h"
#include "instance.h"
#include "serial_port.h"
#include "ticks.h"
#include "validation/stvm_validation.h"
#include "validation_model.h"

/* After this long a silence a message is given up. */
#ifndef SILENCE_MILLISECONDS
#define SILENCE_MILLISECONDS 500u
#endif
#define SILENCE (TICKS_HZ / 1000u * SILENCE_MILLISECONDS)

static int read_byte(void* line) {
  const uint64_t start = ticks_now();
  (void)line;
  for (;;) {
    /* An emulator's clock may step back where its host is busy. */
    const int64_t silent = (int64_t)(ticks_now() - start);
    const int byte = serial_port_read();
    if (byte >= 0 || silent > (int64_t)SILENCE) {
      return byte;
    }
  }
}

static void write_bytes(void* line, const uint8_t* bytes, uint32_t count) {
  (void)line;
  serial_port_write(bytes, count);
}

int main(void) {
  const stvm_context* const instance = instance_create();
  if (instance == NULL) {
    console_text("the network has no memory to run in\n");
    return 1;
  }
  const stvm_validation_model model = {
      .name = INSTANCE_NAME,
      .details = &INSTANCE_DETAILS,
      .pools = instance->pools,
      .names = validation_names,
      .scales = validation_scales,
      .zero_points = validation_zero_points,
      .signature = VALIDATION_SIGNATURE,
  };
  stvm_validation device = {
      .link = {read_byte, write_bytes, NULL, 1},
      .models = &model,
      .model_count = 1,
      .clock_hz = TICKS_HZ,
      .ticks_hz = TICKS_HZ,
      .ticks = ticks_now,
      .tool_version = VALIDATION_TOOL_VERSION,
  };
  serial_port_start();
  ticks_start();
  for (;;) {
    (void)stvm_validation_answer(&device);
  }
}
