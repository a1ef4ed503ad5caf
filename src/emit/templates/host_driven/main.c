/* SPDX-License-Identifier: Apache-2.0 */
/* Serves a host that drives the device: TVM's microTVM RPC over the serial port. */
#include "clock.h"
#include "console.h"
#include "serial_port.h"
#include "server.h"

/* The flash, where constants may be; what links the image gives the rest of the RAM to tensors and workspaces. */
#define FLASH_ADDRESS @FLASH_ADDRESS@u
#define FLASH_BYTES @FLASH_BYTES@u
extern uint8_t _stack_limit[], _sstack[];

stvm_rpc_server server;

/* How often the device was reset; the start-up code leaves this memory as it was. */
__attribute__((section(".bss.noinit.tvm.resets"))) static uint32_t resets;

static uint32_t entropy(void) {
  return (resets * 2654435761u) ^ (uint32_t)clock_now();
}

int main(void) {
  ++resets;
  clock_start();
  serial_start();
  const stvm_rpc_platform platform = {.library = TVMSystemLibEntryPoint(),
                                      .memory = _stack_limit,
                                      .memory_bytes = (uint32_t)(_sstack - _stack_limit),
                                      .constants = (const uint8_t*)FLASH_ADDRESS,
                                      .constants_bytes = FLASH_BYTES,
                                      .ticks_per_second = CLOCK_HZ,
                                      .start_ticks = clock_start,
                                      .ticks = clock_now,
                                      .entropy = entropy,
                                      .put = serial_put};
  stvm_rpc_start(&server, &platform);
  while (stvm_rpc_receive(&server, serial_get()) == STVM_RPC_SERVING) {
    /* Until the host ends its session: what calls main() then resets the device. */
  }
  return 0;
}
