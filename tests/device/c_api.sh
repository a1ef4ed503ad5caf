#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# c_api.sh STM32TVM ARCHIVE WORK COMPILER API: emits the archive for a device API, compiles it for this machine with the
# application <API>_application.c, and runs that on the golden samples beside the archive.
set -euo pipefail
stm32tvm=$1 archive=$2 work=$3 compiler=$4 api=$5
here=$(cd "$(dirname "$0")" && pwd)

rm -rf "$work"
mkdir -p "$work/application"
"$stm32tvm" generate --quiet --model "$archive" --name network --output "$work/emitted" --c-api "${api//_/-}"
cat > "$work/application/CMakeLists.txt" <<CMAKE
cmake_minimum_required(VERSION 3.21)
project(application LANGUAGES C)
add_compile_definitions(AI_NETWORK_INSTANCES=2)
add_subdirectory(../emitted emitted)
add_executable(application $here/${api}_application.c)
set_target_properties(application PROPERTIES C_STANDARD 99)
target_include_directories(application PRIVATE $here)
target_link_libraries(application PRIVATE network)
CMAKE
cmake -G Ninja -S "$work/application" -B "$work/build" -DCMAKE_C_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_COMPILE_WARNING_AS_ERROR=ON > "$work/log" || { cat "$work/log"; exit 1; }
cmake --build "$work/build" >> "$work/log" || { cat "$work/log"; exit 1; }
"$work/build/application" "$(dirname "$archive")"
