// SPDX-License-Identifier: Apache-2.0
// Tests of the escaping of literals and comments, and of the indenting writer.
#include "emit/c_writer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using stm32tvm::c_comment_text;
using stm32tvm::c_literal;
using stm32tvm::CWriter;

bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

/// What a C compiler makes of a literal that uses only escapes of quotes, backslashes, question marks and octal digits.
std::string compiled(std::string_view literal) {
  std::string text;
  for (std::size_t i = 1; i + 1 < literal.size(); ++i) {
    if (literal[i] != '\\') {
      text += literal[i];
    } else if (literal[i + 1] >= '0' && literal[i + 1] <= '7') {
      text += static_cast<char>((literal[i + 1] - '0') * 64 + (literal[i + 2] - '0') * 8 + (literal[i + 3] - '0'));
      i += 3;
    } else {
      text += literal[++i];
    }
  }
  return text;
}

}  // namespace

TEST_CASE("literal: plain text stands between quotes") {
  CHECK(c_literal("") == "\"\"");
  CHECK(c_literal("v1.0 %d") == "\"v1.0 %d\"");
}

TEST_CASE("literal: quotes, backslashes, trigraphs and bytes that are not printable are escaped") {
  CHECK(c_literal("a\"b\\c") == R"("a\"b\\c")");
  CHECK(c_literal("?\?/") == R"("\?\?/")");
  // Three digits end by themselves: the 7 that follows is text.
  CHECK(c_literal("\n7") == R"("\0127")");
  CHECK(c_literal(std::string_view("\0", 1)) == R"("\000")");
  CHECK(c_literal("\xff") == R"("\377")");
}

TEST_CASE("literal: every pair of bytes comes back from it") {
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      const std::string literal = c_literal(text);
      if (compiled(literal) != text || !is_printable_ascii(literal) || literal.find("?\?") != std::string::npos) {
        FAIL_CHECK("bytes ", first, " ", second, " became ", literal);
      }
    }
  }
}

TEST_CASE("comment: nothing in it ends it, starts one or continues the line") {
  for (const std::string_view text : {"*/ int x; /*", "/*/", "*//", "**/", "/**/", "//*", "*/*/*/", "a\\", "?\?/", "\n",
                                      "\r\n#error", "\xe2\x80\xa8", "\x7f", "*"}) {
    CAPTURE(text);
    const std::string safe = c_comment_text(text);
    CHECK(safe.size() == text.size());
    CHECK(safe.find("*/") == std::string::npos);
    CHECK(safe.find("/*") == std::string::npos);
    CHECK(safe.find('\\') == std::string::npos);
    CHECK(is_printable_ascii(safe));
  }
  CHECK(c_comment_text("conv2d, int8[1, 8]") == "conv2d, int8[1, 8]");
}

TEST_CASE("comment: a long text is cut, and says so") {
  CHECK(c_comment_text(std::string(80, 'a')) == std::string(80, 'a'));
  CHECK(c_comment_text(std::string(81, 'a')) == std::string(80, 'a') + "...");
  CHECK(c_comment_text("abcdef", 3) == "abc...");
  CHECK(c_comment_text("*/", 1) == "*...");
}

TEST_CASE("writer: lines are indented by two spaces for each open block") {
  CWriter out;
  out.line("a{}", 1).open("f() {{").line("x;").open("{{").line("y;").close("}").blank().close("}").lines("z\n");
  CHECK(out.text() == "a1\nf() {\n  x;\n  {\n    y;\n  }\n\n}\nz\n");
}

TEST_CASE("writer: a comment is one safe line") {
  CWriter out;
  out.comment("a */ b\nc");
  CHECK(out.text() == "/* a *_ b_c */\n");
}

TEST_CASE("writer: values fill lines of at most 120 columns and keep their order") {
  CWriter out;
  std::vector<unsigned> values(500);
  for (unsigned i = 0; i < values.size(); ++i) {
    values[i] = i;
  }
  out.open("{{").values(values).close("}");
  std::istringstream text(out.text());
  std::string line;
  std::string all;
  std::size_t lines = 0;
  while (std::getline(text, line)) {
    CHECK(line.size() <= 120);
    all += line + " ";
    ++lines;
  }
  std::istringstream words(all.substr(2));
  std::string word;
  for (const unsigned value : values) {
    words >> word;
    CHECK(word == std::to_string(value) + ",");
  }
  words >> word;
  CHECK(word == "}");
  CHECK(lines < 30);  // 2,390 characters and the indentation: not one value a line
}

TEST_CASE("writer: no values write nothing, and one that is too long for a line has its own") {
  CWriter out;
  out.values(std::vector<int>{}).values(std::vector<std::string>{"a", std::string(200, 'b'), "c"});
  CHECK(out.text() == "a,\n" + std::string(200, 'b') + ",\nc,\n");
}
