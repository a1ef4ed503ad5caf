// SPDX-License-Identifier: Apache-2.0
// Quantization given by the caller: by name, and as JSON.
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/quantization.hpp"

namespace {

using namespace stm32tvm;

Tensor tensor(std::string name, std::string source_name, std::string identifier, const std::string& type) {
  Tensor made;
  made.name = std::move(name);
  made.source_name = std::move(source_name);
  made.identifier = std::move(identifier);
  made.type = parse_data_type(type).value();
  made.shape = {2, 3};
  made.bytes = 6U * made.type.bytes();
  return made;
}

NetworkDescriptor network() {
  NetworkDescriptor made;
  made.tensors = {tensor("p0", "image:0", "image_0", "int8"), tensor("fused_x", "", "output", "int16"),
                  tensor("f", "", "output_1", "float32"), tensor("inner", "", "", "uint8"),
                  tensor("inner", "", "", "uint8"), tensor("weights", "", "", "int8"),
                  // Its name is another's identifier.
                  tensor("image_0", "", "", "int8")};
  made.inputs = {0};
  made.outputs = {1, 2};
  return made;
}

Quantization figures(std::vector<double> scales, std::vector<std::int32_t> zero_points, int axis = -1) {
  return {axis == -1 ? Quantization::Kind::per_tensor : Quantization::Kind::per_axis, Quantization::Source::none,
          std::move(scales), std::move(zero_points), axis};
}

Quantization given(Quantization quantization) {
  quantization.source = Quantization::Source::caller;
  return quantization;
}

std::string message_of(const Result<void>& result, ErrorCode code) {
  REQUIRE_FALSE(result);
  CHECK(result.error().code == code);
  return result.error().message;
}

std::string refused(std::string_view tensor, const Quantization& quantization) {
  NetworkDescriptor described = network();
  const std::string message = message_of(set_quantization(described, tensor, quantization), ErrorCode::bad_option);
  CHECK(described == network());
  return message;
}

std::string refused_json(std::string_view text, ErrorCode code) {
  CAPTURE(text);
  NetworkDescriptor described = network();
  const auto result = apply_quantization(text, "figures.json", described);
  const std::string message = message_of(result, code);
  CHECK(result.error().where == "figures.json");
  CHECK(described == network());
  return message;
}

bool has(const std::string& message, std::string_view part) {
  CAPTURE(message);
  CHECK(message.find(part) != std::string::npos);
  return true;
}

}  // namespace

TEST_CASE("overrides: a tensor is found by identifier, source name and name") {
  for (const std::string name : {"image_0", "image:0", "p0"}) {
    CAPTURE(name);
    NetworkDescriptor described = network();
    REQUIRE(set_quantization(described, name, figures({0.5}, {-128})));
    CHECK(described.tensors[0].quantization == given(figures({0.5}, {-128})));
    described.tensors[0].quantization = {};
    CHECK(described == network());
  }
  NetworkDescriptor described = network();
  REQUIRE(set_quantization(described, "weights", figures({0.5, 0.25}, {0, 1}, 0)));
  CHECK(described.tensors[5].quantization == given(figures({0.5, 0.25}, {0, 1}, 0)));
}

TEST_CASE("overrides: what is known may be taken back") {
  NetworkDescriptor described = network();
  REQUIRE(set_quantization(described, "image_0", figures({0.5}, {0})));
  REQUIRE(set_quantization(described, "image_0", Quantization{}));
  CHECK(described == network());
  Quantization real;
  real.kind = Quantization::Kind::unquantized;
  REQUIRE(set_quantization(described, "image_0", real));
  CHECK(described.tensors[0].quantization == given(real));
}

TEST_CASE("overrides: names that no tensor or several have are refused") {
  CHECK(has(refused("nothing", figures({0.5}, {0})), "\"image_0\", \"output\", \"output_1\""));
  CHECK(has(refused("", figures({0.5}, {0})), "no tensor \"\""));
  CHECK(has(refused("inner", figures({0.5}, {0})), "more than one"));
}

TEST_CASE("overrides: figures that the tensor cannot have are refused") {
  CHECK(has(refused("output_1", figures({0.5}, {0})), "float32"));
  CHECK(has(refused("image_0", figures({}, {})), "0 scales"));
  CHECK(has(refused("image_0", figures({0.5, 0.5}, {0, 0})), "2 scales"));
  CHECK(has(refused("image_0", figures({0.5}, {0, 0})), "1 scales and 2 zero points"));
  CHECK(has(refused("image_0", figures({0.5, 0.5}, {0, 0}, 1)), "3 places"));
  CHECK(has(refused("image_0", figures({0.5, 0.5}, {0, 0}, 2)), "2 dimensions"));
  CHECK(has(refused("image_0", figures({0.5, 0.5}, {0, 0}, -2)), "axis -2"));
  for (const double scale :
       {0.0, -0.5, 1e-46, 1e39, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(has(refused("image_0", figures({scale}, {0})), "above 0"));
  }
  for (const auto& [name, low, high] :
       std::vector<std::tuple<std::string, int, int>>{{"image_0", -128, 127}, {"output", -32768, 32767}}) {
    NetworkDescriptor described = network();
    CHECK(set_quantization(described, name, figures({0.5}, {low})));
    CHECK(set_quantization(described, name, figures({0.5}, {high})));
    CHECK(has(refused(name, figures({0.5}, {low - 1})), "zero point"));
    CHECK(has(refused(name, figures({0.5}, {high + 1})), "zero point"));
  }
}

TEST_CASE("overrides: JSON sets several tensors, with numbers or arrays") {
  NetworkDescriptor described = network();
  REQUIRE(apply_quantization(R"({"tensors": {"image:0": {"scale": [0.5], "zero_point": [-128], "axis": -1},
                                             "output": {"zero_point": [1, 2, 3], "scale": [1, 2.5, 3e-1], "axis": 1},
                                             "weights": {"scale": 2, "zero_point": 0}}})",
                             "figures.json", described));
  CHECK(described.tensors[0].quantization == given(figures({0.5}, {-128})));
  CHECK(described.tensors[1].quantization == given(figures({1, 2.5, 0.3}, {1, 2, 3}, 1)));
  CHECK(described.tensors[5].quantization == given(figures({2}, {0})));
  REQUIRE(apply_quantization(R"({"tensors": {}})", "figures.json", described));
}

TEST_CASE("overrides: JSON of another form is refused") {
  for (const std::string_view text : {"",
                                      "{",
                                      "[]",
                                      "3",
                                      "{}",
                                      R"({"tensors": []})",
                                      R"({"tensors": {}, "more": 1})",
                                      R"({"tensor": {}})",
                                      R"({"tensors": {"image_0": 3}})",
                                      R"({"tensors": {"image_0": {}}})",
                                      R"({"tensors": {"image_0": {"scale": 1}}})",
                                      R"({"tensors": {"image_0": {"zero_point": 1}}})",
                                      R"({"tensors": {"image_0": {"scale": "1", "zero_point": 1}}})",
                                      R"({"tensors": {"image_0": {"scale": [null], "zero_point": 1}}})",
                                      R"({"tensors": {"image_0": {"scale": [[1]], "zero_point": 1}}})",
                                      R"({"tensors": {"image_0": {"scale": 1, "zero_point": 1.5}}})",
                                      R"({"tensors": {"image_0": {"scale": 1, "zero_point": 3000000000}}})",
                                      R"({"tensors": {"image_0": {"scale": 1, "zero_point": 1, "axis": [1]}}})",
                                      R"({"tensors": {"image_0": {"scale": 1, "zero_point": 1, "axis": 4294967295}}})",
                                      R"({"tensors": {"image_0": {"scale": 1, "zero_point": 1, "zeropoint": 1}}})",
                                      R"({"tensors": {"image_0": {"scale": 1, "zero_point": 1, "scale": 2}}})"}) {
    CHECK(!refused_json(text, ErrorCode::bad_json).empty());
  }
  CHECK(has(refused_json(R"({"tensors": {"image_0": {"scale": true, "zero_point": 1}}})", ErrorCode::bad_json),
            "\"scale\" of \"image_0\" is true or false"));
  CHECK(has(refused_json(R"({"tensors": {"image_0": {"scale": 1, "zero": 1}}})", ErrorCode::bad_json), "\"zero\""));
  // The second is wrong: the first is not set either.
  CHECK(has(refused_json(R"({"tensors": {"image_0": {"scale": 1, "zero_point": 1},
                                         "none": {"scale": 1, "zero_point": 1}}})",
                         ErrorCode::bad_option),
            "no tensor \"none\""));
  CHECK(has(refused_json(R"({"tensors": {"image_0": {"scale": 1, "zero_point": 1},
                                         "image:0": {"scale": 1, "zero_point": 1}}})",
                         ErrorCode::bad_option),
            "twice"));
  CHECK(has(refused_json(R"({"tensors": {"image_0": {"scale": 1, "zero_point": 200}}})", ErrorCode::bad_option),
            "zero point 200"));
  CHECK(!refused_json(std::string(100'000, '['), ErrorCode::bad_json).empty());
}
