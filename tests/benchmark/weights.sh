#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# weights.sh STM32TVM ARCHIVE WORK: the time to build a network's weights in each form beside that of the C array, the
# fastest of five runs each; for forms without C, the linker's step to one object.
set -euo pipefail
stm32tvm=$1 archive=$2 work=$3
rm -rf "$work"
mkdir -p "$work"

# fastest COMMAND...: seconds.
fastest() {
  for _ in 1 2 3 4 5; do
    local start=$EPOCHREALTIME
    "$@"
    awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.4f\n", b - a }'
  done | sort -n | head -n 1
}
# build FORM: compiles the network's data, and brings in what stands beside it.
build() {
  local folder=$work/$1
  arm-none-eabi-gcc -mcpu=cortex-m7 -mthumb -std=c99 -O2 -g -c -I "$folder/network" -I "$folder/runtime" \
    -I "$folder/runtime/include" "$folder/network/network_data.c" -o "$folder/data.o"
  [ ! -e "$folder/network/network_weights.o" ] ||
    arm-none-eabi-ld -r "$folder/data.o" "$folder/network/network_weights.o" -o "$folder/all.o"
}
for form in c-array incbin elf; do
  "$stm32tvm" generate --quiet --model "$archive" --output "$work/$form" --weights "$form"
  seconds=$(fastest build "$form")
  [ "$form" != c-array ] || array=$seconds
  awk -v form="$form" -v a="$seconds" -v b="$array" \
    'BEGIN { printf "%-8s %8.1f ms %8.3f of the C array\n", form, a * 1000, a / b }'
done
stat -c '%s bytes of weights' "$work/incbin/network/network_weights.bin"
