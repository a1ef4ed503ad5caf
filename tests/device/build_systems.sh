#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# build_systems.sh STM32TVM ARCHIVE SAMPLES WORK COMPILER: the folder that is emitted for each build system is built by the
# real tool where Debian has it (make, arduino-builder), and run on the samples. For the others (Zephyr, PlatformIO,
# Open-CMSIS-Pack, STM32CubeIDE) the emitted files are read as their formats are documented.
set -euo pipefail
stm32tvm=$1 archive=$2 samples=$3 work=$4 compiler=$5
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$work"
mkdir -p "$work"
cd "$work"

fail() { echo "$*"; exit 1; }
emit() { "$stm32tvm" generate --quiet --model "$archive" --name digits --build-system "$1" --output "$1${2:+-$2}" "${@:3}"; }

# application NAME FILE...: host_application.c on the samples, with these objects, libraries and options.
application() {
  local name=$1
  shift
  "$compiler" -std=c99 -I "$here" "$here/host_application.c" "$@" -lm -o "application-$name"
  "./application-$name" "$samples" > "$name.log" || { cat "$name.log"; fail "$name: wrong outputs"; }
}
includes=(-I make/runtime -I make/runtime/include -I make/runtime/host -I make/digits)

# make: the library, for this machine.
emit make
make --silent -C make CC="$compiler" CFLAGS=-Werror
application make "${includes[@]}" make/build/libdigits.a
[ -z "$(make --silent -C make CC="$compiler" CFLAGS=-Werror)" ] || fail 'make: a second build did something'

# stm32tvm.mk in a Makefile as STM32CubeMX writes them.
mkdir cubemx
cp "$here/host_application.c" "$here/golden_files.h" "$here/compare.h" cubemx
cat > cubemx/Makefile <<'MAKE'
BUILD_DIR = build
C_SOURCES = host_application.c
C_INCLUDES = -I.
include ../make/stm32tvm.mk
CFLAGS += $(C_INCLUDES) -I../make/runtime/host -O2
OBJECTS = $(addprefix $(BUILD_DIR)/,$(notdir $(C_SOURCES:.c=.o)))
vpath %.c $(sort $(dir $(C_SOURCES)))
$(BUILD_DIR)/application: $(OBJECTS)
	$(CC) $(OBJECTS) -lm -o $@
$(BUILD_DIR)/%.o: %.c
	@mkdir -p $(BUILD_DIR)
	$(CC) -c $(CFLAGS) $< -o $@
MAKE
make -C cubemx CC="$compiler" > cubemx.log || { cat cubemx.log; fail 'the Makefile with stm32tvm.mk'; }
cubemx/build/application "$samples" > /dev/null || fail 'stm32tvm.mk: wrong outputs'
grep -q -- '-ffp-contract=off' cubemx.log || fail 'stm32tvm.mk: the kernels have no options of their own'

# Zephyr: the functions of its CMake extensions that the module calls, over plain CMake.
emit zephyr
mkdir zephyr-application
cat > zephyr-application/CMakeLists.txt <<CMAKE
cmake_minimum_required(VERSION 3.21)
project(application LANGUAGES C)
set(CMAKE_C_STANDARD 99)
set(CONFIG_STM32TVM_DIGITS y)
include_directories($work/zephyr/runtime/host)
macro(zephyr_library_named name)
  set(library \${name})
  add_library(\${name} STATIC)
endmacro()
function(zephyr_library_sources)
  target_sources(\${library} PRIVATE \${ARGN})
endfunction()
function(zephyr_include_directories)
  target_include_directories(\${library} PUBLIC \${ARGN})
endfunction()
include($work/zephyr/zephyr/CMakeLists.txt)
add_executable(application $here/host_application.c)
target_link_libraries(application PRIVATE digits m)
CMAKE
grep -qx '  cmake: zephyr' zephyr/zephyr/module.yml
grep -qx '  kconfig: zephyr/Kconfig' zephyr/zephyr/module.yml
grep -qx 'config STM32TVM_DIGITS' zephyr/zephyr/Kconfig
cmake -G Ninja -S zephyr-application -B zephyr-build -DCMAKE_C_COMPILER="$compiler" > zephyr.log &&
  cmake --build zephyr-build >> zephyr.log || { cat zephyr.log; fail 'the Zephyr module'; }
zephyr-build/application "$samples" > /dev/null || fail 'Zephyr: wrong outputs'

# PlatformIO: sources and flags as library.json has them.
emit platformio
mapfile -t sources < <(sed -n 's/^ *"+<\(.*\)>",*$/\1/p' platformio/library.json)
mapfile -t flags < <(sed -n '/"flags"/,/\]/s/^ *"\(-.*\)",*$/\1/p' platformio/library.json)
[ "${#sources[@]}" -ge 6 ] && grep -q '"-<\*>"' platformio/library.json || fail 'PlatformIO: no sources'
[[ " ${flags[*]} " == *' -ffp-contract=off '* ]] || fail 'PlatformIO: no options'
(cd platformio && mkdir objects && "$compiler" "${flags[@]}" -Iruntime/host -c "${sources[@]}" && mv ./*.o objects)
application platformio "${includes[@]}" platformio/objects/*.o

if command -v arm-none-eabi-gcc > /dev/null && command -v qemu-system-arm > /dev/null; then
  # make: firmware, and STM32CubeIDE's project of the same Makefile.
  emit make firmware --target netduinoplus2 --samples "$samples"
  make --silent -C make-firmware CFLAGS=-Werror > make.log || { cat make.log; fail 'make: firmware'; }
  make --silent -C make-firmware CFLAGS=-Werror run | grep -q 'golden check: passed (4 samples)' || fail 'make: run'
  emit cubeide '' --target netduinoplus2 --samples "$samples"
  cmp make-firmware/Makefile cubeide/Makefile
  grep -q '<name>digits_firmware</name>' cubeide/.project
  if command -v xmllint > /dev/null; then
    xmllint --noout cubeide/.project cubeide/.cproject
  else
    echo 'there is no xmllint: the XML of STM32CubeIDE was not parsed'
  fi
  # Every include folder that the IDE indexes is there.
  sed -n 's/.*ProjName}\/\([^}]*\)}.*/\1/p' cubeide/.cproject > folders
  [ "$(wc -l < folders)" -eq 4 ]
  while read -r folder; do [ -d "cubeide/$folder" ] || fail "STM32CubeIDE: no $folder"; done < folders
else
  echo 'there is no arm-none-eabi-gcc or qemu-system-arm: no firmware was built'
fi

# Open-CMSIS-Pack: the files of the project are there, with every C file of the firmware among them.
emit csolution '' --target nucleo-f746zg
sed -n 's/^ *- file: //p' csolution/digits.cproject.yml | sort > listed
(cd csolution && find . -name '*.c' ! -path './*/kernels/*' | sed 's|^\./||' | sort) > present
diff present listed || fail 'csolution: the files differ'
grep -qx '    - project: digits.cproject.yml' csolution/digits.csolution.yml
grep -qx '      device: ARMCM7' csolution/digits.csolution.yml
if command -v cbuild > /dev/null; then
  cbuild csolution/digits.csolution.yml
fi

# Arduino: a sketch for a platform that has no more than this machine's compiler.
emit arduino
[ ! -e arduino/runtime ] && [ -z "$(find arduino/src -path '*_kernels/*.c')" ]
if command -v arduino-builder > /dev/null; then
  "$here/arduino.sh" "$work/arduino" "$here" "$compiler" "$work/arduino-build" > arduino.log 2>&1 ||
    { cat arduino.log; fail 'Arduino'; }
  arduino-build/sketch.ino.elf "$samples" > /dev/null || fail 'Arduino: wrong outputs'
else
  echo 'there is no arduino-builder: the library was not compiled by it'
fi

# What a build system cannot do is refused.
for each in zephyr arduino platformio; do
  ! emit "$each" refused --target netduinoplus2 2> message && grep -q 'emit without a target' message
done
! emit csolution refused 2> message && grep -q 'name a target' message
