#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bad_archives.sh STM32TVM DATA PAGE WORK: archives that are accepted, repaired and refused. What is refused gives one
# sentence on standard error and exit status 1, and nothing is written. PAGE, docs/archives.md, has each message, and no
# other: in its tables they stand last.
set -euo pipefail
stm32tvm=$1 data=$2 page=$3 work=$4
archive=$data/digits_int8/graph.tar
rm -rf "$work"
mkdir -p "$work"
cd "$work"
: > seen

# refused FILE OPTIONS...: generate fails.
refused() {
  local file=$1 status=0 text
  shift
  "$stm32tvm" generate --model "$file" --output emitted "$@" > output 2> message || status=$?
  [ "$status" -eq 1 ] || { echo "$file: exit status $status"; exit 1; }
  [ "$(wc -l < message)" -eq 1 ] || { echo "$file: not one line:"; cat message; exit 1; }
  [ ! -s output ] || { echo "$file: something was printed"; exit 1; }
  [ ! -e emitted ] || { echo "$file: something was written"; exit 1; }
  # How far a bomb was followed depends on libarchive's blocks.
  text=$(sed -e 's/^stm32tvm: //' -e 's/at least [0-9]\{8,\} bytes/at least N bytes/' message)
  echo "${text#"$file: "}" >> seen
}

# accepted FILE: analyze says of it what it says of the archive.
"$stm32tvm" analyze --model "$archive" --json > description
accepted() {
  "$stm32tvm" analyze --model "$1" --json > output || { echo "$1 is refused"; exit 1; }
  diff description output || { echo "$1 is read in another way"; exit 1; }
}

# told FILE: each diagnostic of analyze, but for those of narrower constants.
told() {
  "$stm32tvm" analyze --keep-constants --model "$1" > output
  sed -n '/^[a-zA-Z0-9_./]*\(\.json\|\.[cho]\): /p' output > found
  [ -s found ] || { echo "$1 draws no diagnostic"; exit 1; }
  cat found >> seen
}

# changed NAME ARCHIVE COMMAND...: NAME.tar is the archive after the command has run in its folder.
changed() {
  local name=$1 from=$2
  shift 2
  mkdir "$name"
  tar xf "$from" -C "$name"
  (cd "$name" && "$@")
  tar cf "$name.tar" -C "$name" .
}

edit() { sed -i "$1" "$2"; }
metadata() { edit "$1" metadata.json; }

# Ways to pack.
mkdir unpacked
tar xf "$archive" -C unpacked
accepted unpacked
for format in ustar gnu pax; do
  tar --format="$format" -cf "$format.tar" -C unpacked .
  accepted "$format.tar"
done
gzip -k ustar.tar && accepted ustar.tar.gz
bzip2 -k ustar.tar && accepted ustar.tar.bz2
xz -k ustar.tar && accepted ustar.tar.xz
zstd -q ustar.tar && accepted ustar.tar.zst
cp ustar.tar plain.tar.gz && accepted plain.tar.gz
(cd unpacked && zip -qr ../archive.zip .) && accepted archive.zip
(cd unpacked && zip -q -P secret ../encrypted.zip metadata.json) && refused encrypted.zip

# No archive, or a damaged one.
head -c 40000 "$archive" > truncated.tar && refused truncated.tar
echo 'This is no archive.' > text.tar && refused text.tar
: > empty.tar && refused empty.tar
refused absent.tar
cp ustar.tar.gz checksum.tar.gz
printf '\125\125\125\125' | dd of=checksum.tar.gz bs=1 seek=$(($(stat -c %s checksum.tar.gz) - 8)) conv=notrunc status=none
refused checksum.tar.gz
head -c 70000000 /dev/zero | gzip > bomb.tar.gz && refused bomb.tar.gz
refused "$archive" --limit members=3
refused "$archive" --limit nodes=3

# Members that could do harm.
hostile() {
  local name=$1
  shift
  tar "$@" 2> /dev/null
  refused "$name.tar"
}
mkdir hostile
echo text > hostile/file
hostile outside -cPf outside.tar --transform 's,^,../,' -C hostile file
hostile absolute -cPf absolute.tar --transform 's,^,/tmp/,' -C hostile file
hostile drive -cf drive.tar --transform 's,^,C:,' -C hostile file
ln -s /etc/passwd hostile/link
hostile link -cf link.tar -C hostile link
tar cf twice.tar -C hostile file
hostile twice -rf twice.tar -C hostile file
tar cf case.tar -C hostile file
hostile case -rf case.tar --transform 's,file,FILE,' -C hostile file

# Metadata.
changed without_metadata "$archive" rm metadata.json
refused without_metadata.tar
changed wrong_type "$archive" metadata 's/"executors": \[/"executors": 7, "was": [/'
refused wrong_type.tar
changed no_json "$archive" metadata 1d
refused no_json.tar
changed version_8 "$archive" metadata 's/"version": 7/"version": 8/'
refused version_8.tar
changed virtual_machine "$archive" metadata 's/^\( *\)"graph"/\1"vm"/'
refused virtual_machine.tar

# What the module needs.
changed cut_parameters "$archive" truncate --size=-100 parameters/default.params
refused cut_parameters.tar
changed without_graph "$archive" rm executor-config/graph/default.graph
refused without_graph.tar
changed without_kernels "$archive" rm codegen/host/src/default_lib1.c
refused without_kernels.tar
changed without_sources "$archive" rm -r codegen
refused without_sources.tar
changed unclosed "$archive" edit '$s/$/{/' codegen/host/src/default_lib1.c
refused unclosed.tar
without_main() { edit 's/___tvm_main__/___main/' codegen/host/src/default_lib1.c; }
changed without_main "$data/digits_int8/aot_c.tar" without_main
refused without_main.tar

# Object files; one for Arm is made one for another machine.
object=$data/../fuzz/corpus/source/arm.o
with_object() {
  mkdir codegen/host/lib
  cp "$object" codegen/host/lib/default_lib2.o
  printf '\076' | dd of=codegen/host/lib/default_lib2.o bs=1 seek=18 conv=notrunc status=none
}
changed object "$archive" with_object
refused object.tar --target netduinoplus2
told object.tar
changed no_object "$archive" sh -c 'mkdir codegen/host/lib && echo text > codegen/host/lib/default_lib2.o'
refused no_object.tar

# Known faults.
told "$data/digits_int8/aot_c_syslib.tar"
told "$data/digits_int8/aot_packed.tar"
told "$data/order_f32/aot_c.tar"
changed workspace "$data/digits_int8/aot_c.tar" edit 's/WORKSPACE_SIZE 960/WORKSPACE_SIZE 961/' codegen/host/include/tvmgen_default.h
told workspace.tar
second_header() { sed 's/WORKSPACE_SIZE 960/WORKSPACE_SIZE 959/' codegen/host/include/tvmgen_default.h > codegen/host/include/tvmgen_default_2.h; }
changed headers "$data/digits_int8/aot_c.tar" second_header
told headers.tar
changed without_header "$data/digits_int8/aot_c.tar" rm codegen/host/include/tvmgen_default.h
told without_header.tar
told "$archive"

# The page has these messages, and these alone.
sort -u seen > messages
sed -n 's/^|.* | `\(.*\)` |$/\1/p' "$page" | sort -u > written
diff written messages || { echo "$page ('<') and the program ('>') do not agree"; exit 1; }
