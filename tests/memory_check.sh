#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# memory_check.sh PROGRAM [ARGUMENT...]: runs the program under valgrind, where an error or a leak is a failure. Without
# valgrind, or with a sanitizer in the program, which valgrind cannot run and which finds the same, it just runs.
set -euo pipefail
if ! command -v valgrind > /dev/null || ldd "$1" | grep -qE 'lib(a|t|ub)san'; then
  exec "$@"
fi
exec valgrind --quiet --leak-check=full --errors-for-leak-kinds=all --error-exitcode=99 "$@"
