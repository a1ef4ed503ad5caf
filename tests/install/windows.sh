#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# windows.sh SOURCE WORK CXX: all parts that need no library of others compile for Windows, with those that speak to the
# operating system among them, and nothing includes a header that only POSIX has.
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
compiled=0
while read -r file; do
  if "$cxx" -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I include -I src \
    -isystem "$work" "$file" 2> "$work/log"; then
    compiled=$((compiled + 1))
  else
    grep -qE 'fatal error: (fmt|simdjson|nlohmann|flatbuffers)[/.]' "$work/log" || { cat "$work/log"; exit 1; }
  fi
done < <(find src -name '*.cpp' ! -path 'src/emit/templates/*')
[ "$compiled" -ge 25 ] || { echo "$compiled files"; exit 1; }
for file in runtime_c/*.c runtime_c/api/*/*.c; do
  "${cxx/g++/gcc}" -std=c99 -fsyntax-only -Wall -Wextra -Wpedantic -Wconversion -Werror -I runtime_c/include -I runtime_c \
    -I runtime_c/api/legacy -I runtime_c/api/st_ai -I runtime_c/api/tvm -I runtime_c/host "$file"
done
