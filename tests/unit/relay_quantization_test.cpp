// SPDX-License-Identifier: Apache-2.0
// Quantization told from Relay text: one snippet for each way it can be told, then every archive of ../shared/mlf.
#include "network/relay_quantization.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "stm32tvm/archive.hpp"

#ifndef STM32TVM_SHARED_DIR
#define STM32TVM_SHARED_DIR "../shared"
#endif

namespace {

using namespace stm32tvm;

RelayQuantization read(std::string_view text) {
  auto result = read_relay_quantization(text, "text.relay");
  REQUIRE_MESSAGE(result.has_value(), (result ? std::string() : to_string(result.error())));
  return *std::move(result);
}

// A main with an int8 input %x, an int8 input %y and a float input %f.
RelayQuantization read_body(std::string_view body, std::string_view others = "") {
  return read("def @main(%x: Tensor[(1, 8), int8], %y: Tensor[(1, 8), int8], %f: Tensor[(1, 8), float32]) {\n" +
              std::string(body) + "\n}\n" + std::string(others));
}

bool is(const RelayTensor& tensor, double scale, std::int32_t zero_point) {
  const Quantization& read = tensor.quantization;
  return read.kind == Quantization::Kind::per_tensor && read.source == Quantization::Source::relay &&
         read.scales == std::vector<double>{scale} && read.zero_points == std::vector<std::int32_t>{zero_point} &&
         read.axis == -1 && !tensor.evidence.empty();
}
bool is_unknown(const RelayTensor& tensor) {
  return tensor.quantization == Quantization{} && tensor.evidence.empty();
}
bool is_unquantized(const RelayTensor& tensor) {
  return tensor.quantization.kind == Quantization::Kind::unquantized && tensor.quantization.scales.empty();
}

const RelayTensor& x_of(const RelayQuantization& read) {
  return read.inputs.at(0);
}
const RelayTensor& y_of(const RelayQuantization& read) {
  return read.inputs.at(1);
}
const RelayTensor& out_of(const RelayQuantization& read, std::size_t index = 0) {
  return read.outputs.at(index);
}

}  // namespace

TEST_CASE("operators with a product state their operands") {
  for (const std::string name : {"qnn.conv2d", "qnn.conv2d_transpose", "qnn.dense", "qnn.batch_matmul"}) {
    CAPTURE(name);
    const auto read = read_body(name + "(%x, %y, -128, 3, 0.5f, 0.25f, units=8, out_dtype=\"int32\")");
    CHECK(is(x_of(read), 0.5, -128));
    CHECK(x_of(read).evidence == "argument of " + name + " at line 2");
    CHECK(is(y_of(read), 0.25, 3));
    CHECK(is_unknown(out_of(read)));
    CHECK(out_of(read).type == parse_data_type("int32"));
    CHECK(is_unquantized(read.inputs.at(2)));
    CHECK(read.diagnostics.empty());

    // Scales along an axis are constants whose values are not in the text; so may zero points be.
    const auto per_axis = read_body(name + "(%x, %y, -128, 0, 0.5f, meta[relay.Constant][0], out_dtype=\"int32\")");
    CHECK(is(x_of(per_axis), 0.5, -128));
    CHECK(is_unknown(y_of(per_axis)));
    const auto no_zero = read_body(name + "(%x, %y, meta[relay.Constant][0], 0, 0.5f, 0.25f, out_dtype=\"int32\")");
    CHECK(is_unknown(x_of(no_zero)));
    CHECK(is(y_of(no_zero), 0.25, 0));
  }
}

TEST_CASE("operators with two operands and a result state all three") {
  for (const std::string name : {"qnn.add", "qnn.subtract", "qnn.mul"}) {
    CAPTURE(name);
    const auto read = read_body(name + "(%x, %y, 0.5f, 1, 0.25f, 2, 0.125f, -3)");
    CHECK(is(x_of(read), 0.5, 1));
    CHECK(is(y_of(read), 0.25, 2));
    CHECK(is(out_of(read), 0.125, -3));
    CHECK(out_of(read).evidence == "result of " + name + " at line 2");
    CHECK(out_of(read).type == parse_data_type("int8"));
  }
}

TEST_CASE("operators with one operand and a result state both") {
  for (const std::string name : {"qnn.requantize", "qnn.softmax", "qnn.leaky_relu", "qnn.sigmoid", "qnn.hardswish",
                                 "qnn.tanh", "qnn.exp", "qnn.sqrt", "qnn.rsqrt", "qnn.erf", "qnn.log", "qnn.abs"}) {
    CAPTURE(name);
    const auto read = read_body(name + "(%x, 0.5f, 1, 0.25f, 2, out_dtype=\"int8\")");
    CHECK(is(x_of(read), 0.5, 1));
    CHECK(is(out_of(read), 0.25, 2));
  }
}

TEST_CASE("quantize states its result, dequantize its operand") {
  const auto in = read_body("qnn.dequantize(%x, 0.5f, 7, out_dtype=\"float32\")");
  CHECK(is(x_of(in), 0.5, 7));
  CHECK(is_unquantized(out_of(in)));
  const auto out = read_body("qnn.quantize(%f, 0.5f, 7, out_dtype=\"uint8\")");
  CHECK(is(out_of(out), 0.5, 7));
  CHECK(out_of(out).type == parse_data_type("uint8"));
  CHECK(is_unquantized(out.inputs.at(2)));

  // Softmax as TFLite's importer writes it: the float operators between the two say nothing of integers.
  const auto softmax = read_body(R"(%0 = qnn.dequantize(%x, 0.5f, 7) /* span=Identity:0:0 */;
%1 = nn.softmax(%0) /* span=Identity:0:0 */;
qnn.quantize(%1, 0.00390625f, -128, out_dtype="int8") /* span=Identity:0:0 */)");
  CHECK(is(x_of(softmax), 0.5, 7));
  CHECK(is(out_of(softmax), 0.00390625, -128));
  CHECK(out_of(softmax).evidence == "result of qnn.quantize at line 4");
  CHECK(out_of(softmax).name == "Identity");
}

TEST_CASE("concatenate states each of its operands") {
  const auto read = read_body("%0 = (%x, %y); qnn.concatenate(%0, (0.5f, 0.25f), (1, 2), 0.125f, 3, axis=1)");
  CHECK(is(x_of(read), 0.5, 1));
  CHECK(is(y_of(read), 0.25, 2));
  CHECK(is(out_of(read), 0.125, 3));
  // Lists of another length than the operands' fit no operand.
  const auto uneven = read_body("qnn.concatenate((%x, %y), (0.5f,), (1, 2), 0.125f, 3, axis=1)");
  CHECK(is_unknown(x_of(uneven)));
  CHECK(is_unknown(y_of(uneven)));
  const auto opaque = read_body("qnn.concatenate(%x, foo(%y), bar(%y), 0.125f, 3, axis=1)");
  CHECK(is_unknown(x_of(opaque)));
}

TEST_CASE("operators that keep the meaning of values pass it both ways") {
  for (const std::string call :
       {"reshape(%x, newshape=[8, 1])", "transpose(%x, axes=None)", "squeeze(%x, axis=[0])", "expand_dims(%x, axis=0)",
        "clip(%x, a_min=-128f, a_max=127f)", "nn.max_pool2d(%x, pool_size=[2, 2])",
        "nn.avg_pool2d(%x, pool_size=[2, 2])", "nn.pad(%x, -128f, pad_width=[[0, 0], [1, 1]])",
        R"(cast(%x, dtype="int8"))", "strided_slice(%x, begin=[0], end=[1])",
        R"(layout_transform(%x, src_layout="NHWC", dst_layout="NCHW"))", "nn.batch_flatten(%x)", "copy(%x)",
        "take(%x, %y, axis=1)", "mean(%x, axis=[1])", "(%x, %f).0", "(copy(%x),).0"}) {
    CAPTURE(call);
    const auto forward = read_body("%0 = " + call + ";\nqnn.dequantize(%0, 0.5f, 7)");
    CHECK(is(x_of(forward), 0.5, 7));
    const auto backward = read_body("%0 = qnn.dequantize(%x, 0.5f, 7);\n(" + call + ", %0)");
    CHECK(is(out_of(backward), 0.5, 7));
    CHECK(out_of(backward).type == parse_data_type("int8"));
  }
  const auto split = read_body(
      "%0 = split(%x, indices_or_sections=[2, 4], axis=1); %1 = qnn.dequantize(%0.1, 0.5f, 7);"
      " (%0.0, %0.2, %0)");
  CHECK(is(x_of(split), 0.5, 7));
  REQUIRE(split.outputs.size() == 5);
  for (const RelayTensor& output : split.outputs) {
    CHECK(is(output, 0.5, 7));
  }
  const auto halves = read_body(
      "%0 = qnn.dequantize(%x, 0.5f, 7); split(%x, indices_or_sections=2, axis=1)"
      " /* ty=(Tensor[(1, 4), int8], Tensor[(1, 4), int8]) */");
  REQUIRE(halves.outputs.size() == 2);
  CHECK(is(out_of(halves, 1), 0.5, 7));
  CHECK(out_of(halves, 1).shape == std::vector<std::int64_t>{1, 4});
}

TEST_CASE("operators that change values pass nothing") {
  for (const std::string call :
       {"add(%x, %y)", "multiply(%x, %y)", "negative(%x)", "sum(%x, axis=[1])", "argmax(%x)", "right_shift(%x, %y)",
        "foo(%x)", "qnn.simulated_quantize(%x, 0.25f, 3)", "concatenate((%x, %y))", "take(%y, %x)",
        "cast(%x, dtype=\"uint8\")", "nn.avg_pool2d(%x, count_include_pad=True)", "cast(%x, dtype=\"float32\")"}) {
    CAPTURE(call);
    const auto forward = read_body("%0 = " + call + ";\nqnn.dequantize(%0, 0.5f, 7)");
    CHECK(is_unknown(x_of(forward)));
    const auto backward = read_body("%0 = qnn.dequantize(%x, 0.5f, 7);\n(" + call + ", %0)");
    CHECK_FALSE(out_of(backward).quantization.kind == Quantization::Kind::per_tensor);
  }
}

TEST_CASE("casts keep the meaning of integers only when no value can change") {
  // Average pooling as TFLite's importer writes it: through int32 and back, by way of values that int8 can hold.
  const auto pool = read_body(R"(%0 = cast(%x, dtype="int32");
%1 = nn.avg_pool2d(%0, pool_size=[8, 8], padding=[0, 0, 0, 0], layout="NHWC");
%2 = cast(%1, dtype="int8");
(%2, qnn.dequantize(%2, 0.5f, 7)))");
  CHECK(is(x_of(pool), 0.5, 7));
  CHECK(is(out_of(pool), 0.5, 7));

  const auto narrow = [](std::string_view between) {
    return read("def @main(%x: Tensor[(1, 8), int32]) { %0 = " + std::string(between) +
                "; %1 = cast(%0, dtype=\"int8\"); qnn.dequantize(%1, 0.5f, 7) }");
  };
  CHECK(is_unknown(x_of(narrow("copy(%x)"))));
  CHECK(is(x_of(narrow("clip(%x, a_min=-128f, a_max=127f)")), 0.5, 7));
  CHECK(is_unknown(x_of(narrow("clip(%x, a_min=-128f, a_max=128f)"))));
  CHECK(is_unknown(x_of(narrow("nn.pad(clip(%x, a_min=-128f, a_max=127f), 300f)"))));
  CHECK(is_unknown(x_of(narrow("clip(%x, a_max=127f)"))));
}

TEST_CASE("relu keeps the meaning of integers only with zero point 0") {
  const auto zero = read_body("%0 = nn.relu(%x); %1 = nn.relu(%0); qnn.dequantize(%1, 0.5f, 0)");
  CHECK(is(x_of(zero), 0.5, 0));
  const auto backward = read_body("%0 = qnn.quantize(%f, 0.5f, 0, out_dtype=\"int8\"); nn.relu(nn.relu(%0))");
  CHECK(is(out_of(backward), 0.5, 0));
  const auto other = read_body("%0 = nn.relu(%x); qnn.dequantize(%0, 0.5f, -128)");
  CHECK(is_unknown(x_of(other)));
}

TEST_CASE("functions are followed into their bodies and out again") {
  SUBCASE("beside main, each call for itself") {
    // One body for two calls: what one call's tensors mean says nothing of the other's.
    const auto read = read_body(R"(%0 = @keep(%x);
%1 = @keep(%y);
%2 = qnn.dequantize(%0, 0.5f, 7);
(%0, %1))",
                                "def @keep(%a: Tensor[(1, 8), int8], Primitive=1) -> Tensor[(8), int8] {\n"
                                "  reshape(%a, newshape=[8])\n}\n");
    CHECK(is(x_of(read), 0.5, 7));
    CHECK(is_unknown(y_of(read)));
    CHECK(is(out_of(read, 0), 0.5, 7));
    CHECK(is_unknown(out_of(read, 1)));
    CHECK(out_of(read, 1).shape == std::vector<std::int64_t>{8});
  }
  SUBCASE("a partitioned graph: a function with a nested composite") {
    const auto read = read_body(
        R"(@tvmgen_default_cmsis_nn_main_0(%x, meta[relay.Constant][0] /* ty=Tensor[(8), int32] */))",
        R"(def @tvmgen_default_cmsis_nn_main_0(%cmsis-nn_0_i0: Tensor[(1, 8), int8], %const_0: Tensor[(8), int32],
    Compiler="cmsis-nn", Primitive=1) -> Tensor[(1, 8), int8] {
  %3 = fn (%FunctionVar_0_0: Tensor[(1, 8), int8], %const_1: Tensor[(8), int32], Composite="cmsis-nn.qnn_softmax")
      -> Tensor[(1, 8), int8] {
    %1 = qnn.dequantize(%FunctionVar_0_0, 0.5f /* ty=float32 */, 7 /* ty=int32 */);
    %2 = nn.softmax(%1) /* span=Identity:0:0 */;
    qnn.quantize(%2, 0.25f /* ty=float32 */, -128 /* ty=int32 */, out_dtype="int8") /* span=Identity:0:0 */
  } /* ty=fn (Tensor[(1, 8), int8], Tensor[(8), int32]) -> Tensor[(1, 8), int8] */;
  %3(%cmsis-nn_0_i0, %const_0)
}
)");
    CHECK(is(x_of(read), 0.5, 7));
    CHECK(is(out_of(read), 0.25, -128));
    CHECK(out_of(read).name == "Identity");
    CHECK(out_of(read).shape == std::vector<std::int64_t>{1, 8});
  }
  SUBCASE("literals as arguments") {
    const auto read =
        read_body("%0 = 0.5f; @f(%x, %0, 7)",
                  "def @f(%a: Tensor[(1, 8), int8], %s: float32, %z: int32) { qnn.dequantize(%a, %s, %z) }");
    CHECK(is(x_of(read), 0.5, 7));
  }
  SUBCASE("a nested function that outlives the call it belongs to is not followed") {
    const auto read =
        read_body("%0 = @make(0.5f); %1 = @make(0.25f); (%0(%x), %1(%y))",
                  "def @make(%s: float32) { fn (%a: Tensor[(1, 8), int8]) { qnn.dequantize(%a, %s, 7) } }");
    CHECK(is_unknown(x_of(read)));
    CHECK(is(y_of(read), 0.25, 7));
  }
  SUBCASE("both branches state facts; which result it is, is not known") {
    const auto read = read_body("if (%c) { %0 = qnn.dequantize(%x, 0.5f, 7); %x } else { copy(%y) }");
    CHECK(is(x_of(read), 0.5, 7));
    CHECK(is_unknown(out_of(read)));
  }
  SUBCASE("recursion ends") {
    const auto read =
        read_body("@f(%x)", "def @f(%a: Tensor[(1, 8), int8]) { %0 = @f(%a); qnn.dequantize(%a, 0.5f, 7) }");
    CHECK(is(x_of(read), 0.5, 7));
  }
  SUBCASE("calls without end make everything unknown") {
    std::string functions;
    for (int i = 0; i < 30; ++i) {
      const std::string next = "@f" + std::to_string(i + 1) + "(%a)";
      functions.append("def @f").append(std::to_string(i)).append("(%a: int8) { (");
      functions.append(next).append(", ").append(next).append(") }\n");
    }
    const auto read = read_body("%0 = qnn.dequantize(%x, 0.5f, 7); %1 = @f0(%x); %0", functions);
    CHECK(is_unknown(x_of(read)));
    CHECK(is_unquantized(read.inputs.at(2)));
    CHECK(read.outputs.empty());
    REQUIRE(read.diagnostics.size() == 1);
    CHECK(read.diagnostics[0].kind == Diagnostic::Kind::warning);
  }
}

TEST_CASE("contradictions make a tensor unknown, with a warning that names both sides") {
  const auto read = read_body(R"(%0 = qnn.dequantize(%x, 0.5f, 7);
%1 = reshape(%x, newshape=[8]);
%2 = qnn.requantize(%1, 0.25f, 7, 0.125f, 0, out_dtype="int8");
(%0, %2))");
  CHECK(is_unknown(x_of(read)));
  CHECK(is(out_of(read, 1), 0.125, 0));
  REQUIRE(read.diagnostics.size() == 1);
  CHECK(read.diagnostics[0].kind == Diagnostic::Kind::warning);
  CHECK(read.diagnostics[0].where == "text.relay");
  for (const char* part : {"input %x", "scale 0.5, zero point 7 (argument of qnn.dequantize at line 2)",
                           "scale 0.25, zero point 7 (argument of qnn.requantize at line 4)"}) {
    CHECK(read.diagnostics[0].message.find(part) != std::string::npos);
  }

  CHECK(is_unknown(x_of(read_body("%0 = qnn.dequantize(%x, 0.5f, 7); qnn.dequantize(%x, 0.5f, 8)"))));
  CHECK(is_unknown(x_of(read_body("%0 = qnn.dequantize(%x, 0.5f, 7); qnn.dequantize(%x, 0.500001f, 7)"))));
  CHECK(is(x_of(read_body("%0 = qnn.dequantize(%x, 0.5f, 7); qnn.dequantize(%x, 0.5000001f, 7)")), 0.5, 7));
  // The second fact of one side of a join must not be lost.
  CHECK(is_unknown(out_of(read_body(
      "%0 = qnn.dequantize(%x, 0.5f, 7); %1 = qnn.dequantize(%x, 0.25f, 7); %2 = copy(%x); (copy(%2), %0, %1)"))));
}

TEST_CASE("figures without a meaning are not taken") {
  for (const char* operands :
       {"0f, 0", "-0.5f, 0", "inff, 0", "nanf, 0", "1e400f, 0", "0.5f, 0.5f", "0.5f, 2147483648", "0.5f, -129",
        "0.5f, 128", "0.5f, True", "\"0.5\", 0", "%f, 0", "0.5f, %y", "0.5f", "0.5f, 0, 0"}) {
    CAPTURE(operands);
    CHECK(is_unknown(x_of(read_body("qnn.dequantize(%x, " + std::string(operands) + ")"))));
  }
  CHECK(is(x_of(read_body("qnn.dequantize(%x, 7.39052e-05f, -128)")), 7.39052e-05, -128));
  CHECK(is(x_of(read("def @main(%x: Tensor[(1), uint8]) { qnn.dequantize(%x, 0.5f, 255) }")), 0.5, 255));
  CHECK(is(x_of(read("def @main(%x: Tensor[(1), int16]) { qnn.dequantize(%x, 0.5f, 0) }")), 0.5, 0));
  CHECK(is(x_of(read("def @main(%x: Tensor[(1), int32]) { qnn.dequantize(%x, 0.5f, 0) }")), 0.5, 0));
}

TEST_CASE("types: float is unquantized, an integer without evidence unknown") {
  const auto types = read_body(
      "(nn.softmax(add(%f, 1f)), argmax(%x), foo(%f), add(meta[relay.Constant][0], %f), "
      "take(meta[relay.Constant][0], %x), nn.dense(%f, %f, out_dtype=\"int32\"))");
  CHECK(is_unquantized(out_of(types, 0)));
  CHECK(is_unknown(out_of(types, 1)));
  CHECK(is_unknown(out_of(types, 2)));
  CHECK_FALSE(out_of(types, 2).type.has_value());
  CHECK(is_unquantized(out_of(types, 3)));
  CHECK_FALSE(out_of(types, 4).type.has_value());
  CHECK(is_unknown(out_of(types, 5)));
  // The type of the whole result, or behind the operator.
  const auto written = read(
      "def @main(%x: Tensor[(4), int8]) -> (Tensor[(4), float32], Tensor[(2), int8]) {\n"
      "  (foo(%x), bar(%x) /* ty=Tensor[(2), int8] */) }");
  CHECK(is_unquantized(out_of(written, 0)));
  CHECK(out_of(written, 0).shape == std::vector<std::int64_t>{4});
  CHECK(out_of(written, 1).type == parse_data_type("int8"));
}

TEST_CASE("names of inputs and outputs") {
  const auto attribute = read(
      "def @main(%b:0: int8, %a: int8, output_tensor_names=[\"Identity\", \"a\\\"b\"]) "
      "{ (copy(%a) /* span=other:0:0 */, copy(%b:0)) }");
  CHECK(attribute.inputs.at(0).name == "b:0");
  CHECK(attribute.inputs.at(1).name == "a");
  CHECK(out_of(attribute, 0).name == "Identity");
  CHECK(out_of(attribute, 1).name == "a\"b");

  const auto spans = read_body(
      "(copy(%x) /* span=StatefulPartitionedCall:0:0:0 */, copy(%x) /* span=in.relay:3:14 */, "
      "copy(%x) /* span=twice:0:0 */, copy(%y) /* span=twice:0:0 */, copy(%x), "
      "copy(%x) /* span=one:0:0, two:0:0 */)");
  const std::vector<std::string> names = {"StatefulPartitionedCall:0", "", "", "", "", ""};
  for (std::size_t i = 0; i < names.size(); ++i) {
    CHECK(out_of(spans, i).name == names[i]);
  }
  // Names that do not fit the outputs one to one are no help.
  CHECK(out_of(read("def @main(%a: int8, output_tensor_names=[\"a\", \"b\"]) { copy(%a) }")).name.empty());
}

TEST_CASE("texts without @main") {
  const auto bare = read("#[version = \"0.0.5\"]\nfn (%x: Tensor[(4), int8]) { qnn.dequantize(%x, 0.5f, 7) }");
  CHECK(is(x_of(bare), 0.5, 7));
  const auto other = read("def @other(%x: Tensor[(4), int8]) { qnn.dequantize(%x, 0.5f, 7) }");
  CHECK(other.inputs.empty());
  CHECK(other.outputs.empty());
  CHECK(other.diagnostics.size() == 1);
  CHECK_FALSE(read_relay_quantization("def @main(", "text.relay").has_value());
}

namespace {

// How many tensors there were, and of how many the text told whether and how they are quantized.
struct Tally {
  int tensors = 0;
  int told = 0;
};

// Checks what was told of a tensor against the source model.
void compare(const nlohmann::json& expected, const RelayTensor& tensor, Tally& tally) {
  ++tally.tensors;
  CAPTURE(tensor.name);
  const bool is_float = expected.at("dtype").get<std::string>().starts_with("float");
  if (is_float) {
    CHECK(is_unquantized(tensor));
    ++tally.told;
    return;
  }
  if (tensor.type) {
    CHECK(to_string(*tensor.type) == expected.at("dtype").get<std::string>());
  }
  if (!expected.contains("scale")) {
    CHECK(is_unknown(tensor));
    return;
  }
  REQUIRE(tensor.quantization.kind == Quantization::Kind::per_tensor);
  ++tally.told;
  const double scale = expected.at("scale").at(0).get<double>();
  CHECK(std::abs(tensor.quantization.scales.at(0) - scale) <= 1e-5 * scale);
  CHECK(tensor.quantization.zero_points.at(0) == expected.at("zero_point").at(0).get<int>());
}

nlohmann::json io_of(const std::filesystem::path& model) {
  std::ifstream file(model / "io.json");
  return nlohmann::json::parse(file);
}

}  // namespace

TEST_CASE("every archive of ../shared/mlf") {
  const std::filesystem::path root = std::filesystem::path(STM32TVM_SHARED_DIR) / "mlf";
  if (!std::filesystem::is_directory(root)) {
    MESSAGE("skipped: there is no " << root.string());
    return;
  }
  std::vector<std::filesystem::path> archives;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".tar") {
      archives.push_back(entry.path());
    }
  }
  std::sort(archives.begin(), archives.end());
  Tally tally;
  int texts = 0;
  for (const std::filesystem::path& path : archives) {
    CAPTURE(path.string());
    const auto archive = Archive::open(path);
    REQUIRE(archive.has_value());
    for (const Archive::Member& member : archive->members()) {
      if (!member.path.ends_with(".relay") && !member.path.ends_with("relay.txt")) {
        continue;
      }
      ++texts;
      const auto result = read_relay_quantization(member.contents.view(), member.path);
      REQUIRE(result.has_value());
      CHECK(result->diagnostics.empty());
      // An archive of two modules holds another folder's model, too.
      const nlohmann::json io = io_of(member.path.ends_with("sine.relay") ? root / "sine_int8" : path.parent_path());
      const nlohmann::json& inputs = io.at("inputs");
      REQUIRE(result->inputs.size() >= inputs.size());
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        CHECK(result->inputs[i].name == inputs[i].at("name").get<std::string>());
        compare(inputs[i], result->inputs[i], tally);
      }
      const nlohmann::json& outputs = io.at("outputs");
      REQUIRE(result->outputs.size() == outputs.size());
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        compare(outputs[i], result->outputs[i], tally);
      }
    }
  }
  MESSAGE(texts << " Relay texts: quantization told of " << tally.told << " of " << tally.tensors << " tensors");
  CHECK(texts > 0);
}
