#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# no_heap.sh STM32TVM ARCHIVE WORK: firmware of each device API links without a heap and stdio, and does not once its
# main() calls malloc() or printf().
set -euo pipefail
stm32tvm=$1 archive=$2 work=$3
here=$(cd "$(dirname "$0")" && pwd)
command -v arm-none-eabi-gcc > /dev/null || { echo "skipped: there is no arm-none-eabi-gcc"; exit 77; }

rm -rf "$work"
# link API OPTION...: builds the firmware of $work/API.
link() { make -s -j2 -C "$work/$1" "${@:2}" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }; }
holds_nothing() { bash "$here/heap_symbols.sh" "$work/$1/build/network_firmware.elf"; }
for api in tvm st-ai legacy; do
  "$stm32tvm" generate --quiet --model "$archive" --name network --output "$work/$api" --target netduinoplus2 \
    --c-api "$api" --build-system make --application minimal
  link "$api"
  holds_nothing "$api"
done

# seen NAME CALL: the symbol NAME is found where main() calls it.
seen() {
  { printf '#include <stdio.h>\n#include <stdlib.h>\nvoid* volatile made;\n'
    sed "s/^int main(void) {\$/&\n  $2;/" "$work/tvm/firmware/main.c"; } > "$work/calls_$1.c"
  # The libraries lack what stands below their heap and stdio.
  link tvm APPLICATION="$work/calls_$1.c" CFLAGS=--specs=nosys.specs
  if holds_nothing tvm 2> "$work/message"; then
    echo "$1 was not seen"
    exit 1
  fi
  grep -qx "[0-9a-f]* [A-Za-z] $1" "$work/message"
}
seen malloc 'made = malloc(16)'
seen printf 'printf("%p", made)'
