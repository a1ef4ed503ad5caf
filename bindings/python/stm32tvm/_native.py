# SPDX-License-Identifier: Apache-2.0
"""The C ABI through ctypes: a declaration for each function of stm32tvm/c_api.h, and what calls need. No objects."""

from __future__ import annotations

import ctypes
import json
import sys
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_uint64, c_void_p
from pathlib import Path
from typing import Any, Callable, Mapping, NamedTuple, Optional, Union

ABI = 1
OK = 0

_NAMES = {"win32": "stm32tvm_c.dll", "darwin": f"libstm32tvm_c.{ABI}.dylib"}


def _load() -> ctypes.CDLL:
    """The library that the wheel carries; without one, the system's."""
    name = _NAMES.get(sys.platform, f"libstm32tvm_c.so.{ABI}")
    carried = Path(__file__).with_name(name)
    return ctypes.CDLL(str(carried) if carried.exists() else name)


_library = _load()


class ErrorHandle(c_void_p):
    pass


class TextHandle(c_void_p):
    pass


class LibraryHandle(c_void_p):
    pass


class NetworkHandle(c_void_p):
    pass


class PlanHandle(c_void_p):
    pass


class SamplesHandle(c_void_p):
    pass


class TreeHandle(c_void_p):
    pass


ProgressFunction = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_size_t, c_uint64, c_uint64)


class Options(ctypes.Structure):
    """stm32tvm_options."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("json", c_char_p),
        ("json_size", c_size_t),
        ("progress", ProgressFunction),
        ("progress_payload", c_void_p),
    ]


class Bytes(ctypes.Structure):
    """stm32tvm_bytes."""

    _fields_ = [("data", c_void_p), ("size", c_size_t)]


def _declare(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    function = _library[name]
    function.restype = result
    function.argtypes = arguments
    return function


_size = POINTER(c_size_t)
_error = POINTER(ErrorHandle)
_text = POINTER(TextHandle)
_options = POINTER(Options)

stm32tvm_c_abi_version = _declare("stm32tvm_c_abi_version", c_int)
stm32tvm_version = _declare("stm32tvm_version", c_char_p)
stm32tvm_contract_version = _declare("stm32tvm_contract_version", c_int)
stm32tvm_format_version_minimum = _declare("stm32tvm_format_version_minimum", c_int)
stm32tvm_format_version_maximum = _declare("stm32tvm_format_version_maximum", c_int)
stm32tvm_status_name = _declare("stm32tvm_status_name", c_char_p, c_int)
stm32tvm_error_status = _declare("stm32tvm_error_status", c_int, ErrorHandle)
stm32tvm_error_message = _declare("stm32tvm_error_message", c_void_p, ErrorHandle, _size)
stm32tvm_error_where = _declare("stm32tvm_error_where", c_void_p, ErrorHandle, _size)
stm32tvm_error_free = _declare("stm32tvm_error_free", None, ErrorHandle)
stm32tvm_text_data = _declare("stm32tvm_text_data", c_void_p, TextHandle, _size)
stm32tvm_text_free = _declare("stm32tvm_text_free", None, TextHandle)
stm32tvm_library_open = _declare(
    "stm32tvm_library_open", c_int, c_char_p, c_size_t, _options, POINTER(LibraryHandle), _error
)
stm32tvm_library_from_memory = _declare(
    "stm32tvm_library_from_memory", c_int, c_void_p, c_size_t, _options, POINTER(LibraryHandle), _error
)
stm32tvm_library_free = _declare("stm32tvm_library_free", None, LibraryHandle)
stm32tvm_library_format_version = _declare("stm32tvm_library_format_version", c_int, LibraryHandle)
stm32tvm_library_module_count = _declare("stm32tvm_library_module_count", c_size_t, LibraryHandle)
stm32tvm_library_module_name = _declare(
    "stm32tvm_library_module_name", c_void_p, LibraryHandle, c_size_t, _size
)
stm32tvm_library_module_executor = _declare(
    "stm32tvm_library_module_executor", c_void_p, LibraryHandle, c_size_t, _size
)
stm32tvm_network_describe = _declare(
    "stm32tvm_network_describe", c_int, LibraryHandle, c_char_p, c_size_t, _options, POINTER(NetworkHandle), _error
)
stm32tvm_network_free = _declare("stm32tvm_network_free", None, NetworkHandle)
stm32tvm_network_to_json = _declare("stm32tvm_network_to_json", c_int, NetworkHandle, _text, _error)
stm32tvm_network_apply_tflite = _declare(
    "stm32tvm_network_apply_tflite", c_int, NetworkHandle, c_void_p, c_size_t, _error
)
stm32tvm_network_apply_quantization = _declare(
    "stm32tvm_network_apply_quantization", c_int, NetworkHandle, c_char_p, c_size_t, _error
)
stm32tvm_plan_make = _declare("stm32tvm_plan_make", c_int, NetworkHandle, _options, POINTER(PlanHandle), _error)
stm32tvm_plan_free = _declare("stm32tvm_plan_free", None, PlanHandle)
stm32tvm_plan_bytes = _declare("stm32tvm_plan_bytes", c_uint64, PlanHandle)
stm32tvm_plan_to_json = _declare("stm32tvm_plan_to_json", c_int, PlanHandle, _text, _error)
stm32tvm_samples_make = _declare("stm32tvm_samples_make", c_int, POINTER(SamplesHandle), _error)
stm32tvm_samples_set_network = _declare("stm32tvm_samples_set_network", c_int, SamplesHandle, c_size_t, _error)
stm32tvm_samples_add = _declare(
    "stm32tvm_samples_add", c_int, SamplesHandle, POINTER(Bytes), c_size_t, POINTER(Bytes), c_size_t, _error
)
stm32tvm_samples_free = _declare("stm32tvm_samples_free", None, SamplesHandle)
stm32tvm_emit = _declare(
    "stm32tvm_emit", c_int, POINTER(PlanHandle), c_size_t, _options, SamplesHandle, POINTER(TreeHandle), _error
)
stm32tvm_tree_free = _declare("stm32tvm_tree_free", None, TreeHandle)
stm32tvm_tree_file_count = _declare("stm32tvm_tree_file_count", c_size_t, TreeHandle)
stm32tvm_tree_file_path = _declare("stm32tvm_tree_file_path", c_void_p, TreeHandle, c_size_t, _size)
stm32tvm_tree_file_data = _declare("stm32tvm_tree_file_data", c_void_p, TreeHandle, c_size_t, _size)
stm32tvm_tree_write_to = _declare(
    "stm32tvm_tree_write_to", c_int, TreeHandle, c_char_p, c_size_t, c_int, _text, _error
)
stm32tvm_targets_to_json = _declare("stm32tvm_targets_to_json", c_int, _text, _error)

if stm32tvm_c_abi_version() != ABI:
    raise ImportError(f"libstm32tvm_c has version {stm32tvm_c_abi_version()} of the C ABI; install one of version {ABI}")


class Failure(NamedTuple):
    """What a stm32tvm_error held."""

    status: int
    code: str
    message: str
    where: str


def text_of(getter: Callable[..., Any], *arguments: Any) -> str:
    """The text of a getter whose last parameter is its size. What is not UTF-8 becomes U+FFFD."""
    size = c_size_t()
    data = getter(*arguments, ctypes.byref(size))
    return ctypes.string_at(data, size.value).decode("utf-8", "replace") if data else ""


def take_text(text: TextHandle) -> str:
    """The text, which is freed."""
    try:
        return text_of(stm32tvm_text_data, text)
    finally:
        stm32tvm_text_free(text)


def call(function: Callable[..., int], *arguments: Any) -> Optional[Failure]:
    """Calls a function whose last parameter is the error; tells what failed, if anything did."""
    error = ErrorHandle()
    status = function(*arguments, ctypes.byref(error))
    if status == OK:
        return None
    try:
        code = stm32tvm_status_name(status).decode()
        if not error:
            return Failure(status, code, code.replace("_", " "), "")
        return Failure(
            stm32tvm_error_status(error),
            code,
            text_of(stm32tvm_error_message, error),
            text_of(stm32tvm_error_where, error),
        )
    finally:
        stm32tvm_error_free(error)


def options_of(values: Mapping[str, Any], progress: Optional[Callable[[str, int, int], bool]]) -> Options:
    """Options of a call: those that are not None, as JSON. The callback must not raise."""
    given = {key: value for key, value in values.items() if value is not None}
    text = json.dumps(given).encode() if given else b""
    options = Options(ctypes.sizeof(Options), text, len(text))
    if progress is not None:
        tell = progress

        def stops(_: Any, item: int, size: int, done: int, total: int) -> int:
            return 0 if tell(ctypes.string_at(item, size).decode("utf-8", "replace"), done, total) else 1

        options.progress = ProgressFunction(stops)
    return options


class Buffer:
    """Address and size of a buffer's bytes; copied only when they are read-only and not `bytes`."""

    def __init__(self, data: Union[bytes, bytearray, memoryview]) -> None:
        view = memoryview(data).cast("B")
        self.size = len(view)
        if view.readonly:
            self._held: Any = c_char_p(data if isinstance(data, bytes) else bytes(view))
        else:
            self._held = (ctypes.c_char * self.size).from_buffer(view)
        self.address = ctypes.cast(self._held, c_void_p)


class BytesList:
    """An array of stm32tvm_bytes."""

    def __init__(self, buffers: Any) -> None:
        self._held = [Buffer(each) for each in buffers]
        self.count = len(self._held)
        self.array = (Bytes * self.count)(*(Bytes(each.address, each.size) for each in self._held))
