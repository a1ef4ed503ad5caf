#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# functions.sh PROGRAM CLI DATA OUT: runs the C program, and compares what it wrote with what the command line writes.
set -euo pipefail
program=$1 cli=$2 data=$3 out=$4
rm -rf "$out"
mkdir -p "$out"
here=$(cd "$(dirname "$0")" && pwd)
bash "$here/../memory_check.sh" "$program" "$data" "$out/c" > "$out/printed" 2>&1
[ ! -s "$out/printed" ] || { cat "$out/printed"; exit 1; }
mkdir -p "$out/samples"
cp "$data"/in0_0.bin "$data"/out0_0.bin "$out/samples"
"$cli" generate --quiet --model "$data/graph.tar" --name digits --target netduinoplus2 --weights c-array \
  --inputs consume --samples "$out/samples" --output "$out/cli"
diff -r "$out/c" "$out/cli"
"$cli" generate --quiet --model left="$data/graph.tar" --model right="$data/graph.tar" --target netduinoplus2 \
  --inputs consume --samples right="$out/samples" --output "$out/cli_several"
diff -r "$out/c_several" "$out/cli_several"
