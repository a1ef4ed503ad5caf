// SPDX-License-Identifier: Apache-2.0
// Quantizing and dequantizing on the device: a table, and a computation of its own with long double.
#include "stvm_quantize.h"

#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

/// What the contract says, in other words: float32's quotient, C's round(), and the nearest value in range.
long double expected(float real, float scale, std::int32_t zero_point, long double low, long double high) {
  const auto quotient = static_cast<float>(static_cast<long double>(real) / static_cast<long double>(scale));
  if (std::isnan(quotient)) {
    return zero_point;
  }
  const long double q = std::round(static_cast<long double>(quotient)) + zero_point;
  return q < low ? low : q > high ? high : q;
}

struct Row {
  float real;
  float scale;
  std::int32_t zero_point;
  int int8;
  int uint8;
  int int16;
};

const std::vector<Row> table = {
    {0.0F, 1.0F, 0, 0, 0, 0},
    {-0.0F, 1.0F, 5, 5, 5, 5},
    {0.5F, 1.0F, 0, 1, 1, 1},  // halves go away from zero
    {-0.5F, 1.0F, 3, 2, 2, 2},
    {1.5F, 1.0F, 0, 2, 2, 2},
    {2.5F, 1.0F, 0, 3, 3, 3},
    {-2.5F, 1.0F, 10, 7, 7, 7},
    {0.49999997F, 1.0F, 0, 0, 0, 0},  // adding a half would give 1
    {-0.49999997F, 1.0F, 1, 1, 1, 1},
    {0.25F, 0.5F, 0, 1, 1, 1},
    {1.25F, 0.5F, 1, 4, 4, 4},
    {126.4F, 1.0F, 0, 126, 126, 126},
    {127.4F, 1.0F, 0, 127, 127, 127},
    {127.5F, 1.0F, 0, 127, 128, 128},
    {-128.5F, 1.0F, 0, -128, 0, -129},
    {254.5F, 1.0F, 0, 127, 255, 255},
    {255.5F, 1.0F, 0, 127, 255, 256},
    {32766.5F, 1.0F, 0, 127, 255, 32767},
    {32767.5F, 1.0F, 0, 127, 255, 32767},
    {-32768.5F, 1.0F, 0, -128, 0, -32768},
    {1e30F, 1e-30F, 0, 127, 255, 32767},
    {-1e30F, 1e-30F, 0, -128, 0, -32768},
    {8388607.5F, 1.0F, 0, 127, 255, 32767},
    {-8388608.0F, 1.0F, 100, -128, 0, -32768},
    {infinity, 1.0F, 7, 127, 255, 32767},
    {-infinity, 1.0F, 7, -128, 0, -32768},
    {nan, 1.0F, 7, 7, 7, 7},
    {-nan, 0.5F, 100, 100, 100, 100},
    {1.0F, 0.00392156886F, -128, 127, 127, 127},
    {0.0F, 0.00392156886F, -128, -128, 0, -128},
};

/// Numbers that are the same in every run.
class Random {
 public:
  std::uint32_t next() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::uint32_t>(state_ >> 32U);
  }
  /// Any float32, with every bit pattern.
  float any_float() { return std::bit_cast<float>(next()); }
  /// Of a magnitude that quantization has.
  float usual_float() { return static_cast<float>(static_cast<std::int32_t>(next())) / 16777216.0F; }

 private:
  std::uint64_t state_ = 1;
};

void check_all(float real, float scale, std::int32_t seed) {
  const auto in = [&](std::int32_t low, std::int32_t high) { return low + (seed & 0x7fffffff) % (high - low + 1); };
  const bool right =
      stvm_quantize_int8(real, scale, in(-128, 127)) == expected(real, scale, in(-128, 127), -128, 127) &&
      stvm_quantize_uint8(real, scale, in(0, 255)) == expected(real, scale, in(0, 255), 0, 255) &&
      stvm_quantize_int16(real, scale, in(-32768, 32767)) == expected(real, scale, in(-32768, 32767), -32768, 32767);
  if (!right) {
    FAIL_CHECK("real ", real, " scale ", scale, " seed ", seed);
  }
}

}  // namespace

TEST_CASE("quantize: the table") {
  for (const Row& row : table) {
    CAPTURE(row.real);
    CAPTURE(row.scale);
    CAPTURE(row.zero_point);
    CHECK(stvm_quantize_int8(row.real, row.scale, row.zero_point) == row.int8);
    if (row.zero_point >= 0) {
      CHECK(stvm_quantize_uint8(row.real, row.scale, row.zero_point) == row.uint8);
    }
    CHECK(stvm_quantize_int16(row.real, row.scale, row.zero_point) == row.int16);
  }
}

TEST_CASE("quantize: the same as long double computes") {
  Random random;
  for (int i = 0; i < 300'000; ++i) {
    const float scale = std::fabs(random.usual_float()) + 1e-6F;
    check_all(random.any_float(), scale, static_cast<std::int32_t>(random.next()));
    check_all(random.usual_float(), scale, static_cast<std::int32_t>(random.next()));
    // Halves, and their neighbours.
    const float half = static_cast<float>(static_cast<std::int32_t>(random.next() % 140'000U) - 70'000) + 0.5F;
    const auto seed = static_cast<std::int32_t>(random.next());
    check_all(half, 1.0F, seed);
    check_all(std::nextafterf(half, infinity), 1.0F, seed);
    check_all(std::nextafterf(half, -infinity), 1.0F, seed);
    check_all(half * 0.25F, 0.25F, seed);
  }
}

TEST_CASE("dequantize: the product, and quantizing it gives the value back") {
  for (const float scale : {1.0F, 0.5F, 0.00392156886F, 0.584702909F, 1e-6F, 1e6F}) {
    for (std::int32_t zero_point = -128; zero_point <= 127; ++zero_point) {
      for (std::int32_t q = -128; q <= 127; ++q) {
        const float real = stvm_dequantize_int8(static_cast<std::int8_t>(q), scale, zero_point);
        const auto wanted = static_cast<float>(static_cast<long double>(scale) * (q - zero_point));
        if (real != wanted || stvm_quantize_int8(real, scale, zero_point) != q) {
          FAIL_CHECK("scale ", scale, " zero point ", zero_point, " q ", q);
        }
      }
    }
  }
  CHECK(stvm_dequantize_uint8(255, 0.5F, 0) == 127.5F);
  CHECK(stvm_dequantize_uint8(0, 0.5F, 255) == -127.5F);
  CHECK(stvm_dequantize_int16(-32768, 1.0F, 32767) == -65535.0F);
}

TEST_CASE("buffers: each value like one alone, and none beside them") {
  const std::array<float, 5> real = {-1.0F, 0.25F, 1.5F, 1000.0F, 77.0F};
  std::array<std::int8_t, 5> q8 = {9, 9, 9, 9, 9};
  stvm_quantize_int8_buffer(real.data(), q8.data(), 4, 0.5F, 1);
  CHECK(q8 == std::array<std::int8_t, 5>{-1, 2, 4, 127, 9});
  std::array<std::uint8_t, 5> u8 = {9, 9, 9, 9, 9};
  stvm_quantize_uint8_buffer(real.data(), u8.data(), 4, 0.5F, 1);
  CHECK(u8 == std::array<std::uint8_t, 5>{0, 2, 4, 255, 9});
  std::array<std::int16_t, 5> q16 = {9, 9, 9, 9, 9};
  stvm_quantize_int16_buffer(real.data(), q16.data(), 4, 0.5F, 1);
  CHECK(q16 == std::array<std::int16_t, 5>{-1, 2, 4, 2001, 9});

  std::array<float, 5> back = {};
  stvm_dequantize_int8_buffer(q8.data(), back.data(), 4, 0.5F, 1);
  CHECK(back == std::array<float, 5>{-1.0F, 0.5F, 1.5F, 63.0F, 0.0F});
  stvm_dequantize_uint8_buffer(u8.data(), back.data(), 4, 0.5F, 1);
  CHECK(back == std::array<float, 5>{-0.5F, 0.5F, 1.5F, 127.0F, 0.0F});
  stvm_dequantize_int16_buffer(q16.data(), back.data(), 4, 0.5F, 1);
  CHECK(back == std::array<float, 5>{-1.0F, 0.5F, 1.5F, 1000.0F, 0.0F});
  stvm_quantize_int8_buffer(nullptr, nullptr, 0, 0.5F, 1);
}
