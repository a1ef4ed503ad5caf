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

# The golden check under a budget: RAM and flash as the linker has them, ticks as the run says.
budget() {
  echo "$1" > "$work/budget.json"
  "$stm32tvm" generate --quiet --model "$archive" --name network --output "$work/budget" --target netduinoplus2 \
    --samples "$(dirname "$archive")" --build-system make --budget "$work/budget.json"
}
refused() { if "$@"; then echo "not refused: $*"; exit 1; fi; }
budget '{"ram_bytes": 131072, "flash_bytes": 1048576, "ticks": 1000000}'
bash "$work/budget/ci.sh" > "$work/budget.txt" || { cat "$work/budget.txt"; exit 1; }
grep -q 'golden check: passed' "$work/budget.txt"
elf=$work/budget/build/network_firmware.elf
in_ram=$(arm-none-eabi-size -A "$elf" | awk '$1 ~ /^\.(data|noinit|bss)$/ { sum += $2 } END { print sum }')
reserve=$((16#$(arm-none-eabi-nm "$elf" | awk '$3 == "STACK_BYTES" { print $1 }')))
ram=$(sed -n 's/^RAM: \([0-9]*\) of 131072 bytes$/\1/p' "$work/budget.txt")
expect 'RAM' "$ram" -ge $((in_ram + reserve))
expect 'RAM' "$ram" -le $((in_ram + reserve + 64))
ticks=$(sed -n 's/^ticks: //p' "$work/budget.txt" | sort -n | tail -n 1)
grep -q "^inference: $ticks of 1000000 ticks\$" "$work/budget.txt"
budget '{"ticks": 10}'
refused bash "$work/budget/ci.sh" > "$work/budget.txt" 2>&1
grep -q "^inference: $ticks ticks, $((ticks - 10)) more than the budget of 10\$" "$work/budget.txt"
# What is known before a build is refused, and nothing is written.
rm -rf "$work/budget"
refused budget '{"ram_bytes": 100}' 2> "$work/message"
grep -q 'bytes of RAM without the stack .* more than the budget of 100; allow more' "$work/message"
refused budget '{"flash_bytes": 100}' 2> "$work/message"
grep -q 'bytes of flash without its code .* more than the budget of 100; allow more' "$work/message"
test ! -e "$work/budget"
