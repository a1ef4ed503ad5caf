#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# add_network.sh PREFIX PROJECT WORK DATA: stm32tvm_add_network() in a host build by Ninja and by Make: nothing is done
# while nothing changes, and a changed archive is emitted again, with other sources too, as for another file of its
# options; then in a cross build. The archive is named from the source folder, by a name with a '=' in it.
set -euo pipefail
prefix=$1 project=$2 work=$3 data=$4
rm -rf "$work"
mkdir -p "$work"
cp -R "$project" "$work/project"
project=$work/project model=$work/project/model=1.tar

placement="$work/a place \$1.json"
echo '{"weights_groups": [{"place": "flash"}]}' > "$placement"
build() { cmake --build "$1" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }; }
for generator in Ninja "Unix Makefiles"; do
  folder=$work/${generator% *}
  cp "$data/digits_int8/graph.tar" "$model"
  cmake -G "$generator" -S "$project" -B "$folder" -DMODEL=model=1.tar -DPLACEMENT="$placement" \
    -DCMAKE_PREFIX_PATH="$prefix" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
  build "$folder"
  "$folder/application"
  emitted=$folder/digits_emitted
  grep -q '#define DIGITS_INPUTS_COUNT' "$emitted/digits/digits.h" || grep -q DIGITS "$emitted/digits/digits.h"
  first=$(stat -c %Y.%y "$folder/application")
  build "$folder"
  grep -qE 'Building|Configuring' "$work/log" && { echo "$generator: something was done for nothing"; cat "$work/log"; exit 1; }
  [ "$first" = "$(stat -c %Y.%y "$folder/application")" ]
  touch -d '+1 second' "$placement"
  build "$folder"
  grep -q Configuring "$work/log"
  grep -q Building "$work/log" && { echo "$generator: compiled what did not change"; cat "$work/log"; exit 1; }
  # The other archive of the model has other kernels, in more sources; its weights are the same.
  cp "$data/digits_int8/graph_arm.tar" "$model"
  touch -d '+1 second' "$model"
  build "$folder"
  grep -q 'Building C object.*digits_lib1_2' "$work/log"
  [ "$first" != "$(stat -c %Y.%y "$folder/application")" ]
  "$folder/application"
  # The ahead-of-time executor's has fewer, and no longer these.
  cp "$data/digits_int8/aot_c_usmp.tar" "$model"
  touch -d '+2 seconds' "$model"
  build "$folder"
  grep -q 'Building C object.*digits_lib1\.c' "$work/log"
  [ ! -e "$emitted/digits/digits_lib1_2.c" ]
  "$folder/application"
done

command -v arm-none-eabi-gcc > /dev/null || exit 0
cmake -G Ninja -S "$project" -B "$work/cross" -DMODEL="$data/digits_int8/graph.tar" -DPLACEMENT="$placement" \
  -Dstm32tvm_ROOT="$prefix" \
  -DCMAKE_SYSTEM_NAME=Generic -DCMAKE_SYSTEM_PROCESSOR=arm -DCMAKE_C_COMPILER=arm-none-eabi-gcc \
  -DCMAKE_C_FLAGS="-mcpu=cortex-m4 -mthumb" -DCMAKE_EXE_LINKER_FLAGS=--specs=rdimon.specs > "$work/log" 2>&1 ||
  { cat "$work/log"; exit 1; }
build "$work/cross"
arm-none-eabi-nm "$work/cross/application" | grep ' digits_network$' > /dev/null
