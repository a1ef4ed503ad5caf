#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# stack.sh STM32TVM ARCHIVE WORK FLOAT_ARCHIVE: the stack that the emitted script finds in the program's code is no less
# than what a run in QEMU uses, and a reserve that is too small fails. What FLOAT_ARCHIVE's kernels call in libm counts too
# where they run from a memory that is too far from it for a call.
set -euo pipefail
stm32tvm=$1 archive=$2 work=$3 float_archive=$4
for tool in arm-none-eabi-gcc qemu-system-arm; do
  command -v "$tool" > /dev/null || { echo "skipped: there is no $tool"; exit 77; }
done
rm -rf "$work"
mkdir -p "$work"
"$stm32tvm" generate --quiet --model "$archive" --name network --output "$work/emitted" --target netduinoplus2 \
  --samples "$(dirname "$archive")" --application performance
cmake -G Ninja -S "$work/emitted" -B "$work/build" > "$work/log"
cmake --build "$work/build" >> "$work/log"
timeout 300 cmake --build "$work/build" --target run > "$work/output"
cmake --build "$work/build" --target stack > "$work/stack" 2>&1
cat "$work/stack"
found=$(sed -n 's/^stack: \([0-9]*\) bytes at most, of [0-9]* reserved$/\1/p' "$work/stack")
used=$(sed -n 's/^stack used[^0-9]*\([0-9]*\) bytes$/\1/p' "$work/output")
echo "used in QEMU: $used"
[ "$used" -gt 0 ] && [ "$used" -le "$found" ]
sed -i 's/^STACK_BYTES = .*/STACK_BYTES = 128;/' "$work/emitted/firmware/linker.ld"
if cmake --build "$work/build" --target stack > "$work/log" 2>&1; then
  exit 1
fi
grep -q "raise STACK_BYTES in the linker script to $found" <(tr '\n' ' ' < "$work/log" | tr -s ' ')

"$stm32tvm" generate --quiet --model "$float_archive" --output "$work/far" --target nucleo-h743zi2 --kernels-memory ITCM \
  --samples "$(dirname "$float_archive")"
cmake -G Ninja -S "$work/far" -B "$work/far_build" > "$work/log"
cmake --build "$work/far_build" >> "$work/log"
cmake --build "$work/far_build" --target stack > "$work/stack" 2>&1
grep -q 'softmax ([0-9]*), __expf_veneer (0), expf ([0-9]*)' "$work/stack" || { cat "$work/stack"; exit 1; }
