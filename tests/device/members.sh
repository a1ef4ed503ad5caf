#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# members.sh STM32TVM DATA WORK COMPILER: the digits' archive with its kernels as C++, as an object file for this machine
# and for a Cortex-M4, and calling CMSIS-NN, of which a checkout is made up. Each is emitted, built and compared with the
# golden outputs.
set -euo pipefail
stm32tvm=$1 data=$2 work=$3 compiler=$4
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..

rm -rf "$work"
# changed NAME COMMAND...: NAME/NAME.tar, with the golden samples beside it, after the command has run in its sources.
changed() {
  local name=$1
  shift
  mkdir -p "$work/$name/unpacked"
  cp "$data"/digits_int8/*.bin "$work/$name"
  tar xf "$data/digits_int8/graph.tar" -C "$work/$name/unpacked"
  (cd "$work/$name/unpacked/codegen/host/src" && "$@")
  tar cf "$work/$name/$name.tar" -C "$work/$name/unpacked" .
}
run_on_host() {
  local name=$1
  shift
  bash "$here/host.sh" "$stm32tvm" "$work/$name/$name.tar" "$work/$name/host" "$compiler" "$@"
}

changed cpp mv default_lib1.c default_lib1.cc
run_on_host cpp

to_object() {
  mkdir ../lib
  "$@" -O2 -w -I "$root/runtime_c/include" -c -o ../lib/default_lib1.o default_lib1.c
  rm default_lib1.c
}
changed object to_object "$compiler"
run_on_host object
if command -v arm-none-eabi-gcc qemu-system-arm > /dev/null; then
  changed arm_object to_object arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard
  bash "$here/qemu.sh" "$stm32tvm" "$work/arm_object/arm_object.tar" "$work/arm_object/qemu"
else
  echo 'there is no arm-none-eabi-gcc or no qemu-system-arm: the object file for Arm was not tried'
fi

# A softmax that needs two more sources, of which one has the name of no function, beside one that does not compile.
cmsis_nn=$work/cmsis_nn
mkdir -p "$cmsis_nn/Include" "$cmsis_nn"/Source/{Softmax,NNSupport,Convolution}Functions
echo 'void arm_softmax_s8(int); void arm_nn_softmax_common_s8(int); int arm_convolve_wrapper_s8_get_buffer_size(int);' \
  > "$cmsis_nn/Include/arm_nnfunctions.h"
include='#include "arm_nnfunctions.h"'
printf '%s\nvoid arm_softmax_s8(int a) { arm_nn_softmax_common_s8(arm_convolve_wrapper_s8_get_buffer_size(a)); }\n' \
  "$include" > "$cmsis_nn/Source/SoftmaxFunctions/arm_softmax_s8.c"
printf '%s\nvoid arm_nn_softmax_common_s8(int a) { (void)a; }\n' "$include" \
  > "$cmsis_nn/Source/NNSupportFunctions/arm_nn_softmax_common_s8.c"
printf '%s\nint arm_convolve_wrapper_s8_get_buffer_size(int a) { return a; }\n' "$include" \
  > "$cmsis_nn/Source/ConvolutionFunctions/arm_convolve_get_buffer_sizes_s8.c"
echo '#error "not called"' > "$cmsis_nn/Source/SoftmaxFunctions/arm_softmax_u8.c"
call_softmax() {
  sed -i -e '1i #include <arm_nnfunctions.h>' -e 's/^TVM_DLL int32_t tvmgen_.* {$/&\n  arm_softmax_s8(0);/' default_lib1.c
}
changed cmsis call_softmax
run_on_host cmsis "-DSTVM_CMSIS_NN=$cmsis_nn"
missing() {
  ! run_on_host cmsis "$@" > "$work/log" 2>&1 || { echo 'it was configured'; exit 1; }
  grep -q "$message" "$work/log" || { cat "$work/log"; exit 1; }
}
message='network calls CMSIS-NN: set STVM_CMSIS_NN to a checkout of it' missing
rm "$cmsis_nn/Source/SoftmaxFunctions/arm_softmax_s8.c"
message='STVM_CMSIS_NN has no Source/SoftmaxFunctions/arm_softmax_s8.c' missing "-DSTVM_CMSIS_NN=$cmsis_nn"
