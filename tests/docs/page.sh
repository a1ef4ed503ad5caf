#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# page.sh PAGE SOURCE PREFIX WORK: every code block of a Markdown page is what it says it is. By the language after the
# fence:
#   c, cpp    compiles; C++ that defines no function is taken for the statements of one; the network digits is emitted
#   cmake     configures as the CMakeLists.txt of a project
#   json      is JSON
#   sh        runs, in a folder that has the repository's examples/ in it
#   console   runs what is behind "$ ", and prints the other lines
#   python    runs, in such a folder, with STM32TVM_PYTHON, which has the package
#   js        runs, in such a folder, with STM32TVM_NODE, as a module that finds the package in STM32TVM_NODE_MODULES
#   java      runs, in such a folder, with STM32TVM_JAVA and STM32TVM_CLASSPATH, as the statements of a method
#   text      is no code
# SOURCE is the repository, PREFIX an installed package.
set -euo pipefail
page=$1 source=$2 prefix=$3 work=$4
rm -rf "$work"
mkdir -p "$work"
cp -r "$source/examples" "$work"
cd "$work"
export PATH=$prefix/bin:$PATH
stm32tvm generate --quiet --model examples/digits.tar --name digits --output emitted
flags=(-I emitted/digits -I emitted/runtime -Wall -Wno-missing-field-initializers -Wextra -Wpedantic -Werror -fsyntax-only -I "$prefix/include" -I "$source/runtime_c" -I "$source/runtime_c/include")

awk -v page="$page" '
  /^```/ && !inside {
    language = substr($0, 4)
    if (language == "") { print page ":" NR ": a code block without a language"; failed = 1; exit }
    inside = 1
    file = sprintf("%03d.%s", NR, language)
    printf "" > file
    next
  }
  /^```/ { inside = 0; close(file); next }
  inside { print > file }
  END { exit failed }' "$page"

# Splits a C++ block into its includes and a function of the rest.
wrapped() {
  grep '^#include' "$1"
  echo 'void block();'
  echo 'void block() {'
  grep -v '^#include' "$1"
  echo '}'
}

check() {
  local block=$1 line=${1%.*}
  case "${block##*.}" in
    c) "$CC" -std=c99 "${flags[@]}" "$block" ;;
    cpp)
      if grep -qE '^[a-z0-9_:]+ [a-z_]+\(.*\) \{$' "$block"; then
        "$CXX" -std=c++20 "${flags[@]}" "$block"
      else
        wrapped "$block" > "$line.function.cc"
        "$CXX" -std=c++20 "${flags[@]}" -Wno-unused-variable -Wno-unused-but-set-variable "$line.function.cc"
      fi
      ;;
    cmake)
      mkdir -p "$line"
      cp "$block" "$line/CMakeLists.txt"
      cp "$source/examples/digits.tar" "$line"
      echo 'int main(void) { return 0; }' | tee "$line/main.c" > "$line/main.cpp"
      cmake -G Ninja -S "$line" -B "$line/build" -DCMAKE_PREFIX_PATH="$prefix" > "$line.log" 2>&1 || { cat "$line.log"; return 1; }
      ;;
    json)
      printf 'file(READ %s text)\nstring(JSON kind TYPE "${text}")\n' "$block" > "$line.check"
      cmake -P "$line.check"
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
blocks=([0-9]*.*)
for block in "${blocks[@]}"; do
  check "$block" || { echo "$page:${block%.*}: the code block does not hold"; exit 1; }
done
echo "${#blocks[@]} blocks"
