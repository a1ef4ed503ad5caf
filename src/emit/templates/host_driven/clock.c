/* SPDX-License-Identifier: Apache-2.0 */
/* SysTick tells the time; the cycle counter, which has 32 bits and needs no exception, corrects it to the cycle. */
#include "clock.h"

#include <stdbool.h>

#if defined(__ARM_ARCH_7M__) || defined(__ARM_ARCH_7EM__) || defined(__ARM_ARCH_8M_MAIN__) || defined(__ARM_ARCH_8_1M_MAIN__)
/* Registers of the debug unit and of DWT, and the bits that start the counter (Arm v7-M and v8-M manuals). */
#define DEBUG_CONTROL (*(volatile uint32_t*)0xE000EDFCu)
#define DEBUG_CONTROL_TRACE (1u << 24)
#define DWT_CONTROL (*(volatile uint32_t*)0xE0001000u)
#define DWT_CONTROL_COUNT 1u
#define DWT_CYCLES (*(volatile uint32_t*)0xE0001004u)

static bool cycles_count;
static uint32_t cycles_at_start;

void clock_start(void) {
  DEBUG_CONTROL |= DEBUG_CONTROL_TRACE;
  DWT_CONTROL |= DWT_CONTROL_COUNT;
  const uint32_t before = DWT_CYCLES;
  ticks_start();
  cycles_at_start = DWT_CYCLES;
  cycles_count = cycles_at_start != before; /* an emulator's may stand still */
}

uint64_t clock_now(void) {
  const uint64_t ticks = ticks_now();
  if (!cycles_count) {
    return ticks;
  }
  /* The two differ by less than 2^31 cycles, so the difference of their low halves is the difference. */
  const int32_t correction = (int32_t)(DWT_CYCLES - cycles_at_start - (uint32_t)ticks);
  return ticks + (uint64_t)(int64_t)correction;
}
#else
void clock_start(void) {
  ticks_start();
}

uint64_t clock_now(void) {
  return ticks_now();
}
#endif
