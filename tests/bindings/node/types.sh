#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# types.sh NODE TSC TESTS USER DATA: the program in TypeScript compiles with the package's types, and runs.
set -euo pipefail
node=$1 tsc=$2 tests=$3 user=$4 data=$5
cd "$user"
cp "$tests/usage.ts" .
mkdir -p types/node
cp "$tests/node.d.ts" types/node/index.d.ts
"$tsc" --strict --module commonjs --moduleResolution node --target es2021 --lib es2021 --typeRoots types usage.ts
"$node" usage.js "$data/graph.tar" "$data/in0_0.bin"
