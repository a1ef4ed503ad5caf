/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the network on its samples, reports outputs and time, and checks the outputs where they are known. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "console.h"
#include "@PREFIX@network_port.h"
#include "@PREFIX@samples.h"
#include "ticks.h"

/* How often the first sample runs on inputs that are copied once: 2 where the network keeps its inputs. */
#define RUNS_OF_FIRST_SAMPLE @RUNS@

#define VALUES_SHOWN 16u

static uint32_t bytes_of_value(DLDataType type) {
  return type.bits < 8 ? 1 : type.bits / 8u;
}

static float floating_point(DLDataType type, const uint8_t* value) {
  float single = 0;
  if (type.bits == 32) {
    memcpy(&single, value, sizeof single);
  } else {
    double wide = 0;
    memcpy(&wide, value, sizeof wide);
    single = (float)wide;
  }
  return single;
}

/* Whether floating_point() can read it; all else is taken as integers. */
static bool is_floating_point(DLDataType type) {
  return type.code == kDLFloat && type.bits >= 32;
}

static void print_value(DLDataType type, const uint8_t* value) {
  if (is_floating_point(type)) {
    console_number(floating_point(type, value));
    return;
  }
  const uint32_t bytes = bytes_of_value(type);
  const bool negative = type.code == kDLInt && (value[bytes - 1] & 0x80u) != 0;
  uint64_t bits = negative ? UINT64_MAX : 0;
  for (uint32_t i = bytes; i > 0; --i) {
    bits = bits << 8 | value[i - 1];
  }
  console_integer((int64_t)bits);
}

/* Integers are to be the same; floating point may differ as the order of additions makes it differ. */
static bool is_as_expected(DLDataType type, const uint8_t* value, const uint8_t* expected) {
  if (memcmp(value, expected, bytes_of_value(type)) == 0) {
    return true;
  }
  if (!is_floating_point(type)) {
    return false;
  }
  const float b = floating_point(type, expected);
  const float magnitude = b < 0 ? -b : b;
  float difference = floating_point(type, value) - b;
  difference = difference < 0 ? -difference : difference;
  return difference <= 1e-6f || difference <= 1e-5f * magnitude;
}

static void print_place(uint32_t sample_index, uint32_t output) {
  console_text("sample ");
  console_integer(sample_index);
  console_text(" output ");
  console_integer(output);
}

static void report_outputs(uint32_t sample_index) {
  for (uint32_t output = 0; output < network_output_count(); ++output) {
    const network_tensor tensor = network_output(output);
    const DLDataType type = tensor.type;
    const uint8_t* const values = tensor.data;
    const uint32_t bytes = tensor.bytes;
    const uint32_t step = bytes_of_value(type);
    print_place(sample_index, output);
    console_text(":");
    for (uint32_t offset = 0; offset < bytes && offset < VALUES_SHOWN * step; offset += step) {
      console_text(" ");
      print_value(type, values + offset);
    }
    console_text(bytes > VALUES_SHOWN * step ? " ...\n" : "\n");
  }
}

/* Tells the first difference. */
static bool check_outputs(uint32_t sample_index) {
  for (uint32_t output = 0; output < network_output_count(); ++output) {
    const network_tensor tensor = network_output(output);
    const DLDataType type = tensor.type;
    const uint8_t* const values = tensor.data;
    const uint8_t* const expected = @PREFIX@samples[sample_index].outputs[output];
    const uint32_t bytes = tensor.bytes;
    const uint32_t step = bytes_of_value(type);
    for (uint32_t offset = 0; offset < bytes; offset += step) {
      if (!is_as_expected(type, values + offset, expected + offset)) {
        print_place(sample_index, output);
        console_text(" value ");
        console_integer(offset / step);
        console_text(": ");
        print_value(type, values + offset);
        console_text(", expected ");
        print_value(type, expected + offset);
        console_text("\n");
        return false;
      }
    }
  }
  return true;
}

static void set_inputs(uint32_t sample_index) {
  const void* const* const inputs = @PREFIX@samples[sample_index].inputs;
  for (uint32_t input = 0; input < network_input_count(); ++input) {
    const network_tensor tensor = network_input(input);
    if (inputs == NULL) {
      memset(tensor.data, 0, tensor.bytes);
    } else {
      memcpy(tensor.data, inputs[input], tensor.bytes);
    }
  }
}

static void report_ticks(uint64_t ticks) {
  console_text("ticks: ");
  console_integer((int64_t)ticks);
  console_text("\n");
  if (TICKS_EMULATED && ticks <= UINT32_MAX) {
    const uint32_t ticks_per_microsecond = TICKS_HZ / 1000000u;
    const uint64_t microseconds = (uint32_t)ticks / ticks_per_microsecond;
    const uint32_t rest = (uint32_t)ticks % ticks_per_microsecond;
    console_text("instructions: ");
    console_integer((int64_t)(microseconds * 1000u + rest * 1000u / ticks_per_microsecond));
    console_text(" (with QEMU's -icount shift=0)\n");
  }
}

/* Runs one sample `runs` times on the inputs that are set once, and checks each run. */
static bool run_sample(uint32_t sample_index, uint32_t runs) {
  set_inputs(sample_index);
  for (uint32_t run = 0; run < runs; ++run) {
    const uint64_t start = ticks_now();
    const char* const error = network_run();
    const uint64_t ticks = ticks_now() - start;
    if (error != NULL) {
      console_text("run: ");
      console_text(error);
      console_text("\n");
      return false;
    }
    if (run == 0) {
      report_outputs(sample_index);
      report_ticks(ticks);
    }
    if (@PREFIX@samples[sample_index].outputs != NULL && !check_outputs(sample_index)) {
      return false;
    }
  }
  return true;
}

int @MAIN@(void) {
  const char* const error = network_create();
  if (error != NULL) {
    console_text("create: ");
    console_text(error);
    console_text("\n");
    return 1;
  }
  ticks_start();
  uint32_t checked = 0;
  for (uint32_t i = 0; i < @PREFIX@sample_count; ++i) {
    if (!run_sample(i, i == 0 ? RUNS_OF_FIRST_SAMPLE : 1)) {
      console_text("golden check: failed\n");
      return 1;
    }
    checked += @PREFIX@samples[i].outputs != NULL;
  }
  if (checked == 0) {
    console_text("golden check: none, no expected outputs\n");
    return 0;
  }
  console_text("golden check: passed (");
  console_integer(checked);
  console_text(checked == 1 ? " sample)\n" : " samples)\n");
  return 0;
}
