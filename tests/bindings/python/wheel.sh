#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# wheel.sh PYTHON SOURCE WORK: pip makes the wheel from a copy of the folder, without a network, and installs it in
# WORK/venv. The library that goes in is STM32TVM_LIBRARY.
set -euo pipefail
python=$1 source=$2 work=$3
rm -rf "$work"
mkdir -p "$work"
cp -r "$source" "$work/source"
cd "$work"
export PIP_NO_INDEX=1 PIP_NO_DEPS=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_CONFIG_FILE=/dev/null
"$python" -m pip wheel --quiet --no-build-isolation --wheel-dir . ./source
wheel=$(echo stm32tvm-*-py3-none-*.whl)
"$python" -m zipfile --list "$wheel" | grep -E '^stm32tvm/(libstm32tvm_c\.|py\.typed)' | wc -l | grep -qx 2
# The tests' packages are the system's.
"$python" -m venv --without-pip --system-site-packages venv
"$python" -m pip --python venv/bin/python install --quiet "$wheel"
rm -rf source
