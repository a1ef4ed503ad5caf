#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ram.sh STM32TVM MLF_FOLDER WORK: prints the RAM of networks, read off linked firmware: arena, data and bss, inputs
# consumed, the stack left out. There is no heap. Beside it stand the lower bound of the arena (what is live at one step,
# less what can overlap there) and what TVM 0.14's STM32 emitter and runtime need.
set -euo pipefail
stm32tvm=$1 mlf=$2 work=$3

printf '%-22s %9s %9s %9s %9s %7s\n' network 'RAM' 'arena' 'live' 'upstream' 'ratio'
while read -r network upstream; do
  folder=$work/$network
  rm -rf "$folder"
  mkdir -p "$folder"
  "$stm32tvm" generate --quiet --model "$mlf/$network.tar" --inputs consume --target mps2-an386 --output "$folder/emitted"
  cmake -G Ninja -S "$folder/emitted" -B "$folder/build" > "$folder/log"
  cmake --build "$folder/build" >> "$folder/log" || { cat "$folder/log"; exit 1; }
  ram=$(arm-none-eabi-size -A "$folder/build/firmware/network_firmware.elf" |
    awk '$1 == ".data" || $1 == ".bss" || $1 == ".noinit" { sum += $2 } END { print sum }')
  arena=$(sed -n 's/^#define NETWORK_ACTIVATIONS_BYTES //p' "$folder/emitted/network/network.h")
  live=$("$stm32tvm" analyze --model "$mlf/$network.tar" --inputs consume --json |
    sed -n 's/^    "arena_lower_bound_bytes": \([0-9]*\),$/\1/p')
  ratio=$([ "$upstream" = - ] && echo - || awk -v a="$ram" -v b="$upstream" 'BEGIN { printf "%.2f", a / b }')
  printf '%-22s %9d %9d %9d %9s %7s\n' "$network" "$ram" "$arena" "$live" "$upstream" "$ratio"
done <<'TABLE'
sine_int8/graph 1700
digits_int8/graph 4080
ad_int8/graph -
kws_int8/graph 111856
ic_int8/graph 127900
vww_int8/graph 291900
kws_int8/graph_arm -
ic_int8/graph_arm -
vww_int8/graph_arm -
TABLE
