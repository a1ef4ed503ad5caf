// SPDX-License-Identifier: Apache-2.0
// The parts of ELF that name a machine and symbols: System V ABI, chapters 4 "Object Files".
#include "network/object_file.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "support/try.hpp"

namespace stm32tvm {
namespace {

constexpr std::uint64_t relocatable = 1;   // ET_REL
constexpr std::uint64_t symbol_table = 2;  // SHT_SYMTAB
constexpr std::uint64_t string_table = 3;  // SHT_STRTAB
constexpr std::uint64_t maximum_symbols = 100'000;
constexpr std::size_t longest_name = 1'000;

constexpr std::array<std::pair<std::uint64_t, const char*>, 6> machines = {
    {{3, "x86"}, {8, "mips"}, {40, "arm"}, {62, "x86_64"}, {183, "aarch64"}, {243, "riscv"}}};

/// Where a field lies in the 32-bit form, and in the 64-bit form.
struct Field {
  std::array<std::uint8_t, 2> offset;
  std::array<std::uint8_t, 2> bytes;
};

// Of the file's header.
constexpr Field file_type{{16, 16}, {2, 2}};
constexpr Field file_machine{{18, 18}, {2, 2}};
constexpr Field section_headers{{32, 40}, {4, 8}};
constexpr Field section_header_bytes{{46, 58}, {2, 2}};
constexpr Field section_count{{48, 60}, {2, 2}};
// Of a section's header.
constexpr Field section_type{{4, 4}, {4, 4}};
constexpr Field section_offset{{16, 24}, {4, 8}};
constexpr Field section_bytes{{20, 32}, {4, 8}};
constexpr Field section_link{{24, 40}, {4, 4}};
// Of a symbol.
constexpr Field symbol_name{{0, 0}, {4, 4}};
constexpr Field symbol_info{{12, 4}, {1, 1}};
constexpr Field symbol_section{{14, 6}, {2, 2}};

class ElfReader {
 public:
  ElfReader(std::string_view bytes, std::string_view where) : bytes_(bytes), where_(where) {}

  Result<ObjectFacts> run() {
    constexpr std::string_view magic =
        "\x7f"
        "ELF";
    if (!bytes_.starts_with(magic) || bytes_.size() < 16 || !is_one_or_two(bytes_[4]) || !is_one_or_two(bytes_[5])) {
      return bad(
          "the member is no ELF object file; export the model for the target \"c\", or for \"llvm\" with an "
          "-mtriple of a bare-metal Arm");
    }
    form_ = bytes_[4] == 2 ? 1 : 0;
    big_endian_ = bytes_[5] == 2;
    const auto type = read(bytes_, file_type);
    const auto machine = read(bytes_, file_machine);
    if (!type || !machine || *type != relocatable) {
      return bad(
          "the member is an ELF file that cannot be linked into another; it must be an object file, so export "
          "the model again");
    }
    facts_.machine = name_of_machine(*machine);
    STM32TVM_CHECK(read_sections());
    return std::move(facts_);
  }

 private:
  static bool is_one_or_two(char c) { return c == 1 || c == 2; }

  static std::string name_of_machine(std::uint64_t number) {
    for (const auto& [known, name] : machines) {
      if (known == number) {
        return name;
      }
    }
    return fmt::format("machine {}", number);
  }

  [[nodiscard]] Error bad(std::string message) const {
    return {ErrorCode::bad_source, std::move(message), std::string(where_)};
  }
  [[nodiscard]] Error damaged() const {
    return bad("the object file is damaged: its tables reach beyond its end; export the model again");
  }

  /// A field of what starts at `record`; nothing when it does not fit.
  [[nodiscard]] std::optional<std::uint64_t> read(std::string_view record, const Field& field) const {
    const std::size_t offset = field.offset[form_];
    const std::size_t count = field.bytes[form_];
    if (record.size() < offset + count) {
      return std::nullopt;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t place = big_endian_ ? i : count - 1 - i;
      value = value << 8U | static_cast<unsigned char>(record[offset + place]);
    }
    return value;
  }

  /// A part of the file; nothing when it does not lie in it.
  [[nodiscard]] std::optional<std::string_view> part(std::optional<std::uint64_t> offset,
                                                     std::optional<std::uint64_t> count) const {
    if (!offset || !count || *offset > bytes_.size() || *count > bytes_.size() - *offset) {
      return std::nullopt;
    }
    return bytes_.substr(static_cast<std::size_t>(*offset), static_cast<std::size_t>(*count));
  }

  /// The header of a section; nothing when there is no such section.
  [[nodiscard]] std::optional<std::string_view> section(std::uint64_t index) const {
    const auto headers = read(bytes_, section_headers);
    const auto size = read(bytes_, section_header_bytes);
    const auto count = read(bytes_, section_count);
    if (!headers || !size || !count || index >= *count || *headers > bytes_.size()) {
      return std::nullopt;
    }
    return part(*headers + index * *size, size);  // at most 65535 * 65535 beyond a place in the file
  }

  [[nodiscard]] std::optional<std::string_view> contents(std::string_view header) const {
    return part(read(header, section_offset), read(header, section_bytes));
  }

  Result<void> read_sections() {
    const auto count = read(bytes_, section_count);
    if (!count || (*count > 0 && !section(*count - 1))) {
      return damaged();
    }
    for (std::uint64_t i = 0; i < *count; ++i) {
      const auto header = section(i);
      const auto type = header ? read(*header, section_type) : std::nullopt;
      if (!type) {
        return damaged();
      }
      if (*type == symbol_table) {
        return read_symbols(*header);  // a file has one at most
      }
    }
    return {};
  }

  Result<void> read_symbols(std::string_view header) {
    const auto link = read(header, section_link);
    const auto names_header = link ? section(*link) : std::nullopt;
    const auto symbols = contents(header);
    const auto names =
        names_header && read(*names_header, section_type) == string_table ? contents(*names_header) : std::nullopt;
    if (!symbols || !names) {
      return damaged();
    }
    const std::size_t size = form_ == 1 ? 24 : 16;
    if (symbols->size() / size > maximum_symbols) {
      return Error{ErrorCode::limit_exceeded,
                   fmt::format("the object file has {} symbols, and at most {} are read; split the module",
                               symbols->size() / size, maximum_symbols),
                   std::string(where_)};
    }
    for (std::size_t place = 0; place + size <= symbols->size(); place += size) {
      STM32TVM_CHECK(read_symbol(symbols->substr(place, size), *names));
    }
    return {};
  }

  Result<void> read_symbol(std::string_view symbol, std::string_view names) {
    constexpr std::uint64_t global = 1;  // STB_GLOBAL
    constexpr std::uint64_t weak = 2;    // STB_WEAK
    const std::uint64_t binding = *read(symbol, symbol_info) >> 4U;
    if (binding != global && binding != weak) {
      return {};
    }
    const std::uint64_t offset = *read(symbol, symbol_name);
    const std::string_view rest = offset < names.size() ? names.substr(static_cast<std::size_t>(offset)) : "";
    const std::size_t length = rest.find('\0');
    if (length > longest_name) {  // or none at all
      return damaged();
    }
    (*read(symbol, symbol_section) == 0 ? facts_.needs : facts_.definitions).emplace(rest.substr(0, length));
    return {};
  }

  std::string_view bytes_;
  std::string_view where_;
  std::size_t form_ = 0;  ///< 0 for 32 bits, 1 for 64
  bool big_endian_ = false;
  ObjectFacts facts_;
};

}  // namespace

Result<ObjectFacts> read_object_file(std::string_view bytes, std::string_view where) {
  return ElfReader(bytes, where).run();
}

}  // namespace stm32tvm
