#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# kernels_memory.sh STM32TVM ARCHIVE SAMPLES WORK: firmware whose kernels run from a memory that is empty at reset, a part of
# mps2-an500's that QEMU loads nothing into: all kernels, and one of them. What does not fit, and a memory that no code runs
# from, are refused.
set -euo pipefail
stm32tvm=$1 archive=$2 samples=$3 work=$4
for tool in arm-none-eabi-gcc qemu-system-arm; do
  command -v "$tool" > /dev/null || { echo "skipped: there is no $tool"; exit 77; }
done
rm -rf "$work"
mkdir -p "$work"
cd "$work"

boards() { # KIB
  cat > own.json <<END
{
  "format": 1,
  "parts": [
    {"name": "MPS2-AN500-ITCM", "core": "cortex-m7", "fpu": "fpv5-d16", "systick_hz": 25000000, "interrupts": 32,
     "memories": [{"name": "FLASH", "address": "0x00000000", "size_kib": 3072, "executable": true},
                  {"name": "RAM", "address": "0x20000000", "size_kib": 4096},
                  {"name": "ITCM", "address": "0x00300000", "size_kib": $1, "executable": true}],
     "source": "QEMU 7.2, mps2-an500, its first memory in two parts", "verified": true}],
  "boards": [{"name": "own", "description": "mps2-an500 with ITCM", "part": "MPS2-AN500-ITCM",
              "qemu_machine": "mps2-an500", "source": "QEMU 7.2"}]
}
END
}
boards 64

build() { # [OPTION...]
  "$stm32tvm" generate --quiet --model "$archive" --output emitted --boards own.json --target own \
    --samples "$samples" "$@"
  cmake -G Ninja -S emitted -B build -DCMAKE_COMPILE_WARNING_AS_ERROR=ON > log || { cat log; exit 1; }
  cmake --build build > log 2>&1
}
run() {
  timeout 300 cmake --build build --target run > output
  grep -q 'golden check: passed (4 samples)' output || { cat output; exit 1; }
}
# The kernels at addresses from 0x00300000 on, and all.
in_memory() { arm-none-eabi-nm build/firmware/network_firmware.elf | grep -c '^0030[0-9a-f]* [Tt] network_tvmgen'; }
all() { arm-none-eabi-nm build/firmware/network_firmware.elf | grep -c ' [Tt] network_tvmgen'; }

build --kernels-memory ITCM
run
echo "$(in_memory) of $(all) kernels in ITCM"
test "$(in_memory)" -ge 4
test "$(in_memory)" -eq "$(all)"
# Nothing is loaded there: the start-up code copies them.
arm-none-eabi-readelf -lW build/firmware/network_firmware.elf > segments
awk '$1 == "LOAD" && $3 ~ /^0x0030/ {found = 1; if ($4 ~ /^0x0030/) bad = 1} END {exit bad || !found}' segments ||
  { cat segments; exit 1; }

kernel=$(arm-none-eabi-nm build/firmware/network_firmware.elf | sed -n 's/.* T network_\(tvmgen.*conv.*\)/\1/p' | head -n 1)
echo "{\"options\": [\"-O2\"], \"memory\": \"ITCM\", \"in_memory\": [\"$kernel\"]}" > one.json
build --profile one.json
run
test "$(in_memory)" -eq 1

boards 1
! build --kernels-memory ITCM
grep -Eq "region \`ITCM' overflowed by [0-9]+ bytes" log || { cat log; exit 1; }

refused() { # BOARD MEMORY MESSAGE
  ! "$stm32tvm" generate --quiet --model "$archive" --output refused --target "$1" --kernels-memory "$2" 2> message
  grep -qF "$3" message || { cat message; exit 1; }
  test ! -e refused
}
refused stm32f407g-disc1 CCMRAM 'no code runs from this memory of the target; leave kernels in FLASH'
refused nucleo-h743zi2 DTCM 'no code runs from this memory of the target; take ITCM'
refused nucleo-h743zi2 ITCMRAM 'the target has no memory of this name; take ITCM'
