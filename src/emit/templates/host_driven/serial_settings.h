/* SPDX-License-Identifier: Apache-2.0 */
/* @PORT@ of @PART@ at @BAUD@ baud, with the clocks as they are after reset. */
#ifndef SERIAL_SETTINGS_H
#define SERIAL_SETTINGS_H

#define SERIAL_ADDRESS @ADDRESS@u

/* Offsets of the registers. */
#define SERIAL_STATUS_REGISTER @STATUS@u
#define SERIAL_RECEIVE_REGISTER @RECEIVE@u
#define SERIAL_SEND_REGISTER @SEND@u
#define SERIAL_DIVISOR_REGISTER @DIVISOR_REGISTER@u
#define SERIAL_CONTROL_REGISTER @CONTROL_REGISTER@u

/* Port on, receiver on, sender on, an interrupt for each byte received. */
#define SERIAL_CONTROL (1u << @ENABLE_BIT@ | 1u << 2 | 1u << 3 | 1u << 5)
/* Forgets that a byte was lost. */
#define SERIAL_CLEAR_OVERRUN @CLEAR_OVERRUN@
#define SERIAL_DIVISOR @DIVISOR@u

/* Clocks of the port and its pins: register, bit. */
#define SERIAL_BITS_TO_SET @BITS_TO_SET@
/* Registers of the pin's port, number, alternate function. */
#define SERIAL_PINS @PINS@

#endif /* SERIAL_SETTINGS_H */
