// SPDX-License-Identifier: Apache-2.0
// Tests of runtime_c/host/arm_acle.h against the instructions' definitions and against results of the instructions.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"  // a C header
#endif
#include "../../runtime_c/host/arm_acle.h"
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace {

/// The same numbers on every machine.
class Numbers {
 public:
  std::uint32_t next() {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 17U;
    state_ ^= state_ << 5U;
    return state_;
  }

 private:
  std::uint32_t state_ = 1;
};

/// CRC-32 of words, lowest bit first.
class Checksum {
 public:
  template <class Word>
  void add(Word word) {
    crc_ ^= static_cast<std::uint32_t>(word);
    for (int i = 0; i < 32; ++i) {
      crc_ = (crc_ >> 1U) ^ (0xedb88320U & (0U - (crc_ & 1U)));
    }
  }
  [[nodiscard]] std::uint32_t value() const { return crc_; }

 private:
  std::uint32_t crc_ = 0xffffffffU;
};

std::int32_t word(std::uint32_t bits) {
  return static_cast<std::int32_t>(bits);
}
std::uint32_t bits(std::int64_t number) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(number));
}

/// A field of a word as a signed number, by arithmetic alone.
std::int64_t field(std::uint32_t value, unsigned first_bit, unsigned width) {
  const std::int64_t range = std::int64_t{1} << width;
  const std::int64_t number = (static_cast<std::int64_t>(value) >> first_bit) % range;
  return number >= range / 2 ? number - range : number;
}

}  // namespace

TEST_CASE("arm_acle.h: multiply and accumulate") {
  Numbers numbers;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint32_t a = numbers.next();
    const std::uint32_t b = numbers.next();
    const std::uint32_t sum = numbers.next();
    const std::int64_t bb = field(a, 0, 16) * field(b, 0, 16);
    const std::int64_t bt = field(a, 0, 16) * field(b, 16, 16);
    const std::int64_t tb = field(a, 16, 16) * field(b, 0, 16);
    const std::int64_t tt = field(a, 16, 16) * field(b, 16, 16);
    CHECK(bits(__smlabb(word(a), word(b), word(sum))) == bits(sum + bb));
    CHECK(bits(__smlabt(word(a), word(b), word(sum))) == bits(sum + bt));
    CHECK(bits(__smlatb(word(a), word(b), word(sum))) == bits(sum + tb));
    CHECK(bits(__smlatt(word(a), word(b), word(sum))) == bits(sum + tt));
    CHECK(bits(__builtin_arm_smlabb(word(a), word(b), word(sum))) == bits(sum + bb));
    CHECK(bits(__builtin_arm_smlatt(word(a), word(b), word(sum))) == bits(sum + tt));
    CHECK(bits(__smlad(word(a), word(b), word(sum))) == bits(sum + bb + tt));
    CHECK(bits(__smladx(word(a), word(b), word(sum))) == bits(sum + bt + tb));
    CHECK(bits(__smuad(word(a), word(b))) == bits(bb + tt));
    CHECK(bits(__smuadx(word(a), word(b))) == bits(bt + tb));
  }
  // The one product that overflows, and sums that wrap.
  CHECK(bits(__smuad(word(0x80008000U), word(0x80008000U))) == 0x80000000U);
  CHECK(bits(__smlad(word(0x80008000U), word(0x80008000U), word(0x80000000U))) == 0U);
  CHECK(bits(__smlabb(0x7fff, 0x7fff, 0x7fffffff)) == 0x7fffffffU + 0x3fff0001U);
}

TEST_CASE("arm_acle.h: bytes to half words") {
  CHECK(bits(__sxtb16(word(0x807f80ffU))) == 0x007fffffU);
  CHECK(bits(__sxtb16(word(0x7f807f80U))) == 0xff80ff80U);
  Numbers numbers;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint32_t a = numbers.next();
    CHECK(bits(__sxtb16(word(a))) == bits(field(a, 0, 8)) % 0x10000U + bits(field(a, 16, 8)) % 0x10000U * 0x10000U);
  }
}

TEST_CASE("arm_acle.h: the flags of a subtraction choose bytes") {
  Numbers numbers;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint32_t a = numbers.next();
    const std::uint32_t b = numbers.next();
    const std::uint32_t c = numbers.next();
    std::uint32_t differences = 0;
    std::uint32_t larger = 0;
    std::uint32_t chosen = 0;
    for (unsigned bit = 0; bit < 32; bit += 8) {
      const std::int64_t difference = field(a, bit, 8) - field(b, bit, 8);
      differences += (bits(difference) % 256U) << bit;
      larger += (bits(difference >= 0 ? field(a, bit, 8) : field(b, bit, 8)) % 256U) << bit;
      chosen += (bits(difference >= 0 ? field(c, bit, 8) : field(a, bit, 8)) % 256U) << bit;
    }
    CHECK(bits(__ssub8(word(a), word(b))) == differences);
    CHECK(bits(__sel(word(a), word(b))) == larger);
    CHECK(bits(__sel(word(c), word(a))) == chosen);  // the flags stay until the next subtraction
  }
}

TEST_CASE("arm_acle.h: each thread has its own flags") {
  static_cast<void>(__ssub8(0, 0));  // all set
  std::thread([] { static_cast<void>(__ssub8(0, 0x01010101)); }).join();
  CHECK(bits(__sel(0x11111111, 0x22222222)) == 0x11111111U);
}

TEST_CASE("arm_acle.h: rotate and pack") {
  Numbers numbers;
  for (int i = 0; i < 2'000; ++i) {
    const std::uint32_t a = numbers.next();
    const std::uint32_t b = numbers.next();
    std::uint32_t rotated = a;
    for (std::uint32_t count = 0; count <= 70; ++count) {
      CHECK(__ror(a, count) == rotated);
      rotated = rotated / 2 + rotated % 2 * 0x80000000U;
    }
    for (unsigned count = 0; count < 32; ++count) {
      const std::uint64_t shifted = static_cast<std::uint64_t>(b) << count;
      CHECK(__pkhbt(a, b, count) == a % 0x10000U + static_cast<std::uint32_t>(shifted) / 0x10000U * 0x10000U);
    }
    for (unsigned count = 0; count <= 32; ++count) {
      const std::int64_t divisor = std::int64_t{1} << count;
      const std::int64_t remainder = (field(b, 0, 32) % divisor + divisor) % divisor;
      const std::uint32_t shifted = bits((field(b, 0, 32) - remainder) / divisor);
      CHECK(__pkhtb(a, b, count) == a / 0x10000U * 0x10000U + shifted % 0x10000U);
    }
  }
}

// The expected value comes from the instructions themselves: the same loop, built by arm-none-eabi-gcc 12.2 for
// cortex-m4 with its own <arm_acle.h> and with pkhbt, pkhtb and ror as inline assembly, printed it over semihosting on
// `qemu-system-arm -M mps2-an386` (QEMU 7.2).
TEST_CASE("arm_acle.h: the same results as the instructions") {
  Numbers numbers;
  Checksum checksum;
  for (int i = 0; i < 10'000; ++i) {
    const std::uint32_t a = numbers.next();
    const std::uint32_t b = numbers.next();
    const std::uint32_t c = numbers.next();
    checksum.add(__smlabb(word(a), word(b), word(c)));
    checksum.add(__smlabt(word(a), word(b), word(c)));
    checksum.add(__smlatb(word(a), word(b), word(c)));
    checksum.add(__smlatt(word(a), word(b), word(c)));
    checksum.add(__builtin_arm_smlabb(word(a), word(b), word(c)));
    checksum.add(__builtin_arm_smlatt(word(a), word(b), word(c)));
    checksum.add(__smlad(word(a), word(b), word(c)));
    checksum.add(__smladx(word(a), word(b), word(c)));
    checksum.add(__smuad(word(a), word(b)));
    checksum.add(__smuadx(word(a), word(b)));
    checksum.add(__sxtb16(word(a)));
    checksum.add(__ssub8(word(a), word(b)));
    checksum.add(__sel(word(a), word(b)));
    checksum.add(__sel(word(c), word(a)));
    checksum.add(__ror(a, c));
    for (const std::uint32_t count : {0U, 1U, 16U, 31U}) {
      checksum.add(__pkhbt(a, b, count));
    }
    for (const std::uint32_t count : {0U, 1U, 16U, 31U, 32U}) {
      checksum.add(__pkhtb(a, b, count));
    }
  }
  CHECK(checksum.value() == 0x73b32bafU);
}
