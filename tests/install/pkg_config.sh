#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# pkg_config.sh PREFIX CONSUMER WORK DATA: builds without CMake, with the flags that pkg-config gives.
set -euo pipefail
prefix=$1 consumer=$2 work=$3 data=$4
rm -rf "$work"
mkdir -p "$work"
library_dir=$(dirname "$(find "$prefix" -name 'libstm32tvm_c.so')")
export PKG_CONFIG_PATH=$library_dir/pkgconfig
# Flags may be several words.
# shellcheck disable=SC2046,SC2086
"$CC" ${CFLAGS:-} "$consumer/consumer.c" -o "$work/consumer_c" $(pkg-config --cflags --libs stm32tvm_c) \
  -Wl,-rpath,"$library_dir"
"$work/consumer_c" "$data/digits_int8/graph.tar" | grep -x 'ok, 1 modules'
# shellcheck disable=SC2046,SC2086
"$CXX" ${CXXFLAGS:-} -std=c++20 "$consumer/consumer.cpp" -o "$work/consumer" \
  $(pkg-config --cflags --libs stm32tvm)
"$work/consumer" "$data/digits_int8/graph.tar" | grep -E '^[0-9]+ files$'
