# SPDX-License-Identifier: Apache-2.0
"""sessions.py STM32TVM MODELS WORK: from the template to sessions with the device, in QEMU's netduinoplus2."""
import os
import shutil
import struct
import subprocess
import sys

from client import *
from graph import Graph

BOARD = "netduinoplus2"
INT8, INT32 = (0, 8), (0, 32)
SESSIONS = 200


def read(path):
    with open(path, "rb") as file:
        return file.read()


def generate(template, model, project, options=None):
    with Server(template) as server:
        server.call("generate_project", model_library_format_path=model, standalone_crt_dir="/none",
                    project_dir=project, options={"project_type": "host_driven", "board": BOARD, **(options or {})})
    with Server(project) as server:
        info = server.call("server_info_query", tvm_version="0.18.0")
        assert not info["is_template"] and info["model_library_format_path"] == os.path.join(project, "model.tar")
        assert read(info["model_library_format_path"]) == read(model)
        server.call("build", options={"verbose": "false", "project_type": None})
        server.call("flash", options={})
    assert os.path.isdir(os.path.join(project, "build"))


def fails(function, *arguments, **named):
    """The error of a call that must fail."""
    try:
        function(*arguments, **named)
    except (ApiError, RemoteError) as error:
        return error
    raise AssertionError("no error came")


def operator(session):
    library = session.call("runtime.SystemLib")
    kernel = session.module_function(library, "__tvm_main__")
    a, b, c = session.allocate(INT8, [16]), session.allocate(INT8, [16]), session.allocate(INT32, [16])
    left, right = range(-8, 8), [100 - 13 * i for i in range(16)]
    session.copy_to(a, struct.pack("<16b", *left))
    session.copy_to(b, struct.pack("<16b", *right))
    tensors = [(TENSOR, tensor_bytes(data, dtype, [16])) for data, dtype in ((a, INT8), (b, INT8), (c, INT32))]
    assert session.result(session.call_handle(kernel, *tensors)) is None
    assert struct.unpack("<16i", session.copy_from(c, 64)) == tuple(x * y for x, y in zip(left, right))
    for count in (8, 10, 11, 12):
        times = session.times(session.time_evaluator(library, "mul16", 10, 3, count), *tensors)
        assert len(times) == 3 and len(set(times)) == 1 and 1e-7 < times[0] < 1e-4, times
    assert session.module_function(library, "mul16", (BOOL, struct.pack("<q", 0)))
    assert session.module_function(library, "no_such_kernel") is None
    session.call("tvm.contrib.random.random_fill", tensors[0])
    assert session.copy_from(a, 16) != struct.pack("<16b", *left)
    assert "no tensor" in str(fails(session.call_handle, kernel, (TENSOR, tensor_bytes(0x20000000, INT8, [16])),
                                    *tensors[1:]))
    assert "no function" in str(fails(session.call_handle, 12345))
    assert "room" in str(fails(session.allocate, INT8, [1 << 20]))
    session.free(a)
    fails(session.free, a)
    assert session.module_function(library, "mul16")


def noise(session):
    """Whatever is on the line, the device goes on."""
    packet = session.frame(struct.pack("<HB", session.session, 0x10) + struct.pack("<Qi", 4, 9))
    for bad in (bytes(range(256)), packet[:-1] + bytes([packet[-1] ^ 1]), packet[:9], b"\xff\xfd\xff\xff\xff\xff\xff"):
        session.send(bad + b"\xff\xfe")
        session.call("runtime.SystemLib")
    assert any("damaged" in log for log in session.logs), session.logs
    large = sequence([text("x" * 3000)])
    error = fails(session.request, 9, large)
    assert "more than the device receives" in str(error), error
    session.call("runtime.SystemLib")


def network(samples, run):
    for sample in range(4):
        assert run(read(f"{samples}/in0_{sample}.bin")) == read(f"{samples}/out0_{sample}.bin"), sample


def ahead_of_time(session, samples):
    library = session.call("runtime.SystemLib")
    executor = session.call("tvm.aot_executor.create", handle(library, MODULE), CPU, text("default"))
    function = lambda name: session.module_function(executor, name)
    assert session.result(session.call_handle(function("get_num_inputs"))) == 1
    assert session.result(session.call_handle(function("get_input_name"), integer(0))) == b"image"
    get = lambda name, value: session.result(session.call_handle(function(name), value))
    assert get("get_input", text("image")) == get("get_input", integer(0))

    def run(image):
        session.copy_to(get("get_input", integer(0)), image)
        session.call_handle(function("run"))
        return session.copy_from(get("get_output", integer(0)), 10)

    network(samples, run)
    times = session.times(session.time_evaluator(executor, "run", 2, 3))
    assert len(set(times)) == 1 and times[0] > 1e-5, times


def with_session(project, function, *arguments):
    with Server(project) as server:
        timeouts = server.call("open_transport", options={"session_start_timeout_sec": "7"})["timeouts"]
        assert timeouts == {"session_start_retry_timeout_sec": 2, "session_start_timeout_sec": 7,
                            "session_established_timeout_sec": 0}
        server.call("open_transport", options={})
        function(Session(server), *arguments)
        server.call("close_transport")
        server.call("close_transport")
        assert fails(server.read, 1, 0).message == "TransportClosedError"


def children(process):
    with open(f"/proc/{process}/task/{process}/children") as file:
        return [int(child) for child in file.read().split()]


def many_sessions(project):
    nonces = set()
    with Server(project) as server:
        for number in range(SESSIONS):
            server.call("open_transport", options={})
            session = Session(server, nonce=number % 255 + 1)
            nonces.add(session.session >> 8)
            assert session.call("runtime.SystemLib")
            # Half of them end as a host that dies does, and the next host meets the same device.
            if number % 2:
                server.call("close_transport")
        server.call("open_transport", options={})
        emulators = children(server.process.pid)
        assert len(emulators) == 1, emulators
        server.close(wait=True)
        assert not os.path.exists(f"/proc/{emulators[0]}"), "the emulator outlives the server"
        # close() below must find pipes that it can close
        server.requests, server.replies = os.open(os.devnull, os.O_RDONLY), open(os.devnull)


def small(project):
    """The server with one kernel, without the memory of tensors and stack."""
    report = subprocess.run(["arm-none-eabi-size", f"{project}/build/firmware.elf"], check=True, capture_output=True)
    code, data, zeros = map(int, report.stdout.decode().splitlines()[1].split()[:3])
    print(f"{code + data} bytes of flash, {data + zeros} of RAM", flush=True)
    assert code + data <= 12 * 1024 and data + zeros <= 6 * 1024


def main(stm32tvm, models, work):
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    template = os.path.join(work, "template")
    subprocess.run([stm32tvm, "project-template", template], check=True)
    samples = os.path.join(models, "digits_int8")
    for version in ("0.8.0", "0.14.0"):
        with Server(template, version) as server:
            info = server.call("server_info_query", tvm_version=version)
            assert info["is_template"] and info["protocol_version"] == 1
    for name, check in (("operator", lambda s: (operator(s), noise(s))),
                        ("graph_syslib", lambda s: network(samples, lambda i, g=Graph(s, f"{samples}/graph_syslib.tar"):
                                                           g.run({"image": i}))),
                        ("aot_packed", lambda s: ahead_of_time(s, samples))):
        project = os.path.join(work, name)
        generate(template, f"{samples}/{name}.tar", project)
        with_session(project, check)
        print(f"{name}: done", flush=True)
    small(os.path.join(work, "operator"))
    many_sessions(os.path.join(work, "operator"))
    print(f"{SESSIONS} sessions in a row: done")


if __name__ == "__main__":
    main(*map(os.path.abspath, sys.argv[1:]))
