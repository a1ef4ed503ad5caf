// SPDX-License-Identifier: Apache-2.0
// Reads tables of boards, the library's own and a user's: JSON with a list of parts and a list of boards.
#include "stm32tvm/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emit/board_console.hpp"
#include "emit/board_record.hpp"
#include "stm32tvm/result.hpp"
#include "support/embedded_files.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

/// A table as it is read. A part is a target without what the board says.
struct Table {
  std::map<std::string, Target, std::less<>> parts;
  std::vector<Target> targets;
};

/// A core and the floating-point units it can have, as gcc's -mcpu and -mfpu.
struct Core {
  std::string_view name;
  std::uint32_t interrupts_maximum;
  std::array<std::string_view, 2> fpus;
};

constexpr std::array cores = {
    Core{"cortex-m0", 32, {}},
    Core{"cortex-m0plus", 32, {}},
    Core{"cortex-m3", 240, {}},
    Core{"cortex-m4", 240, {"fpv4-sp-d16"}},
    Core{"cortex-m7", 240, {"fpv5-sp-d16", "fpv5-d16"}},
    Core{"cortex-m23", 240, {}},
    Core{"cortex-m33", 480, {"fpv5-sp-d16"}},
    Core{"cortex-m55", 480, {"auto"}},
};

Result<TargetMemory> read_memory(const Json& value, const std::string& where) {
  STM32TVM_TRY(record,
               Record::make(value, where, {"name", "address", "size_kib", "executable", "needs_setup", "note"}));
  STM32TVM_TRY(name, record.name("name", "_"));
  record.set_name(name);
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  if (std::ranges::any_of(name, is_lower) || name.front() < 'A' || name.front() > 'Z') {
    return bad_table("a memory's name is capital letters, digits and '_', and starts with a letter", record.where());
  }
  STM32TVM_TRY(address, record.address("address", 8));
  STM32TVM_TRY(size_kib, record.count("size_kib", 1, address_end / 1024));
  STM32TVM_TRY(executable, record.flag("executable"));
  STM32TVM_TRY(needs_setup, record.flag("needs_setup"));
  if (address + size_kib * 1024 > address_end) {
    return bad_table(fmt::format("{} KiB from 0x{:08x} on go past the address space of 32 bits", size_kib, address),
                     record.where());
  }
  return TargetMemory{name, address, size_kib * 1024, executable, needs_setup};
}

/// Adds the memories of a list, which may be missing.
Result<void> read_memories(const Record& record, std::vector<TargetMemory>& memories) {
  constexpr std::size_t memories_maximum = 64;
  STM32TVM_TRY(list, record.list("memories"));
  const std::size_t count = list == nullptr ? 0 : list->size();
  if (memories.size() + count > memories_maximum) {
    return bad_table(fmt::format("there are {} memories; {} is the limit", count, memories_maximum), record.where());
  }
  for (std::size_t i = 0; i < count; ++i) {
    STM32TVM_TRY(memory, read_memory((*list)[i], fmt::format("{}, memories[{}]", record.where(), i)));
    memories.push_back(memory);
  }
  return {};
}

/// FLASH and RAM are there and fit for their use, names differ, and no memory overlaps another.
Result<void> check_memories(const Target& target, const std::string& where) {
  if (target.flash().size_bytes == 0 || !target.flash().executable || target.flash().needs_setup) {
    return bad_table("a memory named \"FLASH\" is needed, executable and without setup", where);
  }
  if (target.ram().size_bytes == 0 || target.ram().executable || target.ram().needs_setup) {
    return bad_table("a memory named \"RAM\" is needed, not executable and without setup", where);
  }
  std::vector<const TargetMemory*> memories;
  for (const TargetMemory& memory : target.memories) {
    memories.push_back(&memory);
  }
  std::ranges::sort(memories, {}, [](const TargetMemory* memory) { return memory->name; });
  const auto twice = std::ranges::adjacent_find(memories, {}, [](const TargetMemory* memory) { return memory->name; });
  if (twice != memories.end()) {
    return bad_table(fmt::format("two memories are named \"{}\"; a name can be used once", (*twice)->name), where);
  }
  std::ranges::sort(memories, {}, [](const TargetMemory* memory) { return memory->address; });
  const auto overlap = std::ranges::adjacent_find(memories, [](const TargetMemory* low, const TargetMemory* high) {
    return low->address + low->size_bytes > high->address;
  });
  if (overlap != memories.end()) {
    return bad_table(fmt::format(R"(the memories "{}" and "{}" overlap at 0x{:08x}; correct an address or a size)",
                                 (*overlap)->name, (*std::next(overlap))->name, (*std::next(overlap))->address),
                     where);
  }
  return {};
}

/// The core is a known one, with a floating-point unit and a number of interrupts that it can have.
Result<void> check_core(const Target& part, const std::string& where) {
  const auto* const core = std::ranges::find(cores, part.core, &Core::name);
  if (core == cores.end()) {
    std::vector<std::string_view> names;
    std::ranges::transform(cores, std::back_inserter(names), &Core::name);
    return bad_table(fmt::format("the core \"{}\" is not known; known are {}", part.core, fmt::join(names, ", ")),
                     where);
  }
  if (!part.fpu.empty() && std::ranges::find(core->fpus, part.fpu) == core->fpus.end()) {
    const std::string alternatives = core->fpus[0].empty() ? "" : fmt::format(" or {}", fmt::join(core->fpus, " "));
    return bad_table(
        fmt::format("a {} cannot have the fpu \"{}\"; leave it empty{}", part.core, part.fpu, alternatives), where);
  }
  if (part.interrupts > core->interrupts_maximum) {
    return bad_table(fmt::format("a {} has at most {} interrupts and {} are given", part.core, core->interrupts_maximum,
                                 part.interrupts),
                     where);
  }
  return {};
}

Result<std::uint32_t> read_hz(const Record& record) {
  STM32TVM_TRY(hz, record.count("systick_hz", 1'000'000, 2'000'000'000));
  return static_cast<std::uint32_t>(hz);
}

/// Reads a part; a board of it fills in the rest.
Result<Target> read_part(const Json& value, const std::string& where) {
  STM32TVM_TRY(record, Record::make(value, where,
                                    {"name", "core", "fpu", "systick_hz", "interrupts", "memories", "openocd_target",
                                     "source", "verified", "note"}));
  Target part;
  STM32TVM_TRY(name, record.name("name", name_characters));
  record.set_name(name);
  STM32TVM_TRY(core, record.name("core", name_characters));
  STM32TVM_TRY(fpu, record.text("fpu", name_characters));
  STM32TVM_TRY(hz, read_hz(record));
  STM32TVM_TRY(interrupts, record.count("interrupts", 0, 480));
  STM32TVM_TRY(source, record.name("source", source_characters));
  STM32TVM_TRY(verified, record.flag("verified"));
  part.part = name;
  part.core = core;
  part.fpu = fpu;
  part.systick_hz = hz;
  part.interrupts = static_cast<std::uint32_t>(interrupts);
  part.source = source;
  part.verified = verified;
  if (record.has("openocd_target")) {
    STM32TVM_TRY(openocd_target, record.name("openocd_target", name_characters));
    part.openocd_target = openocd_target;
  }
  STM32TVM_CHECK(read_memories(record, part.memories));
  STM32TVM_CHECK(check_core(part, record.where()));
  STM32TVM_CHECK(check_memories(part, record.where()));
  return part;
}

Result<Target> read_board(const Json& value, const std::string& where, const Table& own, const Table* known) {
  STM32TVM_TRY(record, Record::make(value, where,
                                    {"name", "description", "part", "systick_hz", "qemu_machine", "console", "memories",
                                     "probe", "source", "verified", "note"}));
  STM32TVM_TRY(name, record.name("name", name_characters));
  record.set_name(name);
  STM32TVM_TRY(description, record.text("description", description_characters));
  STM32TVM_TRY(part_name, record.name("part", name_characters));
  STM32TVM_TRY(source, record.name("source", source_characters));
  STM32TVM_TRY(verified, record.flag("verified"));
  auto part = own.parts.find(part_name);
  if (part == own.parts.end() && (known == nullptr || (part = known->parts.find(part_name)) == known->parts.end())) {
    return bad_table(fmt::format(R"(the part "{}" is not known; add it to "parts")", part_name), record.where());
  }
  Target target = part->second;
  target.name = name;
  target.description = description;
  if (record.has("systick_hz")) {
    STM32TVM_TRY(hz, read_hz(record));
    target.systick_hz = hz;
  }
  if (record.has("qemu_machine")) {
    STM32TVM_TRY(machine, record.name("qemu_machine", name_characters));
    target.qemu_machine = machine;
    if (target.systick_hz % 1'000'000 != 0) {
      return bad_table(fmt::format("\"systick_hz\" is {}; an emulated board needs whole MHz", target.systick_hz),
                       record.where());
    }
  }
  if (record.has("console")) {
    STM32TVM_TRY(console, read_console(value["console"], record.where() + ", console"));
    target.console = console;
  }
  if (record.has("probe")) {
    STM32TVM_TRY(probe, record.name("probe", "-/ ."));
    target.probe = probe;
  }
  const std::size_t memories_of_part = target.memories.size();
  STM32TVM_CHECK(read_memories(record, target.memories));
  if (target.memories.size() != memories_of_part) {
    target.source += "; " + source;
    target.verified = target.verified && verified;
  }
  STM32TVM_CHECK(check_memories(target, record.where()));
  return target;
}

Result<Json> parse(std::string_view text, std::string_view where) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    const auto line = std::ranges::count(text.substr(0, error.byte), '\n') + 1;
    return bad_table(fmt::format("this is not JSON: it cannot be read on from line {}", line), where);
  }
}

/// The elements of "parts" or "boards", none when the key is missing.
Result<const Json*> read_list(const Record& root, const char* key) {
  static const Json empty = Json::array();
  STM32TVM_TRY(list, root.list(key));
  return list == nullptr ? &empty : list;
}

Result<Table> read_table(std::string_view text, std::string_view where, const Table* known) {
  STM32TVM_TRY(json, parse(text, where));
  STM32TVM_TRY(root, Record::make(json, std::string(where), {"format", "about", "parts", "boards"}));
  STM32TVM_CHECK(root.count("format", 1, 1));
  Table table;
  STM32TVM_TRY(parts, read_list(root, "parts"));
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const std::string place = fmt::format("{}: parts[{}]", where, i);
    STM32TVM_TRY(part, read_part((*parts)[i], place));
    if (!table.parts.try_emplace(part.part, part).second) {
      return bad_table(fmt::format("a second part is named \"{}\"; a name can be used once", part.part), place);
    }
  }
  STM32TVM_TRY(boards, read_list(root, "boards"));
  for (std::size_t i = 0; i < boards->size(); ++i) {
    STM32TVM_TRY(board, read_board((*boards)[i], fmt::format("{}: boards[{}]", where, i), table, known));
    table.targets.push_back(board);
  }
  std::ranges::sort(table.targets, {}, &Target::name);
  const auto twice = std::ranges::adjacent_find(table.targets, {}, &Target::name);
  if (twice != table.targets.end()) {
    return bad_table(fmt::format("two boards are named \"{}\"; a name can be used once", twice->name), where);
  }
  return table;
}

/// The library's own table. A test reads it, so it is never the empty one that stands for a table with a fault.
const Table& own_table() {
  static const Table table = [] {
    constexpr const char* path = "src/emit/boards.json";
    auto read = read_table(embedded::file(path), path, nullptr);
    return read ? *std::move(read) : Table{};
  }();
  return table;
}

const TargetMemory& memory_named(const Target& target, std::string_view name) noexcept {
  static const TargetMemory none;
  const auto found = std::ranges::find(target.memories, name, &TargetMemory::name);
  return found == target.memories.end() ? none : *found;
}

}  // namespace

inline namespace v1 {

const TargetMemory& Target::flash() const noexcept {
  return memory_named(*this, "FLASH");
}

const TargetMemory& Target::ram() const noexcept {
  return memory_named(*this, "RAM");
}

const std::vector<Target>& targets() {
  return own_table().targets;
}

Result<Target> find_target(std::string_view name) {
  const std::vector<Target>& all = targets();
  const auto found = std::ranges::find(all, name, &Target::name);
  if (found == all.end()) {
    std::vector<std::string_view> names;
    std::ranges::transform(all, std::back_inserter(names), &Target::name);
    return Error{ErrorCode::bad_option,
                 fmt::format("there is no target {}; the library knows {}", in_quotes(name), fmt::join(names, ", ")),
                 {}};
  }
  return *found;
}

Result<std::vector<Target>> read_targets(std::string_view json, std::string_view where) {
  STM32TVM_TRY(table, read_table(json, where, &own_table()));
  return std::move(table.targets);
}

std::uint32_t cache_line_bytes(const Target& target) {
  const bool has_data_cache = target.core == "cortex-m7" || target.core == "cortex-m55" || target.core == "cortex-m85";
  return has_data_cache ? 32 : 0;
}

std::vector<TargetMemory> kernel_memories(const Target& target) {
  std::vector<TargetMemory> memories;
  std::ranges::copy_if(target.memories, std::back_inserter(memories), [](const TargetMemory& memory) {
    return memory.executable && !memory.needs_setup && memory.name != "FLASH";
  });
  return memories;
}

std::string core_flags(const Target& target) {
  if (target.fpu.empty()) {
    return fmt::format("-mcpu={} -mthumb -mfloat-abi=soft", target.core);
  }
  return fmt::format("-mcpu={} -mthumb -mfpu={} -mfloat-abi=hard", target.core, target.fpu);
}

}  // namespace v1
}  // namespace stm32tvm
