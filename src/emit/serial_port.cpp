// SPDX-License-Identifier: Apache-2.0
#include "emit/serial_port.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdint>
#include <string>
#include <vector>

namespace stm32tvm {
namespace {

using Registers = TargetConsole::Registers;

/// Offsets of a serial port's registers, the bit of its control register that switches it on, and the C that makes it
/// forget an overrun.
struct Layout {
  const char *status, *receive, *send, *divisor, *control, *enable_bit, *clear_overrun;
};

constexpr Layout usart_1 = {"0x00", "0x04", "0x04", "0x08", "0x0C", "13", "(void)USART(SERIAL_RECEIVE_REGISTER)"};
constexpr Layout usart_2 = {"0x1C", "0x24", "0x28", "0x0C", "0x00", "0", "USART(0x20u) = OVERRUN"};

/// QEMU's netduinoplus2 has its first serial port at USART1, which its part has on these pins; as a console the machine
/// has semihosting.
TargetConsole port_of(const Target& target) {
  if (target.qemu_machine != "netduinoplus2") {
    return target.console;
  }
  return {.uart = "USART1",
          .tx = "PA9",
          .rx = "PA10",
          .registers = Registers::usart_1,
          .address = 0x40011000,
          .gpio = 0x40020000,
          .alternate_function = 7,
          .enable = {{0x40023830, 0}, {0x40023844, 4}},
          .source = "QEMU 7.2",
          .verified = true};
}

/// The pin that receives has the other pin's alternate function but on these parts (general knowledge).
std::uint32_t alternate_function_of_rx(const Target& target, const TargetConsole& port) {
  constexpr std::uint32_t of_pa15 = 3;
  return target.part.starts_with("STM32L432") && port.rx == "PA15" ? of_pa15 : port.alternate_function;
}

/// Distance of the registers of two GPIO ports that follow each other, in every STM32.
constexpr std::uint64_t gpio_step = 0x400;

}  // namespace

Result<TemplateValues> serial_settings(const Target& target) {
  const TargetConsole port = port_of(target);
  if (port.registers == Registers::none) {
    return Error{
        ErrorCode::unsupported,
        "the registers of the board's serial port are not known, and a host drives the device through it; take "
        "a board whose port is known",
        target.name};
  }
  const Layout& layout = port.registers == Registers::usart_1 ? usart_1 : usart_2;
  constexpr std::uint64_t lpuart_scale = 256;
  const std::uint64_t scale = port.registers == Registers::lpuart ? lpuart_scale : 1;
  std::vector<std::string> bits;
  const auto add_bit = [&](std::uint64_t address, int bit) {
    bits.push_back(fmt::format("{{0x{:08x}u, {}}}", address, bit));
  };
  const int distance = port.rx[1] - port.tx[1];
  for (const TargetConsole::Enable& enable : port.enable) {
    add_bit(enable.address, static_cast<int>(enable.bit));
    // A GPIO port's clock is the bit of its letter.
    if (distance != 0 && static_cast<int>(enable.bit) == port.tx[1] - 'A') {
      add_bit(enable.address, static_cast<int>(enable.bit) + distance);
    }
  }
  const auto rx_gpio = static_cast<std::int64_t>(port.gpio) + distance * static_cast<std::int64_t>(gpio_step);
  return TemplateValues{{"PORT", port.uart},
                        {"PART", target.part},
                        {"BAUD", std::to_string(serial_baud)},
                        {"ADDRESS", fmt::format("0x{:08x}", port.address)},
                        {"STATUS", layout.status},
                        {"RECEIVE", layout.receive},
                        {"SEND", layout.send},
                        {"DIVISOR_REGISTER", layout.divisor},
                        {"CONTROL_REGISTER", layout.control},
                        {"ENABLE_BIT", layout.enable_bit},
                        {"CLEAR_OVERRUN", layout.clear_overrun},
                        {"DIVISOR", std::to_string((target.systick_hz * scale + serial_baud / 2) / serial_baud)},
                        {"BITS_TO_SET", fmt::format("{}", fmt::join(bits, ", "))},
                        {"PINS", fmt::format("{{0x{:08x}u, {}, {}}}, {{0x{:08x}u, {}, {}}}", port.gpio,
                                             port.tx.substr(2), port.alternate_function, rx_gpio, port.rx.substr(2),
                                             alternate_function_of_rx(target, port))}};
}

}  // namespace stm32tvm
