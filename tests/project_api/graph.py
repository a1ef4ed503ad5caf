# SPDX-License-Identifier: Apache-2.0
"""TVM's graph executor on the host, with every operator called on the device."""
import json
import struct
import tarfile

import client

CODES = {"int": 0, "uint": 1, "float": 2}


def data_type(name):
    letters = name.rstrip("0123456789")
    return CODES[letters], int(name[len(letters):])


def parameters(data):
    """The arrays of a .params member by name, as their bytes."""
    at = 16
    count, = struct.unpack_from("<Q", data, at)
    at += 8
    names = []
    for _ in range(count):
        size, = struct.unpack_from("<Q", data, at)
        names.append(data[at + 8:at + 8 + size].decode())
        at += 8 + size
    at += 8
    arrays = {}
    for name in names:
        dimensions, = struct.unpack_from("<i", data, at + 24)
        at += 32 + 8 * dimensions
        size, = struct.unpack_from("<q", data, at)
        arrays[name] = data[at + 8:at + 8 + size]
        at += 8 + size
    return arrays


class Graph:
    def __init__(self, session, model):
        with tarfile.open(model) as archive:
            read = lambda end: next(archive.extractfile(m).read() for m in archive if m.name.endswith(end))
            graph = json.loads(read(".graph"))
            values = parameters(read(".params"))
        self.session, self.graph = session, graph
        shapes = graph["attrs"]["shape"][1]
        self.types = [data_type(name) for name in graph["attrs"]["dltype"][1]]
        storage = graph["attrs"]["storage_id"][1]
        self.sizes = [self.bytes(shape, t) for shape, t in zip(shapes, self.types)]
        self.shapes = shapes
        library = session.call("runtime.SystemLib")
        self.data = {}
        for index in sorted(set(storage)):
            size = max(s for s, i in zip(self.sizes, storage) if i == index)
            self.data[index] = session.allocate((0, 8), [size])
        self.storage = storage
        self.functions = {}
        for number, node in enumerate(graph["nodes"]):
            if node["name"] in values:
                session.copy_to(self.address(number), values[node["name"]])
            if node["op"] != "null" and node["attrs"]["func_name"] != "__nop":
                name = node["attrs"]["func_name"]
                self.functions[name] = session.module_function(library, name)
                assert self.functions[name], name

    @staticmethod
    def bytes(shape, dtype):
        size = (dtype[1] + 7) // 8
        for dimension in shape:
            size *= dimension
        return size

    def entry(self, node, output=0):
        return self.graph["node_row_ptr"][node] + output

    def address(self, node, output=0):
        return self.data[self.storage[self.entry(node, output)]]

    def tensor(self, node, output=0):
        entry = self.entry(node, output)
        return client.TENSOR, client.tensor_bytes(self.address(node, output), self.types[entry], self.shapes[entry])

    def run(self, contents):
        names = [node["name"] for node in self.graph["nodes"]]
        for name, data in contents.items():
            self.session.copy_to(self.address(names.index(name)), data)
        for number, node in enumerate(self.graph["nodes"]):
            if node["op"] == "null" or node["attrs"]["func_name"] == "__nop":
                continue
            values = [self.tensor(n, output) for n, output, *_ in node["inputs"]]
            outputs = [self.tensor(number, i) for i in range(int(node["attrs"]["num_outputs"]))]
            self.session.call_handle(self.functions[node["attrs"]["func_name"]], *values, *outputs)
        node, output, *_ = self.graph["heads"][0]
        return self.session.copy_from(self.address(node, output), self.sizes[self.entry(node, output)])
