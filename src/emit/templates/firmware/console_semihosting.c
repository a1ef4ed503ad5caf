/* SPDX-License-Identifier: Apache-2.0 */
/* Text and the exit status through Arm's semihosting: the debugger or the emulator that is attached takes them.
 *
 * Without one, the first line ends in a fault, because nobody answers the breakpoint that asks. */
#include "console_port.h"

/* Operations and values of Arm's "Semihosting for AArch32 and AArch64". */
#define SYS_WRITE0 0x04u
#define SYS_EXIT 0x18u
#define SYS_EXIT_EXTENDED 0x20u
#define ADP_STOPPED_APPLICATION_EXIT 0x20026u

static void semihosting(uint32_t operation, uintptr_t argument) {
  register uint32_t r0 __asm__("r0") = operation;
  register uintptr_t r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
}

void console_port_write(const char* text, uint32_t length) {
  (void)length;
  semihosting(SYS_WRITE0, (uintptr_t)text);
}

void console_port_exit(int status) {
  if (status != 0) {
    const uint32_t reason_and_status[2] = {ADP_STOPPED_APPLICATION_EXIT, (uint32_t)status};
    semihosting(SYS_EXIT_EXTENDED, (uintptr_t)reason_and_status);
  }
  semihosting(SYS_EXIT, ADP_STOPPED_APPLICATION_EXIT);
  for (;;) {
    /* The debugger has not ended the program. */
  }
}
