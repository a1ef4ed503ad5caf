/* SPDX-License-Identifier: Apache-2.0 */
/* Text on @UART@, pin @TX@ of the @BOARD@: 115200 baud, 8 data bits, no parity, 1 stop bit.
 *
 * The registers are written with the clocks as they are after reset; whoever changes the clocks changes CLOCK_HZ. */
#include "console_port.h"

#define CLOCK_HZ @CLOCK_HZ@u
#define BAUD @BAUD@u
/* Steps of the divisor in one clock: 1, and 256 for an LPUART. */
#define DIVISOR_STEPS @DIVISOR_STEPS@u

#define REGISTER(address) (*(volatile uint32_t*)(address))
#define UART_CONTROL REGISTER(@ADDRESS@u + @CONTROL@u)
#define UART_DIVISOR REGISTER(@ADDRESS@u + @DIVISOR@u)
#define UART_STATUS REGISTER(@ADDRESS@u + @STATUS@u)
#define UART_DATA REGISTER(@ADDRESS@u + @DATA@u)
#define UART_ENABLE (1u << @ENABLE_BIT@)
#define UART_TRANSMITTER (1u << 3)
#define UART_EMPTY (1u << 7)
#define UART_COMPLETE (1u << 6)

#define PIN @PIN@u
#define PIN_MODE REGISTER(@GPIO@u)
#define PIN_FUNCTION REGISTER(@GPIO@u + 0x20u + PIN / 8u * 4u)
#define PIN_MODE_ALTERNATE 2u
#define PIN_ALTERNATE_FUNCTION @ALTERNATE_FUNCTION@u

static void set_bit(uint32_t address, uint32_t bit) {
  REGISTER(address) |= 1u << bit;
  (void)REGISTER(address); /* by now it has arrived */
}

static void set_up(void) {
@ENABLE_LINES@
  PIN_FUNCTION = (PIN_FUNCTION & ~(15u << PIN % 8u * 4u)) | PIN_ALTERNATE_FUNCTION << PIN % 8u * 4u;
  PIN_MODE = (PIN_MODE & ~(3u << PIN * 2u)) | PIN_MODE_ALTERNATE << PIN * 2u;
  UART_DIVISOR = (uint32_t)(((uint64_t)CLOCK_HZ * DIVISOR_STEPS + BAUD / 2u) / BAUD);
  UART_CONTROL = UART_TRANSMITTER | UART_ENABLE;
}

void console_port_write(const char* text, uint32_t length) {
  if ((UART_CONTROL & UART_ENABLE) == 0) {
    set_up();
  }
  for (uint32_t i = 0; i < length; ++i) {
    while ((UART_STATUS & UART_EMPTY) == 0) {
      /* One character takes 87 microseconds. */
    }
    UART_DATA = (uint8_t)text[i];
  }
}

void console_port_exit(int status) {
  (void)status;
  while ((UART_CONTROL & UART_ENABLE) != 0 && (UART_STATUS & UART_COMPLETE) == 0) {
    /* The last character is on its way. */
  }
  for (;;) {
    /* Nobody waits for the end of the program. */
  }
}
