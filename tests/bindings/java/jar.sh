#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# jar.sh SOURCE WORK: CMake makes the jar from the folder, with the library STM32TVM_LIBRARY in it, and puts it alone in
# WORK/jar.
set -euo pipefail
source=$1 work=$2
rm -rf "$work"
mkdir -p "$work/jar"
cmake -S "$source" -B "$work/build" -DSTM32TVM_LIBRARY="$STM32TVM_LIBRARY" -DSTM32TVM_WARNINGS_AS_ERRORS=ON \
  > "$work/log" 2>&1 && cmake --build "$work/build" >> "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cp "$work"/build/stm32tvm-*.jar "$work/jar/stm32tvm.jar"
jar --list --file "$work/jar/stm32tvm.jar" | grep -E '^[a-z0-9]+-[a-z0-9-]+/(lib)?stm32tvm_c\.'
rm -rf "$work/build"
# Another way to call C takes the place of one class.
[ "$(grep -rl com.sun.jna "$source/src")" = "$source/src/stm32tvm/JnaApi.java" ]
