#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# operator.sh STM32TVM ARCHIVE WORK COMPILER: emits an operator style archive of a product of two int8[16] tensors,
# compiles it for this machine, and checks it against products computed by the application.
set -euo pipefail
stm32tvm=$1 archive=$2 work=$3 compiler=$4
here=$(cd "$(dirname "$0")" && pwd)

rm -rf "$work"
"$stm32tvm" generate --quiet --model "$archive" --name product --output "$work/emitted"
"$compiler" -std=c99 -Werror=incompatible-pointer-types -I "$work/emitted/runtime" \
  -I "$work/emitted/runtime/include" -I "$work/emitted/product" -o "$work/application" \
  "$here/operator_application.c" "$work"/emitted/product/*.c "$work"/emitted/runtime/{stvm,ai_runtime_api}.c
"$work/application"
