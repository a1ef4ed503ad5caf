#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# extension.sh NODE NPM TESTS SOURCE PACKAGES WORK: puts a copy of the extension, with the package of stm32tvm that lies in
# PACKAGES, into WORK/extension, and runs its tests with a stand-in for the editor.
set -euo pipefail
node=$1 npm=$2 tests=$3 source=$4 packages=$5 work=$6
rm -rf "$work"
mkdir -p "$work"
cp -r "$source" "$work/extension"
rm -rf "$work/extension/node_modules"
export npm_config_offline=true npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false
export npm_config_cache=$work/cache npm_config_userconfig=/dev/null
(cd "$work/extension" && "$npm" install --silent --no-save "$packages"/stm32tvm-*.tgz)

"$STM32TVM_CLI" generate --quiet --model "$STM32TVM_DATA/digits_int8/graph.tar" --target netduinoplus2 \
  --output "$work/expected"
cp -r "$work/extension" "$work/tested"
mkdir "$work/tested/node_modules/vscode"
cp "$tests/vscode.js" "$work/tested/node_modules/vscode/index.js"
cp "$tests/extension.test.js" "$work/tested"
cd "$work/tested"
STM32TVM_EXPECTED=$work/expected "$node" --test extension.test.js
