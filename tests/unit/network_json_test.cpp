// SPDX-License-Identifier: Apache-2.0
// Tests of a NetworkDescriptor as JSON: another parser reads it back.
#include <doctest/doctest.h>
#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/network_descriptor.hpp"

namespace {

using stm32tvm::Bytes;
using stm32tvm::DataType;
using stm32tvm::Diagnostic;
using stm32tvm::KernelSource;
using stm32tvm::NetworkDescriptor;
using stm32tvm::Operator;
using stm32tvm::Quantization;
using stm32tvm::Tensor;

NetworkDescriptor example() {
  NetworkDescriptor network;
  network.module_name = "kws";
  network.executor = "graph";
  network.targets = {"c -keys=cpu "};
  network.export_datetime = "2023-01-02 03:04:05Z";
  network.tvm_version = "0.14.0";
  network.format_version = 7;
  Tensor input;
  input.name = "x";
  input.shape = {1, 4};
  input.bytes = 4;
  input.quantization = {Quantization::Kind::per_tensor, Quantization::Source::relay, {0.5}, {-3}, -1};
  Tensor parameter;
  parameter.name = "p0";
  parameter.type = DataType{DataType::Code::floating_point, 32, 1};
  parameter.bytes = 4;
  parameter.constant = Bytes("SECRET VALUES");
  Tensor view = input;
  view.name = "view";
  view.view_of = 0;
  view.quantization = {};
  network.tensors = {input, parameter, view};
  network.inputs = {0};
  network.outputs = {2};
  network.parameters = {1};
  Operator call;
  call.name = "conv";
  call.kernel = "tvmgen_kws_conv";
  call.inputs = {{0, {0, 2}}, {1, {1, 2}}};
  call.outputs = {{2, {2, 3}}};
  call.workspaces = {{128, {1, 3}}};
  call.statement_count = 4;
  call.stack_bytes = 99;
  Operator copy;
  copy.kind = Operator::Kind::copy;
  network.operators = {call, copy};
  KernelSource source;
  source.name = "lib0.c";
  source.text = Bytes("int SECRET_TEXT;");
  network.sources = {source};
  network.needs.headers = {"math.h"};
  network.needs.math_functions = {"expf"};
  network.needs.cmsis_nn_functions = {"arm_softmax_s8"};
  network.needs.arm_simd = true;
  network.diagnostics = {{Diagnostic::Kind::repair, "mended", "lib0.c"}};
  return network;
}

/// The value at a JSON pointer.
template <class T>
T at(const simdjson::dom::element& root, std::string_view pointer) {
  T value{};
  const auto error = root.at_pointer(pointer).get(value);
  CHECK_MESSAGE(error == simdjson::SUCCESS, pointer);
  return value;
}

}  // namespace

TEST_CASE("network json: another parser finds every value") {
  const std::string text = to_json(example());
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(text);
  CHECK(at<std::string_view>(root, "/module_name") == "kws");
  CHECK(at<std::string_view>(root, "/executor") == "graph");
  CHECK(at<std::string_view>(root, "/targets/0") == "c -keys=cpu ");
  CHECK(at<std::string_view>(root, "/export_datetime") == "2023-01-02 03:04:05Z");
  CHECK(at<std::string_view>(root, "/tvm_version") == "0.14.0");
  CHECK(at<std::int64_t>(root, "/format_version") == 7);
  CHECK(at<std::int64_t>(root, "/inputs/0") == 0);
  CHECK(at<std::int64_t>(root, "/outputs/0") == 2);
  CHECK(at<std::int64_t>(root, "/parameters/0") == 1);
  CHECK(at<std::string_view>(root, "/tensors/0/name") == "x");
  CHECK(at<std::string_view>(root, "/tensors/0/type") == "int8");
  CHECK(at<std::int64_t>(root, "/tensors/0/shape/1") == 4);
  CHECK(at<std::int64_t>(root, "/tensors/0/bytes") == 4);
  CHECK_FALSE(at<bool>(root, "/tensors/0/constant"));
  CHECK(at<std::string_view>(root, "/tensors/0/quantization/kind") == "per_tensor");
  CHECK(at<std::string_view>(root, "/tensors/0/quantization/source") == "relay");
  CHECK(at<double>(root, "/tensors/0/quantization/scales/0") == 0.5);
  CHECK(at<std::int64_t>(root, "/tensors/0/quantization/zero_points/0") == -3);
  CHECK(at<bool>(root, "/tensors/1/constant"));
  CHECK(at<std::string_view>(root, "/tensors/1/quantization/kind") == "unknown");
  CHECK(at<std::int64_t>(root, "/tensors/2/view_of") == 0);
  CHECK(root.at_pointer("/tensors/0/view_of").error() != simdjson::SUCCESS);
  CHECK(at<std::string_view>(root, "/operators/0/kernel") == "tvmgen_kws_conv");
  CHECK(at<std::string_view>(root, "/operators/0/kind") == "kernel");
  CHECK(at<std::string_view>(root, "/operators/1/kind") == "copy");
  CHECK(at<std::int64_t>(root, "/operators/0/inputs/1/tensor") == 1);
  CHECK(at<std::int64_t>(root, "/operators/0/inputs/1/statements/0") == 1);
  CHECK(at<std::int64_t>(root, "/operators/0/outputs/0/statements/1") == 3);
  CHECK(at<std::int64_t>(root, "/operators/0/workspaces/0/bytes") == 128);
  CHECK(at<std::int64_t>(root, "/operators/0/statement_count") == 4);
  CHECK(at<std::int64_t>(root, "/operators/0/stack_bytes") == 99);
  CHECK(at<std::string_view>(root, "/sources/0/name") == "lib0.c");
  CHECK(at<std::int64_t>(root, "/sources/0/bytes") == 16);
  CHECK(at<std::string_view>(root, "/needs/headers/0") == "math.h");
  CHECK(at<std::string_view>(root, "/needs/math_functions/0") == "expf");
  CHECK(at<std::string_view>(root, "/needs/cmsis_nn_functions/0") == "arm_softmax_s8");
  CHECK(at<bool>(root, "/needs/arm_simd"));
  CHECK(at<std::string_view>(root, "/diagnostics/0/kind") == "repair");
  CHECK(at<std::string_view>(root, "/diagnostics/0/where") == "lib0.c");
}

TEST_CASE("network json: values and texts are left out, the bytes are the same each time, and lines end") {
  const std::string text = to_json(example());
  CHECK(text.find("SECRET") == std::string::npos);
  CHECK(text == to_json(example()));
  CHECK(text.starts_with("{\n  \"module_name\": \"kws\",\n"));
  CHECK(text.ends_with("\n}\n"));
}

TEST_CASE("network json: an empty descriptor has empty lists") {
  simdjson::dom::parser parser;
  const std::string text = to_json(NetworkDescriptor{});
  const simdjson::dom::element root = parser.parse(text);
  for (const std::string_view list : {"/targets", "/inputs", "/outputs", "/parameters", "/tensors", "/operators",
                                      "/sources", "/needs/headers", "/diagnostics"}) {
    CAPTURE(list);
    CHECK(at<simdjson::dom::array>(root, list).size() == 0);
  }
}

TEST_CASE("network json: names of any bytes make JSON that is valid") {
  for (const std::string& name : {std::string("\xff\xfe"), std::string("a\0b", 3), std::string("\"\\\n\x1b"),
                                  std::string("\xc3\xa4"), std::string("\xed\xa0\x80"), std::string("\xc3")}) {
    NetworkDescriptor network = example();
    network.module_name = name;
    network.targets = {name};
    network.tensors[0].name = name;
    network.operators[0].name = name;
    network.operators[0].kernel = name;
    network.sources[0].name = name;
    network.diagnostics[0].message = name;
    const std::string text = to_json(network);
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    CHECK(parser.parse(text).get(root) == simdjson::SUCCESS);
  }
}
