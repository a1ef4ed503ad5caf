#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# several_qemu.sh STM32TVM WORK FIRST SECOND: firmware for mps2-an500 that holds the networks of two archives and runs
# both on the golden samples beside them.
set -euo pipefail
stm32tvm=$1 work=$2 first=$3 second=$4
here=$(cd "$(dirname "$0")" && pwd)
for tool in arm-none-eabi-gcc qemu-system-arm; do
  command -v "$tool" > /dev/null || { echo "skipped: there is no $tool"; exit 77; }
done

rm -rf "$work"
for name in first second; do
  "$stm32tvm" generate --quiet --model "${!name}" --name "$name" --output "$work/$name" --target mps2-an500 \
    --samples "$(dirname "${!name}")"
done
# The second network and its samples go into the first one's firmware.
sed -i 's|^add_subdirectory(first)$|&\nadd_subdirectory(../second/second second)|' "$work/first/CMakeLists.txt"
sed -E 's/\b(samples|sample_count)\b( =|\[)/second_\1\2/; s/"samples.h"/"second_samples.h"/' \
  "$work/second/firmware/samples.c" > "$work/first/firmware/second_samples.c"
cp "$here/several_firmware.c" "$work/first/firmware/main.c"
cat > "$work/first/firmware/second_samples.h" <<'C'
#include "samples.h"
extern const sample second_samples[];
extern const uint32_t second_sample_count;
C
sed -i 's/^  samples\.c/& second_samples.c/' "$work/first/firmware/CMakeLists.txt"
cmake -G Ninja -S "$work/first" -B "$work/build" -DCMAKE_COMPILE_WARNING_AS_ERROR=ON > "$work/log" ||
  { cat "$work/log"; exit 1; }
cmake --build "$work/build" >> "$work/log" || { cat "$work/log"; exit 1; }
timeout 300 cmake --build "$work/build" --target run | tee "$work/output"
grep -q 'both networks give their 4 samples' "$work/output"
