// SPDX-License-Identifier: Apache-2.0
// The TFLite reader: files made here field by field, damaged ones, and the real ones of ../shared/mlf.
#include "network/tflite.hpp"

#include <doctest/doctest.h>
#include <flatbuffers/flatbuffers.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/quantization.hpp"

namespace {

namespace fs = std::filesystem;
using namespace stm32tvm;

struct Spec {
  std::string name;
  std::int8_t type = 9;  // int8
  std::vector<std::int32_t> shape = {1, 8};
  std::vector<float> scales;
  std::vector<std::int64_t> zero_points;
  std::int32_t axis = 0;
};

/// Writes a file with TFLite's field numbers; the reader under test has its own.
class FileMaker {
 public:
  std::string make(const std::vector<Spec>& inputs, const std::vector<Spec>& outputs) {
    std::vector<flatbuffers::Offset<void>> tensors;
    std::vector<std::int32_t> input_indices;
    std::vector<std::int32_t> output_indices;
    for (const Spec& spec : inputs) {
      input_indices.push_back(static_cast<std::int32_t>(tensors.size()));
      tensors.push_back(tensor(spec));
    }
    for (const Spec& spec : outputs) {
      output_indices.push_back(static_cast<std::int32_t>(tensors.size()));
      tensors.push_back(tensor(spec));
    }
    return finish(tensors, input_indices, output_indices);
  }

  std::string finish(const std::vector<flatbuffers::Offset<void>>& tensors, const std::vector<std::int32_t>& inputs,
                     const std::vector<std::int32_t>& outputs) {
    const auto tensor_list = builder_.CreateVector(tensors);
    const auto input_list = builder_.CreateVector(inputs);
    const auto output_list = builder_.CreateVector(outputs);
    const auto graph_start = builder_.StartTable();
    builder_.AddOffset(4, tensor_list);
    builder_.AddOffset(6, input_list);
    builder_.AddOffset(8, output_list);
    const flatbuffers::Offset<void> graph(builder_.EndTable(graph_start));
    const auto graphs = builder_.CreateVector(std::vector{graph});
    const auto model_start = builder_.StartTable();
    builder_.AddOffset(8, graphs);
    builder_.Finish(flatbuffers::Offset<void>(builder_.EndTable(model_start)), "TFL3");
    return {reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize()};
  }

  flatbuffers::Offset<void> tensor(const Spec& spec) {
    const auto scales = builder_.CreateVector(spec.scales);
    const auto zero_points = builder_.CreateVector(spec.zero_points);
    const auto quantization_start = builder_.StartTable();
    builder_.AddOffset(8, scales);
    builder_.AddOffset(10, zero_points);
    builder_.AddElement<std::int32_t>(16, spec.axis, 0);
    const flatbuffers::Offset<void> quantization(builder_.EndTable(quantization_start));
    const auto name = builder_.CreateString(spec.name);
    const auto shape = builder_.CreateVector(spec.shape);
    const auto start = builder_.StartTable();
    builder_.AddOffset(4, shape);
    builder_.AddElement<std::int8_t>(6, spec.type, 0);
    builder_.AddOffset(10, name);
    builder_.AddOffset(12, quantization);
    return builder_.EndTable(start);
  }

 private:
  flatbuffers::FlatBufferBuilder builder_;
};

std::string file_of(const std::vector<Spec>& inputs, const std::vector<Spec>& outputs) {
  return FileMaker().make(inputs, outputs);
}

const Spec image = {"image:0", 9, {1, 8}, {0.00392156886F}, {-128}, 0};
const Spec mask = {"mask", 9, {8}, {0.5F}, {7}, 0};
const Spec scores = {"scores", 9, {1, 4}, {0.1F, 0.2F, 0.3F, 0.4F}, {1, 2, 3, 4}, 1};

Tensor tensor(std::string name, const std::string& type, std::vector<std::int64_t> shape) {
  Tensor made;
  made.name = name;
  made.source_name = std::move(name);
  made.type = parse_data_type(type).value();
  made.bytes = made.type.bytes();
  for (const std::int64_t dimension : shape) {
    made.bytes *= static_cast<std::uint64_t>(dimension);
  }
  made.shape = std::move(shape);
  return made;
}

/// Inputs "mask" and "image_0", output "o".
NetworkDescriptor network() {
  NetworkDescriptor made;
  made.tensors = {tensor("mask", "int8", {1, 8}), tensor("image_0", "int8", {1, 8}), tensor("o", "int8", {1, 4})};
  made.inputs = {0, 1};
  made.outputs = {2};
  return made;
}

Error error_of(const std::string& file, NetworkDescriptor described = network()) {
  const NetworkDescriptor before = described;
  const auto applied = apply_tflite(Bytes(file), described);
  REQUIRE_FALSE(applied);
  CHECK(described == before);
  CHECK(applied.error().code == ErrorCode::bad_option);
  return applied.error();
}

bool says(const Error& error, std::string_view text) {
  const bool found = to_string(error).find(text) != std::string::npos;
  CAPTURE(to_string(error));
  CHECK(found);
  return found;
}

}  // namespace

TEST_CASE("tflite: names, shapes, types, scales and zero points are read") {
  const auto read = read_tflite(file_of({image, mask}, {scores, {"f", 0, {}, {}, {}, 0}}));
  REQUIRE(read);
  REQUIRE(read->inputs.size() == 2);
  REQUIRE(read->outputs.size() == 2);
  const TfliteTensor& first = read->inputs[0];
  CHECK(first.name == "image:0");
  CHECK(first.type == parse_data_type("int8"));
  CHECK(first.shape == std::vector<std::int32_t>{1, 8});
  CHECK(first.quantization == Quantization{Quantization::Kind::per_tensor,
                                           Quantization::Source::tflite,
                                           {static_cast<double>(0.00392156886F)},
                                           {-128},
                                           -1});
  const Quantization& along = read->outputs[0].quantization;
  CHECK(along.kind == Quantization::Kind::per_axis);
  CHECK(along.axis == 1);
  CHECK(along.scales[3] == static_cast<double>(0.4F));
  CHECK(along.zero_points == std::vector<std::int32_t>{1, 2, 3, 4});
  CHECK(read->outputs[1].quantization.kind == Quantization::Kind::unquantized);
  CHECK(read->outputs[1].shape.empty());
}

TEST_CASE("tflite: every type that a network may have") {
  const std::vector<std::pair<int, std::string>> types = {{0, "float32"}, {1, "float16"}, {2, "int32"},
                                                          {3, "uint8"},   {4, "int64"},   {6, "bool"},
                                                          {7, "int16"},   {9, "int8"},    {10, "float64"}};
  for (const std::pair<int, std::string>& row : types) {
    CAPTURE(row.second);
    const auto read = read_tflite(file_of({{"x", static_cast<std::int8_t>(row.first), {1}, {}, {}, 0}}, {}));
    REQUIRE(read);
    CHECK(to_string(read->inputs[0].type) == row.second);
    CHECK(read->inputs[0].quantization.kind == Quantization::Kind::unquantized);
  }
  for (const int number : {5, 8, 11, 13, 127, -1}) {
    CHECK_FALSE(read_tflite(file_of({{"x", static_cast<std::int8_t>(number), {1}, {}, {}, 0}}, {})));
  }
}

TEST_CASE("tflite: inputs are matched by name, outputs by place") {
  NetworkDescriptor described = network();
  REQUIRE(apply_tflite(Bytes(file_of({image, mask}, {scores})), described));
  CHECK(described.tensors[0].quantization.scales == std::vector<double>{0.5});
  CHECK(described.tensors[1].quantization.zero_points == std::vector<std::int32_t>{-128});
  CHECK(described.tensors[1].source_name == "image:0");
  CHECK(described.tensors[1].identifier == "image_0");
  CHECK(described.tensors[2].source_name == "scores");
  CHECK(described.tensors[2].quantization.axis == 1);
}

TEST_CASE("tflite: a file of another model is refused with what differs") {
  CHECK(says(error_of(file_of({image}, {scores})), "1 inputs, and the archive 2"));
  CHECK(says(error_of(file_of({image, mask}, {})), "0 outputs, and the archive 1"));
  Spec other = mask;
  other.name = "another";
  CHECK(says(error_of(file_of({image, other}, {scores})), "\"another\""));
  other = mask;
  other.type = 3;
  CHECK(says(error_of(file_of({image, other}, {scores})), "uint8"));
  other = mask;
  other.shape = {9};
  CHECK(says(error_of(file_of({image, other}, {scores})), "[9]"));
  other.shape = {-8};
  CHECK(says(error_of(file_of({image, other}, {scores})), "[-8]"));
  other.shape = std::vector<std::int32_t>(40, std::numeric_limits<std::int32_t>::max());
  CHECK(says(error_of(file_of({image, other}, {scores})), "number of elements"));
  other = scores;
  other.axis = 0;
  CHECK(says(error_of(file_of({image, mask}, {other})), "axis 0"));
  other = mask;
  other.zero_points = {128};
  CHECK(says(error_of(file_of({image, other}, {scores})), "zero point 128"));
  for (const float bad :
       {0.0F, -1.0F, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    other = mask;
    other.scales = {bad};
    CHECK(says(error_of(file_of({image, other}, {scores})), "a scale is"));
  }
}

TEST_CASE("tflite: a file whose figures are not the archive's is refused, within its six digits it is not") {
  NetworkDescriptor described = network();
  described.tensors[1].quantization = {
      Quantization::Kind::per_tensor, Quantization::Source::relay, {0.00392157}, {-128}, -1};
  NetworkDescriptor exact = described;
  REQUIRE(apply_tflite(Bytes(file_of({image, mask}, {scores})), exact));
  CHECK(exact.tensors[1].quantization.scales == std::vector<double>{static_cast<double>(0.00392156886F)});
  described.tensors[1].quantization.scales = {0.00392167};
  CHECK(says(error_of(file_of({image, mask}, {scores}), described), "0.00392167"));
  described.tensors[1].quantization.scales = {0.00392157};
  described.tensors[1].quantization.zero_points = {-127};
  CHECK(says(error_of(file_of({image, mask}, {scores}), described), "zero point -127"));
}

TEST_CASE("tflite: what is no TFLite file is refused") {
  for (const std::string& file :
       {std::string(), std::string("TFL3"), std::string(1000, '\0'), std::string(1000, '\xff'),
        "    TFL3" + std::string(8, '\0'), "    TFL3" + std::string(1000, '\x7f')}) {
    CHECK_FALSE(read_tflite(file));
  }
}

TEST_CASE("tflite: contradictions inside a file are refused") {
  FileMaker maker;
  const auto made = maker.tensor(mask);
  CHECK_FALSE(read_tflite(maker.finish({made}, {1}, {})));
  FileMaker negative;
  const auto also_made = negative.tensor(mask);
  CHECK_FALSE(read_tflite(negative.finish({also_made}, {-1}, {})));
  CHECK_FALSE(read_tflite(file_of({{"x", 9, {1}, {0.5F}, {}, 0}}, {})));
  CHECK_FALSE(read_tflite(file_of({{"x", 9, {1}, {0.5F}, {1, 2}, 0}}, {})));
  CHECK_FALSE(read_tflite(file_of({{"x", 9, {1}, {0.5F}, {1LL << 40}, 0}}, {})));
}

TEST_CASE("tflite: tensors that share bytes do not add up to more than the file") {
  FileMaker maker;
  Spec large = mask;
  large.scales.assign(100'000, 0.5F);
  large.zero_points.assign(100'000, 0);
  const auto made = maker.tensor(large);
  const auto read = read_tflite(maker.finish({made}, std::vector<std::int32_t>(100'000, 0), {}));
  REQUIRE_FALSE(read);
  CHECK(read.error().message.find("larger than the file") != std::string::npos);
}

namespace {

/// All cuts, and every byte changed in several ways: each is read or refused, and reading ends.
void damage(const std::string& file) {
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < file.size(); ++size) {
    accepted += read_tflite(std::string_view(file).substr(0, size)).has_value() ? 1 : 0;
  }
  for (std::size_t at = 0; at < file.size(); ++at) {
    for (const unsigned change : {0x01U, 0x02U, 0x04U, 0x08U, 0x10U, 0x20U, 0x40U, 0x80U, 0xffU}) {
      std::string changed = file;
      changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ change);
      NetworkDescriptor described = network();
      accepted += apply_tflite(Bytes(changed), described).has_value() ? 1 : 0;
    }
  }
  CHECK(accepted > 0);
}

}  // namespace

TEST_CASE("tflite: damaged files neither crash nor hang") {
  damage(file_of({image, mask}, {scores}));
  const fs::path source = fs::path(STM32TVM_SHARED_DIR) / "mlf/sine_int8/source.tflite";
  if (!fs::exists(source)) {
    MESSAGE("no ", source.string(), ": no real file is damaged");
    return;
  }
  std::ifstream stream(source, std::ios::binary);
  const std::string real(std::istreambuf_iterator<char>(stream), {});
  REQUIRE(read_tflite(real));
  std::size_t accepted = 0;
  for (std::size_t at = 0; at < real.size(); ++at) {
    std::string changed = real;
    changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ 0xffU);
    accepted += read_tflite(changed).has_value() ? 1 : 0;
    accepted += read_tflite(std::string_view(real).substr(0, at)).has_value() ? 1 : 0;
  }
  CHECK(accepted > 0);
}
