#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# page.sh PAGE SOURCE PREFIX WORK: every code block of a Markdown page is what it says it is. By the language after the
# fence:
#   c, cpp    compiles, with the network digits as a block before emitted it to the folder named behind the language, or as
#             it is without options; what defines no function is taken for the statements of one; a program of the
#             library's, and C++ statements over it, also run, under valgrind
#   cmake     is the CMakeLists.txt of a project: configures, and builds
#   make, ninja   is the file of a build: builds, does nothing then, and builds when the archive changed
#   json      is JSON, and becomes the file named behind the language
#   sh        runs, in a folder that has the repository's examples/ and digits.tar in it
#   console   runs what is behind "$ ", and prints the other lines
#   python    runs, in such a folder, with STM32TVM_PYTHON, which has the package
#   js        runs, in such a folder, with STM32TVM_NODE, as a module that finds the package in STM32TVM_NODE_MODULES
#   java      runs, in such a folder, with STM32TVM_JAVA and STM32TVM_CLASSPATH, as the statements of a method
#   text      is no code
# SOURCE is the repository, PREFIX an installed package.
set -euo pipefail
page=$1 source=$2 prefix=$3 work=$4
rm -rf "$work"
mkdir -p "$work/arguments"
cp -r "$source/examples" "$source/examples/digits.tar" "$work"
cd "$work"
export PATH=$prefix/bin:$PATH PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name stm32tvm.pc)")
stm32tvm generate --quiet --model examples/digits.tar --name digits --output emitted
flags=(-Wall -Wno-missing-field-initializers -Wextra -Wpedantic -Werror -I "$prefix/include" -I "$source/runtime_c" -I "$source/runtime_c/include")

awk -v page="$page" '
  /^```/ && !inside {
    words = split(substr($0, 4), word, " ")
    if (words == 0) { print page ":" NR ": a code block without a language"; failed = 1; exit }
    inside = 1
    file = sprintf("%03d.%s", NR, word[1])
    printf "" > file
    argument = sprintf("arguments/%03d", NR)
    print word[2] > argument
    close(argument)
    next
  }
  /^    [^ ]/ && !inside { print page ":" NR ": a code block without a fence"; failed = 1; exit }
  /^```/ { inside = 0; close(file); next }
  inside { print > file }
  END { exit failed }' "$page"

# The block as a program or a unit of one: statements become those of the function $2.
unit() {
  if grep -qE '^[a-z0-9_:]+ [a-z_]+\(.*\) \{$' "$1"; then
    cat "$1"
    return
  fi
  grep '^#include' "$1"
  echo "$2;"
  echo "$2 {"
  grep -v '^#include' "$1"
  echo '}'
}

# Runs a build's file, as the command after it: it emits now, does nothing then, and emits again for a changed archive.
builds() {
  "$@" > "$line.log" 2>&1 && grep -q generate "$line.log" || { cat "$line.log"; return 1; }
  "$@" > "$line.log" 2>&1 && ! grep generate "$line.log" || { cat "$line.log"; return 1; }
  touch -d '+1 second' digits.tar
  "$@" > "$line.log" 2>&1 && grep -q generate "$line.log" || { cat "$line.log"; return 1; }
}

check() {
  local block=$1 line=${1%.*}
  local argument
  argument=$(cat "arguments/$line")
  local tree=${argument:-emitted}
  local with=("${flags[@]}" -I "$tree/digits" -I "$tree/runtime")
  case "${block##*.}" in
    c)
      unit "$block" 'void block(void)' > "$line.unit.c"
      if grep -q '^int main(' "$block"; then
        # shellcheck disable=SC2046
        "$CC" -std=c99 "${with[@]}" "$line.unit.c" -o "$line.program" $(pkg-config --libs stm32tvm_c) \
          -Wl,-rpath,"$(dirname "$PKG_CONFIG_PATH")" &&
          bash "$source/tests/memory_check.sh" "./$line.program"
      else
        "$CC" -std=c99 "${with[@]}" -Wno-unused-variable -Wno-unused-but-set-variable -fsyntax-only "$line.unit.c"
      fi
      ;;
    cpp)
      if grep -q '^#include <stm32tvm/' "$block"; then
        unit "$block" 'int main()' > "$line.unit.cc"
        # shellcheck disable=SC2046
        "$CXX" -std=c++20 "${with[@]}" -Wno-unused-variable -Wno-unused-but-set-variable "$line.unit.cc" \
          -o "$line.program" $(pkg-config --libs stm32tvm) &&
          bash "$source/tests/memory_check.sh" "./$line.program"
      else
        unit "$block" 'void block()' > "$line.unit.cc"
        "$CXX" -std=c++20 "${with[@]}" -Wno-unused-variable -Wno-unused-but-set-variable -fsyntax-only "$line.unit.cc"
      fi
      ;;
    cmake)
      mkdir -p "$line"
      cp "$block" "$line/CMakeLists.txt"
      cp "$source/examples/digits.tar" "$line"
      echo 'int main(void) { return 0; }' | tee "$line/main.c" > "$line/main.cpp"
      target=all
      if grep -q 'URL .*\.tar\.gz' "$block"; then
        tar -czf "$line/stm32tvm.tar.gz" -C "$source" --transform 's,^,stm32tvm/,' CMakeLists.txt LICENSE README.md \
          CHANGELOG.md bindings cmake include runtime_c src
        target=help # tests/install builds the sources in this way
      fi
      { cmake -G Ninja -S "$line" -B "$line/build" -DCMAKE_PREFIX_PATH="$prefix" &&
        cmake --build "$line/build" --target "$target"; } > "$line.log" 2>&1 || { cat "$line.log"; return 1; }
      ;;
    make) builds make -f "$block" ;;
    ninja) builds ninja -v -f "$block" ;;
    json)
      printf 'file(READ %s text)\nstring(JSON kind TYPE "${text}")\n' "$block" > "$line.check"
      cmake -P "$line.check" && { [ -z "$argument" ] || cp "$block" "$argument"; }
      ;;
    sh) bash -euo pipefail "$block" > "$line.log" 2>&1 || { cat "$line.log"; return 1; } ;;
    console)
      sed -n 's/^\$ //p' "$block" > "$line.commands"
      grep -v '^\$ ' "$block" > "$line.expected" || true
      bash "$line.commands" > "$line.printed" 2>&1 || true
      diff "$line.expected" "$line.printed"
      ;;
    js)
      ln -sfn "$STM32TVM_NODE_MODULES" node_modules
      "$STM32TVM_NODE" --input-type=module < "$block" > "$line.log" 2>&1 || { cat "$line.log"; return 1; }
      ;;
    python) "$STM32TVM_PYTHON" "$block" > "$line.log" 2>&1 || { cat "$line.log"; return 1; } ;;
    java)
      {
        grep '^import ' "$block"
        echo 'public class Block { public static void main(String[] arguments) throws Exception {'
        grep -v '^import ' "$block"
        echo '} }'
      } > "$line.statements.java"
      "$STM32TVM_JAVA" -ea -cp "$STM32TVM_CLASSPATH" "$line.statements.java" > "$line.log" 2>&1 || { cat "$line.log"; return 1; }
      ;;
    text) ;;
    *) echo "no check for blocks of ${block##*.}"; return 1 ;;
  esac
}

shopt -s nullglob
blocks=([0-9][0-9][0-9].*)
for block in "${blocks[@]}"; do
  check "$block" || { echo "$page:${block%.*}: the code block does not hold"; exit 1; }
done
echo "${#blocks[@]} blocks"
