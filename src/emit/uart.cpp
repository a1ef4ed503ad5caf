// SPDX-License-Identifier: Apache-2.0
#include "emit/uart.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace stm32tvm {
namespace {

/// Offsets of registers, the number of the bit that enables the port, and what its divisor is multiplied by.
struct Layout {
  const char* control;
  const char* divisor;
  const char* status;
  const char* send;
  const char* receive;
  const char* enable_bit;
  const char* divisor_steps;
};

Layout layout_of(TargetConsole::Registers registers) {
  using Registers = TargetConsole::Registers;
  return registers == Registers::usart_1  ? Layout{"0x0C", "0x08", "0x00", "0x04", "0x04", "13", "1"}
         : registers == Registers::lpuart ? Layout{"0x00", "0x0C", "0x1C", "0x28", "0x24", "0", "256"}
                                          : Layout{"0x00", "0x0C", "0x1C", "0x28", "0x24", "0", "1"};
}

/// Bytes from the registers of one GPIO port to those of the next.
constexpr std::uint64_t gpio_stride = 0x400;

}  // namespace

TemplateValues sending_uart(const Target& target) {
  const TargetConsole& console = target.console;
  const Layout layout = layout_of(console.registers);
  std::vector<std::string> enable;
  for (const TargetConsole::Enable& bit : console.enable) {
    enable.push_back(fmt::format("  set_bit(0x{:08x}u, {});", bit.address, bit.bit));
  }
  return {{"UART", console.uart},
          {"TX", console.tx},
          {"BOARD", target.name},
          {"CLOCK_HZ", std::to_string(target.systick_hz)},
          {"DIVISOR_STEPS", layout.divisor_steps},
          {"ADDRESS", fmt::format("0x{:08x}", console.address)},
          {"CONTROL", layout.control},
          {"DIVISOR", layout.divisor},
          {"STATUS", layout.status},
          {"DATA", layout.send},
          {"ENABLE_BIT", layout.enable_bit},
          {"PIN", console.tx.substr(2)},
          {"GPIO", fmt::format("0x{:08x}", console.gpio)},
          {"ALTERNATE_FUNCTION", std::to_string(console.alternate_function)},
          {"ENABLE_LINES", fmt::format("{}", fmt::join(enable, "\n"))}};
}

TemplateValues receiving_uart(const Target& target) {
  const TargetConsole& console = target.console;
  const Layout layout = layout_of(console.registers);
  // Both pins have the same alternate function, and are mostly of one port.
  const std::uint64_t gpio = console.gpio + static_cast<std::uint64_t>(console.rx[1] - 'A') * gpio_stride -
                             static_cast<std::uint64_t>(console.tx[1] - 'A') * gpio_stride;
  TemplateValues values = sending_uart(target);
  values.insert({{"RX", console.rx},
                 {"RX_PIN", console.rx.substr(2)},
                 {"RX_GPIO", fmt::format("0x{:08x}", gpio)},
                 {"RECEIVE", layout.receive},
                 {"CLEAR_OVERRUN", console.registers == TargetConsole::Registers::usart_1
                                       ? "(void)UART_RECEIVE;"
                                       : fmt::format("REGISTER(0x{:08x}u + 0x20u) = UART_OVERRUN;", console.address)}});
  return values;
}

}  // namespace stm32tvm
