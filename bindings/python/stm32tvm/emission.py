# SPDX-License-Identifier: Apache-2.0
"""From a network to files: MemoryPlan, ProjectEmitter and SourceTree."""

from __future__ import annotations

import ctypes
import json
import os
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Optional, Union

from . import _native
from .errors import ProgressCallback, checked, checked_with_options, to_text
from .network import NetworkDescriptor, record_from


@dataclass(frozen=True)
class Pool:
    """A memory to plan in.

    name
    size_bytes
    """

    name: str
    size_bytes: int


@dataclass(frozen=True)
class PlanOptions:
    """How memory is planned; None stands for the default.

    inputs               "keep" or "consume" the inputs' bytes in a run
    inputs_memory        "arena", "caller" or "double" for each input, by its place
    outputs_memory       likewise
    alignment            of every buffer in bytes, a power of two from 8 on
    interface_alignment  of inputs and outputs: 32 where a DMA fills what a cache holds
    whole_operators      ignores what is known of the time inside a kernel
    pools                in order of preference
    """

    inputs: Optional[str] = None
    inputs_memory: Optional[Sequence[str]] = None
    outputs_memory: Optional[Sequence[str]] = None
    alignment: Optional[int] = None
    interface_alignment: Optional[int] = None
    whole_operators: Optional[bool] = None
    pools: Optional[Sequence[Pool]] = None


@dataclass(frozen=True)
class MemoryNeeds:
    """What a network needs of memory, in bytes.

    ram_bytes                arena, context, heap and copied weights, without the stack
    flash_bytes              weights and tables in the image's flash, without code
    arena_bytes              tensors and workspaces
    arena_lower_bound_bytes  no plan can be smaller
    context_bytes            descriptors of inputs and outputs, state and one handle
    heap_bytes
    stack_bytes              local arrays of the largest kernel
    weights_bytes
    external_weights_bytes   of these, what is stored elsewhere than in the image's flash
    copied_weights_bytes     of these, what is copied to RAM
    tables_bytes             in flash
    """

    ram_bytes: int
    flash_bytes: int
    arena_bytes: int
    arena_lower_bound_bytes: int
    context_bytes: int
    heap_bytes: int
    stack_bytes: int
    weights_bytes: int
    external_weights_bytes: int
    copied_weights_bytes: int
    tables_bytes: int


@dataclass(frozen=True)
class PlannedBuffer:
    """The place of one buffer.

    kind        "tensor", "workspace" or "second": the other half of a double buffer
    name        of the tensor, or of the operator that takes the workspace
    bytes
    pool        index into MemoryPlan.pools
    offset      in the pool, in bytes
    first_step  it is live from this step ...
    last_step   ... to this one
    """

    kind: str
    name: str
    bytes: int
    pool: int
    offset: int
    first_step: int
    last_step: int


@dataclass(frozen=True)
class PlannedPool:
    """A pool of a plan.

    name
    bytes
    """

    name: str
    bytes: int


class MemoryPlan:
    """A network, as it was when the plan was made, with the place of each of its bytes. make() makes it."""

    def __init__(self, handle: _native.PlanHandle) -> None:
        self._handle = handle
        weakref.finalize(self, _native.stm32tvm_plan_free, handle)
        self._json = to_text(_native.stm32tvm_plan_to_json, handle)
        self._values = json.loads(self._json)

    @classmethod
    def make(cls, network: NetworkDescriptor, options: PlanOptions = PlanOptions()) -> MemoryPlan:
        """Plans the network's memory. Raises "does_not_fit" when the pools are too small."""
        handle = _native.PlanHandle()
        checked_with_options(_native.stm32tvm_plan_make, (network._handle,), asdict(options), (handle,))
        return cls(handle)

    @property
    def bytes(self) -> int:
        """Of all pools."""
        return int(_native.stm32tvm_plan_bytes(self._handle))

    @property
    def needs(self) -> MemoryNeeds:
        """All the network needs of memory."""
        return record_from(MemoryNeeds, self._values)

    @property
    def pools(self) -> tuple[PlannedPool, ...]:
        """In order of preference."""
        return tuple(record_from(PlannedPool, each) for each in self._values["pools"])

    @property
    def buffers(self) -> tuple[PlannedBuffer, ...]:
        """Each with its place and its lifetime."""
        return tuple(record_from(PlannedBuffer, each) for each in self._values["buffers"])

    def to_json(self) -> str:
        """The plan, its buffers, the steps of a run and all the network needs of memory, as JSON."""
        return self._json

    def __repr__(self) -> str:
        return f"<MemoryPlan of {self.bytes} bytes>"


@dataclass(frozen=True)
class Sample:
    """One set of inputs with the outputs they should give, for the firmware to check. Each tensor is the bytes of its
    elements, little-endian, in C order.

    inputs   one for each input of the network
    outputs  one for each output, or none: then the firmware only reports
    network  of several networks, the place of the one that it is for
    """

    inputs: Sequence[Union[bytes, bytearray, memoryview]]
    outputs: Sequence[Union[bytes, bytearray, memoryview]] = ()
    network: int = 0


@dataclass(frozen=True)
class EmitOptions:
    """What is emitted; None stands for the default. docs/c-abi.md of the project lists the words.

    name             prefix of every file and symbol; "network" when it is not given
    names            of several networks, one for each; <name>_<its module's name> when they are not given
    c_api            "tvm", "st-ai" or "legacy": what the application programs against
    weights          "incbin", "c-array", "elf", "binary" or "hex": how weights come into the image
    target           a board of targets(): adds its firmware
    boards           boards of your own, to take `target` from first
    build_system     "cmake", "make", "zephyr", ...: what builds the files
    application      "golden-check", "minimal", "performance", "validation" or "self-test": what the firmware does
    budget           at most "ram_bytes", "flash_bytes" and "ticks"; over one, the call raises "does_not_fit"
    console          "automatic", "semihosting", "uart" or "application": where the firmware's text goes
    kernel_profile   the kernels' compiler options, as `stm32tvm tune` writes them
    self_test_table  text that the emitted self_test/record.cmake wrote
    """

    name: Optional[str] = None
    names: Optional[Sequence[str]] = None
    c_api: Optional[str] = None
    weights: Optional[str] = None
    target: Optional[str] = None
    boards: Optional[Mapping[str, Any]] = None
    build_system: Optional[str] = None
    application: Optional[str] = None
    budget: Optional[Mapping[str, int]] = None
    console: Optional[str] = None
    kernel_profile: Optional[Mapping[str, Any]] = None
    self_test_table: Optional[str] = None


@dataclass(frozen=True)
class Written:
    """What SourceTree.write_to() did.

    changed    paths of new files, and of files that got other bytes
    removed    paths of files of an earlier tree that this one does not have
    unchanged  files that had these bytes already; their time stamps are kept
    """

    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int


class SourceTree(Mapping[str, memoryview]):
    """The emitted files in memory: a read-only mapping from path to bytes, sorted by path. Paths are relative, with '/'
    between their parts. A memoryview keeps the tree alive; nothing is copied."""

    def __init__(self, handle: _native.TreeHandle) -> None:
        self._handle = handle
        weakref.finalize(self, _native.stm32tvm_tree_free, handle)
        self._indices = {
            _native.text_of(_native.stm32tvm_tree_file_path, handle, index): index
            for index in range(_native.stm32tvm_tree_file_count(handle))
        }

    def __getitem__(self, path: str) -> memoryview:
        size = ctypes.c_size_t()
        data = _native.stm32tvm_tree_file_data(self._handle, self._indices[path], ctypes.byref(size))
        if not data:
            return memoryview(b"")
        array = (ctypes.c_char * size.value).from_address(data)
        array.tree = self  # type: ignore[attr-defined]  # the view holds the array, and so the tree
        return memoryview(array).cast("B").toreadonly()

    def __iter__(self) -> Iterator[str]:
        return iter(self._indices)

    def __len__(self) -> int:
        return len(self._indices)

    def write_to(self, folder: Union[str, os.PathLike[str]], replace_edited: bool = False) -> Written:
        """Writes the files into a folder, which is made if it is not there. Only files whose bytes differ are touched;
        files that an earlier tree left there go, all others stay. Where somebody edited an emitted file, or another is
        in the way, it raises "cannot_write" and writes nothing, unless `replace_edited`: then what was edited is lost."""
        text = os.fspath(folder).encode()
        report = to_text(_native.stm32tvm_tree_write_to, self._handle, text, len(text), int(replace_edited))
        return record_from(Written, json.loads(report))

    def __repr__(self) -> str:
        return f"<SourceTree of {len(self)} files>"


class ProjectEmitter:
    """From planned networks to files."""

    @staticmethod
    def emit(
        plan: MemoryPlan,
        options: EmitOptions = EmitOptions(),
        samples: Sequence[Sample] = (),
        progress: Optional[ProgressCallback] = None,
    ) -> SourceTree:
        """Emits one network. Raises "does_not_fit" when the target's memories are too small."""
        return ProjectEmitter.emit_all([plan], options, samples, progress)

    @staticmethod
    def emit_all(
        plans: Sequence[MemoryPlan],
        options: EmitOptions = EmitOptions(),
        samples: Sequence[Sample] = (),
        progress: Optional[ProgressCallback] = None,
    ) -> SourceTree:
        """Emits several networks into one tree, over one runtime; each is called as options.names says."""
        native_samples = _native.SamplesHandle()
        handle = _native.TreeHandle()
        array = (_native.PlanHandle * len(plans))(*(plan._handle for plan in plans))
        try:
            if samples:
                checked(_native.stm32tvm_samples_make, native_samples)
            for sample in samples:
                inputs = _native.BytesList(sample.inputs)
                outputs = _native.BytesList(sample.outputs)
                checked(_native.stm32tvm_samples_set_network, native_samples, sample.network)
                checked(
                    _native.stm32tvm_samples_add,
                    native_samples, inputs.array, inputs.count, outputs.array, outputs.count,
                )
            checked_with_options(
                _native.stm32tvm_emit, (array, len(plans)), asdict(options), (native_samples, handle), progress
            )
        finally:
            _native.stm32tvm_samples_free(native_samples)
        return SourceTree(handle)


@dataclass(frozen=True)
class Target:
    """A board that firmware is emitted for.

    name         for EmitOptions.target
    description
    part         the microcontroller
    """

    name: str
    description: str
    part: str


def targets() -> tuple[Target, ...]:
    """The boards that the library knows."""
    return tuple(record_from(Target, each) for each in json.loads(to_text(_native.stm32tvm_targets_to_json)))
