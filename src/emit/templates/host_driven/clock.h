/* SPDX-License-Identifier: Apache-2.0 */
/* Cycles of the core: from the cycle counter where the core has one that counts, else from SysTick. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

#include "ticks.h"

/* Cycles a second. */
#define CLOCK_HZ TICKS_HZ

/* Counts from 0 on. */
void clock_start(void);

/* Cycles since clock_start(). */
uint64_t clock_now(void);

#endif /* CLOCK_H */
