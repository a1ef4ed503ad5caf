#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# leaks.sh VALGRIND PYTHON TESTS DATA WORK: one way through everything under valgrind. Memory that nothing points to at the
# end, and any bad access, fails. No suppression is needed: what the interpreter keeps it still points to, if sometimes
# into the middle ("possibly lost", which is not looked at).
set -euo pipefail
valgrind=$1 python=$2 tests=$3 data=$4 work=$5
rm -rf "$work"
mkdir -p "$work"
cd "$work"
export PYTHONMALLOC=malloc PYTHONDONTWRITEBYTECODE=1
"$valgrind" --quiet --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --error-exitcode=99 \
  --num-callers=30 "$python" "$tests/smoke.py" "$data/graph.tar" "$data/in0_0.bin" out > printed 2>&1 ||
  { head -100 printed; exit 1; }
