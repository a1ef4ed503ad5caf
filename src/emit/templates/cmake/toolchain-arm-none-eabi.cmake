# SPDX-License-Identifier: Apache-2.0
# The GNU Arm Embedded toolchain, set up for the core of @PART@.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)

set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_ASM_COMPILER arm-none-eabi-gcc)
# A test program would need the linker script.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(CMAKE_C_FLAGS_INIT "@CORE_FLAGS@")
set(CMAKE_CXX_FLAGS_INIT "@CORE_FLAGS@ -fno-exceptions -fno-rtti")
set(CMAKE_ASM_FLAGS_INIT "@CORE_FLAGS@")
# Debug information takes no room in the target.
set(CMAKE_C_FLAGS_RELEASE "@RELEASE_OPTIONS@" CACHE STRING "Flags of release builds")
set(CMAKE_CXX_FLAGS_RELEASE "@RELEASE_OPTIONS@" CACHE STRING "Flags of release builds")

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
