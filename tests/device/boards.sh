#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# boards.sh STM32TVM ARCHIVE SAMPLES WORK LARGE: firmware for every board of the table, and for some that only a table of the
# user's own has, compiles without a warning and links; where QEMU has the machine, it gives the samples' outputs. The
# stack's guard is seen to work, and so is the console on a serial port. Archive LARGE, where it is there, is refused for
# the smallest board before anything is written.
set -euo pipefail
stm32tvm=$1 archive=$2 samples=$3 work=$4 large=$5
for tool in arm-none-eabi-gcc qemu-system-arm; do
  command -v "$tool" > /dev/null || { echo "skipped: there is no $tool"; exit 77; }
done
rm -rf "$work"
mkdir -p "$work"
cd "$work"

warnings=(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)

# build BOARD [MAIN]: compiles and links BOARD's folder. What the boards of a core have in common is compiled once.
build() {
  local board=$1 main=${2:-$1/firmware/main.c} flags objects
  flags=$(sed -n 's/^set(CMAKE_C_FLAGS_INIT "\(.*\)")$/\1/p' "$board/toolchain-arm-none-eabi.cmake")
  objects="objects/${flags// /}"
  if [ ! -d "$objects" ]; then
    mkdir -p "$objects"
    # shellcheck disable=SC2086 # the flags are words
    (cd "$objects" && arm-none-eabi-gcc $flags -std=c99 -O1 -ffunction-sections -fdata-sections "${warnings[@]}" \
      -DSTVM_MODELS_IN_SECTION -c -I "$work/$board/runtime" -I "$work/$board/runtime/include" \
      -I "$work/$board/digits" "$work/$board"/runtime/*.c "$work/$board"/digits/digits.c \
      "$work/$board"/digits/digits_data.c &&
      arm-none-eabi-gcc $flags -std=c99 -O1 -w -ffp-contract=off -fno-strict-aliasing -c \
        -I "$work/$board/runtime" -I "$work/$board/runtime/include" -I "$work/$board/digits" \
        "$work/$board"/digits/digits_lib*.c)
  fi
  local sources=("$main")
  for source in "$board"/firmware/*.c; do
    [[ $source == */main.c ]] || sources+=("$source")
  done
  # shellcheck disable=SC2086
  arm-none-eabi-gcc $flags -std=c99 -Os -ffunction-sections -fdata-sections "${warnings[@]}" \
    -I "$board/runtime" -I "$board/runtime/include" -I "$board/firmware" "${sources[@]}" "$objects"/*.o \
    -T "$board/firmware/linker.ld" --specs=nano.specs -nostartfiles -Wl,--gc-sections -Wl,--fatal-warnings \
    -lm -o "$board.elf"
}

# run MACHINE BOARD: prints what the firmware prints.
run() {
  timeout 60 qemu-system-arm -M "$1" -display none -monitor none -serial null -chardev stdio,id=console \
    -semihosting-config enable=on,target=native,chardev=console -kernel "$2.elf" < /dev/null
}

emit() {
  "$stm32tvm" generate --quiet --model "$archive" --name digits --samples "$samples" --target "$1" --output "$1" \
    "${@:2}"
}

golden() { grep -q 'golden check: passed (4 samples)' "$1" || { cat "$1"; exit 1; }; }

"$stm32tvm" boards > boards
machines=0
while read -r board _ _ _ _ _ _ _ _ where; do
  emit "$board"
  build "$board"
  if [ "$where" = QEMU ]; then
    run "$board" "$board" > output || { cat output; exit 1; }
    golden output
    machines=$((machines + 1))
  fi
done < boards
echo "$(wc -l < boards) boards built, $machines of them run"
[ "$(wc -l < boards)" -ge 29 ] && [ "$machines" -ge 7 ]

if [ -e "$large" ]; then
  status=0
  "$stm32tvm" generate --model "$large" --target stm32vldiscovery --output refused 2> message || status=$?
  [ "$status" -eq 1 ] && grep -q '^stm32tvm: stm32vldiscovery, 8192 bytes of RAM: ' message && [ ! -e refused ] ||
    { cat message; exit 1; }
fi

# Boards that the library does not know: a Cortex-M0, and a serial port of the STM32F405 that QEMU has, too.
cat > own.json <<'JSON'
{
  "format": 1,
  "parts": [
    {"name": "nRF51822", "core": "cortex-m0", "fpu": "", "systick_hz": 64000000, "interrupts": 32,
     "memories": [{"name": "FLASH", "address": "0x00000000", "size_kib": 256, "executable": true},
                  {"name": "RAM", "address": "0x20000000", "size_kib": 16}],
     "source": "QEMU 7.2, microbit", "verified": true}],
  "boards": [
    {"name": "microbit", "description": "BBC micro:bit, as QEMU emulates it", "part": "nRF51822",
     "qemu_machine": "microbit", "source": "QEMU 7.2"},
    {"name": "serial", "description": "USART1 of an STM32F405", "part": "STM32F405RG", "source": "QEMU 7.2",
     "console": {"uart": "USART1", "tx": "PA9", "rx": "PA10", "registers": "usart-1", "address": "0x40011000",
                 "gpio": "0x40020000", "alternate_function": 7, "source": "QEMU 7.2",
                 "enable": [{"address": "0x40023830", "bit": 0}, {"address": "0x40023844", "bit": 4}]}}]
}
JSON
emit microbit --boards own.json
build microbit
run microbit microbit > output
golden output

emit serial --boards own.json
build serial
: > output
# Nothing ends a program on a board but its reset.
qemu-system-arm -M netduinoplus2 -display none -monitor none -serial file:output -kernel serial.elf < /dev/null \
  2> /dev/null &
emulator=$!
for ((i = 0; i < 600; ++i)); do
  ! grep -q '^golden check' output || break
  sleep 0.1
done
kill "$emulator"
wait "$emulator" || true
golden output

# A stack that grows into the data: seen at once by memory protection and by a stack limit, else in the end.
cat > overflow.c <<'C'
#include <stdint.h>

#include "console.h"

extern uint32_t _stack_guard[];
int main(void);
uint32_t grow(const volatile uint32_t* before);

uint32_t grow(const volatile uint32_t* before) {
  volatile uint32_t here[8] = {*before, 1, 2, 3, 4, 5, 6, 7};
  return (uintptr_t)here < (uintptr_t)_stack_guard ? here[0] : grow(here) + here[7];
}

int main(void) {
  const volatile uint32_t start = 0;
  return grow(&start) == 1;
}
C
for board in netduinoplus2 mps2-an500 mps2-an505 mps3-an547 microbit; do
  build "$board" overflow.c
  status=0
  run "$board" "$board" > output || status=$?
  [ "$status" -eq 1 ] && grep -q 'the stack has grown into the data' output ||
    { echo "$board: exit status $status"; cat output; exit 1; }
done
