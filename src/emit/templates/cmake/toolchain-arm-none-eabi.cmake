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

# With STVM_COMPILER=clang, clang compiles; headers, libraries and the linker stay those of the GNU toolchain.
set(STVM_COMPILER @COMPILER@ CACHE STRING "gcc or clang")
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES STVM_COMPILER)
if(STVM_COMPILER STREQUAL "clang")
  execute_process(COMMAND arm-none-eabi-gcc -print-file-name=libc.a
    OUTPUT_VARIABLE STVM_LIBC OUTPUT_STRIP_TRAILING_WHITESPACE)
  get_filename_component(STVM_LIBC_FOLDER "${STVM_LIBC}" DIRECTORY)
  set(CMAKE_C_COMPILER clang)
  string(APPEND CMAKE_C_FLAGS_INIT " --target=arm-none-eabi -fshort-enums -isystem ${STVM_LIBC_FOLDER}/../include")
  set(CMAKE_C_LINK_EXECUTABLE
    "arm-none-eabi-gcc @CORE_FLAGS@ <CMAKE_C_LINK_FLAGS> <LINK_FLAGS> <OBJECTS> -o <TARGET> <LINK_LIBRARIES>")
endif()

# Debug information takes no room in the target.
set(CMAKE_C_FLAGS_RELEASE "@RELEASE_OPTIONS@" CACHE STRING "Flags of release builds")
set(CMAKE_CXX_FLAGS_RELEASE "@RELEASE_OPTIONS@" CACHE STRING "Flags of release builds")

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
