#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# reference.sh DOXYGEN SOURCE OUT VERSION: makes the API reference; a warning is a failure.
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
