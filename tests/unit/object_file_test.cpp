// SPDX-License-Identifier: Apache-2.0
// The reader of object files: made by hand in each form, damaged, and, where there is a compiler, a real one.
#include "network/object_file.hpp"

#include <doctest/doctest.h>

#include <string>

#include "elf_object.hpp"

namespace {

using stm32tvm::ErrorCode;
using stm32tvm::read_object_file;

const std::vector<ElfSymbol> symbols = {{"f"}, {"local", true, 0}, {"memcpy", false}, {"weak", true, 2}};

}  // namespace

TEST_CASE("object file: every form of ELF tells its machine, what it defines and what it needs") {
  for (const bool wide : {false, true}) {
    for (const bool big_endian : {false, true}) {
      const auto facts = read_object_file(elf_object({wide, big_endian, 40}, symbols), "lib0.o");
      REQUIRE(facts);
      CHECK(facts->machine == "arm");
      CHECK(facts->definitions == std::set<std::string, std::less<>>{"f", "weak"});
      CHECK(facts->needs == std::set<std::string, std::less<>>{"memcpy"});
    }
  }
  CHECK(read_object_file(elf_object({true, false, 62}, {}), "lib0.o").value().machine == "x86_64");
  CHECK(read_object_file(elf_object({true, false, 1234}, {}), "lib0.o").value().machine == "machine 1234");
}

TEST_CASE("object file: what is none, or cannot be linked, is refused") {
  const auto refused = [](const std::string& bytes) {
    const auto facts = read_object_file(bytes, "codegen/host/lib/lib0.o");
    REQUIRE_FALSE(facts);
    CHECK(facts.error().code == ErrorCode::bad_source);
    CHECK(facts.error().where == "codegen/host/lib/lib0.o");
  };
  refused("");
  refused(
      "\x7f"
      "ELF");
  refused("int x;\n");
  refused(std::string("\xcf\xfa\xed\xfe", 4) + std::string(60, '\0'));
  refused(elf_object({false, false, 40, 2}, symbols));
}

TEST_CASE("object file: no cut and no flipped byte does harm") {
  const std::string whole = elf_object({}, symbols);
  for (std::size_t end = 0; end < whole.size(); ++end) {
    CHECK_FALSE(read_object_file(whole.substr(0, end), "lib0.o"));
  }
  for (std::size_t place = 0; place < whole.size(); ++place) {
    std::string changed = whole;
    changed[place] = static_cast<char>(~changed[place]);
    if (const auto facts = read_object_file(changed, "lib0.o"); !facts) {
      CHECK(facts.error().code == ErrorCode::bad_source);
    }
  }
}
