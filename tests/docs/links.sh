#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# links.sh SOURCE: every relative link of the pages leads to a file, every page of docs/ is reached from README.md, and
# docs/errors.md has exactly the codes of result.hpp.
set -euo pipefail
cd "$1"
failed=0
links() { awk '/^```/ { code = !code } !code' "$1" | grep -oE '\]\([^)#]+' | cut -c 3- | grep -vE '^[a-z]+:' || true; }
for page in README.md CONTRIBUTING.md docs/*.md; do
  for link in $(links "$page"); do
    [ -e "$(dirname "$page")/$link" ] || { echo "$page: $link leads nowhere"; failed=1; }
  done
done
for page in docs/*.md; do
  links README.md | grep -qx "$page" || { echo "README.md does not lead to $page"; failed=1; }
done
declared=$(sed -n '/^enum class ErrorCode/,/^};/p' include/stm32tvm/result.hpp | grep -oE '^  [a-z_]+' | tr -d ' ' | sort)
explained=$(grep -oE '^\| `[a-z_]+` \|' docs/errors.md | tr -d '|` ' | sort)
diff <(echo "$declared") <(echo "$explained") || failed=1
exit "$failed"
