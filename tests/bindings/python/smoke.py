# SPDX-License-Identifier: Apache-2.0
"""smoke.py ARCHIVE SAMPLE OUT: one way through everything, with a failure and a cancelled call, to look for leaks."""

import sys

import stm32tvm

archive, sample, out = sys.argv[1:]
library = stm32tvm.ModelLibrary.open(archive, progress=lambda now: None)
network = library.network()
plan = stm32tvm.MemoryPlan.make(network)
with open(sample, "rb") as file:
    samples = [stm32tvm.Sample([file.read()])]
options = stm32tvm.EmitOptions(name="digits", target="netduinoplus2")
tree = stm32tvm.ProjectEmitter.emit(plan, options, samples)
assert len(tree.write_to(out).changed) == len(tree)
assert sum(len(contents) for contents in tree.values()) > 10000
for wrong in (
    lambda: stm32tvm.ModelLibrary.open("no/such.tar"),
    lambda: stm32tvm.ModelLibrary.open(archive, progress=lambda now: False),
    lambda: network.apply_tflite(b"no file"),
):
    try:
        wrong()
    except stm32tvm.Error as error:
        assert error.code in ("cannot_read", "cancelled", "bad_option"), error.code
    else:
        sys.exit("nothing failed")
