#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# self_test.sh STM32TVM ARCHIVE SAMPLES WORK API OFFSET: the table of the self-test, recorded on this machine, holds there
# and in QEMU.
# A bit that flips in the byte of the weights at OFFSET, a wrong table, and one of other samples are found.
set -euo pipefail
stm32tvm=$1 archive=$2 samples=$3 work=$4 api=$5 offset=$6
for tool in arm-none-eabi-gcc qemu-system-arm; do
  command -v "$tool" > /dev/null || { echo "skipped: there is no $tool"; exit 77; }
done

rm -rf "$work"
mkdir -p "$work"
emit() {
  "$stm32tvm" generate --quiet --model "$archive" --name network --output "$work/emitted" --target netduinoplus2 \
    --application self-test --c-api "$api" --self-test "$samples" "$@"
}
build() {
  cmake -G Ninja -S "$work/emitted" -B "$work/build" -DCMAKE_COMPILE_WARNING_AS_ERROR=ON > "$work/log" &&
    cmake --build "$work/build" >> "$work/log" || { cat "$work/log"; exit 1; }
}
# Runs the firmware, which must end as the first word says and tell what the second does.
run() {
  local status=0
  build
  timeout 120 cmake --build "$work/build" --target run > "$work/output" || status=$?
  cat "$work/output"
  [[ $1 == passes ]] && [ "$status" -eq 0 ] || { [[ $1 == fails ]] && [ "$status" -ne 0 ]; }
  grep -qE "$2" "$work/output"
}

emit
run fails 'no table was recorded'
cmake -P "$work/emitted/self_test/record.cmake"
table=$work/emitted/self_test/table.txt
cp "$table" "$work/table.txt"
emit --self-test-table "$work/table.txt"
run passes 'self-test: passed \([1-9][0-9]* samples\)'
cmake --build "$work/emitted/self_test/build" >> "$work/log"
"$work/emitted/self_test/build/self_test" | grep -E 'self-test: passed \([1-9]'

# One bit of the weights: an operator that reads it is named.
weights=$work/emitted/network/network_weights.bin
if [ -e "$weights" ]; then
  cp "$weights" "$work/weights.bin"
  byte=$(od -An -tu1 -j "$offset" -N 1 "$weights")
  printf "$(printf '\\x%02x' $((byte ^ 64)))" | dd of="$weights" bs=1 seek="$offset" conv=notrunc status=none
  run fails 'self-test: sample [0-9]+ operator [0-9]+ tvmgen_[a-z0-9_]+ output 0(: CRC 0x| mean from value [0-9]+: ).*, expected '
  cp "$work/weights.bin" "$weights"
fi

# The first word of the table.
sed -E '2s/(crc|float) ./\1 7/' "$work/table.txt" | sed -E '2s/(crc|float) 7/\1 6/' > "$work/wrong.txt"
! cmp -s "$work/table.txt" "$work/wrong.txt"
emit --self-test-table "$work/wrong.txt"
run fails 'self-test: sample 0 operator 0 '

head -n -1 "$work/table.txt" > "$work/short.txt"
! emit --self-test-table "$work/short.txt" 2> "$work/message"
grep -q "of the self-test's table is \"\"" "$work/message"
sed 's/self-test 1 ./self-test 1 x/' "$work/table.txt" > "$work/foreign.txt"
! emit --self-test-table "$work/foreign.txt" 2> "$work/message"
grep -q 'record it again' "$work/message"
