/* SPDX-License-Identifier: Apache-2.0 */
/* Text and the exit status, for whoever watches the program; console_port.h says where they go. */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stdint.h>

/* Text appears when its line ends. */
void console_text(const char* text);
void console_integer(int64_t value);
void console_hexadecimal(uint32_t value);

/* At most six significant digits. */
void console_number(float value);

/* Ends the program; QEMU exits with the status. */
__attribute__((noreturn)) void console_exit(int status);

#endif /* CONSOLE_H */
