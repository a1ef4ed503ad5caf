#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# sources.sh SOURCE CONSUMER WORK DATA: a project takes an unpacked source tarball in by FetchContent and builds it as a
# shared library; without git, without tests, without warnings as errors. Built with ThreadSanitizer, a program of the
# project uses the library from several threads.
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
configure() {
  cmake -G Ninja -S "$consumer" -B "$work/build" -DSTM32TVM_SOURCE="$work/unpacked" -DBUILD_SHARED_LIBS=ON "$@" \
    > "$work/log" || { cat "$work/log"; exit 1; }
}
configure
if ninja -C "$work/build" -t targets all | grep -E '^(install|.*/(stm32tvm|unit_tests)|.*libstm32tvm_c\.so): ' ||
  grep -q -e '-Werror' "$work/build/build.ninja"; then
  echo "as a part of another project the build is not quiet"
  exit 1
fi
# One sanitizer leaves no room for another.
sanitizer=-fsanitize=thread
[[ ${CXXFLAGS:-} != *sanitize* ]] || sanitizer=
configure -DSTM32TVM_BUILD_C=ON -DCMAKE_CXX_FLAGS="${CXXFLAGS:-} -O0 $sanitizer"
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
