// SPDX-License-Identifier: Apache-2.0
// Main functions in both forms, rule by rule.
#include "network/aot_main.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "network/kernel_reader.hpp"

namespace {

using stm32tvm::AotMain;
using stm32tvm::AotPlace;
using stm32tvm::DataType;
using stm32tvm::ErrorCode;
using stm32tvm::outline_source;
using stm32tvm::read_aot_main;
using stm32tvm::read_kernels;
using stm32tvm::Result;
using Shape = std::vector<std::int64_t>;

Result<AotMain> read(const std::string& text) {
  const auto outline = outline_source(text);
  const auto facts = read_kernels({text, "lib1.c"}, outline);
  REQUIRE(facts);
  REQUIRE(facts->main);
  return read_aot_main({text, "lib1.c"}, outline, *facts->main);
}

std::string unpacked(std::string_view body) {
  return "int32_t tvmgen_m___tvm_main__(int8_t* in_buffer_var, float* out_buffer_var, uint8_t* ram_0_var) {\n" +
         std::string(body) + "\n  return 0;\n}\n";
}

void refuse(std::string_view body, std::string_view part) {
  CAPTURE(body);
  const auto main = read(unpacked(body));
  REQUIRE_FALSE(main);
  CAPTURE(main.error().message);
  CHECK(main.error().code == ErrorCode::bad_source);
  CHECK(main.error().message.find(part) != std::string::npos);
  CHECK(main.error().where.find("lib1.c") != std::string::npos);
}

AotPlace parameter(std::uint32_t index, std::uint64_t offset = 0) {
  return {AotPlace::Kind::parameter, index, offset};
}
AotPlace workspace(std::uint32_t index) {
  return {AotPlace::Kind::workspace, index, 0};
}

const std::string packed = R"(
int32_t tvmgen_m___tvm_main__(void* args, int32_t* arg_type_ids, int32_t num_args, void* out_ret_value, int32_t* out_ret_tcode, void* resource_handle) {
  TVMValue stack[3];
  void* stack_tcode = stack;
  TVMValue stack_1[5];
  void* stack_value = stack_1;
  TVMValue stack_2[24];
  void* stack_array = stack_2;
  TVMValue stack_3[10];
  void* stack_shape = stack_3;
  int32_t image_code = arg_type_ids[0];
  void* image = (((TVMValue*)args)[0].v_handle);
  void* pool_1_var = (((TVMValue*)args)[1].v_handle);
  void* image_buffer_var = (((DLTensor*)image)[0].data);
  void* image_strides = (((DLTensor*)image)[0].strides);
  int32_t dev_id = (((DLTensor*)image)[0].device.device_id);
  void* pool_1_var_1 = (((DLTensor*)pool_1_var)[0].data);
  if (!(image_strides == NULL)) {
  }
  void* sid_1_let = (&(((uint8_t*)pool_1_var_1)[720]));
  ((int64_t*)stack_shape)[0] = (int64_t)1;
  ((int64_t*)stack_shape)[1] = (int64_t)8;
  (((DLTensor*)stack_array)[0].data) = image_buffer_var;
  (((DLTensor*)stack_array)[0].shape) = (&(((int64_t*)stack_shape)[0]));
    uint64_t v_ = (uint64_t)0;
  (((DLTensor*)stack_array)[0].strides) = (int64_t*)(*(void* *)(&(v_)));
  (((DLTensor*)stack_array)[0].ndim) = (uint32_t)2;
  (((DLTensor*)stack_array)[0].dtype.code) = (uint8_t)0;
  (((DLTensor*)stack_array)[0].dtype.bits) = (uint8_t)16;
  (((DLTensor*)stack_array)[0].dtype.lanes) = (uint16_t)1;
  (((DLTensor*)stack_array)[0].byte_offset) = (uint64_t)0;
  (((DLTensor*)stack_array)[0].device.device_id) = dev_id;
  (((DLTensor*)stack_array)[0].device.device_type) = (DLDeviceType)1;
  ((int64_t*)stack_shape)[2] = (int64_t)5;
  (((DLTensor*)stack_array)[1].data) = sid_1_let;
  (((DLTensor*)stack_array)[1].shape) = (&(((int64_t*)stack_shape)[2]));
  (((DLTensor*)stack_array)[1].ndim) = (uint32_t)1;
  (((DLTensor*)stack_array)[1].dtype.code) = (uint8_t)2;
  (((DLTensor*)stack_array)[1].dtype.bits) = (uint8_t)32;
  (((DLTensor*)stack_array)[1].dtype.lanes) = (uint16_t)1;
  (((TVMValue*)stack_value)[0].v_handle) = (((DLTensor*)stack_array) + 0);
  ((int32_t*)stack_tcode)[0] = 7;
  (((TVMValue*)stack_value)[1].v_handle) = (((DLTensor*)stack_array) + 1);
  TVMValue ret_val;
  int ret_type_code;
  if (tvmgen_m_f( (TVMValue*) stack_value , (int*) stack_tcode, 2, &ret_val, &ret_type_code, NULL) != 0){
    return -1;
  }
  ((int64_t*)stack_shape)[0] = (int64_t)7;
  (((DLTensor*)stack_array)[1].data) = pool_1_var_1;
  if (tvmgen_m_g( (TVMValue*) stack_value , (int*) stack_tcode, 2, &ret_val, &ret_type_code, NULL) != 0){
    return -1;
  }
  return 0;
}
)";

std::string with(std::string_view from, std::string_view to) {
  std::string changed = packed;
  changed.replace(changed.find(from), from.size(), to);
  return changed;
}

}  // namespace

TEST_CASE("aot main: calls with parameters and places in pools") {
  const AotMain main = read(unpacked(R"(
  void* sid_1_let = (&(ram_0_var[0]));
  void* sid_2_let = (&(ram_0_var[576]));
  if (f(in_buffer_var, sid_1_let, ram_0_var) != 0 ) return -1;
  if (g(sid_1_let, sid_2_let) != 0 ) return -1;
  if (f(sid_2_let, out_buffer_var, ram_0_var) != 0 ) return -1;)"))
                           .value();
  CHECK_FALSE(main.packed);
  CHECK(main.parameters == std::vector<std::string>{"in_buffer_var", "out_buffer_var", "ram_0_var"});
  REQUIRE(main.calls.size() == 3);
  CHECK(main.calls[0].kernel == "f");
  REQUIRE(main.calls[0].arguments.size() == 3);
  CHECK(main.calls[0].arguments[0].pointer.place == parameter(0));
  CHECK(main.calls[0].arguments[0].pointer.direct);
  CHECK(main.calls[0].arguments[1].pointer.place == parameter(2, 0));
  CHECK_FALSE(main.calls[0].arguments[1].pointer.direct);
  CHECK(main.calls[0].arguments[2].pointer.direct);
  CHECK(main.calls[1].arguments[1].pointer.place == parameter(2, 576));
  CHECK(main.calls[1].arguments[1].pointer.name == "sid_2_let");
  CHECK_FALSE(main.calls[1].arguments[1].type.has_value());
  CHECK(main.pointers.size() == 2);
}

TEST_CASE("aot main: its own workspaces") {
  const AotMain main = read(unpacked(R"(
  void* sid_1 = TVMBackendAllocWorkspace(1, 0, (uint64_t)512, 0, 8);
  if (sid_1 == NULL) {
    return -1;
  }
  void* sid_2 = TVMBackendAllocWorkspace(1, 0, (uint64_t)(4 * 8), 0, 8);
  if (f(in_buffer_var, sid_2) != 0 ) return -1;
  if (f(sid_2, sid_1) != 0 ) return -1;
  if (TVMBackendFreeWorkspace(1, 0, sid_1) != 0) {
    return -1;
  })"))
                           .value();
  REQUIRE(main.workspaces.size() == 2);
  CHECK(main.workspaces[0].bytes == 512);
  CHECK(main.workspaces[1].bytes == 32);
  CHECK(main.calls[0].arguments[1].pointer.place == workspace(1));
  CHECK(main.calls[1].arguments[1].pointer.place == workspace(0));
}

TEST_CASE("aot main: the packed form's state at each call") {
  const AotMain main = read(packed).value();
  CHECK(main.packed);
  CHECK(main.parameters == std::vector<std::string>{"image", "pool_1_var"});
  REQUIRE(main.calls.size() == 2);
  const auto& f = main.calls[0].arguments;
  REQUIRE(f.size() == 2);
  CHECK(f[0].pointer.place == parameter(0));
  CHECK(f[0].pointer.direct);
  CHECK(f[0].type == DataType{DataType::Code::signed_integer, 16, 1});
  CHECK(f[0].shape == Shape{1, 8});
  CHECK(f[1].pointer.name == "sid_1_let");
  CHECK(f[1].pointer.place == parameter(1, 720));
  CHECK(f[1].type == DataType{DataType::Code::floating_point, 32, 1});
  CHECK(f[1].shape == Shape{5});
  const auto& g = main.calls[1].arguments;
  CHECK(g[0].shape == Shape{7, 8});
  CHECK(g[1].pointer.place == parameter(1));
  CHECK(g[1].pointer.direct);
}

TEST_CASE("aot main: what is not straight calls is refused") {
  refuse("for (int i = 0; i < 2; ++i) { if (f(in_buffer_var) != 0) return -1; }", "declares 'i' in a special way");
  refuse("while (in_buffer_var) if (f(in_buffer_var) != 0) return -1;", "inside a larger statement");
  refuse("if (f(in_buffer_var) != 0) return -1; else g(in_buffer_var);", "calls 'g' inside a larger statement");
  refuse("again: goto again;", "jumps or blocks");
  refuse("if (f(unknown) != 0) return -1;", "no pointer it knows");
  refuse("if (f(in_buffer_var + 4) != 0) return -1;", "no pointer it knows");
  refuse("if (f(g(in_buffer_var)) != 0) return -1;", "no pointer it knows");
  refuse("int x = f(in_buffer_var);", "for a value");
  refuse("void* x = TVMBackendAllocWorkspace(1, 0, n, 0, 8);", "no constant");
  refuse("void* x = (&(ram_0_var[0])); void* x = (&(ram_0_var[8]));", "declares 'x' twice");
  refuse("void* x = (&(out_buffer_var[2]));", "to an expression");
  refuse("void* x = (&(ram_0_var[n]));", "to an expression");
  refuse("static void* x = (&(ram_0_var[0]));", "in a special way");
  refuse("if (1) { if (f(in_buffer_var) != 0) return -1; }", "inside a larger statement");
  refuse("in_buffer_var = ram_0_var;", "no argument of a call");
}

TEST_CASE("aot main: the packed form with something missing or strange") {
  for (const auto& edit : std::vector<std::pair<std::string, std::string>>{
           {"(((DLTensor*)stack_array)[1].data) = sid_1_let;", ""},
           {"(((DLTensor*)stack_array)[0].shape) = (&(((int64_t*)stack_shape)[0]));", ""},
           {"((int64_t*)stack_shape)[1] = (int64_t)8;", ""},
           {"(((TVMValue*)stack_value)[1].v_handle) = (((DLTensor*)stack_array) + 1);", ""},
           {"(uint32_t)2;", "(uint32_t)4000000000;"},
           {"(((DLTensor*)stack_array) + 1)", "(((DLTensor*)stack_array) + 9)"},
           {"stack_tcode, 2,", "stack_tcode, 3,"},
           {"stack_tcode, 2,", "stack_tcode, 4000000000,"},
           {"byte_offset) = (uint64_t)0", "byte_offset) = (uint64_t)8"},
           {"((TVMValue*)args)[1].v_handle", "((TVMValue*)args)[2].v_handle"},
           {"((uint8_t*)pool_1_var_1)[720]", "((float*)pool_1_var_1)[720]"}}) {
    CAPTURE(edit.first);
    const auto main = read(with(edit.first, edit.second));
    REQUIRE_FALSE(main);
    CHECK(main.error().code == ErrorCode::bad_source);
  }
}

TEST_CASE("aot main: text cut anywhere, or with a part left out, is refused or read, not more") {
  const std::string plain = unpacked(R"(
  void* sid_1_let = (&(ram_0_var[0]));
  void* sid_2 = TVMBackendAllocWorkspace(1, 0, (uint64_t)512, 0, 8);
  if (f(in_buffer_var, sid_1_let, ram_0_var) != 0 ) return -1;)");
  for (const std::string& whole : {plain, packed}) {
    const std::size_t begin = whole.find('{') + 1;
    for (std::size_t at = begin; at < whole.size(); ++at) {
      for (const std::string& text : {whole.substr(0, at) + "}", whole.substr(0, at) + whole.substr(at + 1),
                                      whole.substr(0, at) + "\xc3" + whole.substr(at)}) {
        const auto outline = outline_source(text);
        const auto facts = read_kernels({text, "lib1.c"}, outline);
        if (facts && facts->main) {
          const auto main = read_aot_main({text, "lib1.c"}, outline, *facts->main);
          CHECK((main || main.error().where.starts_with("lib1.c")));
        }
      }
    }
  }
}
