#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# recipes.sh SOURCE VERSION WORK: what can be told of the vcpkg port and the Conan recipe without a network: they parse,
# have the project's version, set options that there are, and name the dependencies that the build looks for.
set -euo pipefail
source=$1 version=$2 work=$3
rm -rf "$work"
mkdir -p "$work"
port=$source/packaging/vcpkg/stm32tvm recipe=$source/packaging/conan/conanfile.py
cat > "$work/port.cmake" << CMAKE
cmake_minimum_required(VERSION 3.24)
file(READ "$port/vcpkg.json" manifest)
string(JSON version GET "\${manifest}" version)
if(NOT version STREQUAL "$version")
  message(FATAL_ERROR "the port has version \${version}")
endif()
foreach(name IN ITEMS vcpkg_check_features vcpkg_cmake_configure vcpkg_cmake_install vcpkg_cmake_config_fixup
    vcpkg_fixup_pkgconfig vcpkg_copy_tools vcpkg_install_copyright)
  cmake_language(EVAL CODE "function(\${name})\n if(NOT \"\\\${ARGN}\" STREQUAL \"\")\n file(APPEND \"$work/calls\" \"\\\${ARGN}\\n\")\n endif()\n endfunction()")
endforeach()
set(CURRENT_PACKAGES_DIR "$work/packages")
set(FEATURES tools)
include("$port/portfile.cmake")
CMAKE
cmake -P "$work/port.cmake"
grep -q "$source" "$work/calls"
for option in $(grep -ohE 'STM32TVM_[A-Z_]+[A-Z]' "$port/portfile.cmake" "$recipe" | grep -v STM32TVM_VERSION | sort -u); do
  grep -q "^option($option " "$source/CMakeLists.txt" || { echo "there is no option $option"; exit 1; }
done
for name in libarchive simdjson fmt nlohmann.json flatbuffers xxhash cli11; do
  grep -qE "\"$name\"" "$port/vcpkg.json" || { echo "the port does not need $name"; exit 1; }
  grep -qE "requires\(\"$name/" "$recipe" || { echo "the recipe does not need $name"; exit 1; }
done
command -v python3 > /dev/null || { echo "no python3: the recipe was not parsed"; exit 0; }
python3 -c "import ast, sys; ast.parse(open(sys.argv[1]).read())" "$recipe"
