#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# weights.sh STM32TVM ARCHIVE SAMPLES WORK API: every form and place of weights gives the golden outputs in QEMU's
# mps2-an500, whose PSRAM stands for an external flash; the image holds the archive's parameters; damaged weights are
# refused. The archive's parameters are called p0, p1, and so on.
set -euo pipefail
stm32tvm=$1 archive=$2 samples=$3 work=$4 api=$5
here=$(dirname "$(readlink -f "$0")")
for tool in arm-none-eabi-gcc qemu-system-arm python3; do
  command -v "$tool" > /dev/null || { echo "skipped: there is no $tool"; exit 77; }
done
rm -rf "$work"
mkdir -p "$work"
# Most sources are the same in every project.
export CCACHE_DIR=$work/ccache
compiler=arm-none-eabi-
command -v ccache > /dev/null && compiler="ccache $compiler"

# project NAME OPTION...: emits and builds one.
project() {
  local name=$1
  shift
  "$stm32tvm" generate --quiet --model "$archive" --name network --output "$work/$name" --target mps2-an500 \
    --c-api "$api" --build-system make --samples "$samples" --keep-constants "$@"
  # What is there must not depend on where it is.
  mv "$work/$name" "$work/moved"
  make -s -j2 -C "$work/moved" CROSS_COMPILE="$compiler" CFLAGS=-Werror > "$work/$name.log" 2>&1 ||
    { cat "$work/$name.log"; exit 1; }
  mv "$work/moved" "$work/$name"
}
run() { timeout 60 make -s -C "$work/$1" CROSS_COMPILE="$compiler" run > "$work/$1.txt" 2>&1; }
check() {
  project "$@"
  run "$1" || { echo "$1"; cat "$work/$1.txt"; exit 1; }
  grep -q 'golden check: passed (4 samples)' "$work/$1.txt"
}
# in_image NAME: each parameter is in the linked image, in an aligned place.
in_image() {
  if [ "$api" = tvm ]; then
    tar -xOf "$archive" ./parameters/default.params > "$work/params"
    python3 "$here/weights_in_image.py" "$work/$1/build/network_firmware.elf" "$work/$1/network/network.c" "$work/params"
  fi
}

check incbin
in_image incbin
check c_array --weights c-array
in_image c_array
check elf --weights elf
in_image elf
check external --weights-address 0x60000000
in_image external
check hex --weights-address 0x60012340 --weights hex
check ram --weights-place ram --weights-address 0x60000000 --weights binary
check fetch --weights-place fetch --weights-address 0x60000000
cat > "$work/placement.json" << 'JSON'
{"weights_groups": [
  {"name": "first", "tensors": ["p0"], "place": "ram"},
  {"name": "second", "tensors": ["p1"], "place": "fetch", "address": "0x60100000"},
  {"name": "third", "tensors": ["p2"], "place": "external", "address": "0x60200000", "format": "elf"}
]}
JSON
check groups --placement "$work/placement.json"

# Weights of which one bit differs, or that are not there.
for name in hex ram fetch; do
  for file in "$work/$name"/network/network_weights.*; do
    case $file in
      *.hex) sed -i '/^:10/d' "$file" ;;
      *) printf '\x55' | dd of="$file" bs=1 seek=200 conv=notrunc status=none ;;
    esac
  done
  if run "$name"; then echo "$name: damaged weights are taken"; exit 1; fi
  grep -qE '^create: (The weights in storage are damaged|.*INVALID_WEIGHTS_PTR|.*AI_ERROR_CODE_NETWORK_WEIGHTS)' "$work/$name.txt" ||
    { echo "$name"; cat "$work/$name.txt"; exit 1; }
done
echo "weights: all forms and places"
