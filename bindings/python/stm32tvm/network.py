# SPDX-License-Identifier: Apache-2.0
"""What an archive holds: ModelLibrary and NetworkDescriptor."""

from __future__ import annotations

import json
import os
import weakref
from dataclasses import asdict, dataclass, fields
from typing import Any, Mapping, Optional, Sequence, TypeVar, Union

from . import _native
from .errors import ProgressCallback, checked, checked_with_options, to_text

Record = TypeVar("Record")


def record_from(kind: type[Record], values: Mapping[str, Any], **more: Any) -> Record:
    """A dataclass from the JSON object that has its fields, and others."""
    known = {each.name for each in fields(kind)}
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items() if key in known}
    return kind(**{**given, **more})


@dataclass(frozen=True)
class Limits:
    """What an archive may ask for; None stands for the library's default. Over one, a call raises "limit_exceeded".

    archive_bytes  of the file
    total_bytes    of all members, unpacked
    member_bytes   of one member, unpacked
    members
    path_bytes
    expansion      unpacked bytes for each packed one
    modules
    json_depth
    nodes
    tensors
    name_bytes
    rank
    tensor_bytes
    """

    archive_bytes: Optional[int] = None
    total_bytes: Optional[int] = None
    member_bytes: Optional[int] = None
    members: Optional[int] = None
    path_bytes: Optional[int] = None
    expansion: Optional[int] = None
    modules: Optional[int] = None
    json_depth: Optional[int] = None
    nodes: Optional[int] = None
    tensors: Optional[int] = None
    name_bytes: Optional[int] = None
    rank: Optional[int] = None
    tensor_bytes: Optional[int] = None


@dataclass(frozen=True)
class NetworkOptions:
    """How a module becomes a network; None stands for the default.

    keep_constants  leaves constants in the types that the archive has them in, also where narrower ones hold
                    their values
    weights_groups  where weights are kept, as docs/weights.md has it: {"place": "external", "address": "0x90000000"};
                    all in the image when it is not given
    """

    keep_constants: Optional[bool] = None
    weights_groups: Optional[Sequence[Mapping[str, Any]]] = None


@dataclass(frozen=True)
class Module:
    """One module of an archive.

    name      TVM's libmod_name
    executor  "graph", "aot" or "operator"
    """

    name: str
    executor: str


@dataclass(frozen=True)
class Quantization:
    """How an integer tensor stands for real numbers: real = scale * (q - zero_point).

    kind         "unknown", "unquantized", "per_tensor" or "per_axis"
    source       "none", "relay" (scales of six digits), "tflite" (exact) or "caller"
    scales       one, or one for each index along `axis`
    zero_points  as many as scales
    axis         -1 unless per_axis
    """

    kind: str
    source: str = "none"
    scales: tuple[float, ...] = ()
    zero_points: tuple[int, ...] = ()
    axis: int = -1


@dataclass(frozen=True)
class Tensor:
    """A network input, an output, a parameter, or an inner tensor.

    name          as the archive has it
    type          TVM's name: "int8", "float32"
    shape         () for a scalar
    bytes         size in memory, without padding
    constant      it is a parameter, whose values are in the archive
    quantization
    source_name   the source model's name of an input or output; empty when it is not known
    identifier    C identifier of an input or output; empty for other tensors
    view_of       the tensor, by index, whose bytes this one shows
    view_offset   where in that tensor this one starts, in bytes
    """

    name: str
    type: str
    shape: tuple[int, ...]
    bytes: int
    constant: bool
    quantization: Quantization
    source_name: str = ""
    identifier: str = ""
    view_of: Optional[int] = None
    view_offset: int = 0


@dataclass(frozen=True)
class Operator:
    """One call in the network. Tensors are indices into NetworkDescriptor.tensors, in the order of the call.

    name
    kind             "kernel" or "copy"
    kernel           C function; empty for a copy
    inputs
    outputs
    workspace_bytes  sizes of the buffers that the kernel takes with TVMBackendAllocWorkspace
    stack_bytes      the kernel's local arrays
    """

    name: str
    kind: str
    kernel: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    workspace_bytes: tuple[int, ...]
    stack_bytes: int


@dataclass(frozen=True)
class Diagnostic:
    """What is worth telling of an archive that was read nevertheless.

    kind     "note", "repair" or "warning"
    message
    where
    """

    kind: str
    message: str
    where: str


def _operator(values: Mapping[str, Any]) -> Operator:
    return record_from(
        Operator,
        values,
        inputs=tuple(each["tensor"] for each in values["inputs"]),
        outputs=tuple(each["tensor"] for each in values["outputs"]),
        workspace_bytes=tuple(each["bytes"] for each in values["workspaces"]),
    )


class NetworkDescriptor:
    """What one network is: tensors, operators, quantization. ModelLibrary.network() makes it.

    apply_tflite() and apply_quantization() change it: no other thread may use it at that time.
    """

    def __init__(self, handle: _native.NetworkHandle) -> None:
        self._handle = handle
        weakref.finalize(self, _native.stm32tvm_network_free, handle)
        self._read()

    def _read(self) -> None:
        self._json = to_text(_native.stm32tvm_network_to_json, self._handle)
        values = json.loads(self._json)
        self._values = values
        self._tensors = tuple(
            record_from(Tensor, each, quantization=record_from(Quantization, each["quantization"]))
            for each in values["tensors"]
        )
        self._operators = tuple(_operator(each) for each in values["operators"])
        self._diagnostics = tuple(record_from(Diagnostic, each) for each in values["diagnostics"])

    @property
    def module_name(self) -> str:
        """TVM's libmod_name."""
        return str(self._values["module_name"])

    @property
    def executor(self) -> str:
        """Who calls the operators: "graph", "aot", or "operator" for nobody."""
        return str(self._values["executor"])

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """All tensors; other fields refer to them by index."""
        return self._tensors

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """The network's inputs, in the order of the call."""
        return tuple(self._tensors[index] for index in self._values["inputs"])

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """The network's outputs, in the order of the call."""
        return tuple(self._tensors[index] for index in self._values["outputs"])

    @property
    def parameters(self) -> tuple[Tensor, ...]:
        """Constant tensors, in the order in which operators first use them."""
        return tuple(self._tensors[index] for index in self._values["parameters"])

    @property
    def operators(self) -> tuple[Operator, ...]:
        """In the order of execution."""
        return self._operators

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is worth telling."""
        return self._diagnostics

    def to_json(self) -> str:
        """All there is to say, as JSON; constant values and source texts are left out."""
        return self._json

    def apply_tflite(self, data: Union[bytes, bytearray, memoryview]) -> None:
        """Takes names and exact quantization from the bytes of the TFLite file that the archive was made from."""
        buffer = _native.Buffer(data)
        checked(_native.stm32tvm_network_apply_tflite, self._handle, buffer.address, buffer.size)
        self._read()

    def apply_quantization(self, overrides: Mapping[str, Any]) -> None:
        """Takes quantization: {"tensors": {"image": {"scale": 0.5, "zero_point": 3}}}, as docs/quantization.md has it."""
        text = json.dumps(overrides).encode()
        checked(_native.stm32tvm_network_apply_quantization, self._handle, text, len(text))
        self._read()

    def __repr__(self) -> str:
        return f"<NetworkDescriptor {self.module_name!r}: {len(self._tensors)} tensors, {len(self._operators)} operators>"


class ModelLibrary:
    """What a Model Library Format archive says. open() and from_bytes() make it. It does not change."""

    def __init__(self, handle: _native.LibraryHandle) -> None:
        self._handle = handle
        weakref.finalize(self, _native.stm32tvm_library_free, handle)

    @classmethod
    def open(
        cls,
        path: Union[str, os.PathLike[str]],
        limits: Limits = Limits(),
        progress: Optional[ProgressCallback] = None,
    ) -> ModelLibrary:
        """Reads an archive, plain or compressed, or the folder that one was unpacked to."""
        text = os.fspath(path).encode()
        handle = _native.LibraryHandle()
        checked_with_options(
            _native.stm32tvm_library_open, (text, len(text)), asdict(limits), (handle,), progress
        )
        return cls(handle)

    @classmethod
    def from_bytes(
        cls,
        data: Union[bytes, bytearray, memoryview],
        limits: Limits = Limits(),
        progress: Optional[ProgressCallback] = None,
    ) -> ModelLibrary:
        """The same from memory: any contiguous buffer. The library copies the bytes."""
        buffer = _native.Buffer(data)
        handle = _native.LibraryHandle()
        checked_with_options(
            _native.stm32tvm_library_from_memory, (buffer.address, buffer.size), asdict(limits), (handle,), progress
        )
        return cls(handle)

    @property
    def format_version(self) -> int:
        """Version of the Model Library Format that the archive states."""
        return int(_native.stm32tvm_library_format_version(self._handle))

    @property
    def modules(self) -> tuple[Module, ...]:
        """In the order of their names."""
        return tuple(
            Module(
                _native.text_of(_native.stm32tvm_library_module_name, self._handle, index),
                _native.text_of(_native.stm32tvm_library_module_executor, self._handle, index),
            )
            for index in range(_native.stm32tvm_library_module_count(self._handle))
        )

    def network(
        self,
        module: str = "",
        options: NetworkOptions = NetworkOptions(),
        progress: Optional[ProgressCallback] = None,
    ) -> NetworkDescriptor:
        """Describes the module of this name; an empty name stands for the only module there is."""
        text = module.encode()
        handle = _native.NetworkHandle()
        checked_with_options(
            _native.stm32tvm_network_describe, (self._handle, text, len(text)), asdict(options), (handle,), progress
        )
        return NetworkDescriptor(handle)
