#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# find_package.sh PREFIX CONSUMER WORK DATA: a CMake project finds the installed package and uses its three libraries,
# under valgrind.
set -euo pipefail
prefix=$1 consumer=$2 work=$3 data=$4
rm -rf "$work"
cmake -G Ninja -S "$consumer" -B "$work" -DCMAKE_PREFIX_PATH="$prefix" \
  -DMODEL="$data/digits_int8/graph.tar" > "$work.log" || { cat "$work.log"; exit 1; }
cmake --build "$work" >> "$work.log" || { cat "$work.log"; exit 1; }
check() { bash "$(dirname "$0")/../memory_check.sh" "$@"; }
check "$work/consumer" "$data/digits_int8/graph.tar" | grep -E '^[0-9]+ files$'
[ "$(check "$work/consumer" no/such.tar)" = cannot_read ]
check "$work/consumer_c" "$data/digits_int8/graph.tar" | grep -x 'ok, 1 modules'
check "$work/simulation" "$data/digits_int8/in0_0.bin" "$data/digits_int8/out0_0.bin"
if nm --dynamic --defined-only --demangle "$work/libplugin.so" | grep -E '^[0-9a-f]+ . stm32tvm::'; then
  echo "a shared library with the static one inside exports names of stm32tvm"
  exit 1
fi
# Another major version is another package.
mkdir -p "$work/two"
cat > "$work/two/CMakeLists.txt" << 'CMAKE'
cmake_minimum_required(VERSION 3.24)
project(two LANGUAGES NONE)
find_package(stm32tvm 1 CONFIG REQUIRED COMPONENTS tools)
find_package(stm32tvm 2 CONFIG QUIET COMPONENTS tools)
if(stm32tvm_FOUND)
  message(FATAL_ERROR "version 2 was found")
endif()
CMAKE
cmake -S "$work/two" -B "$work/two/build" -DCMAKE_PREFIX_PATH="$prefix" > "$work.log" 2>&1 || { cat "$work.log"; exit 1; }
