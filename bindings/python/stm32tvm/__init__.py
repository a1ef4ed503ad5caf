# SPDX-License-Identifier: Apache-2.0
"""Turns neural networks that TVM compiled for microcontrollers into C for an STM32.

    archive --> ModelLibrary --> NetworkDescriptor --> MemoryPlan --> SourceTree --> folder

    library = ModelLibrary.open("digits.tar")
    network = library.network()
    plan = MemoryPlan.make(network)
    tree = ProjectEmitter.emit(plan, EmitOptions(name="digits", target="netduinoplus2"))
    tree.write_to("firmware")

Sizes are in bytes. A call that fails raises Error, whose `code` is stable. Calls release the interpreter's lock; one
object may be used by several threads at a time as long as none changes it.
"""

from . import _native
from .emission import (
    EmitOptions,
    MemoryNeeds,
    MemoryPlan,
    PlannedBuffer,
    PlannedPool,
    PlanOptions,
    Pool,
    ProjectEmitter,
    Sample,
    SourceTree,
    Target,
    Written,
    targets,
)
from .errors import Error, Progress, ProgressCallback
from .network import (
    Diagnostic,
    Limits,
    ModelLibrary,
    Module,
    NetworkDescriptor,
    NetworkOptions,
    Operator,
    Quantization,
    Tensor,
)

__version__: str = _native.stm32tvm_version().decode()

CONTRACT_VERSION: int = _native.stm32tvm_contract_version()
"""Emitted networks and device runtimes of the same number fit each other."""

FORMAT_VERSIONS: range = range(
    _native.stm32tvm_format_version_minimum(), _native.stm32tvm_format_version_maximum() + 1
)
"""The versions of the Model Library Format that are read."""

__all__ = [
    "CONTRACT_VERSION",
    "FORMAT_VERSIONS",
    "Diagnostic",
    "EmitOptions",
    "Error",
    "Limits",
    "MemoryNeeds",
    "MemoryPlan",
    "ModelLibrary",
    "Module",
    "NetworkDescriptor",
    "NetworkOptions",
    "Operator",
    "PlanOptions",
    "PlannedBuffer",
    "PlannedPool",
    "Pool",
    "Progress",
    "ProgressCallback",
    "ProjectEmitter",
    "Quantization",
    "Sample",
    "SourceTree",
    "Target",
    "Tensor",
    "Written",
    "targets",
]
