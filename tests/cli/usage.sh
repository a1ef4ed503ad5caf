#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage.sh STM32TVM ARCHIVE WORK: exit statuses, and what is written and printed.
set -euo pipefail
stm32tvm=$1 archive=$2 work=$3
rm -rf "$work"
mkdir -p "$work"
cd "$work"

# expect STATUS ARGUMENTS...
expect() {
  local expected=$1 status=0
  shift
  "$stm32tvm" "$@" > output 2> message || status=$?
  [ "$status" -eq "$expected" ] || { echo "stm32tvm $*: exit status $status, not $expected"; cat message; exit 1; }
}

expect 0 --version
grep -qE '^stm32tvm [0-9]+\.[0-9]+\.[0-9]+$' output
expect 0 --help
expect 0 generate --help
expect 2
expect 2 translate
expect 2 generate --model "$archive"
expect 2 generate --model "$archive" --output out --c-api x
expect 2 analyze
expect 1 generate --model "$archive" --output out --target no_such_board
grep -q netduinoplus2 message
[ ! -e out ]
expect 1 analyze -m "$archive" --quantization .
grep -q 'this is a folder; name a file' message

expect 0 analyze -m "$archive"
grep -q 'Model Library Format, version 7' output
expect 0 analyze -m "$archive" --json
if command -v python3 > /dev/null; then
  python3 -m json.tool < output > /dev/null
else
  echo 'there is no python3: the JSON was not parsed'
fi

# A second emission touches nothing, a file of the user's stays, and one that was edited is replaced only when told.
expect 0 generate -m "$archive" -n digits -o out -q
[ ! -s output ]
find out -type f -exec touch -d 2001-01-01 {} +
echo mine > out/notes.txt
expect 0 generate -m "$archive" -n digits -o out
grep -q '^0 files written' output
[ -z "$(find out -newermt 2002-01-01 -type f ! -name notes.txt)" ]
cp out/digits/digits.c .
echo '/* edited */' >> out/digits/digits.c
expect 1 generate -m "$archive" -n digits -o out
grep -q 'out/digits/digits.c: .*--force' message
grep -q edited out/digits/digits.c
expect 0 generate -m "$archive" -n digits -o out --force
grep -q '^1 files written' output
cmp digits.c out/digits/digits.c
# Another name: the files of the first one go.
expect 0 generate -m "$archive" -n numbers -o out
[ ! -e out/digits ]
grep -q '^removed out/digits/digits.c$' output
expect 0 generate -m "$archive" -n digits -o out
grep -q mine out/notes.txt

# Several archives in one tree, each under a name of its own.
expect 0 generate -q -m "left=$archive" -m "right=$archive" -n both -o several
grep -q '^project(both_network ' several/CMakeLists.txt
[ -e several/left/left.h ] && [ -e several/right/right.h ] && [ -e several/runtime/stvm.h ]
several_refused() { # SENTENCE ARGUMENTS...
  local sentence=$1
  shift
  expect 1 generate -o nowhere "$@"
  grep -qF "$sentence" message || { echo "missing: $sentence"; cat message; exit 1; }
  [ ! -e nowhere ]
}
several_refused 'each needs a name; write NAME=FILE' -m "left=$archive" -m "$archive"
several_refused 'would both be called left' -m "left=$archive" -m "LEFT=$archive"
several_refused 'left and left_data would both have a file left_data.h' -m "left=$archive" -m "left_data=$archive"
several_refused 'absent.tar: there is no such file' -m "left=$archive" -m right=absent.tar
several_refused 'several models, and --profile is for one' -m "left=$archive" -m "right=$archive" --profile p.json
# A name before the archive is its --name; what has a separator of folders in it is none.
expect 0 generate -q -m "numbers=$archive" -o named
[ -e named/numbers/numbers.h ]
# With both, --name is the project's.
expect 0 generate -q -m "numbers=$archive" -n both -o named
[ -e named/numbers/numbers.h ]
grep -q '^project(both_network' named/CMakeLists.txt
several_refused 'one network, and --share-arena is for several' -m "$archive" --share-arena
cp -r "$archive" a=b.tar
expect 0 generate -q -m ./a=b.tar -o named
[ -e named/network/network.h ]

# The same bytes under another locale, time zone and umask.
mkdir -p another/place
(umask 077; cd another/place; LC_ALL=C.UTF-8 TZ=Asia/Tokyo "$stm32tvm" generate -q -m "$archive" -n digits -o other)
rm out/notes.txt
diff -r out another/place/other
for system in cmake make csolution cubeide; do
  expect 0 generate -q -m "$archive" -n digits --target nucleo-h743zi2 --build-system "$system" -o "$system"
  (umask 027; cd another; LC_ALL=C TZ=America/Lima "$stm32tvm" generate -q -m "$archive" -n digits \
    --target nucleo-h743zi2 --build-system "$system" -o "$system")
  diff -r "$system" "another/$system"
done

expect 0 boards
grep -q '^netduinoplus2 .*QEMU$' output
expect 0 boards nucleo-f401re
grep -q '(not verified)$' output
expect 0 analyze -m "$archive" --target nucleo-f401re
grep -q '(not verified)$' output
expect 1 boards nothing
grep -q 'known are .*netduinoplus2' message
expect 1 boards --boards absent.json
echo '{"format": 2}' > later.json
expect 1 boards --boards later.json
grep -q 'later.json: "format" is 2' message

expect 2 diff "$archive"
expect 1 diff "$archive" no_such_file.tar
expect 1 diff "$archive" "$archive" --limit nodes=3
expect 2 diff "$archive" "$archive" --limit nodes=many
expect 2 diff "$archive" "$archive" --limit depth=3
expect 0 diff "$archive" "$archive"
[ "$(cat output)" = 'module default: the networks are the same' ]
expect 0 diff "$archive" "$archive" --json
grep -q '"verdict": "identical"' output

# Places of weights that cannot be, and what they take where they can.
refused() { # SENTENCE ARGUMENTS...
  local sentence=$1
  shift
  expect 1 generate -m "$archive" -n digits -o nowhere "$@"
  grep -qF "$sentence" message || { echo "missing: $sentence"; cat message; exit 1; }
  [ ! -e nowhere ]
}
refused 'needs the address that it is written to' --weights hex
refused 'needs the address that it is written to' --weights-place external
refused 'is in the image, so it has no address' --weights-place flash --weights-address 0x90000000
refused 'does not end below 4 GiB' --weights-address 0xFFFFFFF0
refused 'is fetched, and the firmware does not know from where' --weights-place fetch --target netduinoplus2
refused 'give an address' --weights-address nowhere
refused 'absent.json' --placement absent.json
echo '{"weights_groups": [{"name": "a", "tensors": ["p0"], "place": "external", "address": "0x90000000"},
  {"place": "external", "address": "0x90000010"}]}' > placement.json
refused 'they overlap' --placement placement.json
expect 2 generate -m "$archive" -o nowhere --placement placement.json --weights-place ram
refused 'the golden check in emulation' --budget <(echo '{"ticks": 1}')
refused '"ticks" is -1; give a whole number' --budget <(echo '{"ticks": -1}')
expect 0 analyze -m "$archive" --weights-place ram --weights-address 0x90000000
grep -qE '^  weights +[0-9,]+ copied to RAM$' output
grep -qE '^elsewhere +[0-9,]+ bytes of weights$' output
