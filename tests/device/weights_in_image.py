# SPDX-License-Identifier: Apache-2.0
"""weights_in_image.py ELF NETWORK_C PARAMS: each parameter of TVM's file is in the image where the emitted table has its
address, on a 16-byte boundary. The ELF file is read with binutils, the parameters from the form that TVM saves them in."""
import re
import struct
import subprocess
import sys


def parameters(path):
    data = open(path, "rb").read()
    magic, _, count = struct.unpack_from("<QQQ", data)
    assert magic == 0xF7E58D4F05049CB7
    at, names = 24, []
    for _ in range(count):
        (length,) = struct.unpack_from("<Q", data, at)
        names.append(data[at + 8 : at + 8 + length].decode())
        at += 8 + length
    at += 8
    for name in names:
        magic, _, _, _, rank = struct.unpack_from("<QQiii", data, at)
        assert magic == 0xDD5E40F096B4A13F
        at += 32 + 8 * rank
        (size,) = struct.unpack_from("<q", data, at)
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size


def symbols(elf):
    lines = subprocess.run(["arm-none-eabi-nm", elf], check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[-1]: int(line.split()[0], 16) for line in lines if len(line.split()) == 3}


def segments(elf):
    data = open(elf, "rb").read()
    offset, size, count = struct.unpack_from("<I", data, 28)[0], *struct.unpack_from("<HH", data, 42)
    for i in range(count):
        kind, start, address, _, length = struct.unpack_from("<IIIII", data, offset + i * size)
        if kind == 1:
            yield address, data[start : start + length]


elf, source, params = sys.argv[1:]
rows = re.findall(r"/\* \d+: (\w+), [^\n]*\n\s*\{\{\(void\*\)\((\w+) \+ (\d+)\)", open(source).read())
places = {name: symbols(elf)[symbol] + int(offset) for name, symbol, offset in rows}
image = list(segments(elf))
checked = 0
for name, values in parameters(params):
    place = places[name]
    assert place % 16 == 0, f"{name} is at {place:#x}"
    found = [memory[place - start : place - start + len(values)] for start, memory in image if start <= place]
    assert values in found, f"{name} is not at {place:#x}"
    checked += 1
assert checked > 0
