// SPDX-License-Identifier: Apache-2.0
// Bytes in the forms that linkers and programmers take.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stm32tvm {

/// Intel HEX: records of 16 bytes, and one for each change of the address's upper half (Intel, Hexadecimal Object File
/// Format Specification, revision A, 1988).
std::string intel_hex(std::string_view bytes, std::uint32_t address);

/// A relocatable object of 32-bit little-endian Arm: the bytes in a read-only section, 16-byte aligned, as one global
/// symbol (System V ABI, and ELF for the Arm Architecture for the machine and its flags).
std::string elf_object(std::string_view bytes, std::string_view section, std::string_view symbol);

}  // namespace stm32tvm
