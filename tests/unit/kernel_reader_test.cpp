// SPDX-License-Identifier: Apache-2.0
// The reader of TVM's generated C: hand-written kernels for each rule.
#include "network/kernel_reader.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using stm32tvm::Kernel;
using stm32tvm::KernelParameter;
using stm32tvm::SourceFacts;
using stm32tvm::StatementSpan;
using stm32tvm::Workspace;
using Spans = std::vector<StatementSpan>;
using Strings = std::vector<std::string>;

}  // namespace

namespace doctest {
template <>
struct StringMaker<StatementSpan> {
  static String convert(const StatementSpan& span) {
    return (std::to_string(span.first) + ".." + std::to_string(span.last)).c_str();
  }
};
template <>
struct StringMaker<Spans> {
  static String convert(const Spans& spans) {
    String text;
    for (const StatementSpan& span : spans) {
      text += StringMaker<StatementSpan>::convert(span) + " ";
    }
    return text;
  }
};
template <>
struct StringMaker<Strings> {
  static String convert(const Strings& strings) {
    String text;
    for (const std::string& each : strings) {
      text += String(each.c_str()) + " ";
    }
    return text;
  }
};
}  // namespace doctest

namespace {

constexpr std::string_view kSignature =
    "(void* args, int32_t* arg_type_ids, int32_t num_args, void* out_ret_value, int32_t* out_ret_tcode, "
    "void* resource_handle)";

std::string join(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) {
    text += part;
  }
  return text;
}

/// A packed kernel "f" with the arguments a, b and c, whose data are a_1, b_1 and c_1, in the way TVM writes it.
std::string packed(const std::string& body) {
  std::string text = join({"TVM_DLL int32_t f", kSignature, " {\n"});
  const Strings names = {"a", "b", "c"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += join({"  int32_t ", names[i], "_code = arg_type_ids[", std::to_string(i), "];\n"});
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += join({"  void* ", names[i], " = (((TVMValue*)args)[", std::to_string(i), "].v_handle);\n"});
  }
  for (const std::string& name : names) {
    text += join({"  void* ", name, "_1 = (((DLTensor*)", name, ")[0].data);\n"});
    text += join({"  void* f_", name, "_shape = (((DLTensor*)", name, ")[0].shape);\n"});
    text += join({"  void* f_", name, "_strides = (((DLTensor*)", name, ")[0].strides);\n"});
  }
  text += "  int32_t dev_id = (((DLTensor*)a)[0].device.device_id);\n  if (!(f_a_strides == NULL)) {\n  }\n";
  return text + body + "  return 0;\n}\n";
}

SourceFacts read(const std::string& text) {
  auto facts = stm32tvm::read_kernels({text, "lib1.c"}, stm32tvm::outline_source(text));
  REQUIRE_MESSAGE(facts, (facts ? "" : to_string(facts.error())));
  return *std::move(facts);
}

Kernel read_one(const std::string& text) {
  SourceFacts facts = read(text);
  REQUIRE(facts.kernels.size() == 1);
  return facts.kernels[0];
}

stm32tvm::Error read_error(const std::string& text) {
  const auto facts = stm32tvm::read_kernels({text, "lib1.c"}, stm32tvm::outline_source(text));
  REQUIRE_FALSE(facts);
  return facts.error();
}

Spans uses(const Kernel& kernel) {
  Spans spans;
  for (const KernelParameter& each : kernel.parameters) {
    spans.push_back(each.use);
  }
  return spans;
}

std::string alloc(const std::string& name, const std::string& bytes) {
  return "void* " + name + " = TVMBackendAllocWorkspace(1, dev_id, " + bytes + ", 0, 16);\n  if (" + name +
         " == NULL) {\n    return -1;\n  }\n";
}

std::string release(const std::string& name) {
  return "if (TVMBackendFreeWorkspace(1, dev_id, " + name + ") != 0) {\n    return -1;\n  }\n";
}

std::string loop(const std::string& body) {
  return "  for (int32_t i = 0; i < 9; ++i) {\n    " + body + "\n  }\n";
}

/// A loop that writes one variable from another.
std::string copy(const std::string& to, const std::string& from) {
  return loop("((int8_t*)" + to + ")[i] = ((int8_t*)" + from + ")[i];");
}

}  // namespace

TEST_CASE("kernels are the external functions of either calling convention") {
  const SourceFacts facts = read(
      "#include \"tvm/runtime/c_runtime_api.h\"\n#include <math.h>\n"
      "#define BODY(x) int32_t g(int8_t* p) { \\\n return x; }\n"
      "#error don't stop here, \"nor there {\n"
      "/* int32_t in_comment(int8_t* p) { */ // int32_t in_line(int8_t* p) {\n"
      "static const char* text = \"int32_t in_string(int8_t* p) {\";\n"
      "static const int32_t __attribute__((section(\".rodata.tvm\"), aligned(16))) c[3] = {1, '}', /*}*/ 3};\n"
      "struct s { int8_t* x; };\n"
      "__attribute__((section(\".x\"), )) static struct pool { int8_t c[4] __attribute__((packed)); } pool = { .c = "
      "{1} };\n"
      "#ifdef __cplusplus\nextern \"C\"\n#endif\n"
      "TVM_DLL int32_t declared(int8_t* p, uint8_t* q);\n"
      "__attribute__((always_inline)) uint32_t __ror(uint32_t a, uint32_t b) { return a >> b; }\n"
      "__attribute__((always_inline)) static inline int32_t helper(int8_t *aa, int8_t *bb) { return aa[0]; }\n"
      "TVM_DLL int32_t metadata(TVMValue* a, int* b, int n, TVMValue* c, int* d, void* e) { return 0; }\n"
      "#ifdef __cplusplus\nextern \"C\" {\n#endif\n"
      "TVM_DLL int32_t unpacked(int8_t* p0, const int16_t* restrict T, uint8_t* const_pool) {\n  return 0;\n}\n"
      "int32_t nothing(void) { return 0; }\n"
      "#ifdef __cplusplus\n}\n#endif\n;\n"
      "TVM_DLL int32_t packed" +
      std::string(kSignature) + "\n{\n  return 0;\n}\n");
  REQUIRE(facts.kernels.size() == 2);
  CHECK(facts.includes == Strings{"tvm/runtime/c_runtime_api.h", "math.h"});
  const Kernel& unpacked = facts.kernels[0];
  CHECK(unpacked.name == "unpacked");
  CHECK_FALSE(unpacked.packed);
  REQUIRE(unpacked.parameters.size() == 3);
  CHECK(unpacked.parameters[0].name == "p0");
  CHECK(unpacked.parameters[0].type == "int8_t*");
  CHECK(unpacked.parameters[1].name == "T");
  CHECK_FALSE(unpacked.parameters[1].used);
  CHECK(facts.kernels[1].name == "packed");
  CHECK(facts.kernels[1].packed);
  CHECK(facts.kernels[1].parameters.empty());
  CHECK(facts.kernels[1].statement_count == 1);
}

TEST_CASE("kernels of TVM 0.8 take the types of their arguments as void*") {
  const SourceFacts facts = read(
      "TVM_DLL int32_t f(void* args, void* arg_type_ids, int32_t num_args, void* out_ret_value, void* out_ret_tcode, "
      "void* resource_handle) {\n"
      "  void* arg0 = (((TVMValue*)args)[0].v_handle);\n"
      "  int32_t arg0_code = ((int32_t*)arg_type_ids)[(0)];\n"
      "  void* arg1 = (((TVMValue*)args)[1].v_handle);\n"
      "  int32_t arg1_code = ((int32_t*)arg_type_ids)[(1)];\n"
      "  void* placeholder = (((DLTensor*)arg0)[0].data);\n"
      "  void* arg0_shape = (((DLTensor*)arg0)[0].shape);\n"
      "  void* arg0_strides = (((DLTensor*)arg0)[0].strides);\n"
      "  int32_t dev_id = (((DLTensor*)arg0)[0].device.device_id);\n"
      "  void* compute = (((DLTensor*)arg1)[0].data);\n"
      "  if (!(arg0_strides == NULL)) {\n  }\n" +
      alloc("pad", "(uint64_t)64") + copy("pad", "placeholder") + copy("compute", "pad") + release("pad") +
      "  return 0;\n}\n");
  REQUIRE(facts.kernels.size() == 1);
  const Kernel& kernel = facts.kernels[0];
  CHECK(kernel.packed);
  REQUIRE(kernel.parameters.size() == 2);
  // The workspace is taken, filled, read and given back.
  CHECK(kernel.statement_count == 4);
  CHECK(uses(kernel) == Spans{{1, 1}, {2, 2}});
  REQUIRE(kernel.workspaces.size() == 1);
  CHECK(kernel.workspaces[0].bytes == 64);
}

TEST_CASE("nothing is a source without kernels") {
  CHECK(read("").kernels.empty());
  CHECK(read(";").kernels.empty());
  CHECK(read("\n").kernels.empty());
}

TEST_CASE("a parameter is in use from its first to its last mention") {
  const Kernel kernel = read_one(packed("  int32_t sum[4];\n" + loop("sum[i] = 0;") + copy("c_1", "a_1") +
                                        copy("c_1", "c_1") + loop("((int8_t*)c_1)[i] = 1;")));
  CHECK(kernel.statement_count == 3);
  REQUIRE(kernel.parameters.size() == 3);
  CHECK(kernel.parameters[0].name == "a");
  CHECK(kernel.parameters[0].used);
  CHECK_FALSE(kernel.parameters[1].used);
  CHECK(uses(kernel) == Spans{{0, 0}, {0, 2}, {0, 2}});
  CHECK(kernel.stack_bytes == 16);
}

TEST_CASE("unpacked parameters are followed as well") {
  const Kernel kernel = read_one(
      "int32_t f(int8_t* p0, int16_t* T, uint8_t* constants, uint8_t* pool) {\n"
      "  void* w_let = (&(constants[64]));\n  void* t_let = (&(pool[0]));\n" +
      loop("((int16_t*)t_let)[i] = p0[i];") + loop("T[i] = ((int16_t*)t_let)[i];") +
      loop("T[i] = T[i] * ((int8_t*)w_let)[0];") + "  return 0;\n}\n");
  CHECK(kernel.statement_count == 5);
  CHECK(uses(kernel) == Spans{{2, 2}, {3, 4}, {0, 4}, {1, 3}});
}

TEST_CASE("other spellings of the packed arguments") {
  const Kernel kernel = read_one(
      "int32_t f(void* values, int32_t* codes, int32_t n, void* r, int32_t* rc, void* h) {\n"
      "  int32_t arg0_code = ((int32_t*)codes)[0];\n  int32_t arg1_code = codes[(1)];\n"
      "  void* arg0 = ((TVMValue*)values)[0].v_handle;\n  TVMArrayHandle* arg1 = (((TVMFFIAny*)values)[1].v_ptr);\n"
      "  int8_t* placeholder = (int8_t*)(((DLTensor*)arg0)[0].data);\n  void* out = ((DLTensor*)arg1)->data;\n"
      "  int64_t size = ((int64_t*)((DLTensor*)arg0)->shape)[0];\n" +
      loop("placeholder[i] = 0;") + loop("((int8_t*)out)[i] = 0;") + "  return 0;\n}\n");
  REQUIRE(kernel.parameters.size() == 2);
  CHECK(kernel.parameters[0].name == "arg0");
  CHECK(uses(kernel) == Spans{{0, 0}, {1, 1}});
}

TEST_CASE("arguments that are read in an unknown way are in use all the time") {
  const std::string head = "int32_t f" + std::string(kSignature) + " {\n";
  const std::string rest = loop("((int8_t*)x)[i] = 0;") + "  return 0;\n}\n";
  SUBCASE("the data pointer is read in place") {
    const Kernel kernel = read_one(packed(copy("c_1", "b_1") + loop("((int8_t*)(((DLTensor*)a)[0].data))[i] = 0;")));
    CHECK(kernel.parameters[0].used);
    CHECK(uses(kernel) == Spans{{0, 1}, {0, 0}, {0, 0}});
  }
  SUBCASE("the data pointer is changed on its way") {
    const Kernel kernel =
        read_one(packed(copy("c_1", "b_1") + "  void* x = (((DLTensor*)a)[0].data) + 4;\n" +
                        "  void* y = wrap(((DLTensor*)b)[0].data);\n" + copy("c_1", "x") + copy("c_1", "c_1")));
    CHECK(kernel.parameters[0].used);
    CHECK(uses(kernel) == Spans(3, {0, 4}));
  }
  SUBCASE("data are read beside metadata") {
    const Kernel kernel = read_one(packed(
        copy("c_1", "b_1") + "  int32_t n = ((DLTensor*)a)[0].ndim + ((int8_t*)b_1)[0];\n" + copy("c_1", "c_1")));
    CHECK(uses(kernel) == Spans{{0, 2}, {0, 1}, {0, 2}});
  }
  SUBCASE("handles that go somewhere") {
    const Kernel kernel =
        read_one(head + "  void* p = (((TVMValue*)args)[1].v_handle);\n  void* x = fetch(p);\n" + rest);
    REQUIRE(kernel.parameters.size() == 2);
    CHECK(kernel.parameters[1].used);
    CHECK(uses(kernel)[1] == StatementSpan{0, kernel.statement_count - 1});
  }
  SUBCASE("the argument array goes somewhere") {
    const Kernel kernel =
        read_one(head + "  void* x = unpack(((TVMValue*)args)[1]);\n  int32_t c = arg_type_ids[2];\n" + rest);
    REQUIRE(kernel.parameters.size() == 3);
    CHECK(kernel.parameters[0].used);
    CHECK(uses(kernel) == Spans(3, {0, kernel.statement_count - 1}));
  }
  SUBCASE("an argument under two names") {
    const Kernel kernel = read_one(packed(
        copy("c_1", "b_1") + "  void* q = (((TVMValue*)args)[0].v_handle);\n  void* x = (((DLTensor*)q)[0].data);\n" +
        copy("c_1", "x")));
    CHECK(uses(kernel) == Spans(3, {0, 1}));
  }
}

TEST_CASE("an alias counts for what it points into") {
  const std::string tail = loop("((int8_t*)q)[i] = 0;");
  for (const std::string& alias :
       Strings{"  void* q = a_1;\n", "  int8_t* q = &((int8_t*)a_1)[3];\n", "  int8_t* q = (((int8_t*)a_1) + 4);\n",
               "  void* r = a_1;\n  void* q = (&(((int8_t*)r)[1]));\n", "  void* q;\n  q = a_1;\n",
               "  void* q = NULL;\n  if (dev_id) q = a_1; else q = b_1;\n", "  void* q = step(a_1);\n"}) {
    CAPTURE(alias);
    const Kernel kernel = read_one(packed(join({copy("b_1", "a_1"), alias, copy("c_1", "b_1"), tail})));
    CHECK(kernel.parameters[0].use.first == 0);
    CHECK(kernel.parameters[0].use.last == kernel.statement_count - 1);
    CHECK(kernel.parameters[2].use.first == kernel.parameters[2].use.last);
  }
}

TEST_CASE("an alias that a later round of a loop uses is followed") {
  const Kernel kernel = read_one(
      packed("  int8_t* q;\n  int8_t* r;\n" + loop("r = q; q = a_1;") + copy("c_1", "b_1") + copy("c_1", "r")));
  CHECK(uses(kernel) == Spans{{0, 2}, {1, 1}, {1, 2}});
}

TEST_CASE("a pointer that is lost sight of is in use all the time") {
  for (const std::string& lost :
       Strings{"  struct keep k = {a_1, 3};\n", "  k.p = a_1;\n", "  void* list[1];\n  list[0] = a_1;\n",
               "  void* list[1] = {a_1};\n", "  uintptr_t n = (uintptr_t)a_1;\n", "  void** q = &a_1;\n",
               "  fill(&(a_1));\n", "  *(void**)b_1 = a_1;\n", "  global = a_1;\n", "  void *q = 0, *r = a_1;\n",
               "  int8_t n = *(int8_t*)a_1;\n", "  box q = a_1;\n", "  int8_t* q = (dev_id = 1, a_1);\n",
               "  int8_t* q = ((struct s*)a_1)[0].rows;\n  int32_t n = (int32_t)q;\n"}) {
    CAPTURE(lost);
    const Kernel kernel = read_one(packed(copy("c_1", "b_1") + lost + copy("c_1", "b_1")));
    CHECK(kernel.parameters[0].used);
    CHECK(kernel.parameters[0].use == StatementSpan{0, kernel.statement_count - 1});
    CHECK(kernel.statement_count >= 3);
  }
}

TEST_CASE("a number read through a pointer is no alias") {
  const Kernel kernel = read_one(packed(
      loop("int32_t v = ((int32_t*)a_1)[0] & ((int32_t*)b_1)[i];\n int32_t w = (int32_t)((int16_t*)a_1)[i] & 3;") +
      copy("c_1", "b_1")));
  CHECK(uses(kernel) == Spans{{0, 0}, {0, 1}, {1, 1}});
}

TEST_CASE("calls use pointers while they run") {
  const Kernel kernel = read_one(packed("  memcpy(c_1, a_1, 4);\n  gemm((&(((int8_t*)b_1)[3])), c_1);\n"));
  CHECK(uses(kernel) == Spans{{0, 0}, {1, 1}, {0, 1}});
}

TEST_CASE("a kernel with control flow or syntax that is not followed is one statement") {
  for (const std::string& odd :
       Strings{"again:\n  if (dev_id) goto again;\n", "  __asm volatile (\"nop\");\n", "  int32_t v = ({ 3; });\n",
               "#ifdef FAST\n  dev_id = 2;\n#endif\n", "  static void* kept;\n", "  struct s { int8_t* p; } s;\n",
               "  OWN_MACRO;\n", "  int32_t v = a_\\\n1;\n"}) {
    CAPTURE(odd);
    const Kernel kernel = read_one("#define OWN_MACRO a_1\n" + packed(copy("b_1", "a_1") + odd + copy("c_1", "b_1") +
                                                                      "  " + alloc("w", "8") + copy("w", "c_1")));
    CHECK(kernel.statement_count == 1);
    CHECK(kernel.parameters[0].used);
    CHECK(uses(kernel) == Spans(3, {0, 0}));
    CHECK(kernel.workspaces == std::vector<Workspace>{{8, {0, 0}}});
  }
}

TEST_CASE("every kind of statement at top level is one statement") {
  const std::string touch = "((int8_t*)a_1)[0] = 1;";
  const Kernel kernel = read_one(packed(
      "  if (dev_id) " + touch + " else if (num_args) { " + touch + " } else " + touch + "\n" +                     // 0
      "  for (;;) for (;;) if (dev_id) " + touch + "\n" +                                                           // 1
      "  do { " + touch + " } while (dev_id);\n" +                                                                  // 2
      "  while (dev_id) { " + touch + " break; }\n" +                                                               // 3
      "  switch (dev_id) {\n  case 1: " + touch + " break;\n  case (2): break;\n  default: " + touch + "\n  }\n" +  // 4
      "  { " + touch + touch + " }\n#pragma GCC unroll 3\n  ;\n" +                                                  // 5
      "  ((int8_t*)c_1)[0] = 1;\n"));                                                                               // 6
  CHECK(kernel.statement_count == 7);
  CHECK(uses(kernel) == Spans{{0, 5}, {0, 6}, {6, 6}});
}

TEST_CASE("workspaces are in use from their first to their last use, not while they are only held") {
  const Kernel kernel =
      read_one(packed("  " + alloc("w", "(uint64_t)16000") + "  " + alloc("x", "0x40UL") + copy("w", "a_1") +
                      copy("x", "w") + copy("c_1", "x") + "  " + release("x") + "  " + release("w")));
  CHECK(kernel.statement_count == 7);
  CHECK(kernel.workspaces == std::vector<Workspace>{{16000, {2, 3}}, {64, {3, 4}}});
  CHECK(uses(kernel) == Spans{{2, 2}, {0, 6}, {4, 4}});
}

TEST_CASE("constant expressions are folded") {
  const std::map<std::string, std::uint64_t> sizes = {
      {"((uint64_t)4 * 100)", 400},         {"(uint64_t)0x10ull", 16},   {"010", 8},
      {"2 + 3 * (7 - 4) / 2 << 1", 12},     {"sizeof(int16_t) * 5", 10}, {"(100 % 7) * ((size_t)(3))", 6},
      {"18446744073709551615u", UINT64_MAX}};
  for (const auto& each : sizes) {
    const std::string& text = each.first;
    const std::uint64_t bytes = each.second;
    CAPTURE(text);
    const Kernel kernel = read_one(packed("  " + alloc("w", text)));
    CHECK(kernel.workspaces == std::vector<Workspace>{{bytes, {0, 0}}});
  }
}

TEST_CASE("a size that is no constant is an error that names function and line") {
  for (const std::string& size : Strings{"num_args", "4 * dev_id", "18446744073709551616", "18446744073709551615 + 1",
                                         "1 / 0", "3 - 4", "1.5", "(uint8_t)256", "", "(4", "1 << 64"}) {
    CAPTURE(size);
    if (size == "(4") {
      continue;  // brackets that do not pair are the next test's
    }
    const auto error = read_error(packed("\n  " + alloc("w", size)));
    CHECK(error.code == stm32tvm::ErrorCode::bad_source);
    CHECK(error.message.find("kernel f ") != std::string::npos);
    CHECK(error.where == "lib1.c:21");
  }
}

TEST_CASE("workspaces of equal size share an entry when they are not held at the same time") {
  const std::string one = "  " + alloc("w", "64") + copy("w", "a_1") + "  " + release("w");
  const std::string two = "  " + alloc("x", "64") + copy("c_1", "x") + "  " + release("x");
  SUBCASE("one after the other") {
    const Kernel kernel = read_one(packed(one + two));
    // An allocation behind a free: the entries are in use as long as they are held.
    CHECK(kernel.workspaces == std::vector<Workspace>{{64, {0, 5}}});
  }
  SUBCASE("at the same time") {
    const Kernel kernel = read_one(packed("  " + alloc("y", "64") + one + two + copy("y", "y") + "  " + release("y")));
    CHECK(kernel.workspaces == std::vector<Workspace>{{64, {0, 8}}, {64, {1, 6}}});
  }
  SUBCASE("the first free entry is taken") {
    const Kernel kernel = read_one(
        packed("  " + alloc("y", "64") + "  " + alloc("z", "64") + "  " + release("y") + one + "  " + release("z")));
    CHECK(kernel.workspaces == std::vector<Workspace>{{64, {0, 5}}, {64, {1, 6}}});
  }
}

TEST_CASE("workspaces inside loops belong to the loop's statement") {
  const std::string inner = "    " + alloc("x", "64") + copy("c_1", "x") + "    " + release("x");
  const Kernel kernel = read_one(packed(copy("b_1", "a_1") + loop(inner + inner) + copy("b_1", "c_1") + loop(inner)));
  CHECK(kernel.statement_count == 4);
  REQUIRE(kernel.workspaces.size() == 1);
  CHECK(kernel.workspaces[0] == Workspace{64, {1, 3}});
  SUBCASE("and one outside is in use while it is held, as the runtime tells them apart by address") {
    const Kernel both =
        read_one(packed("  " + alloc("w", "32") + loop(inner) + copy("w", "a_1") + "  " + release("w")));
    CHECK(both.workspaces == std::vector<Workspace>{{32, {0, 3}}, {64, {1, 1}}});
  }
}

TEST_CASE("workspace calls that cannot be followed get an entry each for the whole kernel") {
  const std::string give = "TVMBackendFreeWorkspace(1, dev_id, x);";
  const std::string take = "x = TVMBackendAllocWorkspace(1, dev_id, 64, 0, 8);";
  for (const std::string& odd :
       {join({"  void* x;\n  if (dev_id) ", take, "\n"}),
        join({"  void* x;\n  if (dev_id) { ", take, " }\n  ", give, "\n"}),
        join({"  void* x;\n  for (;;) { ", take, " }\n"}), join({"  void* ", take, "\n  if (dev_id) ", give, "\n"}),
        join({"  void* ", take, "\n  void* y = x;\n  TVMBackendFreeWorkspace(1, dev_id, y);\n"}),
        join({"  void* ", take, "\n  ", give, "  ", give, "\n"}),
        join({"  void* x = dev_id ? 0 : TVMBackendAllocWorkspace(1, dev_id, 64, 0, 8);\n"}),
        join({"  for (;;) { void* ", take, " if (dev_id) break; ", give, " }\n"})}) {
    CAPTURE(odd);
    const Kernel kernel = read_one(packed("  " + alloc("w", "64") + copy("w", "a_1") + "  " + release("w") + odd));
    const StatementSpan whole{0, kernel.statement_count - 1};
    CHECK(kernel.statement_count >= 4);
    CHECK(kernel.workspaces == std::vector<Workspace>(2, {64, whole}));
    CHECK(kernel.parameters[0].use == StatementSpan{1, 1});
  }
}

TEST_CASE("more workspaces than the runtime serves are an error") {
  std::string body;
  for (int i = 0; i < 32; ++i) {
    body += "  " + alloc("w" + std::to_string(i), "8");
  }
  CHECK(read_one(packed(body)).workspaces.size() == 32);
  const auto error = read_error(packed(body + "  " + alloc("x", "16")));
  CHECK(error.code == stm32tvm::ErrorCode::bad_source);
  CHECK(error.message.find("32 workspaces") != std::string::npos);
}

TEST_CASE("local arrays are counted in the scopes that are open together") {
  CHECK(read_one(packed("  int16_t a0[100];\n" + loop("int32_t b0[3 * 4];\n float c0[2][3];") +
                        loop("double d0[2];\n { uint8_t e0[7]; void* g0[2]; }")))
            .stack_bytes == 272);
  CHECK(read_one(packed("  int8_t a0[0xffffffffffffffff];\n  int64_t b0[0xffffffffffffffff];\n")).stack_bytes ==
        UINT64_MAX);
  CHECK(read_one(packed("  unsigned long long a0[2];\n  unsigned short b0[2];\n  unsigned c0[2];\n  TVMValue d0[3];\n"))
            .stack_bytes == 52);
}

TEST_CASE("calls are those of the kernel and of what it calls in the same source") {
  const SourceFacts facts = read(
      "#define LAYERED(x) __smlad((x), \\\n  other(x), 3)\n#define PLAIN (nothing)\n"
      "static inline int32_t leaf(int32_t a) { return __ror((a), 3) + LAYERED(a) + leaf(1); }\n"
      "static inline int32_t unused(int32_t a) { return expm1f(a); }\n"
      "int32_t middle(int8_t* p, int32_t n) { if (n) return sizeof(p) + (int32_t)(n); return leaf(n); }\n" +
      packed(copy("c_1", "a_1") + "  " + alloc("w", "8") +
             loop("((float*)c_1)[i] = expf(roundf((float)(3)));\n while (middle(a_1, 3)) {}")));
  REQUIRE(facts.kernels.size() == 1);
  CHECK(facts.kernels[0].calls == Strings{"LAYERED", "__ror", "__smlad", "expf", "leaf", "middle", "other", "roundf"});
}

TEST_CASE("text that is not whole C is an error with its line") {
  const std::map<std::string, std::string> texts = {{"\nint32_t f(int8_t* p) {\n  if (1) {\n", "lib1.c:2"},
                                                    {"\n\n/* open\n", "lib1.c:3"},
                                                    {"int32_t f(int8_t* p) {\n  g(\"open\n\");\n}\n", "lib1.c:2"},
                                                    {"char c = 'x;\n", "lib1.c:1"},
                                                    {"\nstatic const int8_t c[2] = {1, 2;\n", "lib1.c:2"},
                                                    {"static const int8_t c[2] = {1, /* };\n", "lib1.c:1"},
                                                    {"extern \"C\" {\nint x;\n", "lib1.c:1"},
                                                    {"int x;\n}\n", "lib1.c:2"},
                                                    {"int32_t f(int8_t* p) {\n  p[0];\n  g(p];\n}\n", "lib1.c:3"},
                                                    {"int32_t f(int8_t* p) {\n  g((p);\n}\n", "lib1.c:2"},
                                                    {"#define x /* open\n", "lib1.c:1"}};
  for (const auto& each : texts) {
    const std::string& text = each.first;
    const std::string& where = each.second;
    CAPTURE(text);
    const auto error = read_error(text);
    CHECK(error.code == stm32tvm::ErrorCode::bad_source);
    CHECK(error.where == where);
  }
}

TEST_CASE("hostile text is refused or read in linear time") {
  const auto repeat = [](std::string_view piece, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      text += piece;
    }
    return text;
  };
  constexpr std::size_t kMany = 200'000;
  const std::string head = "int32_t f(int8_t* p0) {\n";
  CHECK(read_error(head + repeat("{", kMany) + repeat("}", kMany) + "}").code == stm32tvm::ErrorCode::bad_source);
  CHECK(read_error(head + "x = " + repeat("(", kMany) + repeat(")", kMany) + ";}").code ==
        stm32tvm::ErrorCode::bad_source);
  CHECK(read_error(head + repeat("if (p0) ", kMany) + ";}").code == stm32tvm::ErrorCode::bad_source);
  CHECK(read_one(head + repeat("p0[1] = 2;", kMany) + "}").statement_count == kMany);
  CHECK(read_one(head + repeat("int8_t* q = p0;", kMany) + "}").parameters[0].use ==
        StatementSpan{0, static_cast<std::uint32_t>(kMany - 1)});
  CHECK(read_one(head + repeat("if (p0) ; else ", 1000) + ";}").statement_count >= 1);
  CHECK(read(repeat("int a[] = {{{1}}} {} ", kMany)).kernels.empty());
  CHECK(read("int c = {" + repeat("{", kMany) + repeat("}", kMany) + "};").kernels.empty());
  CHECK(read(repeat("#define M(x) M(x) M(x)\n", kMany)).kernels.empty());
  CHECK(read(repeat("int32_t g(int8_t* p) { g(p); }\n", 2000)).kernels.size() == 2000);
  CHECK(read_error(packed("  void* p = (((TVMValue*)args)[4000000000].v_handle);\n")).message.find("4000000000") !=
        std::string::npos);
  CHECK(read_error(packed("  void* p = (((TVMValue*)args)[1024].v_handle);\n")).code ==
        stm32tvm::ErrorCode::bad_source);
  CHECK(read_error(packed("  " + alloc("w", repeat("(", 100) + "1" + repeat(")", 100)))).code ==
        stm32tvm::ErrorCode::bad_source);
}

TEST_CASE("a word of 16 MiB is refused, and a line of the preprocessor that long") {
  const std::string word(std::size_t{1} << 24U, 'a');
  for (const std::string& text : {"int32_t " + word + ";", packed(word + " = 1;"), "#define M " + word + "\n"}) {
    const stm32tvm::Error error = read_error(text);
    CHECK(error.code == stm32tvm::ErrorCode::limit_exceeded);
    CHECK(error.message.find("16777215 bytes") != std::string::npos);
  }
}

TEST_CASE("a function or declaration of four million tokens is refused") {
  std::string many(8'000'002, ' ');
  for (std::size_t i = 0; i < many.size(); i += 2) {
    many[i] = 'a';
  }
  for (const std::string& text : {many, packed(many)}) {
    const stm32tvm::Error error = read_error(text);
    CHECK(error.code == stm32tvm::ErrorCode::limit_exceeded);
    CHECK(error.message.find("4000000 tokens") != std::string::npos);
  }
}
