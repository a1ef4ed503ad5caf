/* SPDX-License-Identifier: Apache-2.0 */
/* The vector table and the way from reset to main(), for any Cortex-M: floating-point unit, caches, stack guard. */
#include <stdbool.h>
#include <stdint.h>

#include "console.h"

/* Places that linker.ld defines. */
extern uint32_t _sidata[], _sdata[], _edata[], _sbss[], _ebss[], _stack_guard[], _stack_limit[], _estack[];

/* 1 for a core with caches: Cortex-M7, M55. */
#define CORE_HAS_CACHES @CORE_HAS_CACHES@

/* 1 where kernels run from a memory that is empty after reset. */
#define KERNELS_ARE_COPIED @KERNELS_ARE_COPIED@

/* Registers of the System Control Block, at the same address in every Cortex-M (Arm v6-M, v7-M and v8-M manuals). */
#define VECTOR_TABLE_OFFSET (*(volatile uint32_t*)0xE000ED08u)
#define COPROCESSOR_ACCESS_CONTROL (*(volatile uint32_t*)0xE000ED88u)
#define FAULT_STATUS (*(volatile uint32_t*)0xE000ED28u)
#define FAULT_STATUS_STACKING (1u << 4)
#define FAULT_STATUS_STACK_LIMIT (1u << 20)

int main(void);

/* Called before main(), for clocks and external memories. This one does nothing: all stays as after reset. */
__attribute__((weak)) void board_setup(void);
void board_setup(void) {
}

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

#if CORE_HAS_CACHES
/* Registers of the caches (Arm v7-M and v8-M manuals). */
#define CONFIGURATION_CONTROL (*(volatile uint32_t*)0xE000ED14u)
#define CONFIGURATION_DATA_CACHE (1u << 16)
#define CONFIGURATION_INSTRUCTION_CACHE (1u << 17)
#define CACHE_LEVELS (*(volatile uint32_t*)0xE000ED78u)
#define CACHE_SIZE (*(volatile uint32_t*)0xE000ED80u)
#define CACHE_SELECTION (*(volatile uint32_t*)0xE000ED84u)
#define INVALIDATE_INSTRUCTIONS (*(volatile uint32_t*)0xE000EF50u)
#define INVALIDATE_DATA_LINE (*(volatile uint32_t*)0xE000EF60u)
#define CLEAN_DATA_LINE (*(volatile uint32_t*)0xE000EF64u) /* by address, so that instructions see it */

/* What a cache holds after reset is not defined, so every line is made invalid first. */
static void invalidate_data_cache(void) {
  CACHE_SELECTION = 0;
  __asm__ volatile("dsb" ::: "memory");
  const uint32_t size = CACHE_SIZE;
  const uint32_t last_set = size >> 13 & 0x7FFFu;
  const uint32_t last_way = size >> 3 & 0x3FFu;
  const uint32_t set_shift = (size & 7u) + 4u;
  const uint32_t way_shift = last_way == 0 ? 0 : (uint32_t)__builtin_clz(last_way);
  for (uint32_t set = 0; set <= last_set; ++set) {
    for (uint32_t way = 0; way <= last_way; ++way) {
      INVALIDATE_DATA_LINE = way << way_shift | set << set_shift;
    }
  }
  __asm__ volatile("dsb\n\tisb" ::: "memory");
}

static void enable_caches(void) {
  const uint32_t caches = CACHE_LEVELS & 3u; /* bit 0: instructions, bit 1: data */
  if ((caches & 1u) != 0) {
    INVALIDATE_INSTRUCTIONS = 0;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
    CONFIGURATION_CONTROL |= CONFIGURATION_INSTRUCTION_CACHE;
  }
  /* One that a boot loader has enabled holds data that are not in the memory yet. */
  if ((caches & 2u) != 0 && (CONFIGURATION_CONTROL & CONFIGURATION_DATA_CACHE) == 0) {
    invalidate_data_cache();
    CONFIGURATION_CONTROL |= CONFIGURATION_DATA_CACHE;
  }
  __asm__ volatile("dsb\n\tisb" ::: "memory");
}
#endif

#if defined(__ARM_ARCH_8M_MAIN__) || defined(__ARM_ARCH_8_1M_MAIN__)

/* The core itself compares the stack pointer with a limit. */
static void guard_stack(void) {
  __asm__ volatile("msr msplim, %0" : : "r"(_stack_limit));
}

static bool stack_guard_is_whole(void) {
  return true;
}

#else

/* Registers of the memory protection unit (Arm v6-M and v7-M manuals). */
#define PROTECTION_TYPE (*(volatile uint32_t*)0xE000ED90u)
#define PROTECTION_CONTROL (*(volatile uint32_t*)0xE000ED94u)
#define PROTECTION_REGION (*(volatile uint32_t*)0xE000ED98u)
#define PROTECTION_ADDRESS (*(volatile uint32_t*)0xE000ED9Cu)
#define PROTECTION_ATTRIBUTES (*(volatile uint32_t*)0xE000EDA0u)
#define PROTECTION_ENABLE_WITH_DEFAULT_MAP 5u
/* Nobody may read, write or execute; bits 1 to 5 are the logarithm of the size, less 1. */
#define NO_ACCESS(size_logarithm) (1u << 28 | ((size_logarithm) - 1u) << 1 | 1u)

/* Everybody may read it, through the caches. */
#define READ_ONLY(size_logarithm) (0x16020001u | ((size_logarithm) - 1u) << 1)

#define GUARD_WORDS 64u
#define GUARD_VALUE 0xDEADC0DEu

static bool has_memory_protection(void) {
#if defined(__ARM_ARCH_8M_BASE__)
  return false; /* its registers are others */
#else
  return (PROTECTION_TYPE >> 8 & 0xFFu) != 0;
#endif
}

/* Touching the guard faults; a core without memory protection gets a pattern there, which is looked at in the end. */
static void guard_stack(void) {
  if (!has_memory_protection()) {
    for (uint32_t i = 0; i < GUARD_WORDS; ++i) {
      _stack_guard[i] = GUARD_VALUE;
    }
    return;
  }
  PROTECTION_REGION = 0;
  PROTECTION_ADDRESS = (uint32_t)(uintptr_t)_stack_guard;
  PROTECTION_ATTRIBUTES = NO_ACCESS(8u);
#if CORE_HAS_CACHES
  /* A Cortex-M7 reads ahead, and an external memory that nobody has set up may never answer. The region is all of the
   * address space but for its eighths 0, 1, 2 and 7: code, RAM, peripherals and the core's own. An application that
   * has set up such a memory gives it a region of a higher number. */
  PROTECTION_REGION = 1;
  PROTECTION_ADDRESS = 0;
  PROTECTION_ATTRIBUTES = NO_ACCESS(32u) | 0x87u << 8;
@WEIGHTS_PROTECTION@#endif
  PROTECTION_CONTROL = PROTECTION_ENABLE_WITH_DEFAULT_MAP;
  __asm__ volatile("dsb\n\tisb" ::: "memory");
}

static bool stack_guard_is_whole(void) {
  if (has_memory_protection()) {
    return true;
  }
  for (uint32_t i = 0; i < GUARD_WORDS; ++i) {
    if (_stack_guard[i] != GUARD_VALUE) {
      return false;
    }
  }
  return true;
}

#endif

#if KERNELS_ARE_COPIED
/* Places that linker.ld defines. */
extern uint32_t _sikernels[], _skernels[], _ekernels[];

/* To the memory that kernels run from. */
static void copy_kernels(void) {
  const uint32_t* from = _sikernels;
  for (uint32_t* to = _skernels; to < _ekernels; ++to) {
    *to = *from++;
  }
#if CORE_HAS_CACHES
  /* The memory may be a cached one: the core fetches instructions past the data cache. */
  for (uintptr_t line = (uintptr_t)_skernels & ~(uintptr_t)31; line < (uintptr_t)_ekernels; line += 32) {
    CLEAN_DATA_LINE = line;
  }
  __asm__ volatile("dsb" ::: "memory");
  INVALIDATE_INSTRUCTIONS = 0;
#endif
  __asm__ volatile("dsb\n\tisb" ::: "memory");
}
#endif

void Reset_Handler(void) {
  /* A debugger may have started the program without a reset of the core. */
  VECTOR_TABLE_OFFSET = (uint32_t)(uintptr_t)&vectors;
#if defined(__ARM_FP)
  /* Full access to coprocessors 10 and 11, the floating-point unit, which is off after reset. */
  COPROCESSOR_ACCESS_CONTROL |= 0xFu << 20;
  __asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
#if CORE_HAS_CACHES
  enable_caches();
#endif
  const uint32_t* from = _sidata;
  for (uint32_t* to = _sdata; to < _edata; ++to) {
    *to = *from++;
  }
  for (uint32_t* to = _sbss; to < _ebss; ++to) {
    *to = 0;
  }
#if KERNELS_ARE_COPIED
  copy_kernels();
#endif
  guard_stack();
  board_setup();
  const int status = main();
  if (!stack_guard_is_whole()) {
    console_text("the stack has grown into the data\n");
    console_exit(1);
  }
  console_exit(status);
}

/* `frame` is what the core pushed when the fault came: r0 to r3, r12, lr, pc, xpsr. */
__attribute__((used, noreturn)) static void report_hard_fault(const uint32_t* frame) {
  /* The frame of a full stack does not fit on it. A core of Arm v6-M has no fault status and reads 0. */
  if (frame < _stack_limit || (FAULT_STATUS & (FAULT_STATUS_STACKING | FAULT_STATUS_STACK_LIMIT)) != 0) {
    console_text("hard fault: the stack has grown into the data\n");
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
