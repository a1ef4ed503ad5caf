#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# vsix.sh VSCE WORK: vsce packs the extension with the addon and the library in it.
set -euo pipefail
vsce=$1 work=$2
cd "$work/extension"
"$vsce" package --allow-missing-repository --skip-license --out "$work/stm32tvm.vsix"
for file in extension.js generate.js node_modules/stm32tvm/index.js node_modules/stm32tvm/native/stm32tvm.node; do
  unzip -l "$work/stm32tvm.vsix" | grep -q " extension/$file$" || { echo "$file is not in the package"; exit 1; }
done
