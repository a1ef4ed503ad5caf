// SPDX-License-Identifier: Apache-2.0
// Object files made by hand, after the System V ABI: a header, one table of symbols, and its names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct ElfSymbol {
  std::string name;
  bool defined = true;
  unsigned binding = 1;  ///< STB_GLOBAL
};

struct ElfForm {
  bool wide = false;  ///< 64 bits
  bool big_endian = false;
  unsigned machine = 40;  ///< EM_ARM
  unsigned type = 1;      ///< ET_REL
};

inline std::string elf_object(const ElfForm& form, const std::vector<ElfSymbol>& symbols) {
  const auto number = [&](std::uint64_t value, std::size_t count) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t shift = 8 * (form.big_endian ? count - 1 - i : i);
      bytes += static_cast<char>(value >> shift & 0xffU);
    }
    return bytes;
  };
  const std::size_t address = form.wide ? 8 : 4;
  const std::size_t header_bytes = form.wide ? 64 : 52;
  const std::size_t section_bytes = form.wide ? 64 : 40;
  const std::size_t symbol_bytes = form.wide ? 24 : 16;
  std::string names(1, '\0');
  std::string table(symbol_bytes, '\0');
  for (const ElfSymbol& symbol : symbols) {
    const std::string name = number(names.size(), 4);
    const std::string value = number(0, address) + number(4, address);
    const std::string rest = number(symbol.binding << 4U | 2U, 1) + number(0, 1) + number(symbol.defined ? 1 : 0, 2);
    table += form.wide ? name + rest + value : name + value + rest;
    names += symbol.name + '\0';
  }
  const auto section = [&](std::uint64_t type, std::uint64_t offset, std::uint64_t size, std::uint64_t link) {
    return number(0, 4) + number(type, 4) + number(0, address) + number(0, address) + number(offset, address) +
           number(size, address) + number(link, 4) + number(0, 4) + number(1, address) + number(0, address);
  };
  const std::size_t names_place = header_bytes + table.size();
  std::string file = "\x7f" + std::string("ELF") + (form.wide ? '\2' : '\1') + (form.big_endian ? '\2' : '\1') + '\1' +
                     std::string(9, '\0');
  file += number(form.type, 2) + number(form.machine, 2) + number(1, 4) + number(0, address) + number(0, address) +
          number(names_place + names.size(), address) + number(0, 4) + number(header_bytes, 2) + number(0, 2) +
          number(0, 2) + number(section_bytes, 2) + number(3, 2) + number(2, 2);
  file += table + names;
  file += section(0, 0, 0, 0) + section(2, header_bytes, table.size(), 2) + section(3, names_place, names.size(), 0);
  return file;
}
