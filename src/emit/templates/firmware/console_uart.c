/* SPDX-License-Identifier: Apache-2.0 */
/* Text on the serial port of the board's debug probe. */
#include "console_port.h"

#include "serial_port.h"

void console_port_write(const char* text, uint32_t length) {
  serial_port_start();
  serial_port_write((const uint8_t*)text, length);
}

void console_port_exit(int status) {
  (void)status;
  serial_port_flush();
  for (;;) {
    /* Nobody waits for the end of the program. */
  }
}
