#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tuning.sh STM32TVM WORK: the tuning database in a git repository: two people's branches merge without conflict.
set -euo pipefail
stm32tvm=$1 work=$2
rm -rf "$work"
mkdir -p "$work"
cd "$work"
command -v git > /dev/null || { echo 'there is no git'; exit 77; }
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null LC_ALL=C
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org

# record TASK INDEX SECONDS
record() {
  printf '{"input": ["c -keys=arm_cpu,cpu -mcpu=cortex-m7 -model=stm32f746xx", "%s", [["TENSOR", [1, 64], "int8"]], {}], "config": {"index": %d, "code_hash": null, "entity": [["tile_x", "sp", [-1, 8]]]}, "result": [[%s], 0, 1.5, 1672653690.5], "version": 0.2, "tvm_version": "0.14.0"}\n' "$@"
}
tuning() { "$stm32tvm" tuning "$@"; }
fails() {
  if "$stm32tvm" tuning "$@" > output 2> message; then echo "stm32tvm tuning $* did not fail"; exit 1; fi
}
# add LOG: imports and commits.
add() {
  tuning import "$1" --measured hardware --board nucleo_f746zg --clock 216000000
  git add tuning
  git commit -qm "$1"
}

git init -q -b main .
{ record dense.arm_cpu 10 0.010; record dense.arm_cpu 50 0.050; } > base.log
add base.log
# Both add to the same places of a file, both make the same new file, and both have one record in common.
git checkout -q -b alice
{ record dense.arm_cpu 20 0.020; record dense.arm_cpu 21 0.021; record dense.arm_cpu 30 0.030
  record conv.arm_cpu 1 0.001; record dense.arm_cpu 70 0.070; } > alice.log
add alice.log
git checkout -q -b bob main
{ record dense.arm_cpu 22 0.022; record dense.arm_cpu 30 0.030; record dense.arm_cpu 40 0.040
  record conv.arm_cpu 2 0.002; record dense.arm_cpu 60 0.060; } > bob.log
add bob.log
git merge -q alice -m merge
[ -z "$(git status --porcelain --untracked-files=no)" ]
tuning validate
tuning merge
cat base.log alice.log bob.log | sort -u > expected
tuning export --log all.log
cmp all.log expected
for file in tuning/autotvm/*/*.jsonl; do sort -cu "$file"; done
find tuning -name '*.tmp' | (! grep .)

# The same measured twice, on both sides: the merge keeps both lines, validate says so, and tuning merge the better.
git commit -qam sorted
git checkout -q -b carol
record dense.arm_cpu 80 0.080 > carol.log
add carol.log
git checkout -q -b dave bob
record dense.arm_cpu 80 0.008 > dave.log
add dave.log
git merge -q carol -m merge
fails validate
grep -q 'same key and environment' output
tuning merge
tuning validate
tuning export --log all.log
grep -q '\[\[0.008\]' all.log
grep -q '\[\[0.080\]' all.log && exit 1

# The best record, as a log and as a package; another database is merged in.
tuning best --measured hardware | tee output
grep -Eq '^ +8\.0000 +model stm32f746xx +dense' output
tuning export --best --log best.log
[ "$(wc -l < best.log)" -eq 2 ]
tuning export --tophub hub | tee output
cmp best.log hub/arm_cpu_v0.08.log
grep -qF "TOPHUB_LOCATION=file://$PWD/hub" output
tuning import --database other bob.log --measured emulation --board netduinoplus2
tuning merge other
fails best
grep -q 'do not compare' message
tuning stats | tee output
grep -Eq 'dense\.arm_cpu +emulation +1 +4 +0 +22\.0000' output

# What is corrupt is told, with its place; nothing else is lost.
{ echo '{"input": ['; record dense.arm_cpu 90 0.090; } > corrupt.log
tuning import corrupt.log --measured hardware --board nucleo_f746zg --clock 216000000 | tee output
grep -q '^corrupt.log:1: this is not JSON' output
fails import bob.log --board nucleo_f746zg
grep -q 'hardware or emulation' message
fails validate --database absent
fails export
sed -i 's/"sp"/"split"/' tuning/autotvm/stm32f746xx/conv.arm_cpu.jsonl
fails validate
grep -q 'conv.arm_cpu.jsonl:1: .*none of sp, re, an, ot' output
