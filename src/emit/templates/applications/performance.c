/* SPDX-License-Identifier: Apache-2.0 */
/* How long the network takes, as a whole and by operator, and what it takes of the memories. */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "console.h"
#include "instance.h"
#include "ticks.h"

/* Runs of which the report gives the fewest, the mean and the most ticks. */
#define RUNS 16u

#define FLASH_START @FLASH_START@u
#define RAM_START @RAM_START@u

/* Symbols of the linker script. */
extern uint8_t _sidata[], _sdata[], _edata[], _end[], _stack_limit[], _estack[];

/* What the stack is filled with below its end, to see later how far it came. */
#define STACK_PATTERN 0xA5u

static const stvm_context* instance;

/* A line of the report: what it is about, in columns of equal width. */
static void print_label(const char* label) {
  console_text(label);
  for (size_t width = strlen(label); width < 24; ++width) {
    console_text(" ");
  }
}

/* A number in ten columns. */
static void print_column(uint64_t value) {
  uint64_t limit = 10;
  for (uint32_t width = 1; width < 10; ++width) {
    if (value < limit) {
      console_text(" ");
    }
    limit *= 10;
  }
  console_integer((int64_t)value);
}

static void print_number(const char* label, uint64_t value, const char* unit) {
  print_label(label);
  print_column(value);
  console_text(unit);
}

/* The next of a sequence of numbers that looks random and is the same in every run of the program. */
static uint32_t next_random(void) {
  static uint32_t state = 2463534242u;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

/* Integers of any value, floating point between -1 and 1. */
static void fill_inputs(void) {
  const stvm_network* const network = instance->network;
  for (uint32_t i = 0; i < network->input_count; ++i) {
    const DLDataType type = INSTANCE_DETAILS.tensors[i].dltensor.dtype;
    uint8_t* const input = instance->pools[stvm_input_pool(network) + i];
    const uint32_t bytes = network->pools[stvm_input_pool(network) + i].bytes;
    const bool is_single = type.code == kDLFloat && type.bits == 32;
    for (uint32_t at = 0; at < bytes;) {
      const uint32_t bits = next_random();
      const float number = (float)(int32_t)bits * (1.0f / 2147483648.0f);
      const uint32_t count = bytes - at < 4 ? bytes - at : 4;
      memcpy(input + at, is_single ? (const void*)&number : (const void*)&bits, count);
      at += count;
    }
  }
}

/* The highest address that this function may still write to. */
static uint8_t* stack_pointer(void) {
  uint8_t* address;
  __asm__ volatile("mov %0, sp" : "=r"(address));
  return address - 64;
}

static void fill_stack(void) {
  for (uint8_t* at = _stack_limit; at < stack_pointer(); ++at) {
    *at = STACK_PATTERN;
  }
}

static uint32_t stack_used(void) {
  const uint8_t* at = _stack_limit;
  while (at < _estack && *at == STACK_PATTERN) {
    ++at;
  }
  return (uint32_t)(_estack - at);
}

static bool measure_runs(void) {
  uint64_t fewest = UINT64_MAX;
  uint64_t most = 0;
  uint64_t sum = 0;
  for (uint32_t i = 0; i < RUNS; ++i) {
    fill_inputs();
    const uint64_t start = ticks_now();
    const stvm_status status = stvm_run(instance->network, instance->pools);
    const uint64_t ticks = ticks_now() - start;
    if (status != STVM_OK) {
      return false;
    }
    fewest = ticks < fewest ? ticks : fewest;
    most = ticks > most ? ticks : most;
    sum += ticks;
  }
  print_number("runs, random inputs", RUNS, "\n");
  print_number("ticks a run, fewest", fewest, "\n");
  print_number("             mean", sum / RUNS, "\n");
  print_number("             most", most, "\n");
  print_number("ticks a second", TICKS_HZ, TICKS_EMULATED ? ", emulated: instructions, not cycles\n" : "\n");
  print_number("microseconds a run", sum / RUNS * 1000000u / TICKS_HZ, "\n");
  return true;
}

static bool measure_operators(void) {
  const stvm_network* const network = instance->network;
  fill_inputs();
  console_text("\n  #      ticks  operator\n");
  for (uint32_t i = 0; i < network->operator_count; ++i) {
    const uint64_t start = ticks_now();
    const stvm_status status = stvm_run_operators(network, instance->pools, i, 1);
    const uint64_t ticks = ticks_now() - start;
    if (status != STVM_OK) {
      return false;
    }
    console_text(i < 10 ? "  " : i < 100 ? " " : "");
    console_integer(i);
    print_column(ticks);
    console_text("  ");
    console_text(INSTANCE_DETAILS.operator_names[i]);
    console_text("\n");
  }
  console_text("\n");
  return true;
}

static void report_memory(uint32_t stack) {
  const stvm_network* const network = instance->network;
  uint32_t arenas = 0;
  for (uint32_t i = 0; i < network->arena_count; ++i) {
    arenas += network->pools[i].bytes;
  }
  const uint32_t data = (uint32_t)(_edata - _sdata);
  print_number("RAM of the image", (uint32_t)(uintptr_t)_end - RAM_START, " bytes, without the stack\n");
  print_number("    arenas", arenas, "\n");
  print_number("stack used", stack, " bytes\n");
  print_number("flash of the image", (uint32_t)(uintptr_t)_sidata + data - FLASH_START, " bytes\n");
  for (uint32_t i = 0; i < network->weights_count; ++i) {
    print_number("    weights", network->weights[i].bytes, "\n");
  }
}

int main(void) {
  instance = instance_create();
  if (instance == NULL) {
    console_text("the network has no memory to run in\n");
    return 1;
  }
  console_text("performance of network \"" INSTANCE_NAME "\"\n\n");
  print_number("operators", instance->network->operator_count, "\n");
  fill_stack();
  ticks_start();
  if (!measure_runs()) {
    console_text("a run failed\n");
    return 1;
  }
  const uint32_t stack = stack_used();
  if (!measure_operators()) {
    console_text("an operator failed\n");
    return 1;
  }
  report_memory(stack);
  return 0;
}
