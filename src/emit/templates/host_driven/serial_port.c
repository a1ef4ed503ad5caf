/* SPDX-License-Identifier: Apache-2.0 */
/* The serial port: an interrupt receives, so that nothing is lost while a kernel runs; sending waits. */
#include "serial_port.h"

#include "console.h"
#include "serial_settings.h"

/* A register of the USART, by its offset. */
#define USART(offset) (*(volatile uint32_t*)(SERIAL_ADDRESS + (offset)))

/* Bits of the status register, the same in every USART of an STM32. */
#define OVERRUN (1u << 3)
#define RECEIVED (1u << 5)
#define SENT (1u << 6)
#define MAY_SEND (1u << 7)

/* Registers of a GPIO port. */
#define MODE 0x00u
#define PULL 0x0Cu
#define ALTERNATE 0x20u

/* The interrupt controller's registers, at the same address in every Cortex-M. */
#define INTERRUPT_ENABLE ((volatile uint32_t*)0xE000E100u)
#define INTERRUPT_REGISTERS 8u
#define FIRST_INTERRUPT 16u /* exceptions below are the core's own */

typedef struct register_bit {
  uint32_t address;
  uint32_t bit;
} register_bit;

typedef struct pin {
  uint32_t port; /* address of its registers */
  uint32_t number;
  uint32_t alternate; /* function */
} pin;

/* Each table ends with a zero. */
static const register_bit bits_to_set[] = {SERIAL_BITS_TO_SET, {0, 0}};
static const pin pins[] = {SERIAL_PINS, {0, 0, 0}};

/* What has come in; the indices go round. */
static volatile uint8_t received[256];
static volatile uint8_t first;
static volatile uint8_t end;

static void set_field(uint32_t address, uint32_t shift, uint32_t mask, uint32_t value) {
  volatile uint32_t* const at = (volatile uint32_t*)address;
  *at = (*at & ~(mask << shift)) | value << shift;
}

void serial_start(void) {
  for (const register_bit* each = bits_to_set; each->address != 0; ++each) {
    set_field(each->address, each->bit, 1, 1);
  }
  for (const pin* each = pins; each->port != 0; ++each) {
    set_field(each->port + ALTERNATE + each->number / 8 * 4, each->number % 8 * 4, 0xF, each->alternate);
    set_field(each->port + PULL, each->number * 2, 3, 1);
    set_field(each->port + MODE, each->number * 2, 3, 2);
  }
  USART(SERIAL_DIVISOR_REGISTER) = SERIAL_DIVISOR;
  USART(SERIAL_CONTROL_REGISTER) = SERIAL_CONTROL;
  /* Nothing else asks for interrupts, so the port's own number need not be known. */
  for (uint32_t i = 0; i < INTERRUPT_REGISTERS; ++i) {
    INTERRUPT_ENABLE[i] = 0xFFFFFFFFu;
  }
}

void Default_Handler(void);

/* The handler of all interrupts, in startup.c's stead. */
void Default_Handler(void) {
  const uint32_t status = USART(SERIAL_STATUS_REGISTER);
  uint32_t number;
  __asm__ volatile("mrs %0, ipsr" : "=r"(number));
  if (number >= FIRST_INTERRUPT && (status & RECEIVED) != 0) {
    received[end] = (uint8_t)USART(SERIAL_RECEIVE_REGISTER);
    end = (uint8_t)(end + 1u);
  } else if (number >= FIRST_INTERRUPT && (status & OVERRUN) != 0) {
    SERIAL_CLEAR_OVERRUN;
  } else if (number < FIRST_INTERRUPT) {
    console_text("unexpected exception ");
    console_integer(number);
    console_text("\n");
    console_exit(1);
  }
}

void serial_put(uint8_t byte) {
  while ((USART(SERIAL_STATUS_REGISTER) & MAY_SEND) == 0) {
    /* The port sends the byte before. */
  }
  USART(SERIAL_SEND_REGISTER) = byte;
}

uint8_t serial_get(void) {
  /* With interrupts off none can come between the look and the wait; a waiting one ends the wait all the same. */
  __asm__ volatile("cpsid i" ::: "memory");
  while (first == end) {
    __asm__ volatile("wfi\n\tcpsie i\n\tisb\n\tcpsid i" ::: "memory");
  }
  __asm__ volatile("cpsie i" ::: "memory");
  const uint8_t byte = received[first];
  first = (uint8_t)(first + 1u);
  return byte;
}

void serial_flush(void) {
  while ((USART(SERIAL_STATUS_REGISTER) & SENT) == 0) {
    /* The last byte is on its way. */
  }
}
