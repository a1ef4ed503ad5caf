// SPDX-License-Identifier: Apache-2.0
// Pools against what this compiler makes of the same struct, and hostile text.
#include "network/constant_pool.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace {

using stm32tvm::ErrorCode;
using stm32tvm::PoolDefinitions;
using stm32tvm::read_byte_list;
using stm32tvm::read_pools;

// What the text says, but for `packed` on bytes, which changes nothing.
struct pool {
  std::int16_t a[3] __attribute__((aligned(16)));
  std::int8_t b[5] __attribute__((aligned(16)));
  float c[4];
  std::int64_t d[2] __attribute__((packed));
  double e[2];
  std::uint8_t f[1] __attribute__((aligned(16)));
};
const pool compiled = {
    {-0x0004, +0x0057, 0x7fff},      {-0x80, +0x7f, 0x0, -0x01, 5}, {0x1.397c34p-1F, -INFINITY, 0x0p+0, -1.5F},
    {-0x7fffffffffffffffLL, 0x10LL}, {0x1.5b263ep-10, 2.5e3},       {0xff}};

const std::string text = R"(#include "x.h"
extern "C" {
__attribute__((section(".rodata.tvm"), ))
static struct pool {
  int16_t a[3] __attribute__((aligned(16))); // 6 bytes, aligned offset: 0
  int8_t b[5] __attribute__((packed, aligned(16))); // 5 bytes, aligned offset: 16
  float c[4];
  int64_t d[2] __attribute__((packed));
  double e[2];
  uint8_t f[1] __attribute__((packed, aligned(16)));
} pool = {
  .a = {
    -0x0004, +0x0057,
    +0x7fff
  },
  .b = { -0x80, +0x7f, 0x0, -0x01, 5 },
  .c = { 0x1.397c34p-1, -INFINITY , 0x0p+0   , -1.5f },
  .e = { 0x1.5b263ep-10, 2.5e3 },
  .d = { -0x7fffffffffffffffLL, +0x10LL },
  .f = { 0xff },
};// of total size
__attribute__((section(".bss.noinit.tvm"), aligned(8)))
static uint8_t global_workspace[960];
int f(void) { return 0; }
}
)";

std::string with(std::string_view from, std::string_view to) {
  std::string changed = text;
  changed.replace(changed.find(from), from.size(), to);
  return changed;
}

void refuse(const std::string& source, std::string_view part) {
  PoolDefinitions pools;
  const auto read = read_pools(source, "lib0.c", pools);
  REQUIRE_FALSE(read);
  CAPTURE(read.error().message);
  CHECK(read.error().code == ErrorCode::bad_source);
  CHECK(read.error().message.find(part) != std::string::npos);
  CHECK(read.error().where.find("lib0.c") != std::string::npos);
}

}  // namespace

TEST_CASE("constant pool: bytes are those of the compiled struct") {
  PoolDefinitions pools;
  REQUIRE(read_pools(text, "lib0.c", pools));
  REQUIRE(pools.constants.contains("pool"));
  const std::string_view bytes = pools.constants.at("pool").view();
  // The struct's own size is rounded up to its alignment; the pool ends with its last member.
  REQUIRE(bytes.size() == offsetof(pool, f) + 1);
  const auto same = [&](std::size_t offset, const void* values, std::size_t count) {
    return std::memcmp(bytes.data() + offset, values, count) == 0;
  };
  CHECK(same(offsetof(pool, a), compiled.a, sizeof compiled.a));
  CHECK(same(offsetof(pool, b), compiled.b, sizeof compiled.b));
  CHECK(same(offsetof(pool, c), compiled.c, sizeof compiled.c));
  CHECK(same(offsetof(pool, d), compiled.d, sizeof compiled.d));
  CHECK(same(offsetof(pool, e), compiled.e, sizeof compiled.e));
  CHECK(same(offsetof(pool, f), compiled.f, sizeof compiled.f));
  CHECK(bytes.substr(6, 10) == std::string(10, '\0'));
  CHECK(pools.workspaces == decltype(pools.workspaces){{"global_workspace", 960}});
}

TEST_CASE("constant pool: infinity and not-a-number") {
  PoolDefinitions pools;
  REQUIRE(read_pools("static struct s { float x[3]; } s = { .x = {  INFINITY, -INFINITY,       NAN } };", "w", pools));
  float values[3];
  std::memcpy(values, pools.constants.at("s").data(), sizeof values);
  CHECK((std::isinf(values[0]) && values[0] > 0));
  CHECK((std::isinf(values[1]) && values[1] < 0));
  CHECK(std::isnan(values[2]));
}

TEST_CASE("constant pool: what does not fit is refused, with its place") {
  refuse(with("+0x7fff", "+0x8000"), "value 2 of constant a is no int16_t");
  refuse(with("-0x80,", "-0x81,"), "value 0 of constant b");
  refuse(with("+0x0057,", ""), "value 1 of constant a");
  refuse(with("+0x7fff\n", "+0x7fff, 1\n"), "more than its 3 values");
  refuse(with("-INFINITY", "-INFINITE"), "value 1 of constant c");
  refuse(with("-1.5f", "1e99"), "value 3 of constant c");
  refuse(with("offset: 16", "offset: 32"), "lies at byte 16 of its pool and the kernels read it at byte 32");
  refuse(with(".f =", ".g ="), "no member");
  refuse(with(".f =", ".a ="), "twice");
  refuse(with("  .f = { 0xff },\n", ""), "no values to f");
  refuse(with("float c[4];", "float* c[4];"), "no arrays of numbers");
  refuse(with("float c[4];", "float c[4000000000];"), "too large");
  refuse(with("float c[4];", "float c[4]; float c[4];"), "there twice");
  refuse(with("aligned(16)", "aligned(3)"), "alignment");
  refuse(with("aligned(16)", "aligned(1073741824)"), "alignment");
}

TEST_CASE("constant pool: a source cut anywhere is refused or read, not more") {
  for (std::size_t end = 0; end < text.size(); ++end) {
    PoolDefinitions pools;
    const auto read = read_pools(std::string_view(text).substr(0, end), "lib0.c", pools);
    CHECK((read || read.error().code == ErrorCode::bad_source));
  }
}

TEST_CASE("constant pool: lists of bytes") {
  const std::string_view list = " \\\n    0x00, 0xff, 0x10, \\\n    0x7f\\\n";
  CHECK(read_byte_list(list, list, "h").value().view() == std::string("\0\xff\x10\x7f", 4));
  CHECK(read_byte_list("", "", "h").value().empty());
  CHECK_FALSE(read_byte_list("0x100", "0x100", "h"));
  CHECK_FALSE(read_byte_list("0x10, x", "0x10, x", "h"));
}
