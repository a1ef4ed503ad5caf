// SPDX-License-Identifier: Apache-2.0
#include "stm32tvm/options.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace stm32tvm;

/// What the reader says of a text that it refuses.
template <class Read>
std::string fault(const Read& read, std::string_view json) {
  const auto result = read(json);
  REQUIRE_FALSE(result.has_value());
  return std::string(name(result.error().code)) + ": " + result.error().message;
}

TEST_CASE("options: an empty text and an empty object are the defaults") {
  for (const char* json : {"", "{}"}) {
    CHECK(*read_plan_options(json) == PlanOptions{});
    CHECK(read_load_options(json)->archive.members == ArchiveLimits{}.members);
    CHECK(read_emit_options(json)->name == EmitOptions{}.name);
    CHECK_FALSE(read_network_options(json)->keep_constants);
  }
}

TEST_CASE("options: each key sets its field") {
  const auto load = read_load_options(R"({"archive_bytes": 1, "total_bytes": 2, "member_bytes": 3, "members": 4,
    "path_bytes": 5, "expansion": 6, "modules": 7, "nodes": 8, "name_bytes": 9, "rank": 10, "tensor_bytes": 11,
    "json_depth": 12, "tensors": 13})");
  CHECK(load->archive.archive_bytes == 1);
  CHECK(load->archive.total_bytes == 2);
  CHECK(load->archive.member_bytes == 3);
  CHECK(load->archive.members == 4);
  CHECK(load->archive.path_bytes == 5);
  CHECK(load->archive.expansion == 6);
  CHECK(load->model.modules == 7);
  CHECK(load->model.nodes == 8);
  CHECK(load->model.name_bytes == 9);
  CHECK(load->model.rank == 10);
  CHECK(load->model.tensor_bytes == 11);
  CHECK(load->model.json_depth == 12);
  CHECK(load->model.tensors == 13);
  CHECK(read_network_options(R"({"keep_constants": true})")->keep_constants);
  const auto groups = *read_placement(R"({"weights_groups": [
    {"name": "a", "tensors": ["p0", "p1"], "place": "external", "address": "0x90000000", "format": "hex"},
    {"place": "fetch"}, {"name": "b", "address": 4096, "place": "ram", "check": false}]})");
  REQUIRE(groups.size() == 3);
  WeightsGroup expected;
  expected.name = "a";
  expected.tensors = {"p0", "p1"};
  expected.place = WeightsGroup::Place::external;
  expected.address = 0x90000000;
  expected.format = WeightsGroup::Format::intel_hex;
  expected.is_checked = true;
  CHECK(groups[0] == expected);
  CHECK(groups[1].name == "weights");
  CHECK(groups[1].place == WeightsGroup::Place::fetch);
  CHECK(groups[1].is_checked);
  CHECK_FALSE(groups[1].format.has_value());
  CHECK(groups[2].address == 4096);
  CHECK_FALSE(groups[2].is_checked);
  CHECK(read_network_options(R"({"weights_groups": [{"place": "ram"}]})")->weights_groups.size() == 1);
  CHECK(*read_budget(R"({"ram_bytes": 1, "flash_bytes": 2, "ticks": 3})") == Budget{1, 2, 3});
  CHECK(read_emit_options(R"({"budget": {"ticks": 3}})")->budget == Budget{{}, {}, 3});
  const auto plan =
      read_plan_options(R"({"inputs": "consume", "alignment": 32, "interface_alignment": 64, "whole_operators": true,
    "pools": [{"name": "dtcm", "size_bytes": 65536}, {"name": "ram"}]})");
  CHECK(plan->inputs == PlanOptions::Inputs::consume);
  CHECK(plan->alignment == 32);
  CHECK(plan->interface_alignment == 64);
  CHECK(plan->whole_operators);
  using Placement = PlanOptions::Placement;
  const auto placed = read_plan_options(R"({"inputs_memory": ["caller", "double"], "outputs_memory": ["arena"]})");
  CHECK(placed->input_placements == std::vector{Placement::caller, Placement::double_buffered});
  CHECK(placed->output_placements == std::vector{Placement::arena});
  REQUIRE(plan->pools.size() == 2);
  CHECK(plan->pools[0].name == "dtcm");
  CHECK(plan->pools[0].size_bytes == 65536);
  CHECK(plan->pools[1].size_bytes == UINT64_MAX);
  const auto emit = read_emit_options(
      R"({"name": "net", "c_api": "tvm", "weights": "c-array", "console": "uart", "build_system": "make", "application": "minimal",
      "target": "netduinoplus2"})");
  CHECK(emit->name == "net");
  CHECK(emit->names.empty());
  CHECK(read_emit_options(R"({"names": ["kws", "ic"]})")->names == std::vector<std::string>{"kws", "ic"});
  CHECK(emit->device_api == EmitOptions::DeviceApi::tvm);
  CHECK(emit->weights == EmitOptions::Weights::c_array);
  CHECK(emit->console == EmitOptions::Console::uart);
  CHECK(emit->build_system == EmitOptions::BuildSystem::make);
  CHECK(emit->application == EmitOptions::Application::minimal);
  const auto tuned = read_emit_options(
      R"({"kernel_profile": {"options": ["-O2"], "kernels": {"f": ["-Os"]}}, "self_test_table": "table"})");
  CHECK(tuned->kernel_profile == KernelProfile{{"-O2"}, {{"f", {"-Os"}}}});
  CHECK(tuned->self_test_table == "table");
  REQUIRE(emit->target);
  CHECK(emit->target->part == "STM32F405RG");
}

TEST_CASE("options: what has no meaning is refused with what is known") {
  CHECK(fault(read_plan_options, "[]").starts_with("bad_json: the options are not a JSON object"));
  CHECK(fault(read_plan_options, "{\"inputs\": ").starts_with("bad_json"));
  CHECK(
      fault(read_plan_options, R"({"input": "keep"})") ==
      R"(bad_option: there is no option "input" here; known are "inputs", "inputs_memory", "outputs_memory", "alignment", "interface_alignment", "whole_operators", "pools")");
  CHECK(fault(read_plan_options, R"({"inputs": "lose"})") ==
        R"(bad_option: "inputs" is "lose"; give one of "keep", "consume")");
  CHECK(fault(read_plan_options, R"({"alignment": -8})") ==
        R"(bad_option: "alignment" is -8; give a whole number from 0 to 4294967295)");
  CHECK(fault(read_plan_options, R"({"alignment": 4294967296})").starts_with("bad_option"));
  CHECK(fault(read_plan_options, R"({"pools": []})").starts_with("bad_option"));
  CHECK(fault(read_plan_options, R"({"pools": [{"size": 1}]})").starts_with("bad_option"));
  CHECK(fault(read_placement, R"({"weights_groups": [{"address": "0x9g"}]})") ==
        R"(bad_option: "address" is "0x9g"; give an address, like "0x90000000")");
  CHECK(fault(read_placement, R"({"weights_groups": [{"tensors": "p0"}]})") ==
        R"(bad_option: "tensors" is "p0"; give a list of names, like ["p0", "p1"])");
  CHECK(fault(read_network_options, R"({"keep_constants": 1})") ==
        R"(bad_option: "keep_constants" is 1; give true or false)");
  CHECK(fault(read_plan_options, R"({"inputs_memory": "caller"})") ==
        R"(bad_option: "inputs_memory" is "caller"; give a list like ["arena"])");
  CHECK(fault(read_plan_options, R"({"inputs_memory": ["stack"]})") ==
        R"(bad_option: "inputs_memory" is "stack"; give one of "arena", "caller", "double")");
  CHECK(fault(read_emit_options, R"({"kernel_profile": {"kernels": {}}})").starts_with("bad_"));
  CHECK(fault(read_emit_options, R"({"name": 1})") == R"(bad_option: "name" is 1; give a text)");
  CHECK(fault(read_emit_options, R"({"target": "no-such-board"})").starts_with("bad_option"));
}

}  // namespace
