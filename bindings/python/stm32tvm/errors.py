# SPDX-License-Identifier: Apache-2.0
"""The exception of the package, and the calls that raise it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional

from . import _native


class Error(Exception):
    """Why a call failed; docs/errors.md of the project explains each code.

    code     stable name: "cannot_read", "does_not_fit", "cancelled"
    message  what was found, what was needed, what to do: one sentence
    where    the archive's member and the place in it; empty when there is none
    status   stm32tvm_status of the C ABI, a negative number
    """

    def __init__(self, code: str, message: str, where: str = "", status: int = 0) -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.code = code
        self.message = message
        self.where = where
        self.status = status


@dataclass(frozen=True)
class Progress:
    """How far a call has come.

    item   what was just done: a member of the archive, a part of the emitted tree
    done   of `total`, in units of the call's own
    total
    """

    item: str
    done: int
    total: int


ProgressCallback = Callable[[Progress], Optional[bool]]
"""Called by the thread that made the call. Returning False stops it: it raises Error with code "cancelled". What the
callback raises stops it too, and comes out of the call."""


def checked(function: Callable[..., int], *arguments: Any) -> None:
    """Calls a function of the C ABI whose last parameter is the error."""
    failure = _native.call(function, *arguments)
    if failure is not None:
        raise Error(failure.code, failure.message, failure.where, failure.status)


def checked_with_options(
    function: Callable[..., int],
    before: tuple[Any, ...],
    options: Mapping[str, Any],
    after: tuple[Any, ...],
    progress: Optional[ProgressCallback] = None,
) -> None:
    """The same for a function with options between its other arguments."""
    raised: list[BaseException] = []

    def tell(item: str, done: int, total: int) -> bool:
        assert progress is not None
        try:
            return progress(Progress(item, done, total)) is not False
        except BaseException as exception:  # it may not cross the C++ library
            raised.append(exception)
            return False

    native = _native.options_of(options, None if progress is None else tell)
    try:
        checked(function, *before, native, *after)
    except Error:
        if raised:
            raise raised[0] from None
        raise


def to_text(function: Callable[..., int], *arguments: Any) -> str:
    """Calls a function that makes a text."""
    text = _native.TextHandle()
    checked(function, *arguments, text)
    return _native.take_text(text)
