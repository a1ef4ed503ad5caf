# SPDX-License-Identifier: Apache-2.0
"""Puts libstm32tvm_c into the wheel: the one that STM32TVM_LIBRARY names, or one built by CMake from the repository that
this folder lies in."""

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py
from wheel.bdist_wheel import bdist_wheel


def built_library() -> Path:
    given = os.environ.get("STM32TVM_LIBRARY")
    if given:
        return Path(given)
    repository = Path(__file__).resolve().parents[2]
    folder = repository / "build" / "python"
    options = ["-DCMAKE_BUILD_TYPE=Release", "-DSTM32TVM_BUILD_TESTS=OFF", "-DSTM32TVM_BUILD_CLI=OFF"]
    options += ["-G", "Ninja"] if shutil.which("ninja") else []
    subprocess.run(["cmake", "-S", repository, "-B", folder, *options], check=True)
    subprocess.run(
        ["cmake", "--build", folder, "--config", "Release", "--target", "stm32tvm_c", "--parallel"], check=True
    )
    patterns = ("libstm32tvm_c.so", "libstm32tvm_c.dylib", "**/stm32tvm_c.dll")
    return next(path for pattern in patterns for path in (folder / "lib", folder) for path in path.glob(pattern))


LIBRARY = built_library()


def carried_name() -> str:
    """The name that the package loads: with the version of the ABI, where systems have one in file names."""
    return {".so": "libstm32tvm_c.so.1", ".dylib": "libstm32tvm_c.1.dylib"}.get(LIBRARY.suffix, LIBRARY.name)


class BuildWithLibrary(build_py):
    def run(self) -> None:
        super().run()
        shutil.copyfile(LIBRARY, Path(self.build_lib) / "stm32tvm" / carried_name())


class PlatformWheel(bdist_wheel):
    """One wheel for a platform, whatever the version of Python 3: ctypes needs none."""

    def get_tag(self) -> "tuple[str, str, str]":
        return "py3", "none", super().get_tag()[2]


class BinaryDistribution(Distribution):
    def has_ext_modules(self) -> bool:
        return True


def version() -> str:
    library = ctypes.CDLL(str(LIBRARY))
    library.stm32tvm_version.restype = ctypes.c_char_p
    return library.stm32tvm_version().decode()


setup(
    version=version(),
    distclass=BinaryDistribution,
    cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": PlatformWheel},
)
