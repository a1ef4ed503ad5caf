#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# heap_symbols.sh ELF: fails when the linked program holds a heap or stdio, and prints their symbols.
set -euo pipefail
symbols=$(arm-none-eabi-nm "$1")
found=$(awk '$NF ~ /^_*(malloc|calloc|realloc|reallocf|memalign|aligned_alloc|free|sbrk)(_r)?$/ ||
             $NF ~ /^_*v?(f|s|sn|d|as|asn)?i?printf(_r)?$/ || $NF ~ /^_*(puts|putchar|fputs|fwrite|fopen|fflush)(_r)?$/ ||
             $NF ~ /^_*(sinit|sfp|malloc_[a-z]+)$/' <<< "$symbols")
if [ -n "$found" ]; then
  printf '%s holds a heap or stdio:\n%s\n' "$1" "$found" >&2
  exit 1
fi
