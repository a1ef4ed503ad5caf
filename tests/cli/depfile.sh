#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# depfile.sh STM32TVM ARCHIVE SAMPLES WORK: Make and Ninja read what --depfile writes. They emit again when a file of the
# emission changed, or a folder got another file, and do nothing when nothing changed; whatever the files are called.
set -euo pipefail
stm32tvm=$1 archive=$2 samples=$3 work=$4
rm -rf "$work"
mkdir -p "$work"
cd "$work"
archive_name='the $model #1\ \a.tar'
cp "$archive" "$archive_name"
cp -r "$samples" 'golden samples'
echo '{"options": ["-O2"]}' > profile.json

cat > emit <<END
#!/bin/sh
echo emits
exec '$stm32tvm' generate --quiet --model '$archive_name' --target netduinoplus2 --samples 'network=golden samples' \\
  --profile profile.json --output network --depfile network.d "\$@"
END
chmod +x emit
printf '%s\n' 'network.d:' $'\t./emit' '-include network.d' > Makefile
cat > build.ninja <<'END'
rule emit
  command = ./emit --depfile-target network.stamp && touch network.stamp
  depfile = network.d
  deps = gcc
build network.stamp: emit
END

# emits yes|no TOOL ARGUMENTS...: whether the tool runs the rule.
emits() {
  local expected=$1 found=no
  shift
  "$@" > log 2>&1 || { cat log; exit 1; }
  grep -qx emits log && found=yes
  [ "$found" = "$expected" ] || { echo "$*: emits: $found, not $expected"; cat log; exit 1; }
}
# later COMMAND...: in another tick of the file system's clock.
later() { sleep 0.05; "$@"; }

for tool in make 'ninja -v'; do
  rm -rf network network.d
  emits yes $tool
  [ -e network/CMakeLists.txt ]
  emits no $tool
  later touch profile.json
  emits yes $tool
  emits no $tool
  later touch "$archive_name"
  emits yes $tool
  later touch 'golden samples/in0_0.bin'
  emits yes $tool
  later cp 'golden samples/in0_0.bin' 'golden samples/more.bin'
  emits yes $tool
  later rm 'golden samples/more.bin'
  emits yes $tool
  emits no $tool
done

# A full disk leaves the depfile that is there, and nothing beside it.
./emit > log
cp network.d before.d
said=$( (trap '' XFSZ; ulimit -f 0; ./emit --depfile-target another) 2>&1 || true)
grep -q '^stm32tvm: network.d: the file cannot be written' <<< "$said" || { echo "another sentence: $said"; exit 1; }
cmp network.d before.d
[ ! -e network.d.part ]

# A depfile that is a link stays one, and what it leads to is written.
mkdir elsewhere
touch elsewhere/network.d
ln -s elsewhere/network.d link.d
"$stm32tvm" generate --quiet --model "$archive_name" --output linked --depfile link.d
[ -L link.d ]
grep -q '^link.d:' elsewhere/network.d

# fails SENTENCE COMMAND...
fails() {
  local sentence=$1
  shift
  "$@" > log 2>&1 && { echo "$*: no failure"; exit 1; }
  grep -q "^stm32tvm: $sentence" log || { echo "$*: another sentence"; cat log; exit 1; }
}
rm profile.json
fails 'profile.json: the file cannot be opened' make
fails 'profile.json: the file cannot be opened' ninja
fails 'none/network.d: the file cannot be written' \
  "$stm32tvm" generate --quiet --model "$archive_name" --output network --depfile none/network.d
