// SPDX-License-Identifier: Apache-2.0
// Tests of identifiers made from any text.
#include "support/c_identifier.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace {

using stm32tvm::CIdentifier;

std::string made(std::string_view text) {
  return CIdentifier::from(text).text();
}

bool is_identifier(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (text.empty() || !letter(text.front())) {
    return false;
  }
  for (const char c : text) {
    if (!letter(c) && (c < '0' || c > '9') && c != '_') {
      return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("identifier: a good name stays as it is") {
  CHECK(made("network") == "network");
  CHECK(made("Kws_Int8_2") == "Kws_Int8_2");
  CHECK(made("interface") == "interface");  // starts with a reserved word, is none
}

TEST_CASE("identifier: each run of other characters becomes one underscore") {
  CHECK(made("serving_default:0") == "serving_default_0");
  CHECK(made("a - b") == "a_b");
  CHECK(made("a\xc3\xa4o") == "a_o");
  CHECK(made("a*/b") == "a_b");
  CHECK(made(std::string_view("a\0b", 3)) == "a_b");
}

TEST_CASE("identifier: a prefix saves a digit in front, an empty text and a reserved word") {
  CHECK(made("3d") == "n_3d");
  CHECK(made("") == "n_");
  for (const std::string_view word :
       {"int",     "float",  "static",    "restrict",   "inline",   "bool",    "true",         "class",
        "new",     "this",   "namespace", "template",   "typename", "wchar_t", "nullptr",      "alignas",
        "and",     "xor_eq", "main",      "errno",      "typeof",   "asm",     "thread_local", "default",
        "char8_t", "while",  "virtual",   "const_cast", "auto",     "goto"}) {
    CAPTURE(word);
    CHECK(made(word) == "n_" + std::string(word));
  }
  CHECK(CIdentifier::from("3d", "tensor_").text() == "tensor_3d");
}

TEST_CASE("identifier: no name starts with an underscore, which is the implementation's in C") {
  CHECK(is_identifier(made("_x")));
  CHECK(is_identifier(made("__x")));
  CHECK(is_identifier(made("_")));
  CHECK(is_identifier(made("*/")));
}

TEST_CASE("identifier: every byte and every pair of bytes gives an identifier") {
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      if (!is_identifier(made(text))) {
        FAIL_CHECK("bytes ", first, " ", second, " became ", made(text));
      }
    }
  }
  const std::string longest(100'000, '?');
  CHECK(is_identifier(made(longest)));
  CHECK(made(std::string(100'000, 'a')).size() == 100'000);
}

TEST_CASE("identifier: capitals and small letters") {
  CHECK(CIdentifier::from("Kws_8z").upper() == "KWS_8Z");
  CHECK(CIdentifier::from("KWS_8Z").lower().text() == "kws_8z");
  CHECK(CIdentifier::from("a") == CIdentifier::from("a"));
  CHECK_FALSE(CIdentifier::from("a") == CIdentifier::from("A"));
  CHECK(fmt::format("{}_{}", CIdentifier::from("a b"), 1) == "a_b_1");
}
