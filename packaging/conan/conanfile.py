# SPDX-License-Identifier: Apache-2.0
"""Conan 2 recipe of the sources it lies in: conan create packaging/conan"""
import os

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load


class Stm32tvm(ConanFile):
    name = "stm32tvm"
    description = "Turns Model Library Format archives of TVM into C for an STM32"
    license = "Apache-2.0"
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "tools": [True, False]}
    default_options = {"shared": False, "tools": True}
    generators = "CMakeDeps"

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, "../../include/stm32tvm/version.hpp"))
        self.version = header.split('define STM32TVM_VERSION "')[1].split('"')[0]

    def export_sources(self):
        source = os.path.join(self.recipe_folder, "..", "..")
        for pattern in ("CMakeLists.txt", "LICENSE", "*.md", "bindings/*", "cmake/*", "include/*", "runtime_c/*", "src/*"):
            copy(self, pattern, source, self.export_sources_folder, excludes="build/*")

    def requirements(self):
        self.requires("libarchive/[>=3.6 <4]")
        self.requires("simdjson/[>=3 <4]")
        self.requires("fmt/[>=9 <12]")
        self.requires("nlohmann_json/[>=3.11 <4]", visible=False)
        self.requires("flatbuffers/[>=2]", visible=False)
        self.requires("xxhash/[>=0.8 <1]", visible=False)
        if self.options.tools:
            self.requires("cli11/[>=2 <3]", visible=False)

    def validate(self):
        check_min_cppstd(self, 20)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.variables["STM32TVM_BUILD_TESTS"] = False
        toolchain.variables["STM32TVM_WARNINGS_AS_ERRORS"] = False
        toolchain.variables["STM32TVM_BUILD_CLI"] = bool(self.options.tools)
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()

    def package_info(self):
        # The package's own configuration file serves CMake, as it does without Conan.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs.append(os.path.join("lib", "cmake", "stm32tvm"))
