# SPDX-License-Identifier: Apache-2.0
"""bad_input.py STM32TVM MODELS WORK: what cannot be done gets a clear answer, and the server goes on."""
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time

from client import ApiError, Server
from sessions import BOARD, fails, generate


def goes_on(server):
    assert server.call("server_info_query", tvm_version="0.14.0")["protocol_version"] == 1


def lines(template):
    with Server(template) as server:
        for line, code in ((b"\x00\xff garbage", -32700), (b"{}", -32600), (b"[1]", -32600)):
            reply = server.send_line(line)
            assert reply["id"] is None and reply["error"]["code"] == code, reply
            goes_on(server)
        assert fails(server.call, "dance").code == -32601
        assert fails(server.call, "build").code == -32602
        goes_on(server)


def generating(template, models, work):
    project = os.path.join(work, "project")
    model = f"{models}/operator.tar"

    def error(model_path, project_dir=project, **options):
        with Server(template) as server:
            found = fails(server.call, "generate_project", model_library_format_path=model_path,
                          standalone_crt_dir="", project_dir=project_dir,
                          options={"project_type": "host_driven", "board": BOARD, **options})
            goes_on(server)
        assert found.code == -32000 and not os.path.exists(project) and os.listdir(work) == before, found
        return found.message

    before = os.listdir(work)
    assert "exists" in error(model, project_dir=template)
    assert "TVMSystemLibEntryPoint" in error(f"{models}/graph.tar")
    assert "interface-api" in error(f"{models}/aot_c_syslib.tar")
    assert "nothing" in error("/nothing")
    assert "serial port" in error(model, board="mps2-an500")
    assert "toaster" in error(model, board="toaster")
    assert "workspace_size_bytes" in error(model, workspace_size_bytes="many")
    assert "no option" in error(model, colour="red")
    assert "cmsis_path" in error(model, cmsis_path="/nothing")
    assert "extra" in error(model, extra_files_tar="/nothing/extra.tar")
    model = f"{models}/graph.tar"
    assert "samples" in error(model, project_type="self-test")
    assert "no sample" in error(model, project_type="self-test", samples="/nothing")


def building(template, models, work):
    project = os.path.join(work, "does_not_compile")
    options = {"compile_definitions": ["-DTVM_DLL=this is no C;"], "project_type": "host_driven", "board": BOARD}
    with Server(template) as server:
        server.call("generate_project", model_library_format_path=f"{models}/operator.tar", standalone_crt_dir="",
                    project_dir=project, options=options)
    with Server(project) as server:
        assert "build it first" in fails(server.call, "flash", options={}).message
        assert "build it first" in fails(server.call, "open_transport", options={}).message
        error = fails(server.call, "build", options={})
        assert "error:" in error.data["traceback"] and "ninja" in error.message, error.data
        goes_on(server)
    project = os.path.join(work, "does_not_fit")
    try:
        generate(template, f"{models}/operator.tar", project, {"workspace_size_bytes": 1 << 20})
        raise AssertionError("a megabyte fits")
    except ApiError as error:
        assert "RAM is too small" in error.data["traceback"], error.data


def board(template, models, work):
    """A board that is not plugged in; its firmware is built all the same, with a file of the user's."""
    extra = os.path.join(work, "extra.tar")
    with tarfile.open(extra, "w") as archive:
        archive.add(__file__, "notes/about.txt")
    project = os.path.join(work, "board")
    options = {"board": "nucleo-f746zg", "extra_files_tar": extra, "warning_as_error": True}
    with Server(template) as server:
        server.call("generate_project", model_library_format_path=f"{models}/aot_packed.tar", standalone_crt_dir="",
                    project_dir=project, options={"project_type": "host_driven", **options})
    assert os.path.exists(os.path.join(project, "notes/about.txt"))
    with Server(project) as server:
        server.call("build", options={})
        assert "openocd" in fails(server.call, "flash", options={"serial_number": "0000"}).message
        assert "letters" in fails(server.call, "flash", options={"serial_number": "0; shutdown"}).message
        assert "plug the board in" in fails(server.call, "open_transport", options={"serial_number": "0000"}).message
        assert "plug the board in" in fails(server.call, "open_transport", options={"port": "/dev/nothing"}).message
        goes_on(server)


def host_dies(template, models, work):
    """The host closes its pipes while a tool runs: the server ends, and the tool with it."""
    project = os.path.join(work, "left")
    generate_options = {"project_type": "performance", "board": BOARD}
    with Server(template) as server:
        server.call("generate_project", model_library_format_path=f"{models}/graph.tar", standalone_crt_dir="",
                    project_dir=project, options=generate_options)
    # A build that does not end by itself.
    with open(os.path.join(project, "CMakeLists.txt"), "w", encoding="utf-8") as file:
        file.write("execute_process(COMMAND sleep 600)\n")

    def sleepers():
        found = []
        for process in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{process}/cmdline", "rb") as file:
                    if file.read() == b"sleep\x00600\x00" and os.readlink(f"/proc/{process}/cwd").startswith(project):
                        found.append(process)
            except OSError:  # it has ended meanwhile
                pass
        return found

    def until(condition):
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    server = Server(project)
    server.send(json.dumps({"jsonrpc": "2.0", "method": "build", "params": {"options": {}}, "id": 1}).encode())
    until(sleepers)
    server.close()
    until(lambda: not sleepers())


def main(stm32tvm, models, work):
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    template = os.path.join(work, "template")
    subprocess.run([stm32tvm, "project-template", template], check=True)
    models = os.path.join(models, "digits_int8")
    lines(template)
    generating(template, models, work)
    building(template, models, work)
    board(template, models, work)
    host_dies(template, models, work)
    print("every fault was answered")


if __name__ == "__main__":
    main(*map(os.path.abspath, sys.argv[1:]))
