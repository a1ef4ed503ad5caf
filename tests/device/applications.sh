#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# applications.sh STM32TVM ARCHIVE WORK: the firmware's applications, in QEMU's netduinoplus2. What the performance
# report says of ticks adds up, and what it says of flash is what the linker says.
set -euo pipefail
stm32tvm=$1 archive=$2 work=$3
for tool in arm-none-eabi-gcc qemu-system-arm; do
  command -v "$tool" > /dev/null || { echo "skipped: there is no $tool"; exit 77; }
done

rm -rf "$work"
run() {
  "$stm32tvm" generate --quiet --model "$archive" --name network --output "$work/$1" --target netduinoplus2 \
    --application "$1"
  cmake -G Ninja -S "$work/$1" -B "$work/$1/build" -DCMAKE_COMPILE_WARNING_AS_ERROR=ON > "$work/log"
  cmake --build "$work/$1/build" >> "$work/log" || { cat "$work/log"; exit 1; }
  timeout 60 cmake --build "$work/$1/build" --target run > "$work/$1.txt" || { cat "$work/$1.txt"; exit 1; }
}
figure() { sed -n "s/^ *$1  *\([0-9]*\).*/\1/p" "$work/performance.txt"; }
expect() { [ "$2" "$3" "$4" ] || { echo "$1: $2 $3 $4 does not hold"; cat "$work/performance.txt"; exit 1; }; }

run minimal
grep -q '^output 1 starts with byte ' "$work/minimal.txt"

run performance
operators=$(figure operators)
expect 'operators in the table' "$(grep -cE '^ +[0-9]+ +[0-9]+  [a-z_]' "$work/performance.txt")" -eq "$operators"
sum=$(sed -nE 's/^ +[0-9]+ +([0-9]+)  [a-z_].*/\1/p' "$work/performance.txt" | awk '{ sum += $1 } END { print sum }')
mean=$(figure mean)
# The clock is read around each operator, which takes a few ticks.
expect 'sum of the operators' "$sum" -ge $((mean * 98 / 100))
expect 'sum of the operators' "$sum" -le $((mean * 102 / 100 + 20 * operators))
expect 'order' "$(figure 'ticks a run, fewest')" -le "$mean"
expect 'order' "$mean" -le "$(figure most)"
elf=$work/performance/build/firmware/network_firmware.elf
in_flash=$(arm-none-eabi-size -A "$elf" | awk '$1 ~ /^\.(isr_vector|text|nn_models|nn_weights|data)$/ { sum += $2 } END { print sum }')
flash=$(figure 'flash of the image')
# The linker aligns sections.
expect 'flash' "$flash" -ge "$in_flash"
expect 'flash' "$flash" -le $((in_flash + 128))
reserve=$((16#$(arm-none-eabi-nm "$elf" | awk '$3 == "STACK_BYTES" { print $1 }')))
expect 'stack' "$(figure 'stack used')" -gt 0
expect 'stack' "$(figure 'stack used')" -le "$reserve"
