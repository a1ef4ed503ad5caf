// SPDX-License-Identifier: Apache-2.0
// Relay text to expressions: what TVM prints, what is skipped, and texts that are cut, damaged or hostile.
#include "network/relay_parser.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "network/relay_quantization.hpp"
#include "stm32tvm/archive.hpp"

#ifndef STM32TVM_SHARED_DIR
#define STM32TVM_SHARED_DIR "../shared"
#endif

namespace {

using namespace stm32tvm;
using Kind = RelayExpression::Kind;

// All that the printers of TVM 0.8 to 0.18 write, in one text.
constexpr std::string_view everything = R"relay(#[version = "0.0.5"]
type List[A] { Cons(A, List[A]), Nil, }
/* a comment
   of two lines */ // and one of one line
def @main(%serving_default_dense_input:0: Tensor[(1, 4), int8] /* span=serving_default_dense_input:0:0:0 */,
          %right:0: Tensor[(1, ?), float32], %tight:Tensor[(2), uint8], %s: int32, %conv1.weight: Tensor[(), bool],
          output_tensor_names=["Identity", "a b"], virtual_device_=VirtualDevice(kind='c', attrs={'x': [1, 2]}))
    -> (Tensor[(1, 4), int8], Tensor[(4), float32]) {
  free_var %loose: Tensor[(1), float32];
  %0 = split(%serving_default_dense_input:0, indices_or_sections=2, axis=1) /* ty=(Tensor[(1, 2), int8],
       Tensor[(1, 2), int8]) span=split:0:0 */;
  let %x: Tensor[(1, 2), int8] = copy(%0.0);
  %1 = fn [A](%p0: Tensor[(1, 2), int8], %p1: fn (int8, (int8, int8)) -> int8, Primitive=1, hash="9f\"e")
      -> Tensor[(1, 2), int8] {
    clip(%p0, a_min=-128f, a_max=127f)
  } /* ty=fn (Tensor[(1, 2), int8]) -> Tensor[(1, 2), int8] */;
  %2 = if (%conv1.weight) { %1(%x, @helper) } else { %0.1 };
  %3 = (%2, 7 /* ty=int32 */, -3i64, 0.00392157f, 1e-05f, -2.5e+3, True, "text", meta[relay.Constant][12], (), (%2,));
  %4 = match? (%3) { Cons(%h, %t) => %h, Nil => { %2 } };
  @helper(%3.0, %3.10.0);
  %5 = @helper(%conv1.weight, [1, 2, 3]) /* unknown comment */;
  unknown.operator(%5, attrs=None, list=[[1, 1], [0, 0]], text="a, b)") /* ty=Tensor[(1, 4), int8]
      span=StatefulPartitionedCall:0:0:0 */
}

def @helper[B](%a: B, %b) {
  add(%a, %b)
}
#[metadata]
{ "root": 1, "nodes": [ "not Relay" ] }
)relay";

RelayModule parse(std::string_view text) {
  auto module = parse_relay(text, "text.relay");
  REQUIRE_MESSAGE(module.has_value(), (module ? std::string() : to_string(module.error())));
  return *std::move(module);
}

Error parse_error(std::string_view text) {
  auto module = parse_relay(text, "text.relay");
  REQUIRE_FALSE(module.has_value());
  return module.error();
}

const RelayExpression& expression(const RelayModule& module, RelayIndex index) {
  REQUIRE(index < module.expressions.size());
  return module.expressions[index];
}

const RelayExpression& result_of(const RelayModule& module, std::size_t function = 0) {
  REQUIRE(function < module.functions.size());
  return expression(module, expression(module, module.functions[function].body).operands.back());
}

const RelayExpression& operand(const RelayModule& module, const RelayExpression& parent, std::size_t index) {
  REQUIRE(index < parent.operands.size());
  return expression(module, parent.operands[index]);
}

// The value that main's block binds to a name.
const RelayExpression& bound(const RelayModule& module, std::string_view name) {
  const RelayExpression& block = expression(module, module.functions[0].body);
  for (std::size_t i = 0; i + 1 < block.operands.size(); i += 2) {
    if (expression(module, block.operands[i]).text == name) {
      return expression(module, block.operands[i + 1]);
    }
  }
  FAIL("nothing is bound to this name");
  return block;
}

std::string repeat(std::string_view piece, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += piece;
  }
  return text;
}

// Neither the parser nor the reading of quantization may do anything but return; indices must stay inside the tables.
void survive(std::string_view text) {
  const auto module = parse_relay(text, "damaged");
  if (!module) {
    REQUIRE_FALSE(module.error().message.empty());
    return;
  }
  bool sound = true;
  for (const RelayExpression& each : module->expressions) {
    sound = sound && each.depth <= relay_depth_maximum;
    sound = sound && (each.type == relay_none || each.type < module->types.size());
    for (const RelayIndex index : each.operands) {
      sound = sound && index < module->expressions.size();
    }
  }
  REQUIRE(sound);
  const RelayQuantization read = find_relay_quantization(*module, "damaged");
  REQUIRE(read.outputs.size() <= 4096);
}

// One Relay text of each kind of model, small ones first.
std::vector<std::string> shared_texts() {
  const std::filesystem::path folder = std::filesystem::path(STM32TVM_SHARED_DIR) / "mlf";
  std::vector<std::string> texts;
  for (const char* name : {"digits_int8/graph.tar", "branches_f32/graph.tar", "sine_int8/graph.tar",
                           "kws_int8/graph.tar", "kws_int8/aot_c_cmsisnn.tar"}) {
    const auto archive = Archive::open(folder / name);
    if (!archive) {
      MESSAGE("skipped: " << name << " is not in " STM32TVM_SHARED_DIR);
      continue;
    }
    for (const Archive::Member& member : archive->members()) {
      if (member.path.ends_with(".relay")) {
        texts.emplace_back(member.contents.view());
      }
    }
  }
  return texts;
}

}  // namespace

TEST_CASE("functions, parameters and types") {
  const RelayModule module = parse(everything);
  REQUIRE(module.functions.size() == 3);
  const RelayFunction& main = module.functions[0];
  CHECK(main.name == "main");
  CHECK_FALSE(main.bare);
  CHECK(main.enclosing == relay_none);
  REQUIRE(main.parameters.size() == 5);

  SUBCASE("names hold ':' and '.'; the last ':' ends them") {
    const std::vector<std::string_view> names = {"serving_default_dense_input:0", "right:0", "tight", "s",
                                                 "conv1.weight"};
    for (std::size_t i = 0; i < names.size(); ++i) {
      CHECK(expression(module, main.parameters[i]).text == names[i]);
      CHECK(expression(module, main.parameters[i]).kind == Kind::parameter);
    }
    CHECK(expression(module, main.parameters[0]).span == "serving_default_dense_input:0:0:0");
    CHECK(expression(module, main.parameters[0]).line == 5);
    CHECK(expression(module, main.parameters[0]).column == 11);
  }
  SUBCASE("types of parameters") {
    const auto type = [&](std::size_t i) { return module.types.at(expression(module, main.parameters[i]).type); };
    CHECK(type(0).element == parse_data_type("int8"));
    CHECK(type(0).shape == std::vector<std::int64_t>{1, 4});
    CHECK(type(1).element == parse_data_type("float32"));
    CHECK_FALSE(type(1).shape.has_value());
    CHECK(type(2).element == parse_data_type("uint8"));
    CHECK(type(3).element == parse_data_type("int32"));
    CHECK(type(3).shape == std::vector<std::int64_t>{});
    CHECK(type(4).element == parse_data_type("bool"));
    CHECK(type(4).shape == std::vector<std::int64_t>{});
  }
  SUBCASE("attributes and result") {
    CHECK(find_attribute(main.attributes, "output_tensor_names") == "[\"Identity\", \"a b\"]");
    CHECK(find_attribute(main.attributes, "virtual_device_") == "VirtualDevice(kind='c', attrs={'x': [1, 2]})");
    CHECK_FALSE(find_attribute(main.attributes, "Compiler").has_value());
    const RelayType& result = module.types.at(main.result_type);
    CHECK(result.kind == RelayType::Kind::tuple);
    REQUIRE(result.fields.size() == 2);
    CHECK(result.fields[1].shape == std::vector<std::int64_t>{4});
  }
  SUBCASE("nested functions and those beside main") {
    const RelayFunction& nested = module.functions[1];
    CHECK(nested.name.empty());
    CHECK(nested.enclosing == 0);
    CHECK_FALSE(nested.bare);
    CHECK(find_attribute(nested.attributes, "hash") == R"("9f\"e")");
    const RelayType& type = module.types.at(expression(module, nested.parameters.at(1)).type);
    CHECK(type.kind == RelayType::Kind::function);
    REQUIRE(type.fields.size() == 3);
    CHECK(type.fields[1].kind == RelayType::Kind::tuple);
    CHECK(module.functions[2].name == "helper");
    CHECK(module.functions[2].parameters.size() == 2);
  }
}

TEST_CASE("expressions") {
  const RelayModule module = parse(everything);

  SUBCASE("calls with attributes, type and span") {
    const RelayExpression& split = bound(module, "0");
    CHECK(split.kind == Kind::call);
    CHECK(operand(module, split, 0).kind == Kind::op);
    CHECK(operand(module, split, 0).text == "split");
    CHECK(operand(module, split, 1).target == module.functions[0].parameters[0]);
    CHECK(find_attribute(split.attributes, "indices_or_sections") == "2");
    CHECK(split.span == "split:0:0");
    CHECK(split.line == 10);
    CHECK(split.column == 8);
    CHECK(module.types.at(split.type).kind == RelayType::Kind::tuple);
  }
  SUBCASE("let and projections") {
    const RelayExpression& copy = bound(module, "x");
    CHECK(operand(module, copy, 0).text == "copy");
    const RelayExpression& field = operand(module, copy, 1);
    CHECK(field.kind == Kind::projection);
    CHECK(field.target == 0);
    CHECK(operand(module, field, 0).text == "0");
  }
  SUBCASE("literals") {
    const RelayExpression& tuple = bound(module, "3");
    CHECK(tuple.kind == Kind::tuple);
    const std::vector<std::pair<Kind, std::string_view>> fields = {
        {Kind::variable, "2"},    {Kind::integer, "7"},    {Kind::integer, "-3i64"}, {Kind::real, "0.00392157f"},
        {Kind::real, "1e-05f"},   {Kind::real, "-2.5e+3"}, {Kind::boolean, "True"},  {Kind::string, "text"},
        {Kind::constant, "meta"}, {Kind::tuple, ""},       {Kind::tuple, ""}};
    REQUIRE(tuple.operands.size() == fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      CHECK(operand(module, tuple, i).kind == fields[i].first);
      CHECK(operand(module, tuple, i).text == fields[i].second);
    }
    CHECK(module.types.at(operand(module, tuple, 1).type).element == parse_data_type("int32"));
    CHECK(operand(module, tuple, 8).target == 12);
    CHECK(operand(module, tuple, 9).operands.empty());
    CHECK(operand(module, tuple, 10).operands.size() == 1);
  }
  SUBCASE("functions, branches, and what is skipped") {
    CHECK(bound(module, "1").kind == Kind::function);
    CHECK(bound(module, "1").target == 1);
    CHECK(bound(module, "2").kind == Kind::branch);
    const RelayExpression& then = operand(module, operand(module, bound(module, "2"), 1), 0);
    CHECK(then.kind == Kind::call);
    CHECK(operand(module, then, 2).kind == Kind::global);
    CHECK(operand(module, then, 2).text == "helper");
    CHECK(bound(module, "4").kind == Kind::other);
    const RelayExpression& dropped = bound(module, "");
    const RelayExpression& field = operand(module, dropped, 2);
    CHECK(field.target == 0);
    CHECK(operand(module, field, 0).target == 10);
    CHECK(operand(module, bound(module, "5"), 2).kind == Kind::other);
  }
  SUBCASE("the result") {
    const RelayExpression& result = result_of(module);
    CHECK(operand(module, result, 0).text == "unknown.operator");
    CHECK(find_attribute(result.attributes, "text") == "\"a, b)\"");
    CHECK(find_attribute(result.attributes, "list") == "[[1, 1], [0, 0]]");
    CHECK(result.span == "StatefulPartitionedCall:0:0:0");
  }
}

TEST_CASE("names are those of the innermost block that binds them") {
  const RelayModule module = parse(R"(def @main(%x: int8) {
  let %x = copy(%x);
  %0 = fn (%x: int8) { copy(%x) };
  %1 = fn () { copy(%outside) };
  %2 = if (%x) { %3 = copy(%x); %3 } else { %x };
  (%x, %0, %y.0, %z.1.5, %3)
})");
  const RelayFunction& main = module.functions[0];
  CHECK(operand(module, bound(module, "x"), 1).target == main.parameters[0]);
  CHECK(operand(module, result_of(module, 1), 1).target == module.functions[1].parameters[0]);
  CHECK(operand(module, result_of(module, 2), 1).target == relay_none);
  const RelayExpression& result = result_of(module);
  CHECK(operand(module, result, 0).target == expression(module, main.body).operands[0]);
  CHECK(operand(module, result, 2).text == "y.0");
  CHECK(operand(module, result, 2).target == relay_none);
  CHECK(operand(module, result, 4).target == relay_none);
}

TEST_CASE("a function that stands alone") {
  const RelayModule module = parse("#[version = \"0.0.5\"]\nfn (%x: Tensor[(4), int8]) -> Tensor[(4), int8] { %x }\n");
  REQUIRE(module.functions.size() == 1);
  CHECK(module.functions[0].bare);
}

TEST_CASE("errors name the place and what is needed") {
  const Error missing = parse_error("def @main(%x: Tensor[(1), int8]) {\n  %0 = add(%x %x);\n  %0\n}");
  CHECK(missing.code == ErrorCode::bad_source);
  CHECK(missing.where == "text.relay:2:15");
  CHECK(missing.message.find("\"x\"") != std::string::npos);

  CHECK(parse_error("").code == ErrorCode::bad_source);
  CHECK(parse_error("no Relay at all").code == ErrorCode::bad_source);
  CHECK(parse_error("def @main() { add(%x").code == ErrorCode::bad_source);
  CHECK(parse_error("def @main() { /* open").where == "text.relay:1:22");
  CHECK(parse_error("def @main() { \"open").code == ErrorCode::bad_source);
  CHECK(parse_error("def @main() { % }").code == ErrorCode::bad_source);
  CHECK(parse_error("def @main(%x: Tensor[(1, int8]) { %x }").code == ErrorCode::bad_source);
  CHECK(parse_error("def @main(%x: ) { %x }").code == ErrorCode::bad_source);
  CHECK(parse_error("def @main(%x: int8) { }").code == ErrorCode::bad_source);
}

TEST_CASE("nesting is limited") {
  const auto nested = [](std::string_view open, std::string_view close, std::size_t count) {
    return "def @main(%x: int8) { " + repeat(open, count) + "%x" + repeat(close, count) + " }";
  };
  for (const auto& [open, close] :
       std::vector<std::pair<std::string_view, std::string_view>>{{"(", ")"},
                                                                  {"(", ",)"},
                                                                  {"f(", ")"},
                                                                  {"", "()"},
                                                                  {"", ".0"},
                                                                  {"", " /* ty=int8 */ .0"},
                                                                  {"fn () { ", " }"},
                                                                  {"if (%x) { ", " } else { %x }"}}) {
    const std::string_view opening = open;
    CAPTURE(opening);
    CHECK(parse_relay(nested(open, close, 20), "").has_value());
    const auto deep = parse_relay(nested(open, close, 100'000), "");
    // Fields of a name are read from the name, where more than a few are no fields.
    if (open.empty() && close == ".0") {
      CHECK(deep.has_value());
    } else {
      REQUIRE_FALSE(deep.has_value());
      CHECK(deep.error().code == ErrorCode::limit_exceeded);
    }
  }
  for (const auto& [open, close] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"(", ")"}, {"fn () -> ", ""}, {"fn (", ") -> int8"}}) {
    const std::string type = repeat(open, 100'000) + "int8" + repeat(close, 100'000);
    CHECK(parse_error("def @main(%x: " + type + ") { %x }").code == ErrorCode::limit_exceeded);
    CHECK(parse_relay("def @main(%x: int8) { copy(%x) /* ty=" + type + " */ }", "").has_value());
  }
  CHECK(parse_relay("def @main(%x: L" + repeat("[", 100'000) + repeat("]", 100'000) + ") { %x }", "").has_value());
}

TEST_CASE("long texts take no more than time in proportion") {
  const auto seconds = [](const std::string& text) {
    const auto start = std::chrono::steady_clock::now();
    survive(text);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  const std::string head = "def @main(%x: Tensor[(1), int8], a=1) { ";
  const std::vector<std::string> texts = {
      head + repeat("%0 = copy(%x); ", 100'000) + "%0 }",
      head + repeat("%0 = copy(%0); ", 100'000) + "%0 }",
      head + repeat("%0 = nn.relu(%0); ", 50'000) + "qnn.dequantize(%0, 0.5f, 0) }",
      head + repeat("let %y = ", 100'000),
      head + repeat("/* ty=", 200'000),
      head + "%x /* " + repeat("span=ty=", 200'000) + " */ }",
      head + "(" + repeat("%x /* ty=int8 span=a:0:0 */, ", 50'000) + ") }",
      head + "%x" + repeat(".1", 500'000) + " }",
      head + "%" + repeat("a:", 500'000) + " = 1; %x }",
      head + "f(" + repeat("a=", 500'000) + ") }",
      head + "f(" + repeat("a ", 500'000) + ") }",
      head + "f(" + repeat("a /* b */", 200'000) + ") }",
      head + "f(a=" + repeat("[", 500'000) + ") }",
      head + repeat("%0 = (%x, %x); ", 50'000) + "%0 }",
      head + "%0 = (%x, %x); " + repeat("%0 = (%0, %0); ", 50'000) + "%0 }",
      repeat("def @main() { 1 } ", 50'000),
      repeat("'", 500'001),
      repeat("\"", 500'001),
      repeat("#[metadata", 100'000),
      repeat("-", 500'000),
  };
  for (const std::string& text : texts) {
    CAPTURE(text.substr(0, 80));
    // Far above what a slow machine with sanitizers takes, far below what quadratic work would.
    CHECK(seconds(text) < 20);
  }
}

TEST_CASE("functions that call each other many times are not followed for ever") {
  std::string text = "def @main(%x: Tensor[(1), int8]) { @f0(%x) }\n";
  for (int i = 0; i < 200; ++i) {
    text += "def @f" + std::to_string(i) + "(%x: Tensor[(1), int8]) { %0 = @f" + std::to_string(i + 1) + "(%x); @f" +
            std::to_string(i + 1) + "(%0) }\n";
  }
  survive(text);
  survive("def @main(%x: int8) { @main(%x) }");
  survive("def @main(%x: int8) { @a(%x) } def @a(%x: int8) { @b(%x) } def @b(%x: int8) { @a(%x) }");
  survive("def @main(%x: int8) { %0 = fn (%f: int8) { %f(%f) }; %0(%0) }");

  // Calls in calls, each in 90 tuples.
  std::string deep = "def @main(%x: int8) { @f0(%x) }\n";
  for (int i = 0; i < 25; ++i) {
    deep += "def @f" + std::to_string(i) + "(%x: int8) { " + repeat("(", 90) + "@f" + std::to_string(i + 1) + "(%x)" +
            repeat(",)", 90) + " }\n";
  }
  survive(deep);
}

TEST_CASE("too many expressions are refused") {
  const std::string text = "def @main() { (" + repeat("1,", relay_expressions_maximum + 1) + ") }";
  CHECK(parse_error(text).code == ErrorCode::limit_exceeded);
}

TEST_CASE("cut and damaged texts") {
  std::vector<std::string> texts = {std::string(everything)};
  for (std::string& text : shared_texts()) {
    texts.push_back(std::move(text));
  }
  for (const std::string& text : texts) {
    // Every place of short texts, and a few dozen of long ones.
    const std::size_t stride = text.size() < 2'500 ? 1 : text.size() / 40;
    for (std::size_t end = 0; end < text.size(); end += stride) {
      survive(std::string_view(text).substr(0, end));
    }
    std::string damaged = text;
    for (std::size_t at = 0; at < text.size(); at += stride) {
      for (const char c : {'\0', '\xff', '%', '(', '}', '"', '/', ':', '.', '9', static_cast<char>(text[at] ^ 1)}) {
        damaged[at] = c;
        survive(damaged);
      }
      damaged[at] = text[at];
    }
  }
}
