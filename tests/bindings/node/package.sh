#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# package.sh NPM SOURCE WORK: npm packs a copy of the folder, and installs the package in the empty folder WORK/user,
# without a network. The addon and the library are those of the folder STM32TVM_NATIVE.
set -euo pipefail
npm=$1 source=$2 work=$3
rm -rf "$work"
mkdir -p "$work/user"
cp -r "$source" "$work/source"
rm -rf "$work/source/native"
export npm_config_offline=true npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false
export npm_config_cache=$work/cache npm_config_userconfig=/dev/null
(cd "$work/source" && "$npm" pack --silent --pack-destination "$work" > /dev/null)
package=$(echo "$work"/stm32tvm-*.tgz)
tar -tzf "$package" | grep -E '^package/(index\.d\.ts|native/(stm32tvm\.node|libstm32tvm_c\..*))$' | wc -l | grep -qx 3
rm -rf "$work/source"
cd "$work/user"
# What is in the package is all that it takes.
unset STM32TVM_NATIVE
"$npm" install --silent "$package"
