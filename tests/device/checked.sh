#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# checked.sh CHECKED_EMIT ARCHIVE WORK COMPILER [late]: every operator gives the same outputs in the planned arena, with all
# bytes that the plan calls dead overwritten before each statement of its kernel, as where no two buffers share a byte;
# with "late", and it does not with the plan read one step too late.
set -euo pipefail
checked_emit=$1 archive=$2 work=$3 compiler=$4 late=${5:-}
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$work"
for plan in shared apart; do
  folder=$work/$plan
  "$checked_emit" "$archive" "$folder" "$plan"
  "$compiler" -std=gnu99 -w -O1 -ffp-contract=off -fno-strict-aliasing -I "$folder" -I "$folder/network" \
    -I "$folder/runtime" -I "$folder/runtime/include" -I "$folder/runtime/host" -o "$folder/application" \
    "$here/checked_application.c" "$folder"/network/network_lib*.c "$folder/network/network_data.c" \
    "$folder"/runtime/{stvm,ai_runtime_api}.c -lm
  "$folder/application" "$(dirname "$archive")" 0 > "$work/$plan.txt"
done
cmp "$work/shared.txt" "$work/apart.txt"
if [ -n "$late" ]; then
  "$work/shared/application" "$(dirname "$archive")" 1 > "$work/late.txt"
  ! cmp -s "$work/late.txt" "$work/apart.txt" || { echo 'a plan that is a step late was not seen'; exit 1; }
fi
echo "$(wc -l < "$work/shared.txt") checksums agree"
