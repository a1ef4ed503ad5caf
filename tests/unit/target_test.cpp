// SPDX-License-Identifier: Apache-2.0
// Targets: the library's own table of boards, and the reading of others.
#include "stm32tvm/target.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stm32tvm/result.hpp"

using stm32tvm::core_flags;
using stm32tvm::ErrorCode;
using stm32tvm::find_target;
using stm32tvm::read_targets;
using stm32tvm::Target;
using stm32tvm::TargetMemory;
using stm32tvm::targets;

namespace {

constexpr std::uint64_t kib = 1024;

/// A table with one part and one board, in which a test replaces a piece of text.
constexpr std::string_view small_table = R"({
  "format": 1,
  "parts": [
    {"name": "P1", "core": "cortex-m4", "fpu": "fpv4-sp-d16", "systick_hz": 16000000, "interrupts": 82,
     "memories": [
       {"name": "FLASH", "address": "0x08000000", "size_kib": 512, "executable": true},
       {"name": "RAM", "address": "0x20000000", "size_kib": 128}],
     "source": "a data sheet", "verified": true}],
  "boards": [
    {"name": "mine", "description": "My board", "part": "P1", "source": "its schematic",
     "memories": [{"name": "SDRAM", "address": "0xC0000000", "size_kib": 8192, "needs_setup": true}]}]
})";

std::string with(std::string_view old_text, std::string_view new_text) {
  std::string text(small_table);
  const auto place = text.find(old_text);
  REQUIRE(place != std::string::npos);
  return text.replace(place, old_text.size(), new_text);
}

/// The error for a text that must not be read.
std::string error_of(std::string_view text) {
  const auto read = read_targets(text, "mine.json");
  if (read) {
    return "no error";
  }
  CHECK(read.error().code == ErrorCode::bad_json);
  return to_string(read.error());
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

Target target_named(std::string_view name) {
  auto found = find_target(name);
  REQUIRE(found);
  return *std::move(found);
}

}  // namespace

TEST_CASE("the table has all boards that are promised, sorted and described") {
  const std::set<std::string_view> promised = {
      "netduinoplus2",    "netduino2",        "stm32vldiscovery", "mps2-an386",       "mps2-an500",
      "mps2-an505",       "mps3-an547",       "nucleo-f401re",    "nucleo-f411re",    "nucleo-f412zg",
      "nucleo-f446re",    "nucleo-f746zg",    "nucleo-f767zi",    "nucleo-g0b1re",    "nucleo-g474re",
      "nucleo-h743zi2",   "nucleo-h7a3zi-q",  "nucleo-l432kc",    "nucleo-l476rg",    "nucleo-l4r5zi",
      "nucleo-l552ze-q",  "nucleo-u575zi-q",  "nucleo-wb55rg",    "stm32f407g-disc1", "stm32f469i-disco",
      "stm32f746g-disco", "stm32h747i-disco", "b-l475e-iot01a",   "b-u585i-iot02a"};
  std::set<std::string_view> names;
  for (const Target& target : targets()) {
    names.insert(target.name);
    CHECK_FALSE(target.description.empty());
    CHECK_FALSE(target.part.empty());
    CHECK_FALSE(target.source.empty());
  }
  CHECK(names == promised);
  CHECK(targets().size() == promised.size());
  CHECK(std::ranges::is_sorted(targets(), {}, &Target::name));
}

TEST_CASE("every target is whole: core, clock, FLASH, RAM, and no memories that overlap") {
  const std::set<std::string_view> cores = {"cortex-m0plus", "cortex-m3",  "cortex-m4",
                                            "cortex-m7",     "cortex-m33", "cortex-m55"};
  for (const Target& target : targets()) {
    CAPTURE(target.name);
    CHECK(cores.contains(target.core));
    CHECK(target.systick_hz >= 4'000'000);
    CHECK(target.interrupts >= 32);
    CHECK(target.flash().executable);
    CHECK(target.flash().size_bytes >= 128 * kib);
    CHECK_FALSE(target.ram().executable);
    CHECK(target.ram().size_bytes >= 8 * kib);
    for (const TargetMemory& a : target.memories) {
      CHECK(a.address + a.size_bytes <= 1ULL << 32);
      for (const TargetMemory& b : target.memories) {
        if (&a != &b) {
          CAPTURE(a.name);
          CAPTURE(b.name);
          CHECK(a.name != b.name);
          CHECK((a.address + a.size_bytes <= b.address || b.address + b.size_bytes <= a.address));
        }
      }
    }
  }
}

TEST_CASE("emulated machines count SysTick at the frequency that QEMU gives it") {
  const std::map<std::string, std::uint32_t, std::less<>> mhz = {
      {"netduinoplus2", 168}, {"netduino2", 120}, {"stm32vldiscovery", 24}, {"mps2-an386", 25},
      {"mps2-an500", 25},     {"mps2-an505", 20}, {"mps3-an547", 32}};
  std::size_t emulated = 0;
  for (const Target& target : targets()) {
    if (!target.qemu_machine.empty()) {
      ++emulated;
      CAPTURE(target.name);
      REQUIRE(mhz.contains(target.qemu_machine));
      CHECK(target.systick_hz == mhz.find(target.qemu_machine)->second * 1'000'000);
    }
  }
  CHECK(emulated == mhz.size());
}

TEST_CASE("a board has its part's figures and its own") {
  const Target netduino = target_named("netduinoplus2");
  CHECK(netduino.part == "STM32F405RG");
  CHECK(netduino.core == "cortex-m4");
  CHECK(netduino.flash() == TargetMemory{"FLASH", 0x08000000, 1024 * kib, true, false});
  CHECK(netduino.ram() == TargetMemory{"RAM", 0x20000000, 128 * kib, false, false});
  CHECK(netduino.verified);

  const Target disco = target_named("stm32f746g-disco");
  const auto sdram = std::ranges::find(disco.memories, "SDRAM", &TargetMemory::name);
  REQUIRE(sdram != disco.memories.end());
  CHECK(*sdram == TargetMemory{"SDRAM", 0xC0000000, 8192 * kib, false, true});
  CHECK_FALSE(disco.verified);
  CHECK(target_named("stm32vldiscovery").ram().size_bytes == 8 * kib);
}

TEST_CASE("the compiler's flags follow the core and its floating-point unit") {
  CHECK(stm32tvm::cache_line_bytes(target_named("mps2-an500")) == 32);  // M7
  CHECK(stm32tvm::cache_line_bytes(target_named("mps3-an547")) == 32);  // M55
  CHECK(stm32tvm::cache_line_bytes(target_named("netduinoplus2")) == 0);
  CHECK(core_flags(target_named("netduinoplus2")) == "-mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard");
  CHECK(core_flags(target_named("netduino2")) == "-mcpu=cortex-m3 -mthumb -mfloat-abi=soft");
  CHECK(core_flags(target_named("mps3-an547")) == "-mcpu=cortex-m55 -mthumb -mfpu=auto -mfloat-abi=hard");
}

TEST_CASE("a target that is not there is an error that lists those there are") {
  const auto missing = find_target("netduino3");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::bad_option);
  CHECK(contains(missing.error().message, "\"netduino3\""));
  for (const Target& target : targets()) {
    CHECK(contains(missing.error().message, target.name));
  }
  CHECK(contains(find_target("\x01\xff").error().message, "\"\\u0001"));
}

TEST_CASE("a target without memories has empty ones for FLASH and RAM") {
  CHECK(Target{}.flash() == TargetMemory{});
  CHECK(Target{}.ram() == TargetMemory{});
}

TEST_CASE("a user's table is read; its boards may use the library's parts") {
  const auto read = read_targets(small_table, "mine.json");
  REQUIRE(read);
  REQUIRE(read->size() == 1);
  const Target& mine = read->front();
  CHECK(mine.name == "mine");
  CHECK(mine.description == "My board");
  CHECK(mine.part == "P1");
  CHECK(mine.fpu == "fpv4-sp-d16");
  CHECK(mine.systick_hz == 16'000'000);
  CHECK(mine.interrupts == 82);
  CHECK(mine.memories.size() == 3);
  CHECK(mine.source == "a data sheet; its schematic");
  CHECK_FALSE(mine.verified);
  CHECK(mine.qemu_machine.empty());

  const auto known = read_targets(with(R"("part": "P1")", R"("part": "STM32F746NG")"), "mine.json");
  REQUIRE(known);
  CHECK(known->front().core == "cortex-m7");

  CHECK(read_targets(R"({"format": 1})", "mine.json").value().empty());
}

TEST_CASE("text that is not JSON, or not of the table's form, is refused with its place") {
  CHECK(error_of("{\n\"format\": 1,\n]") == "mine.json: this is not JSON: it cannot be read on from line 3");
  CHECK(contains(error_of(""), "this is not JSON"));
  CHECK(contains(error_of("[]"), "found array where an object is needed"));
  CHECK(contains(error_of(std::string(200'000, '[')), "this is not JSON"));
  CHECK(contains(error_of(R"({"format": 2})"), R"("format" is 2; needed is a number from 1 to 1)"));
  CHECK(contains(error_of(R"({})"), R"("format" is missing)"));
  CHECK(contains(error_of(R"({"format": 1, "parts": {}})"), R"("parts" is object; needed is an array)"));
  CHECK(contains(error_of(R"({"format": 1, "boards": [7]})"), "mine.json: boards[0]: found number"));
}

TEST_CASE("each wrong member is refused with its name and place") {
  struct Case {
    std::string_view old_text;
    std::string_view new_text;
    std::string_view message;
  };
  const Case cases[] = {
      {R"("core": "cortex-m4", )", "", R"(mine.json: parts[0] "P1": "core" is missing; needed is a string)"},
      {R"("cortex-m4")", R"("cortex-a7")", R"(the core "cortex-a7" is not known; known are cortex-m0, )"},
      {R"("fpv4-sp-d16")", R"("fpv5-d16")", R"(a cortex-m4 cannot have the fpu "fpv5-d16")"},
      {R"("systick_hz": 16000000)", R"("systick_hz": "16 MHz")", R"("systick_hz" is string; needed is a whole number)"},
      {R"("systick_hz": 16000000)", R"("systick_hz": 16.5)", R"("systick_hz" is number; needed is a whole number)"},
      {R"("systick_hz": 16000000)", R"("systick_hz": 0)", R"("systick_hz" is 0; needed is a number from 1000000)"},
      {R"("interrupts": 82)", R"("interrupts": 241)", "a cortex-m4 has at most 240 interrupts and 241 are given"},
      {R"("interrupts": 82)", R"("interrupts": -1)", R"("interrupts" is number; needed is a whole number)"},
      {R"("0x20000000")", R"("20000000")", R"(memories[1] "RAM": "address" is "20000000"; needed is a multiple of 8)"},
      {R"("0x20000000")", R"("0x")", R"("address" is "0x")"},
      {R"("0x20000000")", R"("0x20000004")", R"("address" is "0x20000004")"},
      {R"("0x20000000")", R"("0x120000000")", R"("address" is "0x120000000")"},
      {R"("0x20000000")", R"("0x20000000 ")", R"("address" is "0x20000000 ")"},
      {R"("0x20000000")", R"("0x0807FFF8")", R"(the memories "FLASH" and "RAM" overlap at 0x0807fff8)"},
      {R"("size_kib": 8192)", R"("size_kib": 1048577)",
       R"(memories[0] "SDRAM": 1048577 KiB from 0xc0000000 on go past)"},
      {R"("size_kib": 128)", R"("size_kib": 0)", R"("size_kib" is 0; needed is a number from 1)"},
      {R"("name": "RAM")", R"("name": "RAM2")", R"(a memory named "RAM" is needed)"},
      {R"("name": "RAM")", R"("name": "ram")", "a memory's name is capital letters"},
      {R"("name": "SDRAM")", R"("name": "RAM")", R"(two memories are named "RAM")"},
      {R"("executable": true)", R"("executable": 1)", R"("executable" is number; needed is true or false)"},
      {R"("executable": true)", R"("executable": false)", R"(a memory named "FLASH" is needed, executable)"},
      {R"("part": "P1")", R"("part": "P2")", R"(boards[0] "mine": the part "P2" is not known)"},
      {R"("name": "mine")", R"("name": "")", R"("name" is empty; give it a name)"},
      {R"("name": "mine")", R"("name": "../mine")", R"("name" is "../mine"; needed are)"},
      {R"("My board")", R"("My \"board\"")", R"("description" is )"},
      {R"("part": "P1")", R"("part": "P1", "qemu": "x")", R"(the key "qemu" is not known; known are name, )"},
      {R"("part": "P1")", R"("part": "P1", "console": {"uart": "U1"})", R"(console: "tx" is missing)"},
      {R"("part": "P1")", R"("part": "P1", "qemu_machine": "q", "systick_hz": 1500000)", "needs whole MHz"},
  };
  for (const Case& wrong : cases) {
    CAPTURE(wrong.new_text);
    const std::string error = error_of(with(wrong.old_text, wrong.new_text));
    CAPTURE(error);
    CHECK(contains(error, wrong.message));
  }
}

TEST_CASE("two of one name are refused") {
  const std::string board = R"({"name": "b", "description": "", "part": "STM32F405RG", "source": "s"})";
  CHECK(contains(error_of(R"({"format": 1, "boards": [)" + board + "," + board + "]}"),
                 R"(mine.json: two boards are named "b")"));
}

TEST_CASE("a console's registers are read, and what no register can be is refused") {
  const auto console = [](std::string_view rest) {
    return with(R"("source": "its schematic")",
                R"("source": "s", "console": {"uart": "USART2", "tx": "PA2", "rx": "PA3", )" + std::string(rest) + "}");
  };
  const auto read = read_targets(console(R"("registers": "lpuart", "address": "0x40008004", "gpio": "0x48000000",
      "alternate_function": 12, "enable": [{"address": "0x4002104c", "bit": 31}], "source": "manual")"),
                                 "mine.json");
  REQUIRE(read);
  const stm32tvm::TargetConsole& found = read->front().console;
  CHECK(found.registers == stm32tvm::TargetConsole::Registers::lpuart);
  CHECK(found.address == 0x40008004);
  CHECK(found.alternate_function == 12);
  CHECK(found.enable == std::vector<stm32tvm::TargetConsole::Enable>{{0x4002104c, 31}});
  CHECK_FALSE(found.verified);

  constexpr std::string_view rest = R"("gpio": "0x48000000", "source": "manual", "alternate_function": 1)";
  CHECK(contains(error_of(console(R"("registers": "usart-9", "address": "0x40008000", )" + std::string(rest))),
                 "known are usart-1, usart-2, lpuart"));
  CHECK(contains(error_of(console(R"("registers": "usart-1", "address": "0x40008002", )" + std::string(rest))),
                 "a multiple of 4"));
  CHECK(contains(error_of(console(R"("registers": "usart-1", "address": "0x40008000", "enable": [{"address":
      "0x40021000", "bit": 32}], )" +
                                  std::string(rest))),
                 "a number from 0 to 31"));
  CHECK(contains(
      error_of(with(R"("source": "its schematic")",
                    R"("source": "s", "console": {"uart": "U", "tx": "A16", "rx": "A", "registers": "lpuart"})")),
      R"("tx" is "A16")"));
  // Every console of the library's own table can be used.
  for (const Target& target : targets()) {
    CAPTURE(target.name);
    CHECK(target.console.uart.empty() == (target.console.registers == stm32tvm::TargetConsole::Registers::none));
    CHECK(target.console.uart.empty() == target.console.enable.empty());
  }
}
