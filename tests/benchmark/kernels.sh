#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# kernels.sh STM32TVM FOLDER [tune]: instructions of one inference on mps2-an500 in QEMU, with the constants as exported
# and -O2 for all kernels, with the defaults, and, where asked, after `tune`. FOLDER holds the archives, with samples
# beside them. Ratios are those to the first column.
set -euo pipefail
stm32tvm=$(realpath "$1") folder=$(realpath "$2") tune=${3:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo '{"options": ["-O2"]}' > "$work/plain.json"

# The instructions that the firmware of these options reports for its first sample; its outputs are checked.
measure() {
  rm -rf "$work/emitted" "$work/build"
  "$stm32tvm" generate --quiet --model "$archive" --output "$work/emitted" --target mps2-an500 \
    --samples "$work/samples" "$@"
  cmake -G Ninja -S "$work/emitted" -B "$work/build" -DCMAKE_BUILD_TYPE=Release > "$work/log"
  cmake --build "$work/build" >> "$work/log"
  cmake --build "$work/build" --target run > "$work/output"
  grep -q 'golden check: passed' "$work/output" || { cat "$work/output" >&2; exit 1; }
  awk '/^instructions:/ {print $2; exit}' "$work/output"
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.3f", a / b}'; }

printf '%-22s %15s %15s %6s' network '-O2, as exported' default ''
printf '%s\n' "${tune:+           tuned}"
for archive in "$folder"/{kws,ic,vww}_int8/graph{,_arm}.tar; do
  [ -e "$archive" ] || continue
  mkdir -p "$work/samples"
  cp "$(dirname "$archive")"/{in,out}*_0.bin "$work/samples"
  name=$(basename "$(dirname "$archive")")/$(basename "$archive" .tar)
  plain=$(measure --keep-constants --profile "$work/plain.json")
  default=$(measure)
  printf '%-22s %16s %15s %6s' "$name" "$plain" "$default" "$(ratio "$default" "$plain")"
  if [ -n "$tune" ]; then
    "$stm32tvm" tune --model "$archive" --target mps2-an500 --samples "$work/samples" \
      --output "$work/tuned.json" --work "$work/tune-$name" > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    tuned=$(measure --profile "$work/tuned.json")
    printf ' %15s %6s' "$tuned" "$(ratio "$tuned" "$plain")"
  fi
  echo
  rm -rf "$work/samples"
done
