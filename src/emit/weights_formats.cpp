// SPDX-License-Identifier: Apache-2.0
// Intel HEX and ELF, written directly: no tool is asked.
#include "emit/weights_formats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace stm32tvm {
namespace {

/// ":" bytes, 16-bit address, type, data, and what makes the sum of all bytes 0.
void add_record(std::string& text, std::uint32_t address, unsigned type, std::string_view data) {
  const std::array<unsigned, 4> head = {static_cast<unsigned>(data.size()), address >> 8U & 0xFFU, address & 0xFFU,
                                        type};
  unsigned sum = 0;
  text += ':';
  const auto add = [&](unsigned byte) {
    sum += byte;
    fmt::format_to(std::back_inserter(text), "{:02X}", byte);
  };
  std::ranges::for_each(head, add);
  for (const char byte : data) {
    add(static_cast<unsigned char>(byte));
  }
  fmt::format_to(std::back_inserter(text), "{:02X}\n", (0U - sum) & 0xFFU);
}

/// The least of `number` first, as many bytes as the type has.
template <class Number>
void put(std::string& to, Number number) {
  for (std::size_t i = 0; i < sizeof number; ++i) {
    to += static_cast<char>(number >> (8U * i) & 0xFFU);
  }
}

struct Section {
  std::string_view name;
  std::uint32_t type;
  std::uint32_t flags;
  std::string_view contents;
  std::uint32_t link;
  std::uint32_t info;
  std::uint32_t alignment;
  std::uint32_t entry_bytes;
};

std::string symbols_of(std::uint32_t bytes) {
  constexpr std::size_t symbol_bytes = 16;
  constexpr std::uint8_t global_object = 1U << 4U | 1U;
  std::string symbols(symbol_bytes, '\0');
  put(symbols, std::uint32_t{1});  // its name, behind the empty one
  put(symbols, std::uint32_t{0});
  put(symbols, bytes);
  put(symbols, global_object);
  put(symbols, std::uint8_t{0});
  put(symbols, std::uint16_t{1});  // of the first section
  return symbols;
}

}  // namespace

std::string intel_hex(std::string_view bytes, std::uint32_t address) {
  constexpr std::uint32_t record_bytes = 16;
  constexpr std::uint32_t page_bytes = 1U << 16U;
  std::string text;
  for (std::uint32_t at = 0; at < bytes.size();) {
    const std::uint32_t place = address + at;
    if (at == 0 || place % page_bytes == 0) {
      const std::array<char, 2> upper = {static_cast<char>(place >> 24U & 0xFFU),
                                         static_cast<char>(place >> 16U & 0xFFU)};
      add_record(text, 0, 4, std::string_view(upper.data(), upper.size()));
    }
    const std::string_view data = bytes.substr(at, std::min(record_bytes, page_bytes - place % page_bytes));
    add_record(text, place % page_bytes, 0, data);
    at += static_cast<std::uint32_t>(data.size());
  }
  add_record(text, 0, 1, {});
  return text;
}

std::string elf_object(std::string_view bytes, std::string_view section, std::string_view symbol) {
  constexpr std::uint32_t header_bytes = 52;
  constexpr std::uint32_t section_header_bytes = 40;
  constexpr std::uint16_t relocatable = 1;
  constexpr std::uint16_t arm = 40;
  constexpr std::uint32_t eabi_version_5 = 0x05000000;
  const std::string symbols = symbols_of(static_cast<std::uint32_t>(bytes.size()));
  std::string names(1, '\0');
  names.append(symbol) += '\0';
  // Types: 1 bits of the program, 2 symbols, 3 strings. Flag 2: takes memory. The symbols' strings are section 3, and
  // their first global one is number 1.
  std::array<Section, 5> sections = {{{"", 0, 0, {}, 0, 0, 0, 0},
                                      {section, 1, 2, bytes, 0, 0, 16, 0},
                                      {".symtab", 2, 0, symbols, 3, 1, 4, 16},
                                      {".strtab", 3, 0, names, 0, 0, 1, 0},
                                      {".shstrtab", 3, 0, {}, 0, 0, 1, 0}}};
  std::string section_names;
  std::array<std::uint32_t, sections.size()> name_places{};
  for (std::size_t i = 0; i < sections.size(); ++i) {
    name_places[i] = static_cast<std::uint32_t>(section_names.size());
    section_names.append(sections[i].name) += '\0';
  }
  sections.back().contents = section_names;

  std::string body;
  std::array<std::uint32_t, sections.size()> offsets{};
  const auto align = [&](std::uint32_t alignment) {
    while ((header_bytes + body.size()) % std::max(alignment, 1U) != 0) {
      body += '\0';
    }
  };
  for (std::size_t i = 0; i < sections.size(); ++i) {
    align(sections[i].alignment);
    offsets[i] = static_cast<std::uint32_t>(header_bytes + body.size());
    body += sections[i].contents;
  }
  align(4);

  std::string file =
      "\x7f"
      "ELF\x01\x01\x01";  // 32 bits, little-endian, version 1
  file.resize(16, '\0');
  put(file, relocatable);
  put(file, arm);
  put(file, std::uint32_t{1});
  put(file, std::uint32_t{0});  // no entry, no program headers
  put(file, std::uint32_t{0});
  put(file, static_cast<std::uint32_t>(header_bytes + body.size()));
  put(file, eabi_version_5);
  put(file, static_cast<std::uint16_t>(header_bytes));
  put(file, std::uint32_t{0});
  put(file, static_cast<std::uint16_t>(section_header_bytes));
  put(file, static_cast<std::uint16_t>(sections.size()));
  put(file, static_cast<std::uint16_t>(sections.size() - 1));
  file += body;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const Section& each = sections[i];
    const std::array<std::uint32_t, 10> fields = {name_places[i], each.type,
                                                  each.flags,     0,
                                                  offsets[i],     static_cast<std::uint32_t>(each.contents.size()),
                                                  each.link,      each.info,
                                                  each.alignment, each.entry_bytes};
    for (const std::uint32_t field : fields) {
      put(file, field);
    }
  }
  return file;
}

}  // namespace stm32tvm
