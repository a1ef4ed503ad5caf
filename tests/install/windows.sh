#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# windows.sh SOURCE WORK CXX: what speaks to the operating system compiles for Windows, and nothing
# includes a header that only POSIX has.
set -euo pipefail
source=$1 work=$2 cxx=$3
command -v "$cxx" > /dev/null || { echo "skipped: there is no $cxx"; exit 77; }
cd "$source"
# The server of TVM's Project API is for POSIX systems alone.
if grep -rnE --exclude-dir=project_api '#include <(unistd|dirent|fcntl|pthread|dlfcn|sys/[a-z]+|spawn|glob)\.h>' src include bindings; then
  echo "a header that only POSIX has"
  exit 1
fi
# Debian has no libarchive and xxhash for Windows; their headers are the same.
rm -rf "$work"
mkdir -p "$work"
ln -s /usr/include/archive.h /usr/include/archive_entry.h /usr/include/xxhash.h "$work"
for file in src/archive/*.cpp src/tree/*.cpp src/plan/packing.cpp src/support/error_names.cpp; do
  "$cxx" -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I include -I src \
    -isystem "$work" "$file"
done
