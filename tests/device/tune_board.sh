#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tune_board.sh STM32TVM ARCHIVE WORK: tunes on a board that this script plays: its probe's program has each kernel take
# as many ticks as it has bytes, half of them in the ITCM, and says so on the serial port.
set -euo pipefail
stm32tvm=$1 archive=$2 work=$3
for tool in arm-none-eabi-gcc python3; do
  command -v "$tool" > /dev/null || { echo "skipped: there is no $tool"; exit 77; }
done

rm -rf "$work"
mkdir -p "$work/tools"
mkfifo "$work/said"
# The port: what is written to the pipe comes out of it.
python3 - "$work" <<'END' &
import os, pty, sys, tty
work = sys.argv[1]
board, host = pty.openpty()
tty.setraw(host)
with open(work + "/port.part", "w") as file:
    file.write(os.ttyname(host))
os.rename(work + "/port.part", work + "/port")
while True:
    with open(work + "/said", "rb") as said:
        os.write(board, said.read())
END
port=$!
trap 'kill $port' EXIT
for _ in $(seq 100); do [ -e "$work/port" ] || sleep 0.1; done

cat > "$work/tools/STM32_Programmer_CLI" <<END
#!/bin/bash
for argument; do [[ \$argument != *.elf ]] || elf=\$argument; done
arm-none-eabi-nm -S --radix=d "\$elf" | awk '
  \$4 ~ /^network_tvmgen/ && !(\$4 in seen) {
    seen[\$4] = 1; ticks = \$1 < 65536 ? int(\$2 / 2) : \$2; sum += ticks
    text = text sprintf("kernel %s: %d ticks in 1 calls\n", substr(\$4, 9), ticks)
  }
  END {printf "ticks: %d\ngolden check: passed (4 samples)\n%s", sum, text}' | tee -a "$work/all" > "$work/said"
END
chmod +x "$work/tools/STM32_Programmer_CLI"

tune() { # [OPTION...]
  PATH="$work/tools:$PATH" "$stm32tvm" tune --model "$archive" --target nucleo-h743zi2 --samples "$(dirname "$archive")" \
    --compiler gcc --output "$work/profile.json" --work "$work/measured" "$@" > "$work/table" 2> "$work/progress"
}
tune --port "$(cat "$work/port")" || { cat "$work/progress"; exit 1; }
grep -q "^gcc, measured on the board at $(cat "$work/port"); " "$work/table" || { cat "$work/table"; exit 1; }
grep -q "\"where\": \"on the board at $(cat "$work/port")\"" "$work/profile.json"
grep -Eq '([0-9]+) of \1 kernels in ITCM: kept$' "$work/table" || { cat "$work/table"; exit 1; }
grep -q '"memory": "ITCM"' "$work/profile.json"
# The fewest ticks that the board ever reported.
fewest=$(awk '/^ticks:/ {print $2}' "$work/all" | sort -n | head -n 1)
grep -q "\"ticks\": $fewest," "$work/profile.json" || { cat "$work/profile.json"; exit 1; }

# Kernels that fit their memory by their sizes and not when they are linked: what was tuned before is kept.
gcc=$(command -v arm-none-eabi-gcc)
cat > "$work/tools/arm-none-eabi-gcc" <<END
#!/bin/bash
for argument; do
  [[ \$argument != *linker.ld ]] || ! grep -q '} > ITCM AT> FLASH' "\${argument#-T}" || exit 1
done
exec $gcc "\$@"
END
chmod +x "$work/tools/arm-none-eabi-gcc"
rm -r "$work/measured/gcc" "$(ls -t "$work"/measured/*.txt | head -n 1)" "$work/profile.json"
tune --port "$(cat "$work/port")" || { cat "$work/progress"; exit 1; }
grep -Eq '([0-9]+) of \1 kernels cannot be linked to ITCM' "$work/table" || { cat "$work/table"; exit 1; }
test "$(grep -c ITCM "$work/profile.json")" -eq 0

# A port that is not there, and a board that QEMU has not.
! tune --port /dev/no_such_port
grep -q 'no_such_port' "$work/progress" || { cat "$work/progress"; exit 1; }
! tune --on emulator
grep -q 'QEMU does not emulate nucleo-h743zi2' "$work/progress" || { cat "$work/progress"; exit 1; }
