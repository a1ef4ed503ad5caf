#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# validation.sh STM32TVM MODEL WORK API: emits validation firmware for graph.tar of the folder MODEL, builds it, and drives
# it with validation_client.py.
set -euo pipefail
stm32tvm=$1 model=$2 work=$3 api=$4
here=$(cd "$(dirname "$0")" && pwd)
for tool in arm-none-eabi-gcc qemu-system-arm python3; do
  command -v "$tool" > /dev/null || { echo "skipped: there is no $tool"; exit 77; }
done

rm -rf "$work"
"$stm32tvm" generate --quiet --model "$model/graph.tar" --name network --output "$work/emitted" \
  --target netduinoplus2 --application validation --c-api "$api"
# Where the machine is busy the host may be slow.
CFLAGS=-DSILENCE_MILLISECONDS=20000u cmake -G Ninja -S "$work/emitted" -B "$work/build" -DCMAKE_COMPILE_WARNING_AS_ERROR=ON > "$work/log"
cmake --build "$work/build" >> "$work/log" || { cat "$work/log"; exit 1; }

timeout 240 python3 "$here/validation_client.py" "$work/build/firmware/network_firmware.elf" "$model" network
