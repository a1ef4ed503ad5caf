/* SPDX-License-Identifier: Apache-2.0 */
/* Where the console's text goes. console_port.c has these two functions for semihosting or for the serial port of the
 * board's debug probe; where it is not emitted, the application has them. */
#ifndef CONSOLE_PORT_H
#define CONSOLE_PORT_H

#include <stdint.h>

/* Writes `length` characters; text[length] is a NUL. */
void console_port_write(const char* text, uint32_t length);

/* Ends the program, or stays here where nobody waits for its end. */
__attribute__((noreturn)) void console_port_exit(int status);

#endif /* CONSOLE_PORT_H */
