// SPDX-License-Identifier: Apache-2.0
#include "emit/kernel_edits.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "stm32tvm/model_library.hpp"
#include "stm32tvm/project_emitter.hpp"

using namespace stm32tvm;

namespace {

const std::string head =
    "int32_t f(void* args, int32_t* arg_type_ids) {\n"
    "  void* p0 = (((TVMValue*)args)[0].v_handle);\n"
    "  void* p1 = (((TVMValue*)args)[1].v_handle);\n"
    "  void* T = (((TVMValue*)args)[2].v_handle);\n";
const std::string data =
    "  void* p0_1 = (((DLTensor*)p0)[0].data);\n"
    "  void* p1_1 = (((DLTensor*)p1)[0].data);\n"
    "  void* T_1 = (((DLTensor*)T)[0].data);\n";
const std::string loop =
    "  for (int32_t i = 0; i < 4; ++i) {\n"
    "    ((int32_t*)T_1)[i] = ((int32_t)((int16_t*)p0_1)[i]) * ((int32_t)((int8_t*)p1_1)[(i & 1)]);\n"
    "  }\n  return 0;\n}\n";

/// int32 T[4] = int16 p0[4] * the int8 constant p1, with the plan's places for p0 and T.
struct Fixture {
  NetworkDescriptor network;
  MemoryPlan plan;

  Fixture(const std::string& text, std::uint64_t p0, std::uint64_t output) {
    network.tensors.resize(3);
    network.tensors[0].type = parse_data_type("int16").value();
    network.tensors[1].type = parse_data_type("int8").value();
    network.tensors[1].constant = Bytes("\1\2");
    network.tensors[2].type = parse_data_type("int32").value();
    Operator call;
    call.kernel = "f";
    call.inputs = {{0, {}}, {1, {}}};
    call.outputs = {{2, {}}};
    network.operators.push_back(call);
    network.sources.push_back({"lib1.c", Bytes(text), {"f"}});
    plan.buffers.resize(2);
    plan.buffers[0].offset = p0;
    plan.buffers[0].bytes = 8;
    plan.buffers[1].offset = output;
    plan.buffers[1].bytes = 16;
    plan.buffer_of_tensor = {0U, std::nullopt, 1U};
  }

  struct Edited {
    [[nodiscard]] std::string text() const { return apply_edits(original.view(), kernels.sources[0].edits); }
    [[nodiscard]] const std::vector<EditNote>& notes() const { return kernels.sources[0].notes; }

    EditedKernels kernels;
    Bytes original;
  };
  [[nodiscard]] Edited edited(const KernelEdits& edits) const {
    return {edit_kernels(network, plan, edits), network.sources[0].text};
  }
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t place = text.find(from);
  REQUIRE(place != std::string::npos);
  return text.replace(place, from.size(), to);
}

}  // namespace

TEST_CASE("kernel edits: what overlaps nothing gets types of its own, and the rest stays") {
  const std::string text = head + data + loop;
  const Fixture::Edited edited = Fixture(text, 0, 8).edited({.memory_types = true});
  const std::string own = replaced(text, "((int8_t*)p1_1)[(i & 1)]", "((stvm_own_int8_t*)p1_1)[(i & 1)].value");
  CHECK(edited.text() == own);
  CHECK(edited.kernels.confusable.empty());
  CHECK(edited.notes() == std::vector<EditNote>{{"f", "p1_1 apart from all else"}});
  CHECK(Fixture(text, 0, 8).edited({}).text() == text);
}

TEST_CASE("kernel edits: an output over an input of another type is marked, or the kernel is confusable") {
  const std::string text = head + data + loop;
  const Fixture overlapping(text, 8, 0);
  CHECK(overlapping.edited({}).kernels.confusable.contains("f"));
  const Fixture::Edited edited = overlapping.edited({.memory_types = true});
  CHECK(edited.kernels.confusable.empty());
  CHECK(edited.text().find("((stvm_shared_int32_t*)T_1)[i] = ((int32_t)((int16_t*)p0_1)[i])") !=
        std::string_view::npos);

  SUBCASE("the input, where the output is used otherwise") {
    const Fixture other(head + data + "  memset(T_1, 0, 16);\n" + loop, 8, 0);
    const Fixture::Edited marked = other.edited({.memory_types = true});
    CHECK(marked.kernels.confusable.empty());
    CHECK(marked.text().find("((stvm_shared_int16_t*)p0_1)[i]") != std::string_view::npos);
  }
  SUBCASE("nothing, where both are used otherwise") {
    const Fixture other(head + data + "  memcpy(T_1, p0_1, 8);\n" + loop, 8, 0);
    CHECK(other.edited({.memory_types = true}).kernels.confusable.contains("f"));
  }
}

TEST_CASE("kernel edits: memory that overlaps, or is used as a whole, keeps its type") {
  const std::string text = head + data + replaced(loop, "(int16_t*)p0_1", "(int8_t*)p0_1");
  const std::string_view own = "stvm_own_int8_t*)p0_1";
  CHECK(Fixture(text, 16, 0).edited({.memory_types = true}).text().find(own) != std::string_view::npos);
  const Fixture::Edited overlapping = Fixture(text, 8, 0).edited({.memory_types = true});
  CHECK(overlapping.text().find(own) == std::string_view::npos);
  CHECK(overlapping.kernels.confusable.empty());  // int8_t may be any memory
  const std::string whole = head + data + "  g(&((int8_t*)p1_1)[0]);\n" + loop;
  CHECK(Fixture(whole, 0, 8).edited({.memory_types = true}).text() == whole);
}

TEST_CASE("kernel edits: the types of accesses count, not those of tensors") {
  Fixture words(head + data + loop, 8, 0);
  words.network.tensors[0].type = words.network.tensors[2].type;
  CHECK(words.edited({}).kernels.confusable.contains("f"));
  const Fixture alike(head + data + replaced(loop, "(int16_t*)p0_1", "(int32_t*)p0_1"), 8, 0);
  CHECK(alike.edited({}).kernels.confusable.empty());
}

TEST_CASE("kernel edits: a kernel that another source calls, or has too, may get any memory") {
  const std::string text = head + data + loop;
  for (const char* const other : {"int32_t g(void* args) {\n  return f(args, 0);\n}\n", text.c_str()}) {
    Fixture fixture(text, 0, 0);
    CHECK(fixture.edited({.memory_types = true}).kernels.confusable.empty());
    fixture.network.sources.push_back({"lib2.c", Bytes(std::string(other)), {"g"}});
    const Fixture::Edited edited = fixture.edited({.memory_types = true});
    CHECK(edited.text() == text);
    CHECK(edited.kernels.confusable.contains("f"));
  }
}

TEST_CASE("kernel edits: the application may move inputs and outputs") {
  const std::string text = head + data + replaced(loop, "(int16_t*)p0_1", "(int8_t*)p0_1");
  Fixture moved(text, 16, 0);
  moved.network.inputs = {0};
  moved.network.outputs = {2};
  const Fixture::Edited edited = moved.edited({.memory_types = true, .alignment = true});
  CHECK(edited.notes() == std::vector<EditNote>{{"f", "p1_1 apart from all else; p1_1 at multiples of 4"}});
}

TEST_CASE("kernel edits: alignment is told of what lies at multiples of four") {
  const std::string text = head + data + loop;
  const Fixture::Edited edited = Fixture(text, 2, 12).edited({.alignment = true});
  const std::string p1 = replaced(text, "= (((DLTensor*)p1)", "= STVM_WORD_ALIGNED(((DLTensor*)p1)");
  CHECK(edited.text() == replaced(p1, "= (((DLTensor*)T)", "= STVM_WORD_ALIGNED(((DLTensor*)T)"));
}

TEST_CASE("kernel edits: each unit lists what was edited in its kernels, and nothing else") {
  const auto library = ModelLibrary::open(STM32TVM_SOURCE_DIR "/tests/data/digits_int8/graph.tar").value();
  const NetworkDescriptor network = library.network().value();
  const MemoryPlan plan = MemoryPlan::make(network, {}).value();
  EmitOptions options;
  options.name = "net";
  options.separate_kernels = true;
  const SourceTree tree = ProjectEmitter::emit(network, plan, options).value();
  std::size_t edited = 0;
  for (const auto& [path, file] : tree.files()) {
    if (!path.starts_with("net/net_lib1_")) {
      continue;
    }
    const std::string unit(file.view().substr(0, file.view().find("#include \"net_symbols.h\"")));
    CAPTURE(unit);
    // The kernel's name, and again with what was edited.
    const std::size_t first = unit.find(" *   tvmgen");
    const std::size_t last = unit.rfind(" *   tvmgen");
    REQUIRE(first != std::string::npos);
    const std::string kernel = unit.substr(first, unit.find('\n', first) - first);
    CHECK(unit.compare(last, kernel.size(), kernel) == 0);
    CHECK((unit.find("stvm_kernel_types.h") != std::string::npos) == (first != last));
    edited += first != last ? 1U : 0U;
  }
  CHECK(edited > 1);
}
