// SPDX-License-Identifier: Apache-2.0
#include "network/source_outline.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "network/kernel_reader.hpp"

using namespace stm32tvm;

namespace {

using Strings = std::vector<std::string>;

Strings names(const SourceOutline& outline) {
  Strings found;
  for (const SourceFunction& function : outline.functions) {
    found.emplace_back(function.name);
  }
  return found;
}

/// The words of a body.
Strings words(const SourceOutline& outline, std::size_t function) {
  Strings found;
  for (const SourceWord word : outline.words_of(outline.functions.at(function))) {
    found.emplace_back(outline.tokens.view().at(word.token));
    CHECK(word.mark == NameFilter::mark_of(found.back()));
  }
  return found;
}

/// What stands at a token and at its match.
std::string pair(const TokenView& tokens, std::size_t token) {
  return std::string(tokens.at(token)) + std::string(tokens.at(tokens.match(token)));
}

}  // namespace

TEST_CASE("source outline: a function's definition is behind extern \"C\", and its words are those of its body") {
  const std::string text =
      "#ifdef __cplusplus\nextern \"C\"\n#endif\nint32_t f(int8_t* p) __attribute__((used)) {\n  return g[p];\n}\n";
  const SourceOutline outline = outline_source(text);
  CHECK_FALSE(outline.fault);
  REQUIRE(names(outline) == Strings{"f"});
  const std::string_view definition = outline.functions[0].definition;
  CHECK(definition.starts_with("int32_t f("));
  CHECK(definition.ends_with("}"));
  CHECK(words(outline, 0) == Strings{"return", "g", "p"});
  CHECK(outline.directives == std::vector<std::string_view>{"#ifdef __cplusplus", "#endif"});
}

TEST_CASE("source outline: brackets of a body have partners, and all else has itself") {
  const SourceOutline outline = outline_source("int a[2]; void f(int b) { c[(1)] = {d}; e(}");
  REQUIRE(names(outline) == Strings{"f"});
  const TokenView body = outline.tokens.view(outline.functions[0].body);
  Strings pairs;
  for (std::size_t i = 0; i < body.size(); ++i) {
    pairs.push_back(pair(body, i));
  }
  CHECK(pairs == Strings{"cc", "[]", "()", "11", ")(", "][", "==", "{}", "dd", "}{", ";;", "ee", "(("});
  CHECK(outline.tokens.view().at(outline.functions[0].unpaired) == "(");
  CHECK(pair(outline.tokens.view(), 2) == "[[");
  CHECK(pair(outline.tokens.view(), outline.functions[0].parameters) == "()");
}

TEST_CASE("source outline: a token of one character keeps its kind") {
  const SourceOutline outline = outline_source("void f(void) { a 1 + \x01 \x7f '}' }");
  REQUIRE(outline.functions.size() == 1);
  const TokenView body = outline.tokens.view(outline.functions[0].body);
  REQUIRE(body.size() == 6);
  CHECK(body.is_identifier(0));
  CHECK_FALSE(body.is(0, 'a'));
  CHECK(body.is(1, TokenKind::number));
  CHECK(body.is(2, '+'));
  CHECK(body.is(3, TokenKind::punctuation));
  CHECK(body.at(3) == "\x01");
  CHECK(body.is(4, '\x7f'));
  CHECK(body.is(5, TokenKind::text));
  CHECK(body.at(6).empty());
}

TEST_CASE("source outline: blocks that are no functions of TVM's are cut into words too, initializers are not") {
  const std::string text =
      "static const int16_t a[2] = {b, 1};\n"
      "enum e { c };\n"
      "static int32_t TVMBackendSum(void) { return a[0]; }\n"
      "int (*pointer(int i))(int) { return a[1]; }\n"
      "int (plain)(int i) { return a[i]; }\n"
      "int32_t f(int8_t* p) { return a[1]; }\n";
  const SourceOutline outline = outline_source(text);
  CHECK_FALSE(outline.fault);
  REQUIRE(names(outline) == Strings{"", "", "", "f"});
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(words(outline, i)[1] == "a");
  }
  for (const SourceWord word : outline.words) {
    CHECK(outline.tokens.view().at(word.token) != "b");
    CHECK(outline.tokens.view().at(word.token) != "c");
  }
  const auto facts = read_kernels({text, "lib1.c"}, outline);
  REQUIRE(facts);
  CHECK(facts->kernels.size() == 1);
}

TEST_CASE("source outline: the first fault stays") {
  const SourceOutline outline = outline_source("int32_t f(int8_t* p) { }\n}\n/* open");
  REQUIRE(outline.fault);
  CHECK(outline.fault->place == "}");
  CHECK(names(outline) == Strings{"f"});
}

TEST_CASE("source outline: many macros and many kernels take no time together") {
  std::string text;
  for (std::size_t i = 0; i < 50'000; ++i) {
    text += "#define a" + std::to_string(i) + "\nint32_t f" + std::to_string(i) + "(int8_t* p) { }\n";
  }
  const auto facts = read_kernels({text, "lib1.c"}, outline_source(text));
  REQUIRE(facts);
  CHECK(facts->kernels.size() == 50'000);
}

TEST_CASE("source outline: a million functions are enough") {
  std::string text;
  for (std::size_t i = 0; i <= 1'000'000; ++i) {
    text += "f(){}";
  }
  const SourceOutline outline = outline_source(text);
  REQUIRE(outline.fault);
  CHECK(outline.fault->code == ErrorCode::limit_exceeded);
  CHECK(outline.fault->message.find("1000000 functions") != std::string::npos);
}
