#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# types.sh TSC TESTS NODE_TYPES WORK: the types in the extension's comments fit those of the package and of the editor.
set -euo pipefail
tsc=$1 tests=$2 node_types=$3 work=$4
cd "$work/tested"
mkdir -p types/node
cp "$node_types" types/node/index.d.ts
"$tsc" --strict --noEmit --allowJs --checkJs --module commonjs --moduleResolution node --target es2022 --lib es2022 \
  --typeRoots types "$tests/vscode.d.ts" extension.js
