#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# qemu.sh STM32TVM ARCHIVE WORK [API]: emits firmware for the archive with the golden samples beside it, builds it, and runs
# it in QEMU: on netduinoplus2, or on mps2-an500 when the network needs more memory.
set -euo pipefail
stm32tvm=$1 archive=$2 work=$3 api=${4:-tvm}
for tool in arm-none-eabi-gcc qemu-system-arm; do
  command -v "$tool" > /dev/null || { echo "skipped: there is no $tool"; exit 77; }
done

rm -rf "$work"
mkdir -p "$work"
emit() {
  board=$1
  "$stm32tvm" generate --quiet --model "$archive" --name network --output "$work/emitted" --target "$1" \
    --c-api "${api//_/-}" --samples "$(dirname "$archive")"
}
if ! emit netduinoplus2 2> "$work/message"; then
  grep -q 'more than' "$work/message" || { cat "$work/message"; exit 1; }
  test ! -e "$work/emitted"
  emit mps2-an500
fi
# GCC 14 takes pointers to int for pointers to int32_t, which is long on Arm, for an error. The build leaves the kernels'
# warnings out, so they are asked for here.
for source in "$work"/emitted/network/network_lib*.c; do
  [ -e "$source" ] || continue  # an object file has no source
  arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -std=c99 -fsyntax-only -Werror=incompatible-pointer-types \
    -I "$work/emitted/runtime" -I "$work/emitted/runtime/include" -I "$work/emitted/network" "$source"
done
CFLAGS=-Werror=incompatible-pointer-types cmake -G Ninja -S "$work/emitted" -B "$work/build" \
  -DCMAKE_COMPILE_WARNING_AS_ERROR=ON > "$work/log" ||
  { cat "$work/log"; exit 1; }
cmake --build "$work/build" >> "$work/log" || { cat "$work/log"; exit 1; }
timeout 300 cmake --build "$work/build" --target run | tee "$work/output"
grep -q 'golden check: passed (4 samples)' "$work/output"
bash "$(dirname "$0")/heap_symbols.sh" "$work/build/firmware/network_firmware.elf"
# Under the other APIs the memory is the application's, and no header states a sum.
[ "$api" = tvm ] || exit 0
# The number: the linked image, the header and analyze agree on the network's RAM.
linked=$(arm-none-eabi-nm -S --radix=d "$work/build/firmware/network_firmware.elf" |
  awk '$4 ~ /^network_(activations|interface|handles|pool_addresses)$/ { sum += $2 } END { print sum + 0 }')
stated=$(sed -n 's/^#define NETWORK_RAM_BYTES //p' "$work/emitted/network/network.h")
analyzed=$("$stm32tvm" analyze --model "$archive" --target "$board" --json | sed -n 's/^    "ram_bytes": \([0-9]*\),$/\1/p')
if [ "$linked" != "$stated" ] || [ "$linked" != "$analyzed" ]; then
  echo "RAM of the network: $linked bytes linked, $stated in the header, $analyzed by analyze" >&2
  exit 1
fi
