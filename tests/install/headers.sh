#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# headers.sh PREFIX SOURCE CXX CC: each public header is installed, compiles by itself, and includes nothing but the
# standard library and its neighbours.
set -euo pipefail
prefix=$1 source=$2 cxx=$3 cc=$4
command -v "$cxx" > /dev/null || { echo "skipped: there is no $cxx"; exit 77; }
cd "$prefix/include/stm32tvm"
diff <(cd "$source/include/stm32tvm" && ls) <(ls ./*.hpp | cut -c 3-)
if grep -HnE '^ *# *include' ./* | grep -vE '#include (<[a-z_]+>|<std(def|int)\.h>|"stm32tvm/[a-z0-9_]+\.hpp")$'; then
  echo "a public header includes something else than the standard library and its neighbours"
  exit 1
fi
for header in *.hpp; do
  "$cxx" -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I .. -x c++ \
    -include "stm32tvm/$header" /dev/null
done
"$cxx" -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Werror -I .. -x c++ -include stm32tvm/c_api.h /dev/null
"$cc" -std=c99 -fsyntax-only -Wall -Wextra -Wpedantic -Wconversion -Werror -I .. -x c -include stm32tvm/c_api.h /dev/null
