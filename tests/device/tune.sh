#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tune.sh STM32TVM ARCHIVE WORK: tunes in QEMU, takes the measurements up again, and runs firmware with the profile.
set -euo pipefail
stm32tvm=$1 archive=$2 work=$3
for tool in arm-none-eabi-gcc qemu-system-arm; do
  command -v "$tool" > /dev/null || { echo "skipped: there is no $tool"; exit 77; }
done

rm -rf "$work"
mkdir -p "$work"
tune() { # [OPTION...]
  "$stm32tvm" tune --model "$archive" --target mps2-an500 --samples "$(dirname "$archive")" --output "$work/profile.json" \
    --work "$work/measured" "$@" > "$work/table" 2> "$work/progress" || { cat "$work/progress"; exit 1; }
}
tune
tail -n 3 "$work/table"
# Nothing is built for what is measured already.
cp "$work/profile.json" "$work/first.json"
touch "$work/before"
tune
cmp "$work/first.json" "$work/profile.json"
test -z "$(find "$work/measured/gcc" -name '*.obj' -newer "$work/before")"

ticks() {
  "$stm32tvm" generate --quiet --model "$archive" --output "$work/emitted" --target mps2-an500 \
    --samples "$(dirname "$archive")" --profile "$1"
  cmake -G Ninja -S "$work/emitted" -B "$work/build" > "$work/log" || { cat "$work/log"; exit 1; }
  cmake --build "$work/build" >> "$work/log" || { cat "$work/log"; exit 1; }
  timeout 300 cmake --build "$work/build" --target run > "$work/output"
  grep -q 'golden check: passed (4 samples)' "$work/output" || { cat "$work/output"; exit 1; }
  awk '/^ticks:/ {print $2; exit}' "$work/output"
}
tuned=$(ticks "$work/profile.json")
echo '{"options": ["-O2"]}' > "$work/plain.json"
plain=$(ticks "$work/plain.json")
echo "ticks: $tuned tuned, $plain with -O2"
test "$tuned" -lt "$plain"

# A profile of another network.
echo '{"options": ["-O2"], "kernels": {"no_such_kernel": ["-O3"]}}' > "$work/other.json"
! "$stm32tvm" generate --quiet --model "$archive" --output "$work/other" --profile "$work/other.json" 2> "$work/message"
grep -q 'no_such_kernel, which no operator of the network calls' "$work/message"
