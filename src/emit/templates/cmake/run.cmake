# SPDX-License-Identifier: Apache-2.0
# The target `run` starts the firmware in QEMU, on a clock that counts instructions; QEMU exits with its status.
find_program(QEMU_SYSTEM_ARM qemu-system-arm)
if(NOT QEMU_SYSTEM_ARM)
  set(QEMU_SYSTEM_ARM qemu-system-arm)
endif()

add_custom_target(run
  COMMAND "${QEMU_SYSTEM_ARM}" -M @QEMU_MACHINE@ -display none -monitor none -serial null
    -chardev stdio,id=console -semihosting-config enable=on,target=native,chardev=console -icount shift=0 -kernel $<TARGET_FILE:@NAME@>@LOADERS@
  DEPENDS @NAME@
  USES_TERMINAL
  VERBATIM)
