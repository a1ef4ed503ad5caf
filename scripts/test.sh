#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test.sh: everything, on a machine that has nothing but a shell. Ends with ctest's summary of the release build.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install_dependencies.sh test
jobs=$(nproc)

step() { echo "== $* ($(date +%H:%M:%S))"; }
build() {
  cmake --preset "$1" > /dev/null
  cmake --build --preset "$1" --parallel "$jobs" "${@:2}"
}

step "format"
git ls-files '*.cpp' '*.hpp' '*.c' '*.h' ':!src/emit/templates' | xargs clang-format --dry-run --Werror
step "release build"
build release
step "clang build, unit tests"
build clang
ctest --preset clang --label-regex unit --parallel "$jobs" --quiet
step "clang-tidy"
scripts/tidy.sh
step "address and undefined-behaviour sanitizers, unit tests"
build asan
ctest --preset asan --label-regex unit --parallel "$jobs" --quiet
step "all tests of the release build"
ctest --preset release --parallel "$jobs"
