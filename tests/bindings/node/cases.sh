#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cases.sh NODE TESTS USER: Node's runner runs the tests in the folder where the package is installed. The dynamic linker
# tells of each function of the C ABI when the addon first calls it: at the end they are all of STM32TVM_FUNCTIONS.
set -euo pipefail
node=$1 tests=$2 user=$3
cd "$user"
rm -rf ./bound.*
cp "$tests"/*.test.js .

# bound FILE COMMAND...: lists the functions that the command's addon called.
bound() {
  LD_DEBUG=bindings LD_DEBUG_OUTPUT=$1.all "${@:2}"
  sed -n 's/.*stm32tvm\.node \[[0-9]*\] to .* symbol `\(stm32tvm_[a-z_]*\)'\''.*/\1/p' "$1".all.* | sort -u > "$1"
}
# Only what is called is bound: else the list would prove nothing.
bound bound.loading "$node" -e 'require("stm32tvm")'
[ "$(wc -l < bound.loading)" -eq 5 ]
bound bound.cases "$node" --test cases.test.js
diff bound.cases "$STM32TVM_FUNCTIONS"
