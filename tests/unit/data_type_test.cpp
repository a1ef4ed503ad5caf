// SPDX-License-Identifier: Apache-2.0
// Tests of the names of element types: TVM's dtype strings, both ways.
#include "stm32tvm/data_type.hpp"

#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <string_view>

namespace {

using stm32tvm::DataType;
using stm32tvm::parse_data_type;
using Code = DataType::Code;

struct Known {
  std::string_view name;
  DataType type;
  unsigned bytes;
};

// Names as TVM writes them, with DLPack's codes; bytes by hand.
constexpr std::array<Known, 16> known = {{{"bool", {Code::unsigned_integer, 1, 1}, 1},
                                          {"int4", {Code::signed_integer, 4, 1}, 1},
                                          {"int8", {Code::signed_integer, 8, 1}, 1},
                                          {"int16", {Code::signed_integer, 16, 1}, 2},
                                          {"int32", {Code::signed_integer, 32, 1}, 4},
                                          {"int64", {Code::signed_integer, 64, 1}, 8},
                                          {"uint8", {Code::unsigned_integer, 8, 1}, 1},
                                          {"uint16", {Code::unsigned_integer, 16, 1}, 2},
                                          {"uint32", {Code::unsigned_integer, 32, 1}, 4},
                                          {"uint64", {Code::unsigned_integer, 64, 1}, 8},
                                          {"float16", {Code::floating_point, 16, 1}, 2},
                                          {"float32", {Code::floating_point, 32, 1}, 4},
                                          {"float64", {Code::floating_point, 64, 1}, 8},
                                          {"bfloat16", {Code::bfloat, 16, 1}, 2},
                                          {"float32x4", {Code::floating_point, 32, 4}, 16},
                                          {"int8x65535", {Code::signed_integer, 8, 65535}, 65535}}};

}  // namespace

TEST_CASE("data type: DLPack's codes keep their values") {
  CHECK(static_cast<int>(Code::signed_integer) == 0);
  CHECK(static_cast<int>(Code::unsigned_integer) == 1);
  CHECK(static_cast<int>(Code::floating_point) == 2);
  CHECK(static_cast<int>(Code::handle) == 3);
  CHECK(static_cast<int>(Code::bfloat) == 4);
}

TEST_CASE("data type: TVM's names are read and written alike") {
  for (const Known& each : known) {
    CAPTURE(each.name);
    const std::optional<DataType> type = parse_data_type(each.name);
    REQUIRE(type.has_value());
    CHECK(*type == each.type);
    CHECK(to_string(each.type) == each.name);
    CHECK(each.type.bytes() == each.bytes);
  }
}

TEST_CASE("data type: what is no type is refused") {
  for (const std::string_view text : {"",         "int",
                                      "uint",     "float",
                                      "x",        "8",
                                      "Int8",     " int8",
                                      "int8 ",    "int 8",
                                      "int-8",    "int+8",
                                      "int8x",    "int8x0",
                                      "int8x-1",  "int8x65536",
                                      "int8x4x2", "int8,4",
                                      "int7",     "int0",
                                      "int24",    "int128",
                                      "int256",   "int264",
                                      "float80",  "int99999999999999999999",
                                      "handle",   "custom[x]32",
                                      "boolx4",   "bool1",
                                      "double",   "int8\n"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_data_type(text).has_value());
  }
  CHECK_FALSE(parse_data_type(std::string_view("int8\0", 5)).has_value());
}

TEST_CASE("data type: integers are told from the rest") {
  CHECK(DataType{Code::signed_integer, 8, 1}.is_integer());
  CHECK(DataType{Code::unsigned_integer, 1, 1}.is_integer());
  CHECK_FALSE(DataType{Code::floating_point, 32, 1}.is_integer());
  CHECK_FALSE(DataType{Code::handle, 64, 1}.is_integer());
  CHECK_FALSE(DataType{Code::bfloat, 16, 1}.is_integer());
}
