#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# prefix.sh BUILD PREFIX: installs the build and moves it to PREFIX. No path of the build may be in what was installed.
set -euo pipefail
build=$1 prefix=$2
rm -rf "$prefix" "$prefix.first"
cmake --install "$build" --prefix "$prefix.first" > "$prefix.log"
mv "$prefix.first" "$prefix"
if grep -rlE "$build|$prefix" "$prefix/lib" "$prefix/share" "$prefix/include" --include='*.cmake' --include='*.pc' \
  --include='*.h' --include='*.hpp'; then
  echo "these files hold a path of the build, so the package cannot be moved"
  exit 1
fi
