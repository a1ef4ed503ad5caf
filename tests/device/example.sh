#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# example.sh STM32TVM ARCHIVE EXAMPLES WORK COMPILER API: the API's example in EXAMPLES, in place of the firmware's main.c,
# on the golden samples beside the archive: on this machine, under valgrind, and in QEMU.
set -euo pipefail
stm32tvm=$1 archive=$2 examples=$3 work=$4 compiler=$5 api=$6
here=$(cd "$(dirname "$0")" && pwd)

rm -rf "$work"
mkdir -p "$work/host"
"$stm32tvm" generate --quiet --model "$archive" --name network --output "$work/emitted" --c-api "${api//_/-}" \
  --target netduinoplus2 --samples "$(dirname "$archive")"
outputs=$(find "$(dirname "$archive")" -name 'out*_0.bin' | wc -l)
expect() {
  cat "$work/output"
  [ "$(cat "$work/output" | grep '^example: ')" = 'example: passed (4 samples)' ]
}

cat > "$work/host/CMakeLists.txt" <<CMAKE
cmake_minimum_required(VERSION 3.21)
project(example LANGUAGES C)
add_subdirectory(../emitted emitted)
add_executable(example $examples/$api.c $here/example_board.c ../emitted/firmware/samples.c)
set_target_properties(example PROPERTIES C_STANDARD 99)
target_compile_definitions(example PRIVATE EXAMPLE_OUTPUTS=$outputs)
target_compile_options(example PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
target_include_directories(example PRIVATE $examples $here ../emitted/firmware)
target_link_libraries(example PRIVATE network m)
CMAKE
cmake -G Ninja -S "$work/host" -B "$work/host/build" -DCMAKE_C_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_COMPILE_WARNING_AS_ERROR=ON > "$work/log" || { cat "$work/log"; exit 1; }
cmake --build "$work/host/build" >> "$work/log" || { cat "$work/log"; exit 1; }
bash "$here/../memory_check.sh" "$work/host/build/example" > "$work/output"
expect

for tool in arm-none-eabi-gcc qemu-system-arm; do
  command -v "$tool" > /dev/null || { echo "only on this machine: there is no $tool"; exit 0; }
done
cat > "$work/emitted/firmware/main.c" <<C
#include "$examples/$api.c"
#define EXAMPLE_OUTPUTS $outputs
#include "$here/example_board.c"
C
CFLAGS="-I$examples -I$here" cmake -G Ninja -S "$work/emitted" -B "$work/build" \
  -DCMAKE_COMPILE_WARNING_AS_ERROR=ON > "$work/log" || { cat "$work/log"; exit 1; }
cmake --build "$work/build" >> "$work/log" || { cat "$work/log"; exit 1; }
timeout 200 cmake --build "$work/build" --target run > "$work/output"
expect
