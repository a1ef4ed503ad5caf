#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# debian.sh BUILD SOURCE CONSUMER WORK DATA: cpack makes the packages; dpkg installs them, and they serve a user's project
# like the installed prefix.
set -euo pipefail
build=$1 source=$2 consumer=$3 work=$4 data=$5
command -v dpkg > /dev/null || { echo "skipped: there is no dpkg"; exit 77; }
rm -rf "$work"
mkdir -p "$work"/{packages,root,admin/updates,bin}
cpack -G DEB --config "$build/CPackConfig.cmake" -B "$work/packages" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
# Into a folder, beside what this machine has: dpkg asks for each dependency. The machine's own list of libraries is left.
cp -R /var/lib/dpkg/{status,info} "$work/admin"
ln -s "$(command -v true)" "$work/bin/ldconfig"
PATH=$work/bin:$PATH dpkg --admindir="$work/admin" --instdir="$work/root" --log="$work/dpkg.log" --force-not-root \
  --force-script-chrootless --install "$work"/packages/*.deb > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
for name in libstm32tvm-c1 libstm32tvm-dev stm32tvm; do
  grep -q " status installed $name:" "$work/dpkg.log" || { echo "$name is not installed"; exit 1; }
done
dpkg-deb --field "$(find "$work/packages" -maxdepth 1 -name 'libstm32tvm-c1_*.deb')" Depends | grep -q libarchive
"$work/root/usr/bin/stm32tvm" --version | grep -E '^stm32tvm [0-9.]+$'
bash "$source/tests/install/find_package.sh" "$work/root/usr" "$consumer" "$work/consumer" "$data"
