#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# memory.sh STM32TVM ARCHIVE WORK COMPILER: plans the digits network in two memories, with its input in the caller's and
# its output double-buffered, and the other way round; runs both on this machine under each device API, and links the
# first for a Cortex-M with the emitted script.
set -euo pipefail
stm32tvm=$1 archive=$2 work=$3 compiler=$4
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$work"
mkdir -p "$work"
cat > "$work/mempools.json" <<'JSON'
{"memory": {"mempools": [
  {"name": "FLASH", "prop": {"rights": "ACC_READ"}, "size": {"value": "1", "magnitude": "MBYTES"}},
  {"name": "AXI", "prop": {"throughput": "MID", "latency": "MID", "rights": "ACC_WRITE"},
   "size": {"value": "512", "magnitude": "KBYTES"}, "offset": {"value": "0x24000000", "magnitude": "BYTES"}},
  {"name": "DTCM", "prop": {"throughput": "HIGH", "latency": "LOW", "rights": "ACC_WRITE"},
   "size": {"value": "256", "magnitude": "BYTES"}, "offset": {"value": "0x20000000", "magnitude": "BYTES"}}]}}
JSON

# emit FOLDER API INPUTS OUTPUTS: with one of the two in the caller's memory, and the other double-buffered.
emit() {
  "$stm32tvm" generate --quiet --model "$archive" --name network --output "$1" --c-api "$2" \
    --memory-pool "$work/mempools.json" --inputs-memory "$3" --outputs-memory "$4"
}
for api in tvm st-ai legacy; do
  for inputs in caller double; do
    folder=$work/$api-$inputs definition=INPUT_IS_DOUBLE outputs=caller
    [ "$inputs" = double ] || { definition=OUTPUT_IS_DOUBLE outputs=double; }
    emit "$folder" "$api" "$inputs" "$outputs"
    network=$folder/network runtime=$folder/runtime api_word=${api^^}
    "$compiler" -std=c99 -Wall -Wextra -Werror -O1 -ffunction-sections -Wl,--gc-sections -D "API_${api_word//-/_}" \
      -D "$definition" -I "$network" -I "$runtime" -I "$runtime/include" -I "$here" -o "$folder/application" \
      "$here/memory_application.c" "$network/network.c" "$network/network_data.c" "$runtime"/*.c \
      -w "$network"/network_lib*.c -fno-strict-aliasing -lm
    "$folder/application" "$(dirname "$archive")"
  done
done

command -v arm-none-eabi-gcc > /dev/null || { echo "skipped: there is no arm-none-eabi-gcc"; exit 77; }
emit "$work/emitted" tvm caller double
network=$work/emitted/network runtime=$work/emitted/runtime
cat > "$work/own.ld" <<'LD'
MEMORY { FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 1M  RAM (rw) : ORIGIN = 0x30000000, LENGTH = 128K }
SECTIONS {
  .text : { *(.text*) *(.rodata*) *(.nn_models*) *(.nn_weights*) } > FLASH
  .ARM.exidx : { *(.ARM.exidx*) } > FLASH
  .data : { *(.data*) } > RAM AT> FLASH
  .bss (NOLOAD) : { *(.bss*) *(COMMON) } > RAM
}
LD
echo 'extern const int network_network; const int* volatile kept; int main(void) { kept = &network_network; return 0; }' \
  > "$work/main.c"
arm-none-eabi-gcc -mcpu=cortex-m7 -mthumb -O1 -w -nostartfiles --specs=nano.specs -T "$work/emitted/memories.ld" \
  -T "$work/own.ld" -Wl,-e,main -I "$network" -I "$runtime" -I "$runtime/include" \
  -o "$work/program.elf" "$work/main.c" "$network"/*.c "$runtime"/stvm.c "$runtime"/ai_runtime_api.c -lm
arm-none-eabi-nm "$work/program.elf" > "$work/symbols"
grep -q '^20000000 [bdBD] network_activations$' "$work/symbols"
grep -q '^24000000 [bdBD] network_activations_2$' "$work/symbols"

# Weights of the image that have an address, beside these memories.
"$stm32tvm" generate --quiet --model "$archive" --name network --output "$work/emitted" --force \
  --memory-pool "$work/mempools.json" --weights-address 0x90000000
arm-none-eabi-gcc -mcpu=cortex-m7 -mthumb -O1 -w -nostartfiles --specs=nano.specs -T "$work/emitted/memories.ld" \
  -T "$work/own.ld" -Wl,-e,main -I "$network" -I "$runtime" -I "$runtime/include" \
  -o "$work/program.elf" "$work/main.c" "$network"/*.c "$runtime"/stvm*.c "$runtime"/ai_runtime_api.c -lm
arm-none-eabi-nm "$work/program.elf" > "$work/symbols"
grep -q '^90000000 [rR] network_weights$' "$work/symbols"
grep -q '^20000000 [bdBD] network_activations$' "$work/symbols"
arm-none-eabi-objcopy -O binary -j .nn_external.weights "$work/program.elf" "$work/weights.bin"
cmp "$work/weights.bin" "$network/network_weights.bin"
