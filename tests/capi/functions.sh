#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# functions.sh PROGRAM CLI DATA OUT: runs the C program, and compares what it wrote with what the command line writes.
set -euo pipefail
program=$1 cli=$2 data=$3 out=$4
rm -rf "$out"
mkdir -p "$out"
# A program with a sanitizer in it does not run under valgrind, and needs not.
check=()
if command -v valgrind > /dev/null && ! ldd "$program" | grep -q asan; then
  check=(valgrind --quiet --leak-check=full --errors-for-leak-kinds=all --error-exitcode=99)
fi
"${check[@]}" "$program" "$data" "$out/c" > "$out/printed"
[ ! -s "$out/printed" ] || { cat "$out/printed"; exit 1; }
mkdir -p "$out/samples"
cp "$data"/in0_0.bin "$data"/out0_0.bin "$out/samples"
"$cli" generate --quiet --model "$data/graph.tar" --name digits --target netduinoplus2 --weights c-array \
  --inputs consume --samples "$out/samples" --output "$out/cli"
diff -r "$out/c" "$out/cli"
