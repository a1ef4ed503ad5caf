# SPDX-License-Identifier: Apache-2.0
"""A host of the Project API and of microTVM RPC, written from the wire's facts: what TVM's Python and C++ do."""
import base64
import binascii
import json
import os
import struct
import subprocess

ERRORS = {-32000, -32700, -32600, -32601, -32602, -32603}


class ApiError(Exception):
    """An error reply."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.code = error["code"]
        self.message = error["message"]
        self.data = error.get("data")


class Server:
    """The server of a template or project folder, started as TVM's client starts it."""

    def __init__(self, folder, version="0.14.0"):
        script = os.path.join(folder, "launch_microtvm_api_server.sh")
        read_fd, self.requests = os.pipe()
        replies, write_fd = os.pipe()
        argv = [script]
        if version != "0.8.0":
            argv.append(os.path.join(folder, "microtvm_api_server.py"))
        argv += ["--read-fd", str(read_fd), "--write-fd", str(write_fd)]
        os.set_inheritable(read_fd, True)
        os.set_inheritable(write_fd, True)
        self.process = subprocess.Popen(argv, bufsize=0, pass_fds=(read_fd, write_fd), cwd=folder)
        os.close(read_fd)
        os.close(write_fd)
        self.replies = os.fdopen(replies, encoding="utf-8")
        self.id = 0

    def send(self, line):
        os.write(self.requests, line + b"\n")

    def send_line(self, line):
        """A line of any bytes; returns the reply, or None at the end."""
        self.send(line)
        reply = self.replies.readline()
        return json.loads(reply) if reply else None

    def call(self, method, **params):
        self.id += 1
        message = {"jsonrpc": "2.0", "method": method, "params": params, "id": self.id}
        reply = self.send_line(json.dumps(message).encode())
        assert reply is not None, "the server closed its pipe"
        assert reply["jsonrpc"] == "2.0" and reply["id"] == self.id, reply
        if "error" in reply:
            assert reply["error"]["code"] in ERRORS, reply
            raise ApiError(reply["error"])
        return reply["result"]

    def write(self, data, timeout=None):
        self.call("write_transport", data=str(base64.b85encode(data), "ascii"), timeout_sec=timeout)

    def read(self, count, timeout=None):
        return base64.b85decode(self.call("read_transport", n=count, timeout_sec=timeout)["data"])

    def close(self, wait=True):
        os.close(self.requests)
        self.replies.close()
        if wait:
            self.process.wait(timeout=20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class RemoteError(Exception):
    """An exception of the device."""


INT, FLOAT, HANDLE, NULL, DTYPE, DEVICE, TENSOR, MODULE, FUNCTION, STR, BYTES, ARRAY, BOOL = \
    0, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 15
CPU = (DEVICE, struct.pack("<ii", 1, 0))


def integer(value):
    return INT, struct.pack("<q", value)


def text(value):
    return STR, struct.pack("<Q", len(value)) + value.encode()


def handle(value, code=HANDLE):
    return code, struct.pack("<Q", value)


def tensor_bytes(data, dtype, shape):
    code, bits = dtype
    return (struct.pack("<QiiiBBH", data, 1, 0, len(shape), code, bits, 1) +
            struct.pack("<%dq" % len(shape), *shape) + struct.pack("<Q", 0))


def sequence(values):
    return (struct.pack("<i", len(values)) + b"".join(struct.pack("<i", code) for code, _ in values) +
            b"".join(data for _, data in values))


class Session:
    """An RPC session over a server's transport. Reads as TVM's unframer does: 1, 4, the payload's bytes, 2."""

    def __init__(self, server, nonce=0x41, timeout=60):
        self.server = server
        self.timeout = timeout
        self.logs = []
        self.session = 0
        self.send(b"\xfe" + self.frame(struct.pack("<HB", 0, 2)))
        self.send(self.frame(struct.pack("<HBB", nonce, 0, 1)))
        while True:
            session, kind, body = self.receive()
            if kind == 1:
                assert session & 0xFF == nonce and session >> 8 != 0 and body == b"\x01"
                self.session = session
                break
            assert kind in (2, 3), "before the session only a start's messages come"

    @staticmethod
    def escape(data):
        return data.replace(b"\xff", b"\xff\xff")

    @classmethod
    def frame(cls, payload):
        packet = b"\xff\xfd" + cls.escape(struct.pack("<I", len(payload)) + payload)
        return packet + cls.escape(struct.pack("<H", binascii.crc_hqx(packet, 0xFFFF)))

    def send(self, data):
        for start in range(0, len(data), 128):
            self.server.write(data[start:start + 128], self.timeout)

    def take(self, count):
        """Bytes of a packet without their escapes, and as they were on the line."""
        data, line = b"", b""
        while len(data) < count:
            got = self.server.read(count - len(data) if not line.endswith(b"\xff") or escaped_ends(line) else 1,
                                   self.timeout)
            line += got
            data = line.replace(b"\xff\xff", b"\xff") if escaped_ends(line) else line[:-1].replace(b"\xff\xff", b"\xff")
        return data, line

    def receive(self):
        line = b""
        while not line.endswith(b"\xff\xfd"):
            line += self.server.read(1, self.timeout)
        length, length_line = self.take(4)
        payload, payload_line = self.take(struct.unpack("<I", length)[0])
        crc, _ = self.take(2)
        assert struct.unpack("<H", crc)[0] == binascii.crc_hqx(b"\xff\xfd" + length_line + payload_line, 0xFFFF)
        session, kind = struct.unpack_from("<HB", payload)
        return session, kind, payload[3:]

    def request(self, code, body):
        body = struct.pack("<Qi", len(body) + 4, code) + body
        self.send(self.frame(struct.pack("<HB", self.session, 0x10) + body))
        return self.reply()

    def reply(self):
        while True:
            session, kind, body = self.receive()
            if kind == 3:
                self.logs.append(body.decode())
                continue
            assert session == self.session and kind == 0x10, (session, kind)
            length, code = struct.unpack_from("<Qi", body)
            assert length == len(body) - 8
            if code == 5:
                raise RemoteError(body[28:].decode())
            return code, body[12:]

    def syscall(self, code, *values):
        code, body = self.request(code, sequence(values))
        assert code == 4
        return body

    def call_handle(self, function, *values):
        code, body = self.request(3, struct.pack("<Q", function) + sequence(values))
        assert code == 4
        return body

    def result(self, body):
        """The value of a call: behind its number of values and their codes comes its own code."""
        count, = struct.unpack_from("<i", body)
        at = 4 + 4 * count
        code, = struct.unpack_from("<q", body, at)
        rest = body[at + 8:]
        if code == NULL:
            return None
        if code in (STR, BYTES):
            return rest[8:]
        if code == ARRAY:
            return struct.unpack_from("<Q", rest)[0]
        return struct.unpack_from("<q" if code == INT else "<Q", rest)[0]

    def global_function(self, name):
        body = self.syscall(9, text(name))
        return struct.unpack_from("<Q", body, 8)[0]

    def call(self, name, *values):
        function = self.global_function(name)
        assert function, name
        return self.result(self.call_handle(function, *values))

    def module_function(self, module, name, query_imports=(INT, struct.pack("<q", 0))):
        return self.call("tvm.rpc.server.ModuleGetFunction", handle(module, MODULE), text(name), query_imports)

    def allocate(self, dtype, shape):
        body = self.syscall(17, (TENSOR, tensor_bytes(0, dtype, shape)), (NULL, b""))
        return struct.unpack_from("<Q", body, 8)[0]

    def copy_header(self, data, count, offset):
        return (struct.pack("<QiiiBBH", data, 1, 0, 1, 1, 8, 1) + struct.pack("<qQQ", count, offset, count))

    def copy_to(self, data, contents):
        chunk = self.call("tvm.rpc.server.GetCRTMaxPacketSize") - 52
        for offset in range(0, len(contents), chunk):
            part = contents[offset:offset + chunk]
            code, _ = self.request(7, self.copy_header(data, len(part), offset) + part)
            assert code == 4

    def copy_from(self, data, count):
        chunk = self.call("tvm.rpc.server.GetCRTMaxPacketSize") - 52
        contents = b""
        while len(contents) < count:
            code, body = self.request(6, self.copy_header(data, min(chunk, count - len(contents)), len(contents)))
            assert code == 8
            contents += body
        return contents

    def free(self, data):
        self.syscall(14, CPU, handle(data))

    def time_evaluator(self, module, name, number, repeat, count=12, min_repeat_ms=0):
        middle = {8: [], 10: [0, 1], 11: [100, 0, 1], 12: [100, 0, 1, 0]}[count]
        values = [handle(module, MODULE), text(name)] + [
            integer(v) for v in [1, 0, number, repeat, min_repeat_ms] + middle] + [text("")]
        return self.call("runtime.RPCTimeEvaluator", *values)

    def times(self, evaluator, *values):
        result = self.result(self.call_handle(evaluator, *values))
        self.syscall(10, handle(evaluator), integer(FUNCTION))
        return struct.unpack("<%dd" % (len(result) // 8), result)


def escaped_ends(line):
    """Whether no FF at the end waits for its second."""
    return (len(line) - len(line.rstrip(b"\xff"))) % 2 == 0
