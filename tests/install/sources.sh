#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# sources.sh SOURCE CONSUMER WORK DATA: a project takes an unpacked source tarball in by add_subdirectory() and by
# FetchContent, and builds it as a shared library; without git, without tests, without warnings as errors. Built with
# ThreadSanitizer, a program of the project uses the library from several threads. Installed, the shared library is found,
# and needs nothing of what it is made of.
set -euo pipefail
source=$1 consumer=$2 work=$3 data=$4
rm -rf "$work"
mkdir -p "$work/unpacked"
cd "$source"
if [ -e .git ]; then
  git ls-files --cached -z -- . ':!tests' ':!examples' | tar -c --null -T - | tar -x -C "$work/unpacked"
else
  tar -c --exclude=./build --exclude=./tests --exclude=./examples . | tar -x -C "$work/unpacked"
fi
mkdir "$work/bin"
printf '#!/bin/sh\necho "git was called: $*" >&2\nexit 1\n' > "$work/bin/git"
chmod +x "$work/bin/git"
export PATH=$work/bin:$PATH
configure_in() {
  cmake -G Ninja -S "$consumer" -B "$@" > "$work/log" 2>&1 && ! grep 'git was called' "$work/log" ||
    { cat "$work/log"; exit 1; }
}
configure() { configure_in "$work/build" -DSTM32TVM_SOURCE="$work/unpacked" -DBUILD_SHARED_LIBS=ON "$@"; }
configure_in "$work/subdirectory" -DSTM32TVM_SUBDIRECTORY="$work/unpacked"
configure
for folder in subdirectory build; do
  if ninja -C "$work/$folder" -t targets all | grep -E '^(install|.*/(stm32tvm|unit_tests)|.*libstm32tvm_c\.so): ' ||
    grep -q -e '-Werror' "$work/$folder/build.ninja"; then
    echo "as a part of another project the build is not quiet"
    exit 1
  fi
done
# What is behind this is the static library of the installed package, compiled once more.
ninja -C "$work/subdirectory" CMakeFiles/consumer.dir/consumer.cpp.o > "$work/log" || { cat "$work/log"; exit 1; }
ninja -C "$work/subdirectory" -t commands consumer | grep -E -- '-o consumer .*libstm32tvm\.a' > /dev/null
# One sanitizer leaves no room for another.
sanitizer=-fsanitize=thread
[[ ${CXXFLAGS:-} != *sanitize* ]] || sanitizer=
flags="${CXXFLAGS:-} -O0 $sanitizer"
configure -DSTM32TVM_BUILD_C=ON -DSTM32TVM_INSTALL=ON -DCMAKE_CXX_FLAGS="$flags"
cmake --build "$work/build" >> "$work/log" || { tail -50 "$work/log"; exit 1; }
"$work/build/consumer" "$data/digits_int8/graph.tar" | grep -E '^[0-9]+ files$'
[ "$("$work/build/consumer" no/such.tar)" = cannot_read ]
"$work/build/threads" "$data/digits_int8/graph.tar" "$work/threads" | grep -x 'every thread the same'
library=$(find "$work/build" -name 'libstm32tvm.so.*' -type f)
nm --dynamic --defined-only --demangle "$library" | grep 'stm32tvm::v1::ModelLibrary::open' > /dev/null
if nm --dynamic --defined-only --demangle "$library" | awk '$2 != "A"' | grep -vF 'stm32tvm::v1::'; then
  echo "the shared library exports more than its public names"
  exit 1
fi

cmake --install "$work/build" --prefix "$work/prefix" > "$work/log"
configure_in "$work/found" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_FLAGS="$flags" \
  -DCMAKE_DISABLE_FIND_PACKAGE_LibArchive=ON -DCMAKE_DISABLE_FIND_PACKAGE_simdjson=ON -DCMAKE_DISABLE_FIND_PACKAGE_fmt=ON
cmake --build "$work/found" --target consumer >> "$work/log" || { cat "$work/log"; exit 1; }
"$work/found/consumer" "$data/digits_int8/graph.tar" | grep -E '^[0-9]+ files$'
[ "$("$work/found/consumer" no/such.tar)" = cannot_read ]
pkgconfig=$(dirname "$(find "$work/prefix" -name stm32tvm.pc)")
[ "$(PKG_CONFIG_PATH=$pkgconfig pkg-config --libs-only-l stm32tvm | tr -d ' ')" = -lstm32tvm ]
