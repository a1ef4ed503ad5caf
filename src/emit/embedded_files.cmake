# SPDX-License-Identifier: Apache-2.0
# The files that the library carries: the device runtime, the templates and the table of boards.
set(STM32TVM_RUNTIME_FILES
  runtime_c/api/tvm/ai_model_iterator.c
  runtime_c/api/tvm/ai_runtime_api.c
  runtime_c/api/tvm/ai_runtime_api.h
  runtime_c/api/tvm/stvm.hpp
  runtime_c/host/arm_acle.h
  runtime_c/include/dlpack/dlpack.h
  runtime_c/include/tvm/runtime/c_backend_api.h
  runtime_c/include/tvm/runtime/c_runtime_api.h
  runtime_c/include/tvm/runtime/crt/error_codes.h
  runtime_c/include/tvm/runtime/crt/module.h
  runtime_c/stvm.c
  runtime_c/stvm.h
  runtime_c/stvm_quantize.h)
set(STM32TVM_TEMPLATE_FILES
  src/emit/boards.json
  src/emit/templates/cmake/CMakeLists.txt
  src/emit/templates/cmake/CMakePresets.json
  src/emit/templates/cmake/firmware_CMakeLists.txt
  src/emit/templates/cmake/network_CMakeLists.txt
  src/emit/templates/cmake/project_CMakeLists.txt
  src/emit/templates/cmake/run.cmake
  src/emit/templates/cmake/runtime_CMakeLists.txt
  src/emit/templates/cmake/toolchain-arm-none-eabi.cmake
  src/emit/templates/firmware/console.c
  src/emit/templates/firmware/console.h
  src/emit/templates/firmware/console_port.h
  src/emit/templates/firmware/console_semihosting.c
  src/emit/templates/firmware/console_uart.c
  src/emit/templates/firmware/linker.ld
  src/emit/templates/firmware/main.c
  src/emit/templates/firmware/samples.h
  src/emit/templates/firmware/startup.c
  src/emit/templates/firmware/ticks.c
  src/emit/templates/firmware/ticks.h)
stm32tvm_embed_files(TARGET stm32tvm BASE ${CMAKE_CURRENT_SOURCE_DIR}
  FILES ${STM32TVM_RUNTIME_FILES} ${STM32TVM_TEMPLATE_FILES})
