#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# add_network.sh PREFIX PROJECT WORK DATA: stm32tvm_add_network() in a host build by Ninja and by Make: nothing is done
# while nothing changes, and a changed archive is emitted again, with other sources too, as for another file of its
# options; in a cross build; and with several networks at once. An archive is named from the source folder, by a name with
# a '=' in it.
set -euo pipefail
prefix=$1 projects=$2 work=$3 data=$4
rm -rf "$work"
mkdir -p "$work"
cp -R "$projects/network" "$work/project"
cp -R "$projects/networks" "$work/networks"
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

several=$work/networks
cp "$data/digits_int8/graph.tar" "$several/digits.tar"
cp "$data/branches_f32/graph.tar" "$several/branches.tar"
mkdir "$several/samples"
cp "$data"/digits_int8/{in0_0,out0_0}.bin "$several/samples"
configure_several() { cmake -G Ninja -S "$several" -B "$1" -DCMAKE_PREFIX_PATH="$prefix" "${@:2}" > "$work/log" 2>&1; }
configure_several "$work/several" -DBOARD=netduinoplus2 || { cat "$work/log"; exit 1; }
build "$work/several"
"$work/several/application"
emitted=$work/several/both_emitted
grep -q 'digits' "$emitted/firmware/digits_samples.c"
build "$work/several"
grep -q Configuring "$work/log" && { echo "several: something was done for nothing"; cat "$work/log"; exit 1; }
for changed in branches.tar samples/in0_0.bin; do
  touch -d '+1 second' "$several/$changed"
  build "$work/several"
  grep -q Configuring "$work/log" || { echo "$changed was not read again"; exit 1; }
done
cmake -G Ninja -S "$several" -B "$work/file" -DBOARD=netduinoplus2 -DSTM32TVM_EXECUTABLE="$prefix/bin/stm32tvm" \
  -DFUNCTION="$(find "$prefix" -name Stm32tvmAddNetwork.cmake)" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
# One runtime has one API, and a board not room for all.
refused() {
  if configure_several "${@:2}"; then echo "not refused: $1"; exit 1; fi
  tr -s ' \n' ' ' < "$work/log" | grep "$1" > /dev/null || { cat "$work/log"; exit 1; }
}
refused 'another network of this build has st-ai' "$work/two" -DBOARD=netduinoplus2 -DAPI=tvm
refused 'was not emitted: .* give the pool more memory' "$work/small" -DBOARD=tiny

command -v arm-none-eabi-gcc > /dev/null || exit 0
cmake -G Ninja -S "$project" -B "$work/cross" -DMODEL="$data/digits_int8/graph.tar" -DPLACEMENT="$placement" \
  -Dstm32tvm_ROOT="$prefix" \
  -DCMAKE_SYSTEM_NAME=Generic -DCMAKE_SYSTEM_PROCESSOR=arm -DCMAKE_C_COMPILER=arm-none-eabi-gcc \
  -DCMAKE_C_FLAGS="-mcpu=cortex-m4 -mthumb" -DCMAKE_EXE_LINKER_FLAGS=--specs=rdimon.specs > "$work/log" 2>&1 ||
  { cat "$work/log"; exit 1; }
build "$work/cross"
arm-none-eabi-nm "$work/cross/application" | grep ' digits_network$' > /dev/null
