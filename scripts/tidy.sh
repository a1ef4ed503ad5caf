#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tidy.sh: clang-tidy over the library and its bindings, with the compile commands of the clang build.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset clang -DCMAKE_EXPORT_COMPILE_COMMANDS=ON > /dev/null
git ls-files 'src/*.cpp' 'bindings/*.cpp' |
  xargs --max-args=1 --max-procs="$(nproc)" clang-tidy -p build/clang --quiet 2> /dev/null
