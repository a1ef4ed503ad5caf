#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools.sh STM32TVM ARCHIVE WORK: build, flash and run call the board's tools as they should, with stand-ins for the tools.
set -euo pipefail
stm32tvm=$1 archive=$2 work=$3
rm -rf "$work"
mkdir -p "$work/tools"
cd "$work"

# expect STATUS ARGUMENTS...: with the stand-ins, and no other tools, in PATH.
expect() {
  local expected=$1 status=0
  shift
  : > calls
  PATH=$work/tools "$stm32tvm" "$@" > output 2> message || status=$?
  [ "$status" -eq "$expected" ] || { echo "stm32tvm $*: exit status $status, not $expected"; cat message; exit 1; }
}

# tool NAME [LINE]: a stand-in that writes its folder and its arguments down.
tool() {
  printf '#!/bin/bash\necho "%s in ${PWD##*/}: $*" >> "%s/calls"\n%s\n' "$1" "$work" "${2:-}" > "tools/$1"
  chmod +x "tools/$1"
}

called() { diff calls - || { echo 'other tools were called, or with other arguments'; exit 1; }; }

"$stm32tvm" generate --quiet --model "$archive" --name digits --target nucleo-f401re --output board
"$stm32tvm" generate --quiet --model "$archive" --name digits --target netduinoplus2 --build-system make --output emulated

expect 1 build nothing
grep -q 'generate --target' message
expect 1 build board
grep -q '^stm32tvm: cmake: this program is not installed' message

tool cmake
expect 0 build board
called <<'END'
cmake in board: --preset nucleo-f401re
cmake in board: --build --preset nucleo-f401re
END
grep -q '^board/build/nucleo-f401re/firmware/digits_firmware.elf$' output

# A tool's own message is shown when it fails, and nothing is called after it.
tool cmake 'echo "no such preset"; exit 3'
expect 1 build board
grep -q '^no such preset$' output
grep -q 'cmake: the program failed; what it said is above' message
[ "$(wc -l < calls)" -eq 1 ]

tool cmake
expect 1 flash board
grep -q 'none of STM32_Programmer_CLI, openocd, st-flash is installed' message
[ ! -s calls ]

tool st-flash
tool arm-none-eabi-objcopy
image=build/nucleo-f401re/firmware/digits_firmware
expect 0 flash board
tail -n 2 calls > last
mv last calls
called <<END
arm-none-eabi-objcopy in board: -O ihex $image.elf $image.hex
st-flash in board: --reset --format ihex write $image.hex
END
tool openocd
expect 0 flash board --probe 066BFF
tail -n 1 calls > last
mv last calls
called <<END
openocd in board: -f interface/stlink.cfg -c adapter serial 066BFF -f target/stm32f4x.cfg -c program $image.elf verify reset exit
END
tool STM32_Programmer_CLI
expect 0 flash board
tail -n 1 calls > last
mv last calls
called <<END
STM32_Programmer_CLI in board: -c port=SWD -w $image.elf -v -rst
END

# Weights beside the image are written first, with the loader of the board's external flash.
"$stm32tvm" generate --quiet --model "$archive" --name digits --target nucleo-f401re --weights-address 0x90000000 \
  --weights binary --output external
expect 0 flash external --loader board.stldr
tail -n 2 calls > last
mv last calls
called <<END
STM32_Programmer_CLI in external: -c port=SWD -el board.stldr -w digits/digits_weights.bin 0x90000000 -v
STM32_Programmer_CLI in external: -c port=SWD -el board.stldr -w $image.elf -v -rst
END
rm tools/STM32_Programmer_CLI
expect 1 flash external
grep -q 'none of STM32_Programmer_CLI is installed' message

expect 1 run board
grep -q 'no emulator has this board' message
expect 1 flash emulated
grep -q 'no tool is known' message
tool make
tool qemu-system-arm 'echo "golden check: passed"'
expect 0 run emulated
grep -q '^golden check: passed$' output
grep -q '^qemu-system-arm in emulated: -M netduinoplus2 .*-kernel build/digits_firmware.elf$' calls
tool qemu-system-arm 'exit 1'
expect 1 run emulated
grep -q 'qemu-system-arm: the program failed' message

echo '{"format": 1}' > board/stm32tvm.json
expect 1 build board
grep -q 'emit the project again' message
