# SPDX-License-Identifier: Apache-2.0
# stm32tvm_add_network(MODEL <archive>|<name>=<archive>... [TARGET <target>] [NAME <name>] [MODULE <module>]
#                      [C_API <api>] [TARGET_BOARD <board>] [WEIGHTS incbin|c-array] [INPUTS keep|consume]
#                      [TFLITE <file>] [QUANTIZATION <file>] [SAMPLES <folder>|<name>=<folder>...] [OUTPUT <folder>]
#                      [OPTIONS <option>...])
#
# Emits a network into OUTPUT, a folder of the build tree by default, adds its CMake target, called NAME ("network" by
# default), and links it to TARGET. Of several archives each has a name, which its target gets. The other arguments are
# the options of "stm32tvm generate" of the same names; OPTIONS are passed on as they are. Relative paths start at the
# source folder, OUTPUT's at the binary folder. With TARGET_BOARD networks that the board cannot hold are an error.
#
# The emission belongs to CMake's configure step, so that the files of the network are known to every generator. The
# archive and all else that the emission read are dependencies of that step: when one of them, or the program, changes,
# the next build emits again, and compiles the files that got other bytes. When none changes, nothing is done.
function(stm32tvm_add_network)
  set(values TARGET NAME MODULE C_API TARGET_BOARD WEIGHTS INPUTS TFLITE QUANTIZATION OUTPUT)
  cmake_parse_arguments(PARSE_ARGV 0 network "" "${values}" "MODEL;SAMPLES;OPTIONS")
  if(network_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "stm32tvm_add_network does not know: ${network_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT network_MODEL)
    message(FATAL_ERROR "stm32tvm_add_network needs MODEL, an archive")
  endif()
  if(NOT STM32TVM_EXECUTABLE)
    message(FATAL_ERROR "stm32tvm_add_network needs the program stm32tvm when CMake runs; install it, or set "
      "STM32TVM_EXECUTABLE to where it is")
  endif()
  if(NOT network_C_API)
    set(network_C_API tvm)
  endif()
  # The networks of a build are over one runtime, which has the API of the first.
  get_property(first GLOBAL PROPERTY stm32tvm_c_api)
  if(first AND NOT network_C_API STREQUAL first)
    message(FATAL_ERROR "stm32tvm_add_network: C_API is ${network_C_API}, and another network of this build has ${first}; "
      "give both the same")
  endif()
  set_property(GLOBAL PROPERTY stm32tvm_c_api "${network_C_API}")
  if(NOT network_NAME)
    set(network_NAME network)
  endif()
  if(NOT network_OUTPUT)
    set(network_OUTPUT "${network_NAME}_emitted")
  endif()
  cmake_path(ABSOLUTE_PATH network_OUTPUT BASE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")

  set(depfile "${network_OUTPUT}.d")
  set(command "${STM32TVM_EXECUTABLE}" generate --quiet --name "${network_NAME}" --output "${network_OUTPUT}"
    --depfile "${depfile}")
  # The program takes an absolute path for a path, whatever it is called; so a name is one of several alone.
  list(LENGTH network_MODEL count)
  foreach(each IN ITEMS MODEL=model SAMPLES=samples)
    string(REGEX MATCH "^(.*)=(.*)$" pair ${each})
    set(option --${CMAKE_MATCH_2})
    foreach(path IN LISTS network_${CMAKE_MATCH_1})
      set(name "")
      if(count GREATER 1 AND path MATCHES "^([^=]*=)(.*)$")
        set(name "${CMAKE_MATCH_1}")
        set(path "${CMAKE_MATCH_2}")
      endif()
      cmake_path(ABSOLUTE_PATH path BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
      list(APPEND command ${option} "${name}${path}")
    endforeach()
  endforeach()
  foreach(each IN ITEMS TFLITE=tflite QUANTIZATION=quantization MODULE=module C_API=c-api TARGET_BOARD=target
      WEIGHTS=weights INPUTS=inputs)
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
    get_property(folders DIRECTORY "${network_OUTPUT}" PROPERTY SUBDIRECTORIES)
    foreach(folder IN LISTS folders)
      get_property(targets DIRECTORY "${folder}" PROPERTY BUILDSYSTEM_TARGETS)
      foreach(target IN LISTS targets)
        get_target_property(type ${target} TYPE)
        if(type STREQUAL "STATIC_LIBRARY")
          target_link_libraries(${network_TARGET} PRIVATE ${target})
        endif()
      endforeach()
    endforeach()
  endif()
endfunction()
