# SPDX-License-Identifier: Apache-2.0
"""The cases that all bindings share, and a count of the calls of each function of the C ABI."""

import collections
import json
import os
from pathlib import Path

import pytest
from stm32tvm import _native


@pytest.fixture(scope="session")
def cases():
    return json.loads(Path(os.environ["STM32TVM_CASES"]).read_text())


@pytest.fixture(scope="session")
def data():
    return Path(os.environ["STM32TVM_DATA"])


@pytest.fixture(scope="session")
def golden():
    """By emission: the hash of each file that the command-line program wrote."""
    folder = Path(os.environ["STM32TVM_GOLDEN"])

    def hashes(name):
        lines = (folder / f"{name}.sha256").read_text().splitlines()
        return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}

    return hashes


@pytest.fixture(scope="session")
def functions():
    """All functions of the C ABI."""
    return Path(os.environ["STM32TVM_FUNCTIONS"]).read_text().split()


@pytest.fixture(scope="session", autouse=True)
def calls():
    """How often each function of the C ABI was called. Those of the import come before: they are called again."""
    counted = collections.Counter()

    def counting(name, function):
        def call(*arguments):
            counted[name] += 1
            return function(*arguments)

        return call

    for name in [name for name in vars(_native) if name.startswith("stm32tvm_")]:
        setattr(_native, name, counting(name, getattr(_native, name)))
    return counted
