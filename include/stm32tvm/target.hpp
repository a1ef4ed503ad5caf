// SPDX-License-Identifier: Apache-2.0
// Target: a board or an emulated machine that firmware is emitted for, from the library's own table of boards.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/result.hpp"

namespace stm32tvm {
inline namespace v1 {

/// One memory of a target.
struct TargetMemory {
  std::string name;  ///< "FLASH", "RAM", "CCMRAM": its name in the linker script
  std::uint64_t address = 0;
  std::uint64_t size_bytes = 0;
  bool executable = false;   ///< code runs from it: FLASH, and RAMs that kernels may be copied to
  bool needs_setup = false;  ///< works only after the application has set it up: SDRAM, or a RAM without clock

  friend bool operator==(const TargetMemory&, const TargetMemory&) = default;
};

/// The serial port that the board's debug probe shows, and what the firmware writes to set it up.
struct TargetConsole {
  /// How the registers of a port are laid out.
  enum class Registers {
    none,     ///< not known: the firmware's console is semihosting, or the application's own
    usart_1,  ///< status, data, divisor, control from 0x00 on: F1, F2, F4
    usart_2,  ///< control from 0x00 on, status at 0x1C, data at 0x28: F0, F3, F7, G, H, L, U, WB
    lpuart    ///< as usart_2, with a divisor of 256 times the clock
  };
  /// A bit to set before the port is used: a clock, or the supply of a pin.
  struct Enable {
    std::uint64_t address = 0;
    std::uint32_t bit = 0;

    friend bool operator==(const Enable&, const Enable&) = default;
  };

  std::string uart;  ///< "USART2"; empty: the board has none
  std::string tx;    ///< "PA2"
  std::string rx;    ///< "PA3"
  Registers registers = Registers::none;
  std::uint64_t address = 0;             ///< of the port's registers
  std::uint64_t gpio = 0;                ///< of the registers of the port of pin tx
  std::uint32_t alternate_function = 0;  ///< that connects tx with the serial port
  std::vector<Enable> enable;            ///< set in this order
  std::string source;                    ///< where these figures are from
  bool verified = false;                 ///< all were read there

  friend bool operator==(const TargetConsole&, const TargetConsole&) = default;
};

/// A board or an emulated machine that firmware is emitted for.
struct Target {
  std::string name;                    ///< "netduinoplus2"
  std::string description;             ///< "Netduino Plus 2 (STM32F405RG), as QEMU emulates it"
  std::string part;                    ///< "STM32F405RG"
  std::string core;                    ///< as gcc's -mcpu: "cortex-m4"
  std::string fpu;                     ///< as gcc's -mfpu; empty for soft floating point
  std::uint32_t systick_hz = 0;        ///< frequency of the core's clock, which SysTick counts, after reset
  std::uint32_t interrupts = 0;        ///< device interrupts in the vector table
  std::string qemu_machine;            ///< QEMU's name of the machine; empty when there is none
  std::string openocd_target;          ///< OpenOCD's script for the part, "stm32f4x"; empty when there is none
  std::string probe;                   ///< the debug probe on the board: "ST-LINK"; empty when there is none
  TargetConsole console;               ///< empty for a board without one
  std::vector<TargetMemory> memories;  ///< one is named FLASH and one RAM; no two overlap
  std::string source;                  ///< where the memories' figures are from
  bool verified = false;               ///< they were read there, and are not only general knowledge

  /// The memory named FLASH: code, constants and weights. An empty memory when there is none.
  [[nodiscard]] const TargetMemory& flash() const noexcept;
  /// The memory named RAM: data, arenas and the stack. An empty memory when there is none.
  [[nodiscard]] const TargetMemory& ram() const noexcept;

  friend bool operator==(const Target&, const Target&) = default;
};

/// All targets that the library knows, sorted by name.
const std::vector<Target>& targets();

/// The target of this name; the error lists those there are.
Result<Target> find_target(std::string_view name);

/// Reads boards from JSON of the format of the library's own table, src/emit/boards.json (docs/boards.md); `where`
/// names it in errors. A board's part is one of the same text, or else one that the library knows. Sorted by name.
Result<std::vector<Target>> read_targets(std::string_view json, std::string_view where);

/// Bytes of a line of the core's data cache, or 0 for a core without one: 32 for Cortex-M7, M55 and M85 (Arm's
/// technical reference manuals). A buffer that a DMA fills must not share its lines with what the core writes.
std::uint32_t cache_line_bytes(const Target& target);

/// Memories beside FLASH that kernels can be copied to at start-up and run from.
std::vector<TargetMemory> kernel_memories(const Target& target);

/// What gcc needs to know of the core: "-mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard".
std::string core_flags(const Target& target);

}  // namespace v1
}  // namespace stm32tvm
