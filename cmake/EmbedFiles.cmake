# SPDX-License-Identifier: Apache-2.0
# stm32tvm_embed_files(TARGET <target> BASE <folder> FILES <file>...)
#
# Compiles the files into the target as one table, sorted by path, that src/support/embedded_files.hpp reads. Paths in
# the table are relative to BASE. Needs no tool but CMake, so it works the same in every build, cross builds included.
set(STM32TVM_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/EmbedFile.cmake")

function(stm32tvm_embed_files)
  cmake_parse_arguments(PARSE_ARGV 0 embed "" "TARGET;BASE" "FILES")
  list(SORT embed_FILES)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/embedded")
  set(declarations "")
  set(rows "")
  set(index 0)
  foreach(file IN LISTS embed_FILES)
    set(input "${embed_BASE}/${file}")
    set(output "${folder}/file_${index}.cpp")
    add_custom_command(OUTPUT "${output}"
      COMMAND ${CMAKE_COMMAND} -D "INPUT=${input}" -D "OUTPUT=${output}" -D INDEX=${index} -P "${STM32TVM_EMBED_SCRIPT}"
      DEPENDS "${input}" "${STM32TVM_EMBED_SCRIPT}"
      COMMENT "Embedding ${file}"
      VERBATIM)
    target_sources(${embed_TARGET} PRIVATE "${output}")
    string(APPEND declarations "extern const unsigned char file_${index}[];\nextern const std::size_t file_${index}_size;\n")
    string(APPEND rows "    {\"${file}\", file_${index}, &file_${index}_size},\n")
    math(EXPR index "${index} + 1")
  endforeach()
  file(CONFIGURE OUTPUT "${folder}/table.cpp" @ONLY CONTENT [[
// Made by cmake/EmbedFiles.cmake.
#include <cstddef>

#include "support/embedded_files.hpp"

namespace stm32tvm::embedded {
@declarations@
const Row table[] = {
@rows@};
const std::size_t table_size = sizeof table / sizeof table[0];
}  // namespace stm32tvm::embedded
]])
  target_sources(${embed_TARGET} PRIVATE "${folder}/table.cpp")
endfunction()
