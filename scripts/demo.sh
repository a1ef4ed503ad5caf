#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# demo.sh: from examples/digits.tar to firmware that reads handwritten digits, in QEMU's STM32F405.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install_dependencies.sh

echo "Building stm32tvm ..."
cmake --preset release -B build/demo -DSTM32TVM_BUILD_TESTS=OFF > /dev/null
cmake --build build/demo --target stm32tvm_cli > build/demo.log || { cat build/demo.log; exit 1; }
stm32tvm=build/demo/bin/stm32tvm

echo "Emitting firmware for examples/digits.tar ..."
"$stm32tvm" generate --quiet --model examples/digits.tar --name digits --target netduinoplus2 \
  --samples examples/digits/samples --output out/digits --force

echo "Building it with arm-none-eabi-gcc ..."
cmake -G Ninja -S out/digits -B out/digits-build -DAPPLICATION="$PWD/examples/digits/main.c" > /dev/null
cmake --build out/digits-build > out/digits-build.log || { cat out/digits-build.log; exit 1; }

echo "Running it in QEMU (netduinoplus2, an STM32F405):"
echo
cmake --build out/digits-build --target run | sed '/^\[/d'
echo
"$stm32tvm" analyze --model examples/digits.tar | grep -E '^(RAM|  arena|  heap|flash|  weights)'
echo
echo "The whole firmware, from the linker:"
grep -E 'Memory region|FLASH:|RAM:' out/digits-build.log
