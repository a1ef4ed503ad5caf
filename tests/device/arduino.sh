#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# arduino.sh LIBRARY HERE COMPILER WORK: builds a sketch that uses the library and host_application.c of HERE with
# arduino-builder, for a platform that is this machine, into WORK/sketch.ino.elf.
set -euo pipefail
library=$1 here=$2 compiler=$3 work=$4
mkdir -p "$work"/hardware/own/host/cores/host "$work"/libraries/digits "$work"/sketch "$work"/tools
cp -r "$library"/. "$work/libraries/digits"
cat > "$work/hardware/own/host/boards.txt" <<'TXT'
host.name=This machine
host.build.core=host
host.build.mcu=host
host.build.board=HOST
TXT
cat > "$work/hardware/own/host/platform.txt" <<TXT
name=Host
version=1.0.0
compiler.warning_flags=
recipe.preproc.macros=c++ -w -x c++ -E -CC {includes} "{source_file}" -o "{preprocessed_file_path}"
recipe.preproc.includes=c++ -w -x c++ -M -MG -MP {includes} "{source_file}"
recipe.c.o.pattern=$compiler -std=c99 -O2 -ffunction-sections -c {includes} "{source_file}" -o "{object_file}"
recipe.cpp.o.pattern=c++ -O2 -c {includes} "{source_file}" -o "{object_file}"
recipe.S.o.pattern=$compiler -c {includes} "{source_file}" -o "{object_file}"
recipe.ar.pattern=ar rcs "{archive_file_path}" "{object_file}"
recipe.c.combine.pattern=c++ {object_files} "{build.path}/{archive_file}" -lm -o "{build.path}/{build.project_name}.elf"
recipe.size.pattern=size "{build.path}/{build.project_name}.elf"
recipe.size.regex=^x
tools.ctags.path=/usr/bin
tools.ctags.cmd.path={path}/arduino-ctags
tools.ctags.pattern="{cmd.path}" -u --language-force=c++ -f - --c++-kinds=svpf --fields=KSTtzns --line-directives "{source_file}"
TXT
echo '#define ARDUINO 1' > "$work/hardware/own/host/cores/host/Arduino.h"
echo 'int core_of_host;' > "$work/hardware/own/host/cores/host/core.cpp"
# The sketch has the application's main().
cp "$here/compare.h" "$here/golden_files.h" "$here/host_application.c" "$work/sketch"
sed -i '1i #include <digits.h>' "$work/sketch/host_application.c"
echo '#include <digits.h>' > "$work/sketch/sketch.ino"
mkdir -p "$work/build"
arduino-builder -compile -hardware /usr/share/arduino-builder -hardware "$work/hardware" -tools "$work/tools" \
  -libraries "$work/libraries" -fqbn own:host:host -build-path "$work/build" "$work/sketch/sketch.ino"
cp "$work/build/sketch.ino.elf" "$work"
