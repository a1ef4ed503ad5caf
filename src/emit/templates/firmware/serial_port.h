/* SPDX-License-Identifier: Apache-2.0 */
/* The serial port of the board's debug probe, both ways, polled. */
#ifndef SERIAL_PORT_H
#define SERIAL_PORT_H

#include <stdint.h>

/* Sets the port up, unless it is on. */
void serial_port_start(void);

/* The next byte, or -1 when none has come. One that comes while another waits is lost. */
int serial_port_read(void);

void serial_port_write(const uint8_t* bytes, uint32_t count);

/* Waits until the last byte of a port that is on is sent. */
void serial_port_flush(void);

#endif /* SERIAL_PORT_H */
