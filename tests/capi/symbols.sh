#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# symbols.sh LIBRARY HEADER TEST: the library exports the functions of the header and nothing else, and the test program
# calls each of them. What the library itself calls prints nothing, ends no program, and leaves signals, the locale, the
# working directory and the environment alone.
set -euo pipefail
declared=$(grep -oE '\bstm32tvm_[a-z_]+\(' "$2" | tr -d '(' | sort -u)
exported=$(nm --dynamic --defined-only "$1" | awk '$2 != "A" {sub(/@.*/, "", $3); print $3}' | sort -u)
[ "$(wc -l <<< "$declared")" -gt 30 ] || { echo "the header declares too few functions: $declared"; exit 1; }
diff <(echo "$declared") <(echo "$exported") || { echo "left: declared, right: exported"; exit 1; }
for function in $declared; do
  grep -q "\b$function(" "$3" || { echo "no test calls $function"; exit 1; }
done
taken=$(nm --dynamic --undefined-only --format=just-symbols "$1" | sed 's/@.*//')
grep -qx malloc <<< "$taken" || grep -qx _Znwm <<< "$taken"
if grep -xE 'stdout|stderr|_ZSt4(cout|cerr|clog)|v?printf|perror|puts|putchar|v?syslog|_?exit|_Exit|quick_exit|abort|atexit|raise|kill|signal|sigaction|setlocale|_ZNSt6locale6globalERKS_|f?chdir|umask|(un)?setenv|putenv|system|fork|execve?' \
  <<< "$taken"; then
  echo "the library calls this"
  exit 1
fi
