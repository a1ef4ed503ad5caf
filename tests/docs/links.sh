#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# links.sh SOURCE: every relative link of the pages leads to a file, every page of docs/ is reached from README.md, and
# docs/errors.md has exactly the codes of result.hpp and the statuses of c_api.h.
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
explained=$(sed -nE 's/^\| `([a-z_]+)` \| (-[0-9]+) \|.*/\1 \2/p' docs/errors.md | sort)
statuses=$(sed -nE 's/^  STM32TVM_([A-Z_]+) = (-[0-9]+).*/\L\1 \2/p' bindings/c/include/stm32tvm/c_api.h | sort)
diff <(echo "$statuses") <(echo "$explained") || failed=1
diff <(echo "$declared") <(cut -d ' ' -f 1 <<< "$explained" | grep -vxE 'invalid_argument|out_of_memory') || failed=1
exit "$failed"
