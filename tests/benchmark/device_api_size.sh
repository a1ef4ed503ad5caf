#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# device_api_size.sh STM32TVM ARCHIVE WORK: bytes of code that each device API and the core add to the kernels in the
# firmware of --application minimal on netduinoplus2, at -Os, as emitted, and at -O2; without the const tables and without
# the names of codes that the application prints.
set -euo pipefail
stm32tvm=$1 archive=$2 work=$3
for api in tvm st-ai legacy; do
  for level in -Os -O2; do
    rm -rf "$work"
    "$stm32tvm" generate --quiet --model "$archive" --name network --output "$work" --target netduinoplus2 \
      --application minimal --c-api "$api"
    cmake -G Ninja -S "$work" -B "$work/build" "-DCMAKE_C_FLAGS_RELEASE=$level" > "$work/log"
    cmake --build "$work/build" >> "$work/log"
    arm-none-eabi-nm -S -t d "$work/build/firmware/network_firmware.elf" | awk -v api="$api $level" '
      $3 ~ /^[tT]$/ && $4 !~ /tvmgen|stai_get_return_code_name/ &&
      $4 ~ /^(ai_|stvm_|stai_|TVMBackend|network_call|network_run|adopt|bind$|check|keep$|run_plainly$|clear_pools$|count_of$|first_of$|has_all$|status_of$|make$|refuse$|described$|descriptors$|fill_report$|instance_of$|set_pool$|show_blocks$|address_in$|batches_of$|interface_count$)/ {
        sum += $2
      }
      END { print api ": " sum " bytes of code" }'
  done
done
