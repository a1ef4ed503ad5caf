#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# host.sh STM32TVM ARCHIVE WORK COMPILER OPTIONS...: emits the archive, compiles it for this machine with the application
# host_application.c, and runs that on the golden samples beside the archive.
set -euo pipefail
stm32tvm=$1 archive=$2 work=$3 compiler=$4
shift 4
here=$(cd "$(dirname "$0")" && pwd)

rm -rf "$work"
mkdir -p "$work/application"
"$stm32tvm" generate --quiet --model "$archive" --name network --output "$work/emitted"
cp "$here/host_application.c" "$here/golden_files.h" "$here/compare.h" "$work/application"
cat > "$work/application/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.21)
project(application LANGUAGES C)
add_subdirectory(../emitted emitted)
add_executable(application host_application.c)
set_target_properties(application PROPERTIES C_STANDARD 99)
target_link_libraries(application PRIVATE network)
CMAKE
cmake -G Ninja -S "$work/application" -B "$work/build" -DCMAKE_C_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_COMPILE_WARNING_AS_ERROR=ON "$@" > "$work/log" || { cat "$work/log"; exit 1; }
cmake --build "$work/build" >> "$work/log" || { cat "$work/log"; exit 1; }
"$work/build/application" "$(dirname "$archive")"
