#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# reference.sh DOXYGEN SOURCE OUT VERSION: makes the API reference; a warning is a failure, and so is a class or a function
# of the C ABI that nothing is said of, but those that free.
set -euo pipefail
doxygen=$1 source=$2 out=$3 version=$4
mkdir -p "$out"
cd "$source"
{
  cat docs/Doxyfile
  echo "PROJECT_NUMBER = $version"
  echo "OUTPUT_DIRECTORY = $out"
  echo "QUIET = YES"
  echo "WARN_AS_ERROR = FAIL_ON_WARNINGS"
} | "$doxygen" -
grep -q 'ModelLibrary' "$out/html/annotated.html"
{
  cat docs/Doxyfile
  echo "OUTPUT_DIRECTORY = $out/undocumented"
  echo "QUIET = YES"
  echo "EXTRACT_ALL = NO"
  echo "WARN_IF_UNDOCUMENTED = YES"
} | "$doxygen" - 2> "$out/undocumented.log"
[ -s "$out/undocumented.log" ]
if grep -E 'Compound .* is not documented|c_api\.h.*\(function\)' "$out/undocumented.log" | grep -v '_free('; then
  echo "the reference says nothing of these"
  exit 1
fi
