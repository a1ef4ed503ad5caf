#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# debian.sh BUILD SOURCE CONSUMER WORK DATA: cpack makes the packages; unpacked, they serve a user's project and pkg-config
# like the installed prefix.
set -euo pipefail
build=$1 source=$2 consumer=$3 work=$4 data=$5
command -v dpkg-deb > /dev/null || { echo "skipped: there is no dpkg-deb"; exit 77; }
rm -rf "$work"
mkdir -p "$work/packages"
cpack -G DEB --config "$build/CPackConfig.cmake" -B "$work/packages" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
for name in libstm32tvm-c1 libstm32tvm-dev stm32tvm; do
  package=$(find "$work/packages" -maxdepth 1 -name "${name}_*.deb")
  dpkg-deb --extract "$package" "$work/root"
done
dpkg-deb --field "$(find "$work/packages" -maxdepth 1 -name 'libstm32tvm-c1_*.deb')" Depends | grep -q libarchive
"$work/root/usr/bin/stm32tvm" --version | grep -E '^stm32tvm [0-9.]+$'
bash "$source/tests/install/find_package.sh" "$work/root/usr" "$consumer" "$work/consumer" "$data"
