// SPDX-License-Identifier: Apache-2.0
#include "emit/uart.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/try.hpp"

namespace stm32tvm {
namespace {

/// Bits a second of every emitted serial port.
constexpr std::uint32_t baud = 115200;

/// Bytes from the registers of one GPIO port to those of the next, in every STM32.
constexpr std::int64_t gpio_stride = 0x400;

/// Offsets of registers, the number of the bit that enables the port, and what its divisor is multiplied by.
struct Layout {
  const char* control;
  const char* divisor;
  const char* status;
  const char* send;
  const char* receive;
  const char* enable_bit;
  std::uint32_t divisor_steps;
};

Layout layout_of(TargetConsole::Registers registers) {
  using Registers = TargetConsole::Registers;
  return registers == Registers::usart_1  ? Layout{"0x0C", "0x08", "0x00", "0x04", "0x04", "13", 1}
         : registers == Registers::lpuart ? Layout{"0x00", "0x0C", "0x1C", "0x28", "0x24", "0", 256}
                                          : Layout{"0x00", "0x0C", "0x1C", "0x28", "0x24", "0", 1};
}

/// The pin that receives.
struct Pin {
  std::string number;
  std::int64_t gpio = 0;  ///< address of its port's registers
  int distance = 0;       ///< letters from the port of the pin that sends to its own
  std::uint32_t alternate_function = 0;
};

Result<Pin> receiving_pin(const Target& target) {
  const TargetConsole& port = target.console;
  if (port.registers == TargetConsole::Registers::none || port.rx.size() < 3) {
    return Error{
        ErrorCode::unsupported,
        "the registers of the board's serial port are not known, and a host drives the device through it; take "
        "a board whose port is known",
        target.name};
  }
  // It has the other pin's alternate function but on these parts (general knowledge).
  constexpr std::uint32_t of_pa15 = 3;
  const bool is_other = target.part.starts_with("STM32L432") && port.rx == "PA15";
  const int distance = port.rx[1] - port.tx[1];
  return Pin{port.rx.substr(2), static_cast<std::int64_t>(port.gpio) + distance * gpio_stride, distance,
             is_other ? of_pa15 : port.alternate_function};
}

/// What is set before the port is used: register, bit. `distance` is that of the pin that receives.
std::vector<TargetConsole::Enable> bits_to_set(const TargetConsole& port, int distance) {
  std::vector<TargetConsole::Enable> bits;
  for (const TargetConsole::Enable& enable : port.enable) {
    bits.push_back(enable);
    // A GPIO port's clock is the bit of its letter.
    if (distance != 0 && static_cast<int>(enable.bit) == port.tx[1] - 'A') {
      bits.push_back({enable.address, static_cast<std::uint32_t>(static_cast<int>(enable.bit) + distance)});
    }
  }
  return bits;
}

std::string enable_lines(const std::vector<TargetConsole::Enable>& bits) {
  std::vector<std::string> lines;
  lines.reserve(bits.size());
  for (const TargetConsole::Enable& bit : bits) {
    lines.push_back(fmt::format("  set_bit(0x{:08x}u, {});", bit.address, bit.bit));
  }
  return fmt::format("{}", fmt::join(lines, "\n"));
}

}  // namespace

Result<void> check_receiving(const Target& target) {
  STM32TVM_CHECK(receiving_pin(target));
  return {};
}

Result<void> add_serial_port(const Target& target, SourceTree& tree, std::vector<BuildSource>& sources) {
  const std::string path = "firmware/serial_port.c";
  if (tree.find(path) != nullptr) {
    return {};
  }
  const TargetConsole& console = target.console;
  const Layout layout = layout_of(console.registers);
  const auto pin = receiving_pin(target);
  const std::string connect_rx =
      pin ? fmt::format("  connect_pin(0x{:08x}u, {}u, {}u);\n", pin->gpio, pin->number, pin->alternate_function) : "";
  STM32TVM_TRY(
      text,
      fill_template(
          "firmware/serial_port.c",
          {{"UART", console.uart},
           {"PINS", pin ? fmt::format("pins {} and {}", console.tx, console.rx) : fmt::format("pin {}", console.tx)},
           {"BOARD", target.name},
           {"CLOCK_HZ", std::to_string(target.systick_hz)},
           {"BAUD", std::to_string(baud)},
           {"DIVISOR_STEPS", std::to_string(layout.divisor_steps)},
           {"ADDRESS", fmt::format("0x{:08x}", console.address)},
           {"CONTROL", layout.control},
           {"DIVISOR", layout.divisor},
           {"STATUS", layout.status},
           {"DATA", layout.send},
           {"RECEIVE", layout.receive},
           {"ENABLE_BIT", layout.enable_bit},
           {"PIN", console.tx.substr(2)},
           {"GPIO", fmt::format("0x{:08x}", console.gpio)},
           {"ALTERNATE_FUNCTION", std::to_string(console.alternate_function)},
           {"ENABLE_LINES", enable_lines(bits_to_set(console, pin ? pin->distance : 0))},
           {"CONNECT_RX", connect_rx},
           {"CLEAR_OVERRUN", console.registers == TargetConsole::Registers::usart_1
                                 ? "(void)UART_RECEIVE;"
                                 : fmt::format("REGISTER(0x{:08x}u + 0x20u) = UART_OVERRUN;", console.address)}}));
  sources.push_back({path});
  STM32TVM_CHECK(tree.add(path, text));
  STM32TVM_TRY(header, fill_template("firmware/serial_port.h", {}));
  return tree.add("firmware/serial_port.h", header);
}

Result<TemplateValues> serial_settings(const Target& target) {
  STM32TVM_TRY(pin, receiving_pin(target));
  const TargetConsole& port = target.console;
  const Layout layout = layout_of(port.registers);
  std::vector<std::string> bits;
  for (const TargetConsole::Enable& bit : bits_to_set(port, pin.distance)) {
    bits.push_back(fmt::format("{{0x{:08x}u, {}}}", bit.address, bit.bit));
  }
  const std::uint64_t steps = std::uint64_t{target.systick_hz} * layout.divisor_steps;
  return TemplateValues{
      {"PORT", port.uart},
      {"PART", target.part},
      {"BAUD", std::to_string(baud)},
      {"ADDRESS", fmt::format("0x{:08x}", port.address)},
      {"STATUS", layout.status},
      {"RECEIVE", layout.receive},
      {"SEND", layout.send},
      {"DIVISOR_REGISTER", layout.divisor},
      {"CONTROL_REGISTER", layout.control},
      {"ENABLE_BIT", layout.enable_bit},
      {"CLEAR_OVERRUN", port.registers == TargetConsole::Registers::usart_1 ? "(void)USART(SERIAL_RECEIVE_REGISTER)"
                                                                            : "USART(0x20u) = OVERRUN"},
      {"DIVISOR", std::to_string((steps + baud / 2) / baud)},
      {"BITS_TO_SET", fmt::format("{}", fmt::join(bits, ", "))},
      {"PINS", fmt::format("{{0x{:08x}u, {}, {}}}, {{0x{:08x}u, {}, {}}}", port.gpio, port.tx.substr(2),
                           port.alternate_function, pin.gpio, pin.number, pin.alternate_function)}};
}

}  // namespace stm32tvm
