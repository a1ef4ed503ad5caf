// SPDX-License-Identifier: Apache-2.0
// Tests of the ai_* API on a network made by hand: every function with good and bad arguments.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#endif
#include "ai_runtime_api.h"
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace {

// The header's macros are C's, and so is a const on a returned value.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-qualifiers"
#pragma GCC diagnostic ignored "-Wold-style-cast"
ai_handle none = AI_HANDLE_NULL;
std::array<std::uint8_t, 16> weights;
std::uint8_t* weights_given = weights.data();
const ai_ptr weights_get() {  // NOLINT(readability-const-return-type): the port's own type
  return weights_given;
}
#pragma GCC diagnostic pop

// inner = in_0 + 1; out = inner * 2 + in_1. The arena: in_0 at 0, in_1 at 8, inner at 16, out at 24, workspace at 32.
constexpr std::size_t count = 8;
constexpr std::uint32_t arena_bytes = 64;
constexpr std::uint32_t inner_offset = 16;
constexpr std::uint32_t out_offset = 24;
constexpr std::uint32_t workspace_offset = 32;
constexpr std::uint32_t workspace_bytes = 16;

enum class Kernels { right, failing, greedy };
Kernels kernels = Kernels::right;
std::size_t kernel_calls = 0;
const void* workspace_seen = nullptr;

std::uint8_t* data_of(void* args, std::size_t index) {
  const auto* const tensor = static_cast<const DLTensor*>(static_cast<const TVMValue*>(args)[index].v_handle);
  return static_cast<std::uint8_t*>(tensor->data) + tensor->byte_offset;
}

std::int32_t add_one(void* args, std::int32_t*, std::int32_t, void*, std::int32_t*, void*) {
  ++kernel_calls;
  for (std::size_t i = 0; i < count; ++i) {
    data_of(args, 1)[i] = static_cast<std::uint8_t>(data_of(args, 0)[i] + 1);
  }
  return 0;
}

std::int32_t double_and_add(void* args, std::int32_t*, std::int32_t, void*, std::int32_t*, void*) {
  ++kernel_calls;
  if (kernels == Kernels::failing) {
    return -1;
  }
  void* const workspace =
      TVMBackendAllocWorkspace(kDLCPU, 0, kernels == Kernels::greedy ? 1000 : workspace_bytes, kDLInt, 8);
  if (workspace == nullptr) {
    return -1;
  }
  workspace_seen = workspace;
  for (std::size_t i = 0; i < count; ++i) {
    data_of(args, 2)[i] = static_cast<std::uint8_t>(data_of(args, 0)[i] * 2 + data_of(args, 1)[i]);
  }
  return TVMBackendFreeWorkspace(kDLCPU, 0, workspace);
}

alignas(16) std::array<std::uint8_t, arena_bytes> own_arena;
std::array<std::int64_t, 1> shape = {count};
constexpr DLDataType int8 = {kDLInt, 8, 1};

float scale = 0.5F;
std::int32_t zero_point = 3;
ai_quantization_info quantization = {&scale, &zero_point, -1};

std::array<ai_tensor, 6> interface;  // of two handles
std::array<ai_tensor*, 2> inputs = {interface.data(), &interface[1]};
std::array<ai_tensor*, 1> outputs = {&interface[2]};
const DLTensor inner = {own_arena.data() + inner_offset, {kDLCPU, 0}, 1, int8, shape.data(), nullptr, 0};
const DLTensor anywhere = {nullptr, {kDLCPU, 0}, 1, int8, shape.data(), nullptr, 0};
// The pools: the arena, the weights, two inputs, the output.
const stvm_tensor tensors[4] = {{anywhere, {2, 0}}, {anywhere, {3, 0}}, {anywhere, {4, 0}}, {inner, {0, inner_offset}}};
const std::uint16_t operands[5] = {0, 3, 3, 1, 2};
const std::int32_t argument_types[3] = {kTVMDLTensorHandle, kTVMDLTensorHandle, kTVMDLTensorHandle};

std::int32_t call(const stvm_operator* operator_, std::uint8_t* const* pools) {
  TVMValue scratch_arguments[3];
  DLTensor scratch_tensors[3];
  return stvm_call_packed(operator_, pools, tensors, argument_types, {scratch_arguments, scratch_tensors});
}

TVMValue handle_of(const void* pointer) {
  TVMValue value;
  value.v_handle = const_cast<void*>(pointer);
  return value;
}

const std::array<TVMValue, 5> arguments = {handle_of(&interface[0].dltensor), handle_of(&inner), handle_of(&inner),
                                           handle_of(&interface[1].dltensor), handle_of(&interface[2].dltensor)};
const stvm_workspace workspaces[1] = {{{0, workspace_offset}, workspace_bytes}};

std::array<stvm_operator, 2> make_operators() {
  std::array<stvm_operator, 2> made{};
  made[0].kernel = add_one;
  made[0].arguments = arguments.data();
  made[0].operands = operands;
  made[0].operand_count = 2;
  made[0].call = call;
  made[1].kernel = double_and_add;
  made[1].arguments = &arguments[2];
  made[1].workspaces = workspaces;
  made[1].operands = &operands[2];
  made[1].operand_count = 3;
  made[1].call = call;
  made[1].workspace_count = 1;
  return made;
}

const std::array<stvm_operator, 2> operators = make_operators();
const stvm_pool pools[5] = {{arena_bytes, 8}, {16, 16}, {count, 1}, {count, 1}, {count, 1}};
const stvm_place places[3] = {{0, 0}, {0, 8}, {0, out_offset}};
const stvm_weights weights_blocks[1] = {{weights.data(), nullptr, weights.data(), nullptr, 16, 0}};
const stvm_network network = {operators.data(), pools, places, argument_types, weights_blocks, 2, 1, 1, 2, 1};

std::array<ai_model_handle, 2> handles;
std::array<std::uint8_t*, 10> addresses;
const std::uint8_t* const own_pools[2] = {own_arena.data(), weights.data()};
const ai_model_tables tables = {&network, handles.data(), interface.data(), addresses.data(), own_pools, 2, 1};

ai_status create(ai_ptr given_weights, ai_ptr activations);
ai_status run(ai_tensor* given_inputs[], ai_tensor* given_outputs[]);
ai_status destroy() {
  FAIL("ai_destroy never calls the network's own");
  return AI_STATUS_ERROR;
}

ai_model_info model = {"made_by_hand",
                       "",
                       "v1",
                       "1.2.3",
                       "1.0.0.0",
                       2,
                       2,
                       1,
                       arena_bytes,
                       16,
                       own_arena.data(),
                       inputs.data(),
                       outputs.data(),
                       weights_get,
                       create,
                       destroy,
                       run,
                       &tables};
ai_model_info second_model = model;

ai_status create(ai_ptr given_weights, ai_ptr activations) {
  return ai_model_create(&model, given_weights, activations);
}
ai_status run(ai_tensor* given_inputs[], ai_tensor* given_outputs[]) {
  return ai_model_run(&model, given_inputs, given_outputs);
}

/// Puts everything back to what an emitted network starts with.
struct Fixture {
  alignas(16) std::array<std::uint8_t, arena_bytes + 16> memory{};

  Fixture() {
    kernels = Kernels::right;
    kernel_calls = 0;
    workspace_seen = nullptr;
    weights_given = weights.data();
    own_arena.fill(0xEE);
    const std::array<std::uint32_t, 3> offsets = {0, 8, out_offset};
    interface = {};
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      interface[i] = {{own_arena.data() + offsets[i], {kDLCPU, 0}, 1, int8, shape.data(), nullptr, 0}, nullptr};
    }
    interface[0].quant = &quantization;
    handles = {};
    model.params_size = 16;
    model.activations = own_arena.data();
  }

  static ai_handle created(ai_ptr activations) {
    ai_handle handle = none;
    REQUIRE(ai_create(&model, activations, &handle) == AI_STATUS_OK);
    REQUIRE(handle != none);
    return handle;
  }
};

std::string error_of(ai_handle handle) {
  const char* const text = ai_get_error(handle);
  REQUIRE(text != nullptr);
  return text;
}

std::uint8_t* bytes_of(ai_tensor* tensor) {
  return static_cast<std::uint8_t*>(get_dltensor(tensor)->data);
}

void set_inputs(ai_handle handle) {
  for (std::size_t i = 0; i < count; ++i) {
    bytes_of(ai_get_input(handle, 0))[i] = static_cast<std::uint8_t>(i);
    bytes_of(ai_get_input(handle, 1))[i] = 100;
  }
}

void check_output(const std::uint8_t* values) {
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(values[i] == (i + 1) * 2 + 100);
  }
}

}  // namespace

extern "C" {
extern const ai_model_info* const ai_models[];
const ai_model_info* const ai_models[] = {&model, &second_model, nullptr};
}

TEST_CASE("ai api: constants are those of the port") {
  CHECK(AI_STATUS_OK == 0);
  CHECK(AI_STATUS_ERROR == 1);
  CHECK(AI_STATUS_DELEGATE_ERROR == 2);
  CHECK(AI_PLATFORM_RUNTIME_MAJOR == 1);
  CHECK(AI_PLATFORM_RUNTIME_MINOR == 0);
  CHECK(AI_PLATFORM_RUNTIME_MICRO == 0);
  CHECK(none == nullptr);
}

TEST_CASE("ai api: a model's fields through the macros") {
  const Fixture fixture;
  const ai_model_info* const nn = &model;
  CHECK(std::string(AI_MODEL_name(nn)) == "made_by_hand");
  CHECK(std::string(AI_MODEL_datetime(nn)).empty());
  CHECK(std::string(AI_MODEL_revision(nn)) == "v1");
  CHECK(std::string(AI_MODEL_tool_version(nn)) == "1.2.3");
  CHECK(std::string(AI_MODEL_api_version(nn)) == "1.0.0.0");
  CHECK(AI_MODEL_n_nodes(nn) == 2);
  CHECK(AI_MODEL_n_inputs(nn) == 2);
  CHECK(AI_MODEL_n_outputs(nn) == 1);
  CHECK(AI_MODEL_activations_size(nn) == arena_bytes);
  CHECK(AI_MODEL_params_size(nn) == 16);
  CHECK(AI_MODEL_inputs(nn) == inputs.data());
  CHECK(AI_MODEL_outputs(nn) == outputs.data());
  CHECK(AI_MODEL_activations(nn) == own_arena.data());
}

TEST_CASE("ai api: a NULL handle gives 0, NULL or an error") {
  CHECK(error_of(none) == "Network handle is NULL");
  CHECK(ai_run(none) == AI_STATUS_ERROR);
  CHECK(ai_destroy(none) == AI_STATUS_ERROR);
  CHECK(ai_get_input_size(none) == 0);
  CHECK(ai_get_output_size(none) == 0);
  CHECK(ai_get_node_size(none) == 0);
  CHECK(ai_get_activations_size(none) == 0);
  CHECK(ai_get_params_size(none) == 0);
  CHECK(ai_get_input(none, 0) == nullptr);
  CHECK(ai_get_output(none, 0) == nullptr);
  CHECK(ai_get_name(none) == nullptr);
  CHECK(ai_get_datetime(none) == nullptr);
  CHECK(ai_get_revision(none) == nullptr);
  CHECK(ai_get_tool_version(none) == nullptr);
  CHECK(ai_get_api_version(none) == nullptr);
  CHECK(ai_get_activations(none) == nullptr);
  CHECK(ai_get_params(none) == nullptr);
  CHECK(ai_get_quantization(nullptr) == nullptr);
}

TEST_CASE("ai api: a live handle tells of its network") {
  Fixture fixture;
  ai_handle handle = Fixture::created(fixture.memory.data());
  CHECK(error_of(handle).empty());
  CHECK(ai_get_input_size(handle) == 2);
  CHECK(ai_get_output_size(handle) == 1);
  CHECK(std::string(ai_get_name(handle)) == "made_by_hand");
  CHECK(std::string(ai_get_datetime(handle)).empty());
  CHECK(std::string(ai_get_revision(handle)) == "v1");
  CHECK(std::string(ai_get_tool_version(handle)) == "1.2.3");
  CHECK(std::string(ai_get_api_version(handle)) == "1.0.0.0");
  CHECK(ai_get_node_size(handle) == 2);
  CHECK(ai_get_activations_size(handle) == arena_bytes);
  CHECK(ai_get_params_size(handle) == 16);
  CHECK(ai_get_activations(handle) == fixture.memory.data());
  CHECK(ai_get_params(handle) == weights.data());
  CHECK(ai_get_input(handle, 0) == interface.data());
  CHECK(ai_get_input(handle, 1) == &interface[1]);
  CHECK(ai_get_output(handle, 0) == &interface[2]);
  CHECK(ai_get_quantization(ai_get_input(handle, 0)) == &quantization);
  CHECK(ai_get_quantization(ai_get_output(handle, 0)) == nullptr);
  CHECK(error_of(handle).empty());
}

TEST_CASE("ai api: an index out of range gives NULL and says so") {
  const Fixture fixture;
  for (const std::int32_t index :
       {2, 3, 256, -1, std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::min()}) {
    CAPTURE(index);
    ai_handle handle = Fixture::created(own_arena.data());
    CHECK(ai_get_input(handle, index) == nullptr);
    CHECK(error_of(handle) == "Input index out of range");
    CHECK(ai_get_output(handle, index == 2 ? 1 : index) == nullptr);
    CHECK(error_of(handle) == "Output index out of range");
    CHECK(ai_destroy(handle) == AI_STATUS_OK);
  }
  ai_handle handle = Fixture::created(own_arena.data());
  CHECK(error_of(handle).empty());
}

TEST_CASE("ai api: create without a network or a place for the handle is an error") {
  Fixture fixture;
  ai_handle handle = &fixture;
  CHECK(ai_create(nullptr, own_arena.data(), &handle) == AI_STATUS_ERROR);
  CHECK(handle == none);
  CHECK(ai_create(&model, own_arena.data(), nullptr) == AI_STATUS_ERROR);
  // The refused call took no handle.
  Fixture::created(own_arena.data());
  Fixture::created(own_arena.data());
}

TEST_CASE("ai api: a create that fails leaves a handle that tells why and does not run") {
  Fixture fixture;
  ai_handle handle = none;
  SUBCASE("without an arena") {
    CHECK(ai_create(&model, nullptr, &handle) == AI_STATUS_ERROR);
    CHECK(error_of(handle) == "Non-null activations arena is required for this model.");
  }
  SUBCASE("without weights") {
    weights_given = nullptr;
    CHECK(ai_create(&model, own_arena.data(), &handle) == AI_STATUS_ERROR);
    CHECK(error_of(handle) == "Non-null weights arena is required for this model.");
  }
  SUBCASE("with an arena off its boundary") {
    for (std::size_t offset = 1; offset < 8; ++offset) {
      CHECK(ai_create(&model, fixture.memory.data() + offset, &handle) == AI_STATUS_ERROR);
      CHECK(error_of(handle).find("aligned") != std::string::npos);
      CHECK(ai_destroy(handle) == AI_STATUS_OK);
    }
    CHECK(ai_create(&model, fixture.memory.data() + 4, &handle) == AI_STATUS_ERROR);
  }
  REQUIRE(handle != none);
  CHECK(ai_run(handle) == AI_STATUS_ERROR);
  CHECK(kernel_calls == 0);
  CHECK_FALSE(error_of(handle).empty());
  CHECK(ai_destroy(handle) == AI_STATUS_OK);
  weights_given = weights.data();
  CHECK(error_of(Fixture::created(fixture.memory.data() + 8)).empty());
}

TEST_CASE("ai api: a network without weights needs none") {
  const Fixture fixture;
  weights_given = nullptr;
  model.params_size = 0;
  ai_handle handle = Fixture::created(own_arena.data());
  CHECK(ai_get_params(handle) == nullptr);
  set_inputs(handle);
  CHECK(ai_run(handle) == AI_STATUS_OK);
}

TEST_CASE("ai api: handles run out and come back") {
  const Fixture fixture;
  ai_handle first = Fixture::created(own_arena.data());
  ai_handle second = Fixture::created(own_arena.data());
  CHECK(first != second);
  ai_handle third = first;
  CHECK(ai_create(&model, own_arena.data(), &third) == AI_STATUS_ERROR);
  CHECK(third == none);
  CHECK(ai_destroy(first) == AI_STATUS_OK);
  CHECK(ai_create(&model, own_arena.data(), &third) == AI_STATUS_OK);
  CHECK(third != second);
}

TEST_CASE("ai api: a destroyed handle is like none") {
  const Fixture fixture;
  ai_handle handle = Fixture::created(own_arena.data());
  CHECK(ai_destroy(handle) == AI_STATUS_OK);
  CHECK(ai_destroy(handle) == AI_STATUS_ERROR);
  CHECK(ai_run(handle) == AI_STATUS_ERROR);
  CHECK(kernel_calls == 0);
  CHECK(ai_get_input_size(handle) == 0);
  CHECK(ai_get_output_size(handle) == 0);
  CHECK(ai_get_input(handle, 0) == nullptr);
  CHECK(ai_get_output(handle, 0) == nullptr);
  CHECK(ai_get_name(handle) == nullptr);
  CHECK(ai_get_activations(handle) == nullptr);
  CHECK(ai_get_params(handle) == nullptr);
  CHECK(ai_get_error(handle) != nullptr);
}

TEST_CASE("ai api: a run in the network's own arena") {
  const Fixture fixture;
  ai_handle handle = Fixture::created(own_arena.data());
  CHECK(bytes_of(ai_get_input(handle, 1)) == own_arena.data() + 8);
  set_inputs(handle);
  CHECK(ai_run(handle) == AI_STATUS_OK);
  CHECK(error_of(handle).empty());
  CHECK(kernel_calls == 2);
  check_output(bytes_of(ai_get_output(handle, 0)));
  check_output(own_arena.data() + out_offset);
  CHECK(workspace_seen == own_arena.data() + workspace_offset);
}

TEST_CASE("ai api: a run in the caller's memory leaves the network's own arena alone") {
  Fixture fixture;
  for (const std::size_t offset : {std::size_t{0}, std::size_t{8}}) {
    std::uint8_t* const arena = fixture.memory.data() + offset;
    ai_handle handle = Fixture::created(arena);
    CHECK(bytes_of(ai_get_input(handle, 0)) == arena);
    CHECK(bytes_of(ai_get_input(handle, 1)) == arena + 8);
    CHECK(bytes_of(ai_get_output(handle, 0)) == arena + out_offset);
    set_inputs(handle);
    CHECK(ai_run(handle) == AI_STATUS_OK);
    check_output(arena + out_offset);
    CHECK(arena[inner_offset + 3] == 4);
    CHECK(workspace_seen == arena + workspace_offset);
    CHECK(ai_destroy(handle) == AI_STATUS_OK);
  }
  for (const std::uint8_t byte : own_arena) {
    CHECK(byte == 0xEE);
  }
}

TEST_CASE("ai api: a network that has no arena of its own runs in the caller's") {
  Fixture fixture;
  model.activations = nullptr;
  ai_handle handle = Fixture::created(fixture.memory.data());
  set_inputs(handle);
  CHECK(ai_run(handle) == AI_STATUS_OK);
  check_output(fixture.memory.data() + out_offset);
}

TEST_CASE("ai api: inputs and outputs may lie in the application's own memory") {
  Fixture fixture;
  for (std::uint8_t* const arena : {own_arena.data(), fixture.memory.data()}) {
    std::array<std::uint8_t, count> image{};
    std::array<std::uint8_t, count> scores{};
    ai_handle handle = Fixture::created(arena);
    set_inputs(handle);
    std::memcpy(image.data(), bytes_of(ai_get_input(handle, 0)), count);
    std::memset(bytes_of(ai_get_input(handle, 0)), 77, count);
    ai_get_input(handle, 0)->dltensor.data = image.data();
    ai_get_output(handle, 0)->dltensor.data = scores.data();
    CHECK(ai_run(handle) == AI_STATUS_OK);
    check_output(scores.data());
    CHECK(ai_destroy(handle) == AI_STATUS_OK);
  }
}

TEST_CASE("ai api: an input or output without data is an error until it has some") {
  const Fixture fixture;
  ai_handle handle = Fixture::created(own_arena.data());
  set_inputs(handle);
  ai_get_input(handle, 1)->dltensor.data = nullptr;
  ai_get_output(handle, 0)->dltensor.data = nullptr;
  CHECK(ai_run(handle) == AI_STATUS_ERROR);
  CHECK(error_of(handle) == "Network input NULL");
  ai_get_input(handle, 1)->dltensor.data = own_arena.data() + 8;
  CHECK(ai_run(handle) == AI_STATUS_ERROR);
  CHECK(error_of(handle) == "Network output NULL");
  CHECK(kernel_calls == 0);
  ai_get_output(handle, 0)->dltensor.data = own_arena.data() + out_offset;
  CHECK(ai_run(handle) == AI_STATUS_OK);
  CHECK(error_of(handle).empty());
}

TEST_CASE("ai api: a kernel's failure is an error of that run only") {
  Fixture fixture;
  for (std::uint8_t* const arena : {own_arena.data(), fixture.memory.data()}) {
    ai_handle handle = Fixture::created(arena);
    set_inputs(handle);
    kernels = Kernels::failing;
    CHECK(ai_run(handle) == AI_STATUS_ERROR);
    const std::string failed = error_of(handle);
    CHECK_FALSE(failed.empty());
    kernels = Kernels::greedy;
    CHECK(ai_run(handle) == AI_STATUS_ERROR);
    CHECK_FALSE(error_of(handle).empty());
    CHECK(error_of(handle) != failed);  // a workspace that the plan does not hold is another thing
    kernels = Kernels::right;
    CHECK(ai_run(handle) == AI_STATUS_OK);
    CHECK(error_of(handle).empty());
    CHECK(ai_destroy(handle) == AI_STATUS_OK);
  }
}

TEST_CASE("ai api: two handles of one network are independent") {
  Fixture fixture;
  ai_handle first = Fixture::created(own_arena.data());
  ai_handle second = Fixture::created(fixture.memory.data());
  CHECK(ai_get_input(first, 0) == AI_MODEL_inputs(&model)[0]);
  CHECK(ai_get_input(second, 0) != ai_get_input(first, 0));
  CHECK(get_tensor_size(ai_get_input(second, 0)) == count);
  CHECK(ai_get_quantization(ai_get_input(second, 0)) == &quantization);
  CHECK(ai_get_activations(first) == own_arena.data());
  CHECK(ai_get_activations(second) == fixture.memory.data());
  set_inputs(first);
  set_inputs(second);
  bytes_of(ai_get_input(second, 1))[0] = 7;
  CHECK(ai_run(second) == AI_STATUS_OK);
  CHECK(workspace_seen == fixture.memory.data() + workspace_offset);
  CHECK(own_arena[inner_offset] == 0xEE);
  CHECK(bytes_of(ai_get_output(second, 0))[0] == 9);
  CHECK(ai_run(first) == AI_STATUS_OK);
  CHECK(workspace_seen == own_arena.data() + workspace_offset);
  check_output(bytes_of(ai_get_output(first, 0)));
  CHECK(bytes_of(ai_get_output(second, 0))[0] == 9);
}

TEST_CASE("ai api: the network's own functions work on its own tensors") {
  const Fixture fixture;
  CHECK(model.ai_create(nullptr, own_arena.data()) == AI_STATUS_ERROR);
  CHECK(model.ai_run(inputs.data(), outputs.data()) == AI_STATUS_ERROR);
  CHECK(model.ai_create(weights.data(), own_arena.data()) == AI_STATUS_OK);
  set_inputs(handles.data());
  CHECK(model.ai_run(inputs.data(), outputs.data()) == AI_STATUS_OK);
  check_output(own_arena.data() + out_offset);
  std::array<std::uint8_t, count> scores{};
  ai_tensor mine = *outputs[0];
  mine.dltensor.data = scores.data();
  ai_tensor* list[1] = {&mine};
  CHECK(model.ai_run(inputs.data(), list) == AI_STATUS_OK);
  check_output(scores.data());
}

TEST_CASE("ai api: the instance of a handle that may run") {
  const Fixture fixture;
  CHECK(ai_get_instance(none) == nullptr);
  ai_handle handle = Fixture::created(own_arena.data());
  set_inputs(handle);
  std::array<std::uint8_t, count> scores{};
  ai_get_output(handle, 0)->dltensor.data = nullptr;
  CHECK(ai_get_instance(handle) == nullptr);
  CHECK(error_of(handle) == "Network output NULL");
  ai_get_output(handle, 0)->dltensor.data = scores.data();
  const stvm_context* const instance = ai_get_instance(handle);
  REQUIRE(instance != nullptr);
  CHECK(stvm_run(instance->network, instance->pools) == STVM_OK);
  check_output(scores.data());
  CHECK(ai_destroy(handle) == AI_STATUS_OK);
  CHECK(ai_get_instance(handle) == nullptr);
}

TEST_CASE("ai api: one handle's error is not another's") {
  const Fixture fixture;
  ai_handle first = Fixture::created(own_arena.data());
  ai_handle second = Fixture::created(own_arena.data());
  CHECK(ai_get_input(first, 9) == nullptr);
  CHECK(error_of(second).empty());
  CHECK(error_of(first) == "Input index out of range");
}

TEST_CASE("ai api: elements and bytes of a tensor") {
  struct Row {
    std::vector<std::int64_t> shape;
    DLDataType type;
    std::uint32_t elements;
    std::uint32_t bytes;
  };
  const std::vector<Row> rows = {{{}, {kDLFloat, 32, 1}, 1, 4},        {{1, 96, 96, 3}, {kDLInt, 8, 1}, 27648, 27648},
                                 {{3}, {kDLUInt, 1, 1}, 3, 3},         {{3}, {kDLInt, 4, 1}, 3, 3},
                                 {{2, 5}, {kDLInt, 16, 1}, 10, 20},    {{2}, {kDLFloat, 32, 4}, 2, 32},
                                 {{4, 0, 2}, {kDLFloat, 64, 1}, 0, 0}, {{7}, {kDLFloat, 64, 1}, 7, 56}};
  for (const Row& row : rows) {
    std::vector<std::int64_t> dimensions = row.shape;
    const ai_tensor tensor = {{nullptr,
                               {kDLCPU, 0},
                               static_cast<std::int32_t>(dimensions.size()),
                               row.type,
                               dimensions.empty() ? nullptr : dimensions.data(),
                               nullptr,
                               0},
                              nullptr};
    CHECK(get_tensor_elts(&tensor) == row.elements);
    CHECK(get_tensor_size(&tensor) == row.bytes);
  }
}

TEST_CASE("ai api: the iterator goes through all networks and gives NULL behind them") {
  std::vector<const ai_model_info*> seen;
  for (ai_model_iterator it = ai_model_iterator_begin(); it != ai_model_iterator_end();
       it = ai_model_iterator_next(it)) {
    REQUIRE(seen.size() < 3);
    seen.push_back(ai_model_iterator_value(it));
  }
  CHECK(seen == std::vector<const ai_model_info*>{&model, &second_model});
  CHECK(ai_model_iterator_value(ai_model_iterator_end()) == nullptr);
  CHECK(ai_model_iterator_value(std::numeric_limits<ai_model_iterator>::max()) == nullptr);
}
