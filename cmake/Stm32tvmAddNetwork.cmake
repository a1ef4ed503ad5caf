# SPDX-License-Identifier: Apache-2.0
# stm32tvm_add_network(MODEL <archive> [TARGET <target>] [NAME <name>] [MODULE <module>] [C_API <api>]
#                      [TARGET_BOARD <board>] [WEIGHTS incbin|c-array] [INPUTS keep|consume] [TFLITE <file>]
#                      [QUANTIZATION <file>] [SAMPLES <folder>] [OUTPUT <folder>] [OPTIONS <option>...])
#
# Emits a network into OUTPUT, a folder of the build tree by default, adds its CMake target, called NAME ("network" by
# default), and links it to TARGET. The other arguments are the options of "stm32tvm generate" of the same names; OPTIONS
# are passed on as they are. Relative paths start at the source folder, OUTPUT's at the binary folder. With TARGET_BOARD a
# network that the board cannot hold is an error.
#
# The emission belongs to CMake's configure step, so that the files of the network are known to every generator. The
# archive and all else that the emission read are dependencies of that step: when one of them, or the program, changes,
# the next build emits again, and compiles the files that got other bytes. When none changes, nothing is done.
function(stm32tvm_add_network)
  set(values MODEL TARGET NAME MODULE C_API TARGET_BOARD WEIGHTS INPUTS TFLITE QUANTIZATION SAMPLES OUTPUT)
  cmake_parse_arguments(PARSE_ARGV 0 network "" "${values}" "OPTIONS")
  if(network_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "stm32tvm_add_network does not know: ${network_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT network_MODEL)
    message(FATAL_ERROR "stm32tvm_add_network needs MODEL, the archive")
  endif()
  if(NOT STM32TVM_EXECUTABLE)
    message(FATAL_ERROR "stm32tvm_add_network needs the program stm32tvm when CMake runs; install it, or set "
      "STM32TVM_EXECUTABLE to where it is")
  endif()
  if(NOT network_NAME)
    set(network_NAME network)
  endif()
  if(NOT network_OUTPUT)
    set(network_OUTPUT "${network_NAME}_emitted")
  endif()
  cmake_path(ABSOLUTE_PATH network_OUTPUT BASE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")

  # The program reads NAME=FILE in these; an absolute path is a path, whatever it is called.
  foreach(each IN ITEMS MODEL SAMPLES)
    if(DEFINED network_${each})
      cmake_path(ABSOLUTE_PATH network_${each} BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
    endif()
  endforeach()

  set(depfile "${network_OUTPUT}.d")
  set(command "${STM32TVM_EXECUTABLE}" generate --quiet --name "${network_NAME}" --output "${network_OUTPUT}"
    --depfile "${depfile}")
  foreach(each IN ITEMS MODEL=model TFLITE=tflite QUANTIZATION=quantization SAMPLES=samples MODULE=module C_API=c-api
      TARGET_BOARD=target WEIGHTS=weights INPUTS=inputs)
    string(REGEX MATCH "^(.*)=(.*)$" pair ${each})
    if(DEFINED network_${CMAKE_MATCH_1})
      list(APPEND command --${CMAKE_MATCH_2} "${network_${CMAKE_MATCH_1}}")
    endif()
  endforeach()
  execute_process(COMMAND ${command} ${network_OPTIONS} WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    RESULT_VARIABLE result ERROR_VARIABLE sentence OUTPUT_VARIABLE sentence)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${network_MODEL} was not emitted: ${sentence}")
  endif()

  # The depfile has an empty rule for each input, so that its path stands alone in a line.
  set(inputs "${STM32TVM_EXECUTABLE}")
  file(STRINGS "${depfile}" rules REGEX ":$" ENCODING UTF-8)
  foreach(path IN LISTS rules)
    string(REGEX REPLACE ":$" "" path "${path}")
    string(REGEX REPLACE "\\\\([ #])" "\\1" path "${path}")
    string(REPLACE "$$" "$" path "${path}")
    cmake_path(ABSOLUTE_PATH path BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
    list(APPEND inputs "${path}")
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${inputs})

  add_subdirectory("${network_OUTPUT}" "${network_OUTPUT}_build")
  if(network_TARGET)
    target_link_libraries(${network_TARGET} PRIVATE ${network_NAME})
  endif()
endfunction()
