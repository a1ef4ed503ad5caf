# SPDX-License-Identifier: Apache-2.0
"""applications.py STM32TVM MODELS WORK: the kinds of project that are no RPC server, from the template to what they say
in QEMU's netduinoplus2."""
import json
import os
import shutil
import subprocess
import sys

from client import ApiError, Server

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../validation"))
import validation_client

BOARD = "netduinoplus2"


class Line:
    """The server's transport as a socket."""

    def __init__(self, server):
        self.server = server

    def sendall(self, data):
        self.server.write(data, timeout=60)

    def recv(self, count):
        return self.server.read(count, timeout=60)

    def settimeout(self, _):
        pass


def text(server):
    """What the firmware says until it ends."""
    said = b""
    try:
        while True:
            said += server.read(1, timeout=60)
    except ApiError:  # the emulator has ended
        return said.decode()


def main():
    stm32tvm, models, work = sys.argv[1:]
    samples = os.path.join(models, "digits_int8")
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    template = os.path.join(work, "template")
    subprocess.run([stm32tvm, "project-template", template], check=True, stdout=subprocess.DEVNULL)
    for kind in ("minimal", "performance", "validation", "self-test"):
        project = os.path.join(work, kind)
        with Server(template) as server:
            server.call("generate_project", model_library_format_path=os.path.join(samples, "graph.tar"),
                        standalone_crt_dir="", project_dir=project, options={"project_type": kind, "board": BOARD, "samples": samples})
        with Server(project) as server:
            server.call("build", options={})
            server.call("flash", options={})
            server.call("open_transport", options={})
            if kind == "validation":
                with open(os.path.join(samples, "io.json"), encoding="utf-8") as file:
                    validation_client.session(Line(server), 1, samples, b"network", json.load(file))
            else:
                said = text(server)
                wanted = {"minimal": "output 1 starts with byte", "performance": "ticks",
                          "self-test": "self-test: passed (4 samples)"}[kind]
                assert wanted in said, f"{kind} said {said!r}"
            print(f"{kind}: generated, built, and answers")


main()
