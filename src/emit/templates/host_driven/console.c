/* SPDX-License-Identifier: Apache-2.0 */
/* The console in the host's log, a message for each line; the program's end is a reset. */
#include "console.h"

#include "serial_port.h"
#include "server.h"

/* Application Interrupt and Reset Control Register of every Cortex-M, and what it takes for a reset. */
#define RESET_CONTROL (*(volatile uint32_t*)0xE000ED0Cu)
#define RESET_REQUEST 0x05FA0004u

static char line[80];
static uint32_t length;

static void put(char character) {
  if (character != '\n' && length < sizeof line - 1) {
    line[length++] = character;
    return;
  }
  line[length] = '\0';
  length = 0;
  stvm_rpc_log(&server, line);
}

void console_text(const char* text) {
  while (*text != '\0') {
    put(*text++);
  }
}

void console_integer(int64_t value) {
  char digits[11];
  uint32_t at = sizeof digits - 1;
  digits[at] = '\0';
  /* Numbers of exceptions are all that start-up code reports. */
  uint32_t rest = (uint32_t)(value < 0 ? -value : value);
  do {
    digits[--at] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  console_text(value < 0 ? "-" : "");
  console_text(digits + at);
}

void console_hexadecimal(uint32_t value) {
  console_text("0x");
  for (uint32_t digit = 0; digit < 8; ++digit) {
    put("0123456789abcdef"[value >> 28]);
    value <<= 4;
  }
}

void console_exit(int status) {
  (void)status;
  serial_flush();
  RESET_CONTROL = RESET_REQUEST;
  for (;;) {
    /* The reset takes a few cycles. */
  }
}
