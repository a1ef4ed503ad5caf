#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# install_dependencies.sh [test]: installs from Debian what the build and the demo need; with "test", what the tests
# need too. Elsewhere it says what to install.
set -euo pipefail

packages=(g++ cmake ninja-build pkg-config libarchive-dev libsimdjson-dev libfmt-dev libcli11-dev nlohmann-json3-dev
  libflatbuffers-dev libxxhash-dev
  nettle-dev liblz4-dev liblzma-dev libzstd-dev libbz2-dev zlib1g-dev
  gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm)
if [ "${1:-}" = test ]; then
  packages+=(git python3 python3-pip python3-pytest python3-setuptools python3-wheel clang clang-format clang-tidy doctest-dev libbenchmark-dev valgrind doxygen
    make libxml2-utils arduino-builder arduino-ctags g++-mingw-w64-x86-64-posix node-typescript
    default-jdk-headless libjna-java libgoogle-gson-java junit4 libeclipse-osgi-java
    bzip2 xz-utils zip zstd file dpkg-dev)
  # A Node that came from elsewhere stays: its package and Debian's exclude each other.
  command -v npm > /dev/null || packages+=(nodejs npm)
  [ -e /usr/include/node/node_api.h ] || packages+=(libnode-dev)
fi

if ! command -v apt-get > /dev/null; then
  echo "This system has no apt-get. Install what these Debian packages hold, then run the script again:" >&2
  echo "  ${packages[*]}" >&2
  command -v cmake arm-none-eabi-gcc qemu-system-arm > /dev/null || exit 1
  exit 0
fi
missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
echo "Installing: ${missing[*]}"
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get -qq update
"${as_root[@]}" apt-get -qq install --yes --no-install-recommends "${missing[@]}" > /dev/null
