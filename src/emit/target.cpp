// SPDX-License-Identifier: Apache-2.0
// Reads tables of boards, the library's own and a user's: JSON with a list of parts and a list of boards.
#include "stm32tvm/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "stm32tvm/result.hpp"
#include "support/embedded_files.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

using Json = nlohmann::json;

constexpr std::string_view letters_and_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t text_bytes_maximum = 400;
constexpr std::uint64_t address_end = 1ULL << 32;

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

struct RegisterLayout {
  std::string_view name;
  TargetConsole::Registers registers;
};

constexpr std::array register_layouts = {
    RegisterLayout{"usart-1", TargetConsole::Registers::usart_1},
    RegisterLayout{"usart-2", TargetConsole::Registers::usart_2},
    RegisterLayout{"lpuart", TargetConsole::Registers::lpuart},
};

Error bad_table(std::string message, std::string_view where) {
  return {ErrorCode::bad_json, std::move(message), std::string(where)};
}

/// A string from the table as errors show it: short, ASCII, in quotes.
std::string in_quotes(std::string_view text) {
  constexpr std::size_t shown = 40;
  return Json(text.substr(0, shown)).dump(-1, ' ', true, Json::error_handler_t::replace);
}

/// One object of the table with typed access to its members.
class Record {
 public:
  static Result<Record> make(const Json& value, std::string where, std::initializer_list<std::string_view> known_keys) {
    if (!value.is_object()) {
      return bad_table(fmt::format("found {} where an object is needed", value.type_name()), where);
    }
    for (const auto& [key, member] : value.items()) {
      if (std::ranges::find(known_keys, key) == known_keys.end()) {
        return bad_table(
            fmt::format("the key {} is not known; known are {}", in_quotes(key), fmt::join(known_keys, ", ")), where);
      }
    }
    return Record(value, std::move(where));
  }

  [[nodiscard]] const std::string& where() const noexcept { return where_; }
  [[nodiscard]] bool has(const char* key) const { return object_->contains(key); }

  /// Adds the record's name to what errors tell of its place.
  void set_name(std::string_view name) { where_ += fmt::format(" \"{}\"", name); }

  /// Text of these characters beside letters and digits; a missing member is an error.
  [[nodiscard]] Result<std::string> text(const char* key, std::string_view characters) const {
    const auto found = object_->find(key);
    if (found == object_->end() || !found->is_string()) {
      return wrong(key, "a string");
    }
    auto text = found->get<std::string>();
    const std::string allowed = std::string(letters_and_digits).append(characters);
    if (text.size() > text_bytes_maximum || text.find_first_not_of(allowed) != std::string::npos) {
      return bad_table(fmt::format(R"("{}" is {}; needed are at most {} letters, digits and characters of "{}")", key,
                                   in_quotes(text), text_bytes_maximum, characters),
                       where_);
    }
    return text;
  }

  /// The same, not empty.
  [[nodiscard]] Result<std::string> name(const char* key, std::string_view characters) const {
    STM32TVM_TRY(read, text(key, characters));
    if (read.empty()) {
      return bad_table(fmt::format("\"{}\" is empty; give it a name", key), where_);
    }
    return std::string(read);
  }

  [[nodiscard]] Result<std::uint64_t> count(const char* key, std::uint64_t least, std::uint64_t most) const {
    const auto found = object_->find(key);
    if (found == object_->end() || !found->is_number_unsigned()) {
      return wrong(key, "a whole number");
    }
    const auto value = found->get<std::uint64_t>();
    if (value < least || value > most) {
      return bad_table(fmt::format("\"{}\" is {}; needed is a number from {} to {}", key, value, least, most), where_);
    }
    return value;
  }

  /// An address, which JSON has no number for: "0x20000000".
  [[nodiscard]] Result<std::uint64_t> address(const char* key, std::uint64_t alignment) const {
    STM32TVM_TRY(read, text(key, ""));
    std::uint64_t value = 0;
    const char* const end = read.data() + read.size();
    const auto [after, error] = std::from_chars(read.data() + std::min<std::size_t>(2, read.size()), end, value, 16);
    if (!read.starts_with("0x") || error != std::errc{} || after != end || value >= address_end ||
        value % alignment != 0) {
      return bad_table(fmt::format(R"("{}" is {}; needed is a multiple of {} of 32 bits like "0x20000000")", key,
                                   in_quotes(read), alignment),
                       where_);
    }
    return value;
  }

  /// false when there is no such member.
  [[nodiscard]] Result<bool> flag(const char* key) const {
    const auto found = object_->find(key);
    if (found == object_->end()) {
      return false;
    }
    if (!found->is_boolean()) {
      return wrong(key, "true or false");
    }
    return found->get<bool>();
  }

  /// nullptr when there is no such member.
  [[nodiscard]] Result<const Json*> list(const char* key) const {
    const auto found = object_->find(key);
    if (found == object_->end()) {
      return static_cast<const Json*>(nullptr);
    }
    if (!found->is_array()) {
      return wrong(key, "an array");
    }
    return &*found;
  }

 private:
  Record(const Json& object, std::string where) : object_(&object), where_(std::move(where)) {}

  [[nodiscard]] Error wrong(const char* key, std::string_view needed) const {
    const auto found = object_->find(key);
    if (found == object_->end()) {
      return bad_table(fmt::format("\"{}\" is missing; needed is {}", key, needed), where_);
    }
    return bad_table(fmt::format("\"{}\" is {}; needed is {}", key, found->type_name(), needed), where_);
  }

  const Json* object_;
  std::string where_;
};

constexpr std::string_view name_characters = "-_.";
constexpr std::string_view description_characters = " -_.,:()/+";
constexpr std::string_view source_characters = " -_.,:;()/+=<>";

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

/// A console with its pins alone is for people; with its registers the firmware can use it.
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

std::string core_flags(const Target& target) {
  if (target.fpu.empty()) {
    return fmt::format("-mcpu={} -mthumb -mfloat-abi=soft", target.core);
  }
  return fmt::format("-mcpu={} -mthumb -mfpu={} -mfloat-abi=hard", target.core, target.fpu);
}

}  // namespace v1
}  // namespace stm32tvm
