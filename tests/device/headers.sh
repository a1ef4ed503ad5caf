#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# headers.sh STM32TVM ARCHIVE WORK: every header that is emitted for each device API compiles with gcc and clang as C99,
# C11 and C++17 without a warning.
set -euo pipefail
stm32tvm=$1 archive=$2 work=$3
tried=0
for api in tvm st-ai legacy; do
  rm -rf "$work"
  "$stm32tvm" generate --quiet --model "$archive" --name network --output "$work" --c-api "$api"
  cd "$work"
  for header in network/*.h runtime/*.h; do
    [[ $header == *_symbols.h ]] || echo "#include \"$header\""
  done > all.c
  cp all.c all.cpp
  for header in network/*.hpp runtime/*.hpp; do
    [ ! -e "$header" ] || echo "#include \"$header\""
  done >> all.cpp
  for each in gcc:c99 gcc:c11 g++:c++17 clang:c99 clang:c11 clang++:c++17; do
    tool=${each%:*} standard=${each#*:}
    command -v "$tool" > /dev/null || { echo "no $tool here: headers not tried with it"; continue; }
    file=all.c
    [[ $standard != c++* ]] || file=all.cpp
    "$tool" -std="$standard" -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -Inetwork -Iruntime \
      -Iruntime/include -fsyntax-only "$file"
    tried=$((tried + 1))
  done
done
[ "$tried" -ge 9 ] || { echo "no compiler for C and C++ here"; exit 1; }
