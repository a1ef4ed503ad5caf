// SPDX-License-Identifier: Apache-2.0
// Tests of the .params format: the reference's sample, and every way to damage it.
#include "network/parameters.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/bytes.hpp"
#include "stm32tvm/data_type.hpp"
#include "stm32tvm/result.hpp"

namespace {

using stm32tvm::Bytes;
using stm32tvm::DataType;
using stm32tvm::ErrorCode;
using stm32tvm::ModelLimits;
using stm32tvm::Parameter;
using stm32tvm::read_parameters;
using stm32tvm::Result;
using stm32tvm::tensor_bytes;
using Parameters = std::map<std::string, Parameter, std::less<>>;

// p0 = float32[1, 2] {2, 4}, as tvm.runtime.save_param_dict writes it.
constexpr std::array<unsigned char, 106> sample = {
    0xb7, 0x9c, 0x04, 0x05, 0x4f, 0x8d, 0xe5, 0xf7,  // 0: magic number of the list
    0,    0,    0,    0,    0,    0,    0,    0,     // 8: reserved
    1,    0,    0,    0,    0,    0,    0,    0,     // 16: one name
    2,    0,    0,    0,    0,    0,    0,    0,     // 24: of two bytes
    'p',  '0',                                       // 32
    1,    0,    0,    0,    0,    0,    0,    0,     // 34: one array
    0x3f, 0xa1, 0xb4, 0x96, 0xf0, 0x40, 0x5e, 0xdd,  // 42: magic number of an array
    0,    0,    0,    0,    0,    0,    0,    0,     // 50: reserved
    1,    0,    0,    0,    0,    0,    0,    0,     // 58: device 1, 0
    2,    0,    0,    0,                             // 66: two dimensions
    2,    32,   1,    0,                             // 70: float, 32 bits, 1 lane
    1,    0,    0,    0,    0,    0,    0,    0,     // 74: 1
    2,    0,    0,    0,    0,    0,    0,    0,     // 82: x 2
    8,    0,    0,    0,    0,    0,    0,    0,     // 90: eight bytes
    0,    0,    0,    0x40, 0,    0,    0x80, 0x40   // 98: 2.0f, 4.0f
};

std::string sample_text() {
  return {reinterpret_cast<const char*>(sample.data()), sample.size()};
}

/// The sample with other bytes at a place.
std::string with(std::size_t offset, std::string_view bytes) {
  std::string text = sample_text();
  return text.replace(offset, bytes.size(), bytes);
}

/// A number of `size` bytes, little-endian.
std::string number(std::uint64_t value, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) {
    bytes += static_cast<char>(value >> (8 * i) & 0xffU);
  }
  return bytes;
}

std::string array(unsigned code, unsigned bits, unsigned lanes, const std::vector<std::int64_t>& shape,
                  std::string_view values) {
  std::string text = number(0xDD5E40F096B4A13FU, 8) + number(0, 8) + number(1, 4) + number(0, 4);
  text += number(shape.size(), 4) + number(code, 1) + number(bits, 1) + number(lanes, 2);
  for (const std::int64_t dimension : shape) {
    text += number(static_cast<std::uint64_t>(dimension), 8);
  }
  return text + number(values.size(), 8) + std::string(values);
}

std::string list(const std::vector<std::string>& names, const std::vector<std::string>& arrays) {
  std::string text = number(0xF7E58D4F05049CB7U, 8) + number(0, 8) + number(names.size(), 8);
  for (const std::string& name : names) {
    text += number(name.size(), 8) + name;
  }
  text += number(arrays.size(), 8);
  for (const std::string& each : arrays) {
    text += each;
  }
  return text;
}

Result<Parameters> read(const std::string& text, const ModelLimits& limits = {}) {
  return read_parameters(Bytes(text), "parameters/m.params", limits);
}

ErrorCode code_of(const std::string& text) {
  const Result<Parameters> result = read(text);
  if (result) {
    FAIL_CHECK("it was read");
    return ErrorCode::internal;
  }
  CHECK(result.error().where.starts_with("parameters/m.params"));
  CHECK(result.error().message.size() > 20);
  return result.error().code;
}

}  // namespace

TEST_CASE("parameters: the reference's sample") {
  const Bytes member(sample_text());
  const Result<Parameters> parameters = read_parameters(member, "x", ModelLimits{});
  REQUIRE(parameters);
  REQUIRE(parameters->size() == 1);
  const Parameter& p0 = parameters->at("p0");
  CHECK(p0.type == DataType{DataType::Code::floating_point, 32, 1});
  CHECK(p0.shape == std::vector<std::int64_t>{1, 2});
  CHECK(p0.values.view() == std::string_view("\0\0\0\x40\0\0\x80\x40", 8));
  // The values lie in the member's own memory.
  CHECK(p0.values.data() == member.data() + 98);
}

TEST_CASE("parameters: a file that ends anywhere is damaged") {
  for (std::size_t length = 0; length < sample.size(); ++length) {
    const Result<Parameters> result = read(sample_text().substr(0, length));
    if (result || result.error().code != ErrorCode::bad_parameters) {
      FAIL_CHECK("the first ", length, " bytes were taken or gave another error");
    }
  }
}

TEST_CASE("parameters: each changed byte is harmless") {
  for (std::size_t i = 0; i < sample.size(); ++i) {
    for (const char value : {'\0', '\1', '\x7f', '\x80', '\xff'}) {
      const Result<Parameters> result = read(with(i, std::string(1, value)));
      if (!result) {
        CHECK_FALSE(result.error().message.empty());
      }
    }
  }
}

TEST_CASE("parameters: wrong magic numbers") {
  CHECK(code_of(with(0, "\xb6")) == ErrorCode::bad_parameters);
  CHECK(code_of(with(7, "\x77")) == ErrorCode::bad_parameters);
  CHECK(code_of(with(42, std::string_view("\0", 1))) == ErrorCode::bad_parameters);
  CHECK(code_of("PK\3\4 this is no parameter file at all") == ErrorCode::bad_parameters);
}

TEST_CASE("parameters: counts that no file can hold are refused before memory is taken") {
  for (const std::uint64_t count : {std::numeric_limits<std::uint64_t>::max(), std::uint64_t{1} << 63U,
                                    std::uint64_t{1} << 61U, std::uint64_t{1} << 32U, std::uint64_t{1000}}) {
    CAPTURE(count);
    CHECK(code_of(with(16, number(count, 8))) == ErrorCode::bad_parameters);  // names
    CHECK(code_of(with(24, number(count, 8))) == ErrorCode::bad_parameters);  // length of a name
    CHECK(code_of(with(34, number(count, 8))) == ErrorCode::bad_parameters);  // arrays
    CHECK(code_of(with(90, number(count, 8))) == ErrorCode::bad_parameters);  // bytes of the values
  }
  CHECK(code_of(with(66, number(0xffffffffU, 4))) == ErrorCode::bad_parameters);  // dimensions
}

TEST_CASE("parameters: numbers of names and arrays must agree") {
  CHECK(code_of(with(34, number(0, 8))) == ErrorCode::bad_parameters);
  CHECK(code_of(with(34, number(2, 8))) == ErrorCode::bad_parameters);
}

TEST_CASE("parameters: the stated size is that of the shape") {
  for (const std::uint64_t bytes : std::initializer_list<std::uint64_t>{0, 4, 7, 9, 16}) {
    CAPTURE(bytes);
    CHECK(code_of(with(90, number(bytes, 8)) + std::string(16, 'x')) == ErrorCode::bad_parameters);
  }
}

TEST_CASE("parameters: an unknown type code is refused") {
  for (const char code : {'\5', '\6', '\x7f', '\xff'}) {
    CHECK(code_of(with(70, std::string(1, code))) == ErrorCode::bad_parameters);
  }
}

TEST_CASE("parameters: names come back with any bytes, and order does not matter") {
  const std::string odd("a\0\n\xff", 4);
  const Result<Parameters> parameters = read(
      list({"p1", odd, ""}, {array(0, 8, 1, {3}, "abc"), array(1, 8, 1, {2, 1}, "de"), array(0, 16, 1, {1}, "fg")}));
  REQUIRE(parameters);
  CHECK(parameters->size() == 3);
  CHECK(parameters->at("p1").values.view() == "abc");
  CHECK(parameters->at(odd).values.view() == "de");
  CHECK(parameters->at(odd).shape == std::vector<std::int64_t>{2, 1});
  CHECK(parameters->at("").values.view() == "fg");
  CHECK(read(list({}, {})).value().empty());
}

TEST_CASE("parameters: every type has its size: bool and int4 a byte for each element") {
  struct Row {
    unsigned code;
    unsigned bits;
    std::size_t bytes;
    const char* name;
  };
  for (const Row& row : std::array<Row, 7>{{{1, 1, 1, "bool"},
                                            {0, 4, 1, "int4"},
                                            {0, 8, 1, "int8"},
                                            {1, 16, 2, "uint16"},
                                            {4, 16, 2, "bfloat16"},
                                            {2, 64, 8, "float64"},
                                            {0, 64, 8, "int64"}}}) {
    CAPTURE(row.name);
    const Result<Parameters> parameters =
        read(list({"p"}, {array(row.code, row.bits, 1, {3, 2}, std::string(6 * row.bytes, 'v'))}));
    REQUIRE(parameters);
    CHECK(to_string(parameters->at("p").type) == row.name);
    CHECK(parameters->at("p").values.size() == 6 * row.bytes);
  }
}

TEST_CASE("parameters: a scalar has one element, a dimension of 0 none") {
  const Result<Parameters> parameters =
      read(list({"scalar", "none"}, {array(0, 32, 1, {}, "abcd"), array(0, 32, 1, {5, 0}, "")}));
  REQUIRE(parameters);
  CHECK(parameters->at("scalar").shape.empty());
  CHECK(parameters->at("scalar").values.view() == "abcd");
  CHECK(parameters->at("none").values.empty());
}

TEST_CASE("parameters: a name that is there twice is refused") {
  const std::string twice = list({"p", "p"}, {array(0, 8, 1, {1}, "a"), array(0, 8, 1, {1}, "b")});
  CHECK(code_of(twice) == ErrorCode::bad_parameters);
}

TEST_CASE("parameters: shapes that no memory holds are refused, also when their product wraps to what is stated") {
  constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t two_to_32 = std::int64_t{1} << 32U;
  CHECK(code_of(list({"p"}, {array(0, 8, 1, {huge, huge}, "a")})) == ErrorCode::limit_exceeded);
  CHECK(code_of(list({"p"}, {array(0, 8, 1, {two_to_32, two_to_32}, "")})) == ErrorCode::limit_exceeded);
  CHECK(code_of(list({"p"}, {array(2, 64, 1, {huge}, "a")})) == ErrorCode::limit_exceeded);
  // 2^61 elements of 8 bytes are 2^64 bytes, which wraps to 0.
  CHECK(code_of(list({"p"}, {array(2, 64, 1, {std::int64_t{1} << 61U}, "")})) == ErrorCode::limit_exceeded);
}

TEST_CASE("parameters: a negative dimension in the file is the file's damage") {
  CHECK(code_of(with(74, number(std::numeric_limits<std::uint64_t>::max(), 8))) == ErrorCode::bad_parameters);
}

TEST_CASE("parameters: rank and size limits are the caller's") {
  ModelLimits limits;
  limits.rank = 2;
  limits.tensor_bytes = 8;
  CHECK(read(sample_text(), limits).has_value());
  limits.rank = 1;
  CHECK_FALSE(read(sample_text(), limits).has_value());
  limits.rank = 2;
  limits.tensor_bytes = 7;
  const Result<Parameters> refused = read(sample_text(), limits);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::limit_exceeded);
}

TEST_CASE("tensor bytes: the product of the shape and the element") {
  const DataType float32{DataType::Code::floating_point, 32, 1};
  const ModelLimits limits;
  const auto bytes = [&](const std::vector<std::int64_t>& shape) {
    return tensor_bytes(float32, shape, "tensor", "t", "g", limits);
  };
  CHECK(bytes({}).value() == 4);
  CHECK(bytes({1, 96, 96, 3}).value() == 110'592);
  CHECK(bytes({7, 0, 9}).value() == 0);
  CHECK(bytes({1 << 28}).value() == 1U << 30U);
  const auto too_large = bytes({(1 << 28) + 1});
  REQUIRE_FALSE(too_large);
  CHECK(too_large.error().code == ErrorCode::limit_exceeded);
  const auto negative = bytes({4, -1});
  REQUIRE_FALSE(negative);
  CHECK(negative.error().code == ErrorCode::bad_graph);
  CHECK(negative.error().message.find("tensor \"t\"") != std::string::npos);
  CHECK(negative.error().message.find("-1") != std::string::npos);
  CHECK(negative.error().where == "g");
  CHECK_FALSE(bytes({0, -1}).has_value());
}

TEST_CASE("tensor bytes: the limit holds for a scalar too") {
  ModelLimits limits;
  limits.tensor_bytes = 16;
  const DataType vector{DataType::Code::floating_point, 32, 8};
  const Result<std::uint64_t> bytes = tensor_bytes(vector, {}, "tensor", "t", "g", limits);
  REQUIRE_FALSE(bytes);
  CHECK(bytes.error().code == ErrorCode::limit_exceeded);
}
