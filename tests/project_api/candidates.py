# SPDX-License-Identifier: Apache-2.0
"""candidates.py STM32TVM MODELS WORK: ten tuning candidates generated, built and measured, beside ten bare compiler runs on
the same sources. Prints both and their ratio."""
import glob
import os
import shutil
import subprocess
import sys
import time

from client import Server, Session, TENSOR, tensor_bytes
from sessions import BOARD

CANDIDATES = 10
CORE = "-mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard".split()
OPTIONS = "-std=c99 -O2 -w -g -ffunction-sections -fdata-sections -Iruntime/include -Iruntime/rpc -Ifirmware".split()
LINK = "-Tfirmware/linker.ld firmware/memory.ld --specs=nano.specs -nostartfiles -Wl,--gc-sections -lm".split()


def candidate(template, model, project):
    with Server(template) as server:
        server.call("generate_project", model_library_format_path=model, standalone_crt_dir="", project_dir=project,
                    options={"project_type": "host_driven", "board": BOARD})
    with Server(project) as server:
        for method in ("build", "flash", "open_transport"):
            server.call(method, options={})
        session = Session(server)
        library = session.call("runtime.SystemLib")
        tensors = []
        for dtype in ((0, 8), (0, 8), (0, 32)):
            data = session.allocate(dtype, [16])
            tensors.append((TENSOR, tensor_bytes(data, dtype, [16])))
            session.call("tvm.contrib.random.random_fill", tensors[-1])
        times = session.times(session.time_evaluator(library, "__tvm_main__", 10, 3), *tensors)
        assert len(times) == 3 and min(times) > 0
        server.call("close_transport")


def bare_compiler(project):
    sources = [os.path.relpath(path, project) for folder in ("model", "runtime/rpc", "firmware")
               for path in sorted(glob.glob(f"{project}/{folder}/*.c"))]
    subprocess.run(["arm-none-eabi-gcc", *CORE, *OPTIONS, *sources, *LINK, "-o", "bare.elf"], cwd=project, check=True)


def main(stm32tvm, models, work):
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    template = os.path.join(work, "template")
    subprocess.run([stm32tvm, "project-template", template], check=True)
    projects = [os.path.join(work, str(i)) for i in range(CANDIDATES)]
    ours = bare = 0.0
    for project in projects:  # in turns, so that what else the machine does falls on both
        start = time.monotonic()
        candidate(template, f"{models}/digits_int8/operator.tar", project)
        middle = time.monotonic()
        bare_compiler(project)
        ours += middle - start
        bare += time.monotonic() - middle
    print(f"{CANDIDATES} candidates: {ours:.2f} s; {CANDIDATES} bare compiler runs: {bare:.2f} s; ratio {ours / bare:.2f}")


if __name__ == "__main__":
    main(*map(os.path.abspath, sys.argv[1:]))
