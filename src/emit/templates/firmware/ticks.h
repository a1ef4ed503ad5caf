/* SPDX-License-Identifier: Apache-2.0 */
/* Time in ticks of the core's clock, from the SysTick timer. */
#ifndef TICKS_H
#define TICKS_H

#include <stdint.h>

/* Ticks a second, with the clocks as they are after reset. */
#define TICKS_HZ @SYSTICK_HZ@u

/* 1 on a machine that QEMU emulates: run with -icount shift=0, one instruction is one nanosecond of its time. */
#define TICKS_EMULATED @EMULATED@

/* Starts at 0. */
void ticks_start(void);

/* Ticks since ticks_start(). Interrupts must not be off for 2^23 ticks or longer. */
uint64_t ticks_now(void);

#endif /* TICKS_H */
