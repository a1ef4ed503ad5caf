/* SPDX-License-Identifier: Apache-2.0 */
/* The SysTick timer counts down in 24 bits; its exception counts the rest. */
#include "ticks.h"

/* Registers and bits at the same address in every Cortex-M (Arm v6-M, v7-M and v8-M manuals). */
#define SYSTICK_CONTROL (*(volatile uint32_t*)0xE000E010u)
#define SYSTICK_RELOAD (*(volatile uint32_t*)0xE000E014u)
#define SYSTICK_VALUE (*(volatile uint32_t*)0xE000E018u)
#define INTERRUPT_STATE (*(volatile uint32_t*)0xE000ED04u)
#define SYSTICK_ENABLE_WITH_EXCEPTION_ON_CORE_CLOCK 7u
#define SYSTICK_PENDING (1u << 26)

#define PERIOD_MASK 0xFFFFFFu

static volatile uint32_t periods;

void SysTick_Handler(void);

void SysTick_Handler(void) {
  periods = periods + 1;
}

void ticks_start(void) {
  SYSTICK_CONTROL = 0;
  SYSTICK_RELOAD = PERIOD_MASK;
  SYSTICK_VALUE = 0; /* any write clears it */
  periods = 0;
  SYSTICK_CONTROL = SYSTICK_ENABLE_WITH_EXCEPTION_ON_CORE_CLOCK;
}

uint64_t ticks_now(void) {
  uint32_t before;
  uint32_t elapsed;
  uint32_t pending;
  do {
    before = periods;
    /* The exception comes with value 0, so a period is 0, then PERIOD_MASK down to 1. */
    elapsed = (0 - SYSTICK_VALUE) & PERIOD_MASK;
    pending = INTERRUPT_STATE & SYSTICK_PENDING;
  } while (before != periods);
  /* Early in a period with the exception still waiting, the period is not counted yet. */
  if (pending != 0 && elapsed <= PERIOD_MASK / 2) {
    ++before;
  }
  return (uint64_t)before << 24 | elapsed;
}
