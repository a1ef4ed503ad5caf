/* SPDX-License-Identifier: Apache-2.0 */
/* The vector table and the way from reset to main(), for any Cortex-M. */
#include <stdint.h>

#include "console.h"

/* Places that linker.ld defines. */
extern uint32_t _sram[], _sidata[], _sdata[], _edata[], _sbss[], _ebss[], _estack[];

/* Registers of the System Control Block, at the same address in every Cortex-M (Arm v6-M, v7-M and v8-M manuals). */
#define VECTOR_TABLE_OFFSET (*(volatile uint32_t*)0xE000ED08u)
#define COPROCESSOR_ACCESS_CONTROL (*(volatile uint32_t*)0xE000ED88u)

int main(void);

/* Where newlib's libm leaves errno. Its own version of this function brings 100 bytes of data for stdio with it. */
int* __errno(void);
int* __errno(void) {
  static int error;
  return &error;
}

void Reset_Handler(void);
void HardFault_Handler(void);
void Default_Handler(void);
void NMI_Handler(void) __attribute__((weak, alias("Default_Handler")));
void MemManage_Handler(void) __attribute__((weak, alias("Default_Handler")));
void BusFault_Handler(void) __attribute__((weak, alias("Default_Handler")));
void UsageFault_Handler(void) __attribute__((weak, alias("Default_Handler")));
void SecureFault_Handler(void) __attribute__((weak, alias("Default_Handler")));
void SVC_Handler(void) __attribute__((weak, alias("Default_Handler")));
void DebugMon_Handler(void) __attribute__((weak, alias("Default_Handler")));
void PendSV_Handler(void) __attribute__((weak, alias("Default_Handler")));
void SysTick_Handler(void) __attribute__((weak, alias("Default_Handler")));

typedef struct core_vectors {
  uint32_t* stack;            /* exception 0 is the main stack's first value */
  void (*handlers[15])(void); /* exceptions 1 to 15 */
} core_vectors;

__attribute__((used, section(".isr_vector.core"))) static const core_vectors vectors = {
    _estack,
    {
        Reset_Handler,       /* 1 */
        NMI_Handler,         /* 2 */
        HardFault_Handler,   /* 3 */
        MemManage_Handler,   /* 4 */
        BusFault_Handler,    /* 5 */
        UsageFault_Handler,  /* 6 */
        SecureFault_Handler, /* 7 */
        0,                   /* 8, 9 and 10 are reserved */
        0,                   /* 9 */
        0,                   /* 10 */
        SVC_Handler,         /* 11 */
        DebugMon_Handler,    /* 12 */
        0,                   /* 13 is reserved */
        PendSV_Handler,      /* 14 */
        SysTick_Handler,     /* 15 */
    }};

/* The device's interrupts follow; C has no way to repeat an element. */
__asm__(
    ".section .isr_vector.device, \"a\"\n"
    ".rept @INTERRUPTS@\n"
    ".word Default_Handler\n"
    ".endr\n"
    ".previous\n");

void Reset_Handler(void) {
  /* A debugger may have started the program without a reset of the core. */
  VECTOR_TABLE_OFFSET = (uint32_t)(uintptr_t)&vectors;
#if defined(__ARM_FP)
  /* Full access to coprocessors 10 and 11, the floating-point unit, which is off after reset. */
  COPROCESSOR_ACCESS_CONTROL |= 0xFu << 20;
  __asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
  const uint32_t* from = _sidata;
  for (uint32_t* to = _sdata; to < _edata; ++to) {
    *to = *from++;
  }
  for (uint32_t* to = _sbss; to < _ebss; ++to) {
    *to = 0;
  }
  console_exit(main());
}

/* `frame` is what the core pushed when the fault came: r0 to r3, r12, lr, pc, xpsr. */
__attribute__((used, noreturn)) static void report_hard_fault(const uint32_t* frame) {
  if (frame < _sram) {
    console_text("hard fault: the stack has grown out of the RAM\n");
  } else {
    console_text("hard fault at pc ");
    console_hexadecimal(frame[6]);
    console_text("\n");
  }
  console_exit(1);
}

/* Finds the frame (bit 2 of EXC_RETURN in lr tells the stack) and reports on a fresh stack: the old one may be why. */
__attribute__((naked)) void HardFault_Handler(void) {
  __asm__ volatile(
      ".syntax unified\n"
      "mov r1, lr\n"
      "lsls r1, r1, #29\n"
      "bmi 1f\n"
      "mrs r0, msp\n"
      "b 2f\n"
      "1: mrs r0, psp\n"
      "2: ldr r1, =_estack\n"
      "msr msp, r1\n"
      "bl report_hard_fault\n"
      ".ltorg\n");
}

/* Any exception that nobody handles. To handle one, define its handler above or this function. */
__attribute__((weak)) void Default_Handler(void) {
  uint32_t number;
  __asm__ volatile("mrs %0, ipsr" : "=r"(number));
  console_text("unexpected exception ");
  console_integer(number);
  console_text("\n");
  console_exit(1);
}
