#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# several.sh STM32TVM WORK COMPILER NAME=ARCHIVE=SAMPLES...: emits each archive under its name, or, with several modules,
# NAME_<module>, links all into one image for this machine, and runs each network on its samples: those of the folder
# SAMPLES/<module> for an archive with several modules. With ONE_CALL in the environment all archives are emitted into
# one tree; with SHARE_ARENA the networks of a tree share one arena.
set -euo pipefail
stm32tvm=$1 work=$2 compiler=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)

rm -rf "$work"
mkdir -p "$work/application"
cat > "$work/application/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.21)
project(application LANGUAGES C)
CMAKE
# emit FOLDER ARGUMENTS...
emit() {
  "$stm32tvm" generate --quiet --output "$work/$1" ${SHARE_ARENA:+--share-arena} "${@:2}"
  echo "add_subdirectory(../$1 $1)" >> "$work/application/CMakeLists.txt"
}
networks=()
folders=()
models=()
for each in "$@"; do
  IFS== read -r name archive samples <<< "$each"
  models+=(--model "$name=$archive")
  [ -n "${ONE_CALL:-}" ] || emit "$name" --model "$archive" --name "$name"
done
[ -z "${ONE_CALL:-}" ] || emit all "${models[@]}"
for each in "$@"; do
  IFS== read -r name archive samples <<< "$each"
  tree=${ONE_CALL:+all}
  for source in "$work/${tree:-$name}/$name"*/*_data.h; do
    network=$(basename "$source" _data.h)
    networks+=("$network")
    folder=$samples
    [[ $network == "$name" ]] || folder=$(dirname "$samples")/${network#"${name}"_}_int8
    folders+=("$network=$folder")
  done
  # What is for one network is refused for several.
  [[ $network == "$name" ]] || { ! "$stm32tvm" generate --model "$archive" --name "$name" --output "$work/refused" \
    --profile profile.json 2> "$work/message" && grep -q -- '--profile is for one; name it' "$work/message"; }
done
cat >> "$work/application/CMakeLists.txt" <<CMAKE
add_executable(application $here/several_application.c)
set_target_properties(application PROPERTIES C_STANDARD 99)
target_include_directories(application PRIVATE $here)
target_link_libraries(application PRIVATE ${networks[*]} stvm_runtime)
CMAKE
cmake -G Ninja -S "$work/application" -B "$work/build" -DCMAKE_C_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_C_FLAGS=-Werror=incompatible-pointer-types -DCMAKE_COMPILE_WARNING_AS_ERROR=ON > "$work/log" ||
  { cat "$work/log"; exit 1; }
cmake --build "$work/build" >> "$work/log" || { cat "$work/log"; exit 1; }
"$work/build/application" "${folders[@]}"
# The same for a Cortex-M, where there is a compiler.
if command -v arm-none-eabi-gcc > /dev/null; then
  cmake -G Ninja -S "$work/application" -B "$work/arm" -DCMAKE_SYSTEM_NAME=Generic -DCMAKE_SYSTEM_PROCESSOR=arm \
    -DCMAKE_C_COMPILER=arm-none-eabi-gcc -DCMAKE_BUILD_TYPE=Release -DCMAKE_COMPILE_WARNING_AS_ERROR=ON \
    -DCMAKE_C_FLAGS="-mcpu=cortex-m4 -mthumb --specs=rdimon.specs -Werror=incompatible-pointer-types" > "$work/log" ||
    { cat "$work/log"; exit 1; }
  cmake --build "$work/arm" >> "$work/log" || { cat "$work/log"; exit 1; }
fi
# Shared, there is one arena.
[ -z "${SHARE_ARENA:-}" ] || [ "$(nm "$work/build/application" | grep -cE ' [bBdD] .*(_arena_[0-9]+|_activations)$')" = 1 ]
