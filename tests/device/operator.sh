#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# operator.sh STM32TVM ARCHIVE WORK COMPILER: emits an operator style archive of a product of two int8[16] tensors,
# compiles it for a Cortex-M where there is a compiler, and for this machine, and checks it there against products
# computed by the application.
set -euo pipefail
stm32tvm=$1 archive=$2 work=$3 compiler=$4
here=$(cd "$(dirname "$0")" && pwd)

rm -rf "$work"
"$stm32tvm" generate --quiet --model "$archive" --name product --output "$work/emitted"
options=(-std=c99 -Werror=incompatible-pointer-types -I "$work/emitted/runtime" -I "$work/emitted/runtime/include"
  -I "$work/emitted/product")
sources=("$here/operator_application.c" "$work"/emitted/product/*.c "$work"/emitted/runtime/{stvm,ai_runtime_api}.c)
if command -v arm-none-eabi-gcc > /dev/null; then
  arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb --specs=nosys.specs "${options[@]}" -o "$work/firmware.elf" "${sources[@]}"
fi
"$compiler" "${options[@]}" -o "$work/application" "${sources[@]}"
"$work/application"
