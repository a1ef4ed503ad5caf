#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""validation_client.py FIRMWARE SAMPLES NETWORK: starts the validation firmware in QEMU's netduinoplus2 with its serial
port on a TCP port, drives it as a host with ai_runner does, in both forms of packets, and compares its outputs with the
golden ones of the folder SAMPLES. Written from the protocol's facts, without code of the firmware."""
import json
import socket
import struct
import subprocess
import sys
import time

PACKET = 32
SYNC, SYSTEM, DISCONNECT, NETWORK, RUN = 0, 1, 2, 10, 11
IDLE, WAITING, PROCESSING, DONE, ERROR = range(5)
INVALID_SIZE, INVALID_PARAM = 1, 4
PER_LAYER, WITH_DATA, PERF = 2, 4, 8
INPUT, OUTPUT, INTERNAL, LAST, NO_DATA = 1, 2, 4, 256, 512


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def integer(field, value):
    return varint(field << 3) + varint(value)


def text(field, value):
    return varint(field << 3 | 2) + varint(len(value)) + value


def fields(message):
    """Number to list of values: integers, bytes, or the four bytes of a float."""
    found = {}
    at = 0

    def read_varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        key = read_varint()
        if key & 7 == 0:
            value = read_varint()
        else:
            count = {1: 8, 5: 4}.get(key & 7) or read_varint()
            assert at + count <= len(message), "a field is longer than its message"
            value = message[at:at + count]
            at += count
        found.setdefault(key >> 3, []).append(value)
    return found


class Host:
    def __init__(self, line, header_bytes):
        self.line = line
        self.header_bytes = header_bytes
        self.request_id = 0

    def receive(self, count):
        data = b""
        while len(data) < count:
            more = self.line.recv(count - len(data))
            assert more, "the firmware closed the line"
            data += more
        return data

    def send(self, message):
        delimited = varint(len(message)) + message
        for at in range(0, len(delimited), PACKET):
            if at:
                self.receive(1)
            chunk = delimited[at:at + PACKET]
            self.line.sendall(len(chunk).to_bytes(self.header_bytes, "big") + chunk.ljust(PACKET, b"\0"))

    def answer(self):
        """State, field of the content, fields of the content."""
        message = b""
        while True:
            header = self.receive(self.header_bytes)
            data = self.receive(PACKET)
            if header[0] & 0x80:
                message += data[:header[-1] & 0x7F]
                break
            message += data
        found = fields(message)
        assert found[1] == [self.request_id], f"an answer to {found[1]} instead of {self.request_id}"
        (content,) = set(found) - {1, 2}
        return found[2][0], content, fields(found[content][0])

    def request(self, command, param=0, name=b"", opt=0):
        self.request_id += 1
        self.send(integer(1, self.request_id) + integer(2, command) + integer(3, param) + text(4, name) + integer(5, opt))

    def ask(self, *arguments, **keywords):
        self.request(*arguments, **keywords)
        return self.answer()

    def connect(self):
        """Until the device is up its port takes nothing. One that got half a message gives it up after a silence."""
        time.sleep(1)
        self.line.settimeout(30)
        for _ in range(3):
            try:
                answer = self.ask(SYNC)
                self.line.settimeout(60)
                return answer
            except TimeoutError:
                pass
        raise AssertionError("the device does not answer")

    def send_data(self, data):
        self.send(integer(1, 0) + integer(2, len(data)) + integer(3, 0) + text(4, data))

    def acknowledge(self):
        self.send(integer(1, 0) + integer(2, 0))


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def describe(description):
    (shape_format,) = description[4]
    found = {
        "name": description[1][0].decode(), "format": description[2][0], "elements": description[3][0],
        "rank": shape_format & 0xFF, "shape_format": shape_format >> 24, "shape": description.get(5, []),
        "scale": struct.unpack("<f", description[6][0])[0], "flags": description[9][0]}
    zero_point = description[7][0]
    found["zero_point"] = zero_point - (1 << 64) if zero_point >> 63 else zero_point
    expect(found["rank"] == len(found["shape"]), "the rank is not the number of dimensions")
    product = 1
    for dimension in found["shape"]:
        product *= dimension
    expect(product == found["elements"], "the shape is not that of the elements")
    return found


FORMATS = {"float32": 0x00821040, "int8": 0x00840440, "uint8": 0x00040440, "int16": 0x00840840, "int32": 0x00841040,
           "int64": 0x00842040}

ELEMENT_BYTES = {"float32": 4, "int8": 1, "uint8": 1, "int16": 2, "int32": 4, "int64": 8}


def check_description(found, io, flag):
    expect(found["flags"] & flag, f"{found['name']} has flags {found['flags']}")
    expect(found["format"] == FORMATS[io["dtype"]], f"{found['name']} has format {found['format']:#x}")
    expect(found["shape"] == io["shape"], f"{found['name']} has shape {found['shape']}, not {io['shape']}")
    scale = (io.get("scale") or [0])[0]
    expect(abs(found["scale"] - scale) <= 1e-5 * scale, f"{found['name']} has scale {found['scale']}, not {scale}")
    zero_point = (io.get("zero_point") or [0])[0]
    expect(found["zero_point"] == zero_point, f"{found['name']} has zero point {found['zero_point']}")


def check_output(data, expected, dtype):
    if dtype != "float32":
        expect(data == expected, "an output differs from the golden one")
        return
    count = len(expected) // 4
    expect(len(data) == len(expected), "an output has another size than the golden one")
    for a, b in zip(struct.unpack(f"<{count}f", data), struct.unpack(f"<{count}f", expected)):
        expect(abs(a - b) <= max(1e-6, 1e-5 * abs(b)), f"an output is {a} and not {b}")


def run(host, name, inputs, param=0):
    """Answers after the inputs were taken."""
    state, content, ack = host.ask(RUN, param=1 | param, name=name)
    expect((state, content) == (WAITING, 12), f"the run was answered by state {state}")
    expect(ack[1][0] == len(inputs[0]) or param & PERF, "the first input has another size")
    for index, data in enumerate(inputs):
        host.send_data(data)
        state, content, ack = host.answer()
        expect(state == (PROCESSING if index + 1 == len(inputs) else WAITING), f"input {index} left state {state}")
        expect(ack[1][0] == len(data) and ack[2][0] == 0, f"input {index} was answered by {ack}")
        host.acknowledge()
    answers = [host.answer()]
    while answers[-1][0] == PROCESSING:
        answers.append(host.answer())
    expect(answers[-1][0] == DONE, f"the run ended in state {answers[-1][0]}")
    return answers


def check_run(host, name, inputs, outputs, io):
    answers = run(host, name, inputs)
    expect([content for _, content, _ in answers] == [16] + [17] * len(outputs), "a run answers its time and outputs")
    expect(struct.unpack("<f", answers[0][2][4][0])[0] > 0, "a run takes time")
    for index, (_, _, tensor) in enumerate(answers[1:]):
        description = describe(fields(tensor[1][0]))
        check_description(description, io["outputs"][index], OUTPUT)
        last = index + 1 == len(outputs)
        expect(bool(description["flags"] & LAST) == last, "the last output alone is marked as the last")
        check_output(fields(tensor[2][0])[4][0], outputs[index], io["outputs"][index]["dtype"])


def check_layers(host, name, inputs, outputs, io, nodes):
    for with_data in (0, WITH_DATA):
        answers = run(host, name, inputs, PER_LAYER | with_data)
        layers = [content for _, content, answer in answers if content == 16 and answer[2][0] >> 24 & 1]
        expect(len(layers) == nodes, f"{len(layers)} operators were reported, and the network has {nodes}")
        in_layers = [answer for _, content, answer in answers if content == 16]
        expect(in_layers[nodes - 1][2][0] >> 24 == 3, "the last operator is marked")
        inner = [tensor for _, content, tensor in answers if content == 17][:-len(outputs)]
        expect(len(inner) >= nodes, "every operator reports its outputs")
        for tensor in inner:
            description = describe(fields(tensor[1][0]))
            data = fields(tensor[2][0])[4][0]
            expect(description["flags"] & INTERNAL, "an operator's output is marked as inner")
            expect(bool(data) == bool(with_data), "data comes when it is asked for")
            expect(bool(description["flags"] & NO_DATA) != bool(with_data), "no data is marked")
        check_output(fields(answers[-1][2][2][0])[4][0], outputs[-1], io["outputs"][-1]["dtype"])


def check_bad_requests(host, name, inputs):
    state, content, ack = host.ask(RUN, param=1, name=b"nobody")
    expect((state, content, ack[2][0]) == (ERROR, 12, INVALID_PARAM), "an unknown network is refused")
    state, content, ack = host.ask(77)
    expect((state, content, ack[2][0]) == (ERROR, 12, INVALID_PARAM), "an unknown command is refused")
    host.request(RUN, param=1, name=name)
    host.answer()
    host.send_data(inputs[0] + b"\0")
    state, content, ack = host.answer()
    expect((state, content, ack[2][0]) == (ERROR, 12, INVALID_SIZE), "an input of the wrong size is refused")


def session(line, header_bytes, samples, name, io):
    def read(kind, index, sample):
        with open(f"{samples}/{kind}{index}_{sample}.bin", "rb") as file:
            return file.read()

    host = Host(line, header_bytes)
    state, content, sync = host.connect()
    expect((state, content) == (IDLE, 10) and sync[1] == [0x0301], f"SYNC was answered by {sync}")
    expect(sync[5][0] & 0xFF == 3, "the runtime is TVM's")
    state, content, system = host.ask(SYSTEM)
    expect((state, content) == (IDLE, 11) and {1, 2, 3, 4, 5} <= set(system), f"SYS_INFO was answered by {system}")
    expect(system[5] == [0], "packets stay as they are")
    state, content, network = host.ask(NETWORK, param=0)
    expect((state, content) == (IDLE, 22) and network[1] == [name], f"NETWORK_INFO was answered by {network}")
    expect({1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 21, 22} <= set(network), "a field of the network is missing")
    for count, tensors, ios, flag in ((10, 11, io["inputs"], INPUT), (12, 13, io["outputs"], OUTPUT)):
        expect(network[count] == [len(ios)] and len(network[tensors]) == len(ios), "inputs and outputs are all there")
        for tensor, each in zip(network[tensors], ios):
            check_description(describe(fields(tensor)), each, flag)
    state, content, ack = host.ask(NETWORK, param=1)
    expect((state, content, ack[2][0]) == (ERROR, 12, INVALID_PARAM), "there is one network")

    for sample in range(4):
        inputs = [read("in", index, sample) for index in range(len(io["inputs"]))]
        outputs = [read("out", index, sample) for index in range(len(io["outputs"]))]
        check_run(host, name, inputs, outputs, io)
    check_layers(host, name, inputs, outputs, io, network[8][0])
    check_bad_requests(host, name, inputs)
    first = [data[:ELEMENT_BYTES[each["dtype"]]] for data, each in zip(inputs, io["inputs"])]
    run(host, name, first, PERF)
    check_run(host, name, inputs, outputs, io)
    host.request(DISCONNECT)


def main():
    firmware, samples, name = sys.argv[1], sys.argv[2], sys.argv[3].encode()
    with open(f"{samples}/io.json", encoding="utf-8") as file:
        io = json.load(file)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        qemu = subprocess.Popen(["qemu-system-arm", "-M", "netduinoplus2", "-display", "none", "-monitor", "none", "-serial",
                                 f"tcp:127.0.0.1:{server.getsockname()[1]}", "-kernel", firmware])
        try:
            line, _ = server.accept()
            line.settimeout(60)
            for header_bytes in (1, 2):
                session(line, header_bytes, samples, name, io)
                print(f"packets with headers of {header_bytes} bytes: all answers are right")
        finally:
            qemu.kill()


if __name__ == "__main__":
    main()
