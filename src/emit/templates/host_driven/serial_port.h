/* SPDX-License-Identifier: Apache-2.0 */
/* The serial port that the host is on: 8 data bits, no parity, one stop bit. */
#ifndef SERIAL_PORT_H
#define SERIAL_PORT_H

#include <stdbool.h>
#include <stdint.h>

void serial_start(void);

/* Waits until the port takes the byte. */
void serial_put(uint8_t byte);

/* Waits for a byte. */
uint8_t serial_get(void);

/* Waits until the last byte is on the line. */
void serial_flush(void);

#endif /* SERIAL_PORT_H */
