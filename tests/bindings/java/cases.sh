#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cases.sh TESTS CLASSPATH WORK: the tests, each in a program of its own, run in an empty folder with the jar.
set -euo pipefail
tests=$1 classpath=$2 work=$3
rm -rf "$work"
mkdir -p "$work/empty"
javac --release 17 -Xlint:all -Werror -cp "$classpath" -d "$work/classes" "$tests"/*.java
cd "$work/empty"
# Java has paths in the locale's encoding, and a bare system's has ASCII alone.
export LC_ALL=C.UTF-8
for test in CasesTest BundleTest; do
  java -cp "$work/classes:$classpath" org.junit.runner.JUnitCore "$test"
done
