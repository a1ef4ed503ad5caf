/* SPDX-License-Identifier: Apache-2.0 */
/* What the examples ask of the board they run on: where their data come from, and where they go. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

/* Fills one input of the next run; 0 when there is no more to do. */
int board_acquire(uint32_t input, void* data, uint32_t bytes);

/* Takes one output of the run; `is_float` tells float32 from integers. */
void board_deliver(uint32_t output, const void* data, uint32_t bytes, int is_float);

/* Tells what went wrong. */
void board_error(const char* text, int32_t code);

#endif /* BOARD_H */
