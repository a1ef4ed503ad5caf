/* SPDX-License-Identifier: Apache-2.0 */
/* @UART@, @PINS@ of the @BOARD@: 115200 baud, 8 data bits, no parity, 1 stop bit. The registers are written
 * with the clocks as they are after reset; whoever changes the clocks changes CLOCK_HZ. */
#include "serial_port.h"

#define CLOCK_HZ @CLOCK_HZ@u
#define BAUD @BAUD@u
/* Steps of the divisor in one clock: 1, and 256 for an LPUART. */
#define DIVISOR_STEPS @DIVISOR_STEPS@u

#define REGISTER(address) (*(volatile uint32_t*)(address))
#define UART_CONTROL REGISTER(@ADDRESS@u + @CONTROL@u)
#define UART_DIVISOR REGISTER(@ADDRESS@u + @DIVISOR@u)
#define UART_STATUS REGISTER(@ADDRESS@u + @STATUS@u)
#define UART_SEND REGISTER(@ADDRESS@u + @DATA@u)
#define UART_RECEIVE REGISTER(@ADDRESS@u + @RECEIVE@u)
#define UART_ENABLE (1u << @ENABLE_BIT@)
#define UART_RECEIVER (1u << 2)
#define UART_TRANSMITTER (1u << 3)
#define UART_OVERRUN (1u << 3)
#define UART_RECEIVED (1u << 5)
#define UART_COMPLETE (1u << 6)
#define UART_EMPTY (1u << 7)

#define PIN_MODE_ALTERNATE 2u

static void set_bit(uint32_t address, uint32_t bit) {
  REGISTER(address) |= 1u << bit;
  (void)REGISTER(address); /* by now it has arrived */
}

static void connect_pin(uint32_t gpio, uint32_t pin, uint32_t alternate_function) {
  volatile uint32_t* const mode = &REGISTER(gpio);
  volatile uint32_t* const function = &REGISTER(gpio + 0x20u + pin / 8u * 4u);
  *function = (*function & ~(15u << pin % 8u * 4u)) | alternate_function << pin % 8u * 4u;
  *mode = (*mode & ~(3u << pin * 2u)) | PIN_MODE_ALTERNATE << pin * 2u;
}

void serial_port_start(void) {
  if ((UART_CONTROL & UART_ENABLE) != 0) {
    return;
  }
@ENABLE_LINES@
  connect_pin(@GPIO@u, @PIN@u, @ALTERNATE_FUNCTION@u);
@CONNECT_RX@  UART_DIVISOR = (uint32_t)(((uint64_t)CLOCK_HZ * DIVISOR_STEPS + BAUD / 2u) / BAUD);
  UART_CONTROL = UART_TRANSMITTER | UART_RECEIVER | UART_ENABLE;
}

int serial_port_read(void) {
  const uint32_t status = UART_STATUS;
  if ((status & UART_OVERRUN) != 0) {
    @CLEAR_OVERRUN@
  }
  return (status & UART_RECEIVED) != 0 ? (int)(UART_RECEIVE & 0xFFu) : -1;
}

void serial_port_write(const uint8_t* bytes, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    while ((UART_STATUS & UART_EMPTY) == 0) {
      /* One byte takes 87 microseconds. */
    }
    UART_SEND = bytes[i];
  }
}

void serial_port_flush(void) {
  while ((UART_CONTROL & UART_ENABLE) != 0 && (UART_STATUS & UART_COMPLETE) == 0) {
    /* The last byte is on its way. */
  }
}
