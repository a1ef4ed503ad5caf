#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bad_archives.sh STM32TVM ARCHIVE WORK: a bad archive gives one sentence on standard error and exit status 1, and
# nothing is written.
set -euo pipefail
stm32tvm=$1 archive=$2 work=$3
rm -rf "$work"
mkdir -p "$work"
cd "$work"

# refused FILE WORDS...: generate fails, with all the words in its message.
refused() {
  local file=$1 status=0 word
  shift
  "$stm32tvm" generate --model "$file" --output emitted > output 2> message || status=$?
  [ "$status" -eq 1 ] || { echo "$file: exit status $status"; exit 1; }
  [ "$(wc -l < message)" -eq 1 ] || { echo "$file: not one line:"; cat message; exit 1; }
  [ ! -s output ] || { echo "$file: something was printed"; exit 1; }
  [ ! -e emitted ] || { echo "$file: something was written"; exit 1; }
  for word in "$@"; do
    grep -qF -- "$word" message || { echo "$file: no \"$word\" in:"; cat message; exit 1; }
  done
  cat message
}

# changed NAME COMMAND...: NAME.tar is the archive after the command has run in its folder.
changed() {
  local name=$1
  shift
  mkdir "$name"
  tar xf "$archive" -C "$name"
  (cd "$name" && "$@")
  tar cf "$name.tar" -C "$name" .
}

edit_metadata() { sed -i "$1" metadata.json; }
cut_parameters() { truncate --size=-100 parameters/default.params; }

head -c 40000 "$archive" > truncated.tar
refused truncated.tar 'ends early'
echo 'This is no archive.' > text.tar
refused text.tar text.tar
: > empty.tar
refused empty.tar empty.tar
refused absent.tar absent.tar

changed without_metadata rm metadata.json
refused without_metadata.tar metadata.json 'Model Library Format'
changed wrong_type edit_metadata 's/"executors": \[/"executors": 7, "was": [/'
refused wrong_type.tar metadata.json '"executors" is a number where an array is needed'
changed no_json edit_metadata '1d'
refused no_json.tar metadata.json 'not JSON'
changed version_8 edit_metadata 's/"version": 7/"version": 8/'
refused version_8.tar metadata.json 'version 8' 'versions 1 to 7'
changed cut_parameters cut_parameters
refused cut_parameters.tar parameters/default.params 'ends inside parameter'
changed without_graph rm executor-config/graph/default.graph
refused without_graph.tar executor-config/graph/default.graph
changed without_sources rm codegen/host/src/default_lib1.c
refused without_sources.tar 'defines it'
