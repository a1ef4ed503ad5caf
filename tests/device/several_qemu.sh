#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# several_qemu.sh STM32TVM WORK FIRST SECOND: firmware for mps2-an500 that holds the networks of two archives, from one
# call, and checks both on the golden samples beside the archives.
set -euo pipefail
stm32tvm=$1 work=$2 first=$3 second=$4
for tool in arm-none-eabi-gcc qemu-system-arm; do
  command -v "$tool" > /dev/null || { echo "skipped: there is no $tool"; exit 77; }
done
rm -rf "$work"
mkdir -p "$work"

generate() { # FOLDER SAMPLES_OF_SECOND ARGUMENTS...
  "$stm32tvm" generate --quiet --model "first=$first" --model "second=$second" --name both --output "$work/$1" \
    --target mps2-an500 --samples "first=$(dirname "$first")" --samples "second=$2" "${@:3}"
}

# Builds and runs; "said" is the verdict on each network.
run() { # FOLDER
  cmake -G Ninja -S "$work/$1" -B "$work/$1/build" -DCMAKE_COMPILE_WARNING_AS_ERROR=ON > "$work/log" ||
    { cat "$work/log"; exit 1; }
  cmake --build "$work/$1/build" >> "$work/log" || { cat "$work/log"; exit 1; }
  local status=0
  timeout 300 cmake --build "$work/$1/build" --target run > "$work/output" || status=$?
  grep -E '^(network|golden)' "$work/output" | tee "$work/said"
  return $status
}
passes() { # FOLDER ARGUMENTS...
  generate "$1" "$(dirname "$second")" "${@:2}"
  run "$1" || { cat "$work/output"; exit 1; }
  printf 'network %s\ngolden check: passed (4 samples)\n' first second | diff - "$work/said"
}
arenas() { arm-none-eabi-nm "$work/$1/build/firmware/both_firmware.elf" | grep -cE ' [bB] .*_(activations|arena_1)$'; }
passes apart
[ "$(arenas apart)" = 2 ]
passes shared --share-arena
[ "$(arenas shared)" = 1 ]
passes st-ai --c-api st-ai

# One wrong byte in what the second network should give fails the program, and the first one's check still passes.
mkdir "$work/wrong"
cp "$(dirname "$second")"/*.bin "$work/wrong"
head -c 1 /dev/zero | tr '\0' '\125' | dd of="$work/wrong/out0_0.bin" bs=1 conv=notrunc seek=3 2> "$work/log"
generate failing "$work/wrong" --c-api legacy
! run failing || { echo "a wrong output passes"; exit 1; }
printf 'network first\ngolden check: passed (4 samples)\nnetwork second\ngolden check: failed\n' | diff - "$work/said"

refused() { # SENTENCE ARGUMENTS...
  ! generate refused "$(dirname "$second")" "${@:2}" 2> "$work/message" || { echo "not refused: ${*:2}"; exit 1; }
  grep -qF -- "$1" "$work/message" || { cat "$work/message"; exit 1; }
  [ ! -e "$work/refused" ]
}
refused 'all applications but the golden check are for one network' --application minimal
refused "arenas are the application's" --c-api st-ai --share-arena
refused 'these samples name none of the networks first, second; write NAME=DIR' --samples "third=$work"
