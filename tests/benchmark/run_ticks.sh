#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run_ticks.sh STM32TVM FOLDER WORK: SysTick ticks of one ai_run() on netduinoplus2 (QEMU, -icount shift=0) for graph.tar and
# aot_c_usmp.tar of FOLDER: as emitted, with all at -O2, and with all at -O2 and the constants as exported.
set -euo pipefail
stm32tvm=$1 folder=$2 work=$3
mkdir -p "$work"
echo '{"options": ["-O2"]}' > "$work/o2.json"
# measure ARCHIVE OPTION...: prints the ticks; at -O2 when a profile is among the options.
measure() {
  local archive=$1 release=()
  shift
  [[ $* != *--profile* ]] || release=(-DCMAKE_C_FLAGS_RELEASE=-O2)
  rm -rf "$work/project"
  "$stm32tvm" generate --quiet --model "$folder/$archive.tar" --name network --output "$work/project" \
    --target netduinoplus2 --samples "$folder" "$@"
  cmake -G Ninja -S "$work/project" -B "$work/project/build" "${release[@]}" > "$work/log"
  cmake --build "$work/project/build" >> "$work/log"
  cmake --build "$work/project/build" --target run | sed -n 's/^ticks: //p' | head -n 1
}
for archive in graph aot_c_usmp; do
  echo "$archive: as emitted $(measure "$archive"), -O2 $(measure "$archive" --profile "$work/o2.json")," \
    "-O2 --keep-constants $(measure "$archive" --profile "$work/o2.json" --keep-constants)"
done
