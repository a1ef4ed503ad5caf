#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# leaks.sh VALGRIND NODE TESTS USER DATA: one way through everything under valgrind. node.supp says which findings are not
# ours, and why; memory of ours that nothing points to at the end, and any bad access of ours, fails.
set -euo pipefail
valgrind=$1 node=$2 tests=$3 user=$4 data=$5
cd "$user"
rm -rf out
cp "$tests/smoke.js" .
"$valgrind" --quiet --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --error-exitcode=99 \
  --num-callers=30 --suppressions="$tests/node.supp" "$node" --jitless smoke.js "$data/graph.tar" "$data/in0_0.bin" out \
  > printed 2>&1 || { head -100 printed; exit 1; }
