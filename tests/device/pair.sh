#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# pair.sh STM32TVM ONE TWO WORK COMPILER API: two archives of one device API in one image for this machine, each run on the
# golden samples beside it.
set -euo pipefail
stm32tvm=$1 one=$2 two=$3 work=$4 compiler=$5 api=$6
here=$(cd "$(dirname "$0")" && pwd)

rm -rf "$work"
mkdir -p "$work/application"
"$stm32tvm" generate --quiet --model "$one" --name one --output "$work/one" --c-api "$api"
"$stm32tvm" generate --quiet --model "$two" --name two --output "$work/two" --c-api "$api"
definition=
[[ $api != legacy ]] || definition=PAIR_LEGACY
cat > "$work/application/CMakeLists.txt" <<CMAKE
cmake_minimum_required(VERSION 3.21)
project(application LANGUAGES C)
add_subdirectory(../one one)
add_subdirectory(../two two)
add_executable(application $here/pair_application.c)
set_target_properties(application PROPERTIES C_STANDARD 99)
target_compile_definitions(application PRIVATE $definition)
target_include_directories(application PRIVATE $here)
target_link_libraries(application PRIVATE one two m)
CMAKE
cmake -G Ninja -S "$work/application" -B "$work/build" -DCMAKE_C_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_COMPILE_WARNING_AS_ERROR=ON > "$work/log" || { cat "$work/log"; exit 1; }
cmake --build "$work/build" >> "$work/log" || { cat "$work/log"; exit 1; }
"$work/build/application" "$(dirname "$one")" "$(dirname "$two")"
