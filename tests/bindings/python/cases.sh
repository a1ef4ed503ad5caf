#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cases.sh PYTHON TESTS EMPTY: the tests, run in an empty folder with the installed wheel.
set -euo pipefail
python=$1 tests=$2 empty=$3
rm -rf "$empty"
mkdir -p "$empty"
cd "$empty"
export PYTHONDONTWRITEBYTECODE=1
"$python" -c 'import stm32tvm; print(stm32tvm.__file__)' | grep -q /venv/
exec "$python" -m pytest -q -p no:cacheprovider --rootdir "$tests" --basetemp "$empty/tmp" "$tests"
