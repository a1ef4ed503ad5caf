// SPDX-License-Identifier: Apache-2.0
// The serial port of a board's debug probe: pins, registers, and the bits that switch it on.
#include "emit/board_console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <vector>

#include "support/try.hpp"

namespace stm32tvm {
namespace {

struct RegisterLayout {
  std::string_view name;
  TargetConsole::Registers registers;
};

constexpr std::array register_layouts = {
    RegisterLayout{"usart-1", TargetConsole::Registers::usart_1},
    RegisterLayout{"usart-2", TargetConsole::Registers::usart_2},
    RegisterLayout{"lpuart", TargetConsole::Registers::lpuart},
};

Result<TargetConsole::Registers> read_registers(const Record& record) {
  STM32TVM_TRY(name, record.name("registers", "-"));
  for (const auto& [known, registers] : register_layouts) {
    if (name == known) {
      return registers;
    }
  }
  std::vector<std::string_view> names;
  std::ranges::transform(register_layouts, std::back_inserter(names), &RegisterLayout::name);
  return bad_table(fmt::format("the registers \"{}\" are not known; known are {}", name, fmt::join(names, ", ")),
                   record.where());
}

Result<void> read_enables(const Record& record, std::vector<TargetConsole::Enable>& enables) {
  constexpr std::size_t enables_maximum = 16;
  STM32TVM_TRY(list, record.list("enable"));
  const std::size_t count = list == nullptr ? 0 : list->size();
  if (count > enables_maximum) {
    return bad_table(fmt::format("there are {} bits to set; {} is the limit", count, enables_maximum), record.where());
  }
  for (std::size_t i = 0; i < count; ++i) {
    STM32TVM_TRY(enable,
                 Record::make((*list)[i], fmt::format("{}, enable[{}]", record.where(), i), {"address", "bit"}));
    STM32TVM_TRY(address, enable.address("address", 4));
    STM32TVM_TRY(bit, enable.count("bit", 0, 31));
    enables.push_back({address, static_cast<std::uint32_t>(bit)});
  }
  return {};
}

}  // namespace

Result<TargetConsole> read_console(const Json& value, const std::string& where) {
  STM32TVM_TRY(record, Record::make(value, where,
                                    {"uart", "tx", "rx", "registers", "address", "gpio", "alternate_function", "enable",
                                     "source", "verified"}));
  TargetConsole console;
  STM32TVM_TRY(uart, record.name("uart", ""));
  STM32TVM_TRY(tx, record.name("tx", ""));
  STM32TVM_TRY(rx, record.name("rx", ""));
  console.uart = uart;
  console.tx = tx;
  console.rx = rx;
  if (!record.has("registers")) {
    return console;
  }
  const std::string_view pin = std::string_view(console.tx).substr(std::min<std::size_t>(2, console.tx.size()));
  int number = 16;
  std::from_chars(pin.data(), pin.data() + pin.size(), number);
  if (console.tx.size() < 3 || console.tx.size() > 4 || console.tx.front() != 'P' || number < 0 || number > 15) {
    return bad_table(fmt::format(R"("tx" is "{}"; needed is a pin like "PA2")", console.tx), record.where());
  }
  STM32TVM_TRY(registers, read_registers(record));
  STM32TVM_TRY(address, record.address("address", 4));
  STM32TVM_TRY(gpio, record.address("gpio", 4));
  STM32TVM_TRY(function, record.count("alternate_function", 0, 15));
  STM32TVM_TRY(source, record.name("source", source_characters));
  STM32TVM_TRY(verified, record.flag("verified"));
  STM32TVM_CHECK(read_enables(record, console.enable));
  console.registers = registers;
  console.address = address;
  console.gpio = gpio;
  console.alternate_function = static_cast<std::uint32_t>(function);
  console.source = source;
  console.verified = verified;
  return console;
}

}  // namespace stm32tvm
