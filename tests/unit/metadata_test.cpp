// SPDX-License-Identifier: Apache-2.0
// Tests of metadata.json: the shape of each version of the Model Library Format, and what is wrong with it.
#include "model/metadata.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stm32tvm/model_library.hpp"
#include "stm32tvm/result.hpp"

namespace {

using stm32tvm::ErrorCode;
using stm32tvm::Executor;
using stm32tvm::Metadata;
using stm32tvm::ModelLimits;
using stm32tvm::Module;
using stm32tvm::read_metadata;
using stm32tvm::Result;

Result<Metadata> read(std::string_view text) {
  return read_metadata(text, ModelLimits{});
}

/// The only module of a text that is right.
Module only_module(std::string_view text, int version) {
  Result<Metadata> metadata = read(text);
  REQUIRE_MESSAGE(metadata.has_value(), (metadata ? "" : to_string(metadata.error())));
  CHECK(metadata->version == version);
  REQUIRE(metadata->modules.size() == 1);
  return std::move(metadata->modules.front());
}

/// The code of the error that a text gives; the error names the file and says something.
ErrorCode code_of(std::string_view text) {
  const Result<Metadata> metadata = read(text);
  if (metadata) {
    FAIL_CHECK("it was read");
    return ErrorCode::internal;
  }
  CHECK(metadata.error().where == "metadata.json");
  CHECK(metadata.error().message.size() > 20);
  return metadata.error().code;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

// "memory" as versions 2 to 7 have it.
const std::string memory = R"({
  "sids": [{"storage_id": 0, "size_bytes": 64, "input_binding": "data"}, {"storage_id": 1, "size_bytes": 16}],
  "functions": {
    "main": [{"device": 1, "workspace_size_bytes": 96, "constants_size_bytes": 8, "io_size_bytes": 80}],
    "operator_functions": [
      {"function_name": "tvmgen_default_fused_add", "workspace": [{"device": 1, "workspace_size_bytes": 32}]},
      {"function_name": "tvmgen_default_fused_mul", "workspace": [{"device": 1, "workspace_size_bytes": 0}]}]}})";

const std::string fields_of_version_7 = R"("model_name": "kws", "export_datetime": "2023-11-20 10:11:12Z",
  "executors": ["graph"], "style": "full-model", "target": ["c -keys=cpu ", "c -keys=arm_cpu,cpu "],
  "external_dependencies": [{"short_name": "other", "version_spec": "9"},
    {"short_name": "tvm_standalone_crt", "url": "./runtime", "url_type": "mlf_path", "version_spec": "0.14.0"}],
  "memory": )" + memory;

std::string version_7(const std::string& modules) {
  return R"({"version": 7, "modules": {)" + modules + "}}";
}

}  // namespace

TEST_CASE("metadata: version 1 has runtimes, a map of targets and a list as memory") {
  const Module module = only_module(R"({"version": 1, "model_name": "sine", "export_datetime": "2021-03-20 01:02:03Z",
    "memory": [{"storage_id": 0, "size_bytes": 4, "input_binding": "x"}, {"storage_id": 1, "size_bytes": 4}],
    "target": {"1": "c -keys=cpu"}, "runtimes": ["graph"]})",
                                    1);
  CHECK(module.name == "sine");
  CHECK(module.executor == Executor::graph);
  CHECK(module.targets == std::vector<std::string>{"c -keys=cpu"});
  CHECK(module.export_datetime == "2021-03-20 01:02:03Z");
  CHECK(module.tvm_version.empty());
  CHECK(module.main_workspace_bytes == 0);
  CHECK(module.operator_workspace_bytes.empty());
}

TEST_CASE("metadata: version 1 for the AOT executor has an empty list as memory") {
  const Module module = only_module(
      R"({"version": 1, "model_name": "m", "export_datetime": "", "memory": [], "target": {"1": "c"},
          "runtimes": ["aot"]})",
      1);
  CHECK(module.executor == Executor::ahead_of_time);
}

TEST_CASE("metadata: versions 2 to 4 have runtimes, and memory by function") {
  for (const int version : {2, 3, 4}) {
    CAPTURE(version);
    const std::string style = version == 4 ? R"("style": "full-model",)" : "";
    const Module module = only_module(
        R"({"version": )" + std::to_string(version) + R"(, "model_name": "m", "export_datetime": "d", )" + style +
            R"("target": {"1": "c -a", "2": "cuda"}, "runtimes": ["graph"], "memory": )" + memory + "}",
        version);
    CHECK(module.executor == Executor::graph);
    CHECK(module.targets == std::vector<std::string>{"c -a", "cuda"});
    CHECK(module.main_workspace_bytes == 96);
    CHECK(module.operator_workspace_bytes.size() == 2);
    CHECK(module.operator_workspace_bytes.at("tvmgen_default_fused_add") == 32);
    CHECK(module.operator_workspace_bytes.at("tvmgen_default_fused_mul") == 0);
  }
}

TEST_CASE("metadata: versions 5 and 6 have executors, version 6 a list of targets") {
  const Module fifth = only_module(R"({"version": 5, "model_name": "m", "export_datetime": "d", "style": "full-model",
    "target": {"1": "c -a"}, "executors": ["aot"],
    "external_dependencies": [{"short_name": "tvm_standalone_crt", "url": "./runtime", "url_type": "mlf_path",
                               "version_spec": "0.9.dev0"}],
    "memory": )" + memory + "}",
                                   5);
  CHECK(fifth.executor == Executor::ahead_of_time);
  CHECK(fifth.targets == std::vector<std::string>{"c -a"});
  CHECK(fifth.tvm_version == "0.9.dev0");
  const Module sixth = only_module(R"({"version": 6, "model_name": "m", "export_datetime": "d", "style": "full-model",
    "target": ["c -a", "c -b"], "executors": ["graph"], "memory": )" +
                                       memory + "}",
                                   6);
  CHECK(sixth.targets == std::vector<std::string>{"c -a", "c -b"});
  CHECK(sixth.main_workspace_bytes == 96);
}

TEST_CASE("metadata: version 7 has an object for each module, and its key is the module's name") {
  const Module module = only_module(version_7(R"("default": {)" + fields_of_version_7 + "}"), 7);
  CHECK(module.name == "default");
  CHECK(module.executor == Executor::graph);
  CHECK(module.targets == std::vector<std::string>{"c -keys=cpu ", "c -keys=arm_cpu,cpu "});
  CHECK(module.export_datetime == "2023-11-20 10:11:12Z");
  CHECK(module.tvm_version == "0.14.0");
  CHECK(module.main_workspace_bytes == 96);
  CHECK(module.operator_workspace_bytes.at("tvmgen_default_fused_add") == 32);
  CHECK(module.main_inputs.empty());
  CHECK(module.sources.empty());
  CHECK_FALSE(module.graph.has_value());
}

TEST_CASE("metadata: from TVM 0.11 on main tells of its inputs and outputs") {
  const std::string main = R"("io_size_bytes": 80, "inputs": {"a": {"size": 64, "dtype": "int8"},
    "b": {"size": 4, "dtype": "float32"}}, "outputs": {"output": {"size": 16, "dtype": "uint8"}})";
  const Module module =
      only_module(version_7(R"("m": {)" + replaced(fields_of_version_7, R"("io_size_bytes": 80)", main) + "}"), 7);
  REQUIRE(module.main_inputs.size() == 2);
  CHECK(module.main_inputs[0].name == "a");
  CHECK(module.main_inputs[0].data_type == "int8");
  CHECK(module.main_inputs[0].bytes == 64);
  CHECK(module.main_inputs[1].name == "b");
  REQUIRE(module.main_outputs.size() == 1);
  CHECK(module.main_outputs[0].name == "output");
  CHECK(module.main_outputs[0].bytes == 16);
}

TEST_CASE("metadata: of several devices the largest workspace counts") {
  const std::string more = R"("main": [{"device": 2, "workspace_size_bytes": 7}, {"device": 3,
    "workspace_size_bytes": 500}, )";
  const std::string rows = R"([{"device": 1, "workspace_size_bytes": 32}, {"device": 2, "workspace_size_bytes": 40}])";
  const Module module = only_module(version_7(R"("m": {)" +
                                              replaced(replaced(fields_of_version_7, R"("main": [)", more),
                                                       R"([{"device": 1, "workspace_size_bytes": 32}])", rows) +
                                              "}"),
                                    7);
  CHECK(module.main_workspace_bytes == 500);
  CHECK(module.operator_workspace_bytes.at("tvmgen_default_fused_add") == 40);
}

TEST_CASE("metadata: operator style maps functions in memory and names no executor") {
  const Module module = only_module(R"({"version": 7, "model_name": "add", "export_datetime": "d", "memory":
    {"add": [{"size_bytes": 8, "shape": [2], "dtype": "float32", "input_binding": "A"}]},
    "target": ["c"], "executors": [], "style": "operator"})",
                                    7);
  CHECK(module.name == "add");
  CHECK(module.executor == Executor::single_operator);
  CHECK(module.operator_workspace_bytes.empty());
  CHECK(only_module(R"({"version": 4, "model_name": "add", "target": {"1": "c"}, "runtimes": [], "memory": {},
    "style": "operator"})",
                    4)
            .executor == Executor::single_operator);
}

TEST_CASE("metadata: modules come in the order of their names") {
  const std::string module = R"({"executors": ["graph"], "memory": {}})";
  const Result<Metadata> metadata =
      read(version_7(R"("b": )" + module + R"(, "B": )" + module + R"(, "a10": )" + module + R"(, "a": )" + module));
  REQUIRE(metadata);
  std::vector<std::string> names;
  for (const Module& each : metadata->modules) {
    names.push_back(each.name);
  }
  CHECK(names == std::vector<std::string>{"B", "a", "a10", "b"});
}

TEST_CASE("metadata: too many modules are refused") {
  const std::string two = version_7(R"("a": {"executors": ["graph"]}, "b": {"executors": ["graph"]})");
  ModelLimits limits;
  limits.modules = 2;
  CHECK(read_metadata(two, limits).has_value());
  limits.modules = 1;
  const Result<Metadata> refused = read_metadata(two, limits);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::limit_exceeded);
  CHECK(refused.error().message.find("2 modules") != std::string::npos);
  CHECK(code_of(version_7("")) == ErrorCode::bad_metadata);
}

TEST_CASE("metadata: the same module twice is refused") {
  CHECK(code_of(version_7(R"("a": {"executors": ["graph"]}, "a": {"executors": ["aot"]})")) == ErrorCode::bad_metadata);
}

TEST_CASE("metadata: a version that is not 1 to 7 is refused and named") {
  const auto with_version = [](std::string_view version) {
    return R"({"version": )" + std::string(version) + R"(, "executors": ["graph"], "memory": {}})";
  };
  for (const std::string_view version : {"0", "8", "4294967297", "18446744073709551615"}) {
    CAPTURE(version);
    CHECK(code_of(with_version(version)) == ErrorCode::unsupported_version);
    const std::string message = read(with_version(version)).error().message;
    CHECK(message.find("version " + std::string(version) + ",") != std::string::npos);
    CHECK(message.find("1 to 7") != std::string::npos);
  }
  for (const std::string_view version : {R"("7")", "7.0", "null", "[7]", "true", "-1"}) {
    CAPTURE(version);
    CHECK(code_of(with_version(version)) == ErrorCode::bad_json);
  }
  CHECK(code_of(R"({"executors": ["graph"]})") == ErrorCode::bad_json);
}

TEST_CASE("metadata: each field of a wrong type is an error that names it") {
  const std::string good = version_7(R"("m": {)" + fields_of_version_7 + "}");
  REQUIRE(read(good).has_value());
  struct Wrong {
    std::string_view field;
    std::string_view found;
    std::string_view replacement;
  };
  const std::array<Wrong, 21> wrongs = {
      {{"export_datetime", R"("2023-11-20 10:11:12Z")", "5"},
       {"executors", R"(["graph"])", R"("graph")"},
       {"executors", R"(["graph"])", "[7]"},
       {"style", R"("full-model")", "[]"},
       {"target", R"(["c -keys=cpu ", "c -keys=arm_cpu,cpu "])", R"("c")"},
       {"target", R"(["c -keys=cpu ", "c -keys=arm_cpu,cpu "])", R"([1])"},
       {"target", R"(["c -keys=cpu ", "c -keys=arm_cpu,cpu "])", R"({"1": 1})"},
       {"external_dependencies", R"("external_dependencies": [)", R"("external_dependencies": {}, "x": [)"},
       {"external_dependencies", R"({"short_name": "other", "version_spec": "9"})", "3"},
       {"short_name", R"("other")", "{}"},
       {"version_spec", R"("0.14.0")", "14"},
       {"functions", R"("functions": {)", R"("functions": [], "x": {)"},
       {"main", R"("main": [)", R"("main": 1, "x": [)"},
       {"main", R"("main": [)", R"("main": [null, )"},
       {"workspace_size_bytes", "96", "-96"},
       {"workspace_size_bytes", "96", R"("96")"},
       {"operator_functions", R"("operator_functions": [)", R"("operator_functions": {}, "x": [)"},
       {"function_name", R"("tvmgen_default_fused_add")", "0"},
       {"workspace", R"([{"device": 1, "workspace_size_bytes": 32}])", "32"},
       {"workspace", R"([{"device": 1, "workspace_size_bytes": 32}])", "[32]"},
       {"workspace_size_bytes", "32", "1.5"}}};
  for (const Wrong& wrong : wrongs) {
    CAPTURE(wrong.field);
    CAPTURE(wrong.replacement);
    const std::string text = replaced(good, wrong.found, wrong.replacement);
    CHECK(code_of(text) == ErrorCode::bad_json);
    CHECK(read(text).error().message.find("\"" + std::string(wrong.field) + "\"") != std::string::npos);
  }
}

TEST_CASE("metadata: inputs and outputs of a wrong type are errors") {
  for (const std::string_view inputs :
       {R"([])", R"({"a": 1})", R"({"a": {}})", R"({"a": {"size": "4"}})", R"({"a": {"size": 4, "dtype": 1}})"}) {
    CAPTURE(inputs);
    for (const std::string kind : {"inputs", "outputs"}) {
      const std::string main = R"("io_size_bytes": 80, ")" + kind + R"(": )" + std::string(inputs);
      CHECK(code_of(version_7(R"("m": {)" + replaced(fields_of_version_7, R"("io_size_bytes": 80)", main) + "}")) ==
            ErrorCode::bad_json);
    }
  }
}

TEST_CASE("metadata: modules and the whole file must be objects") {
  CHECK(code_of(R"({"version": 7, "modules": []})") == ErrorCode::bad_json);
  CHECK(code_of(version_7(R"("m": [])")) == ErrorCode::bad_json);
  CHECK(code_of("[]") == ErrorCode::bad_json);
  CHECK(code_of("7") == ErrorCode::bad_json);
  CHECK(code_of(R"({"version": 6, "model_name": 3, "executors": ["graph"]})") == ErrorCode::bad_json);
}

TEST_CASE("metadata: a module must name an executor that is known") {
  CHECK(code_of(version_7(R"("m": {"memory": {}})")) == ErrorCode::bad_metadata);
  CHECK(code_of(version_7(R"("m": {"executors": []})")) == ErrorCode::unsupported);
  CHECK(code_of(version_7(R"("m": {"executors": ["vm"]})")) == ErrorCode::unsupported);
}

TEST_CASE("metadata: what is no JSON is refused") {
  for (const std::string_view text :
       {"", " ", "{", "{]", R"({"version": 7)", R"({"version": 7}})", "\xef\xbb\xbf", "\xff\xfe{}", "version: 7",
        R"({"version": 07})", "{\"version\": 7, \"a\": \"\xc3\x28\"}", R"({"version": 99999999999999999999999999})"}) {
    CAPTURE(text);
    CHECK(code_of(text) == ErrorCode::bad_json);
  }
}

TEST_CASE("metadata: text that is cut anywhere is refused") {
  const std::string good = version_7(R"("m": {)" + fields_of_version_7 + "}");
  for (std::size_t length = 0; length < good.size(); ++length) {
    const Result<Metadata> metadata = read(std::string_view(good).substr(0, length));
    if (metadata || metadata.error().code != ErrorCode::bad_json) {
      FAIL_CHECK("the first ", length, " bytes were read");
    }
  }
}

TEST_CASE("metadata: deep nesting is refused without harm") {
  for (const std::string_view bracket : {"[", R"({"a":)"}) {
    std::string deep;
    for (std::size_t i = 0; i < 200'000; ++i) {
      deep += bracket;
    }
    CHECK(code_of(R"({"version": 7, "x": )" + deep) == ErrorCode::bad_json);
  }
  const std::string closed = std::string(500, '[') + std::string(500, ']');
  CHECK(code_of(R"({"version": 7, "modules": {}, "x": )" + closed + "}") == ErrorCode::limit_exceeded);
}

TEST_CASE("metadata: the caller sets how deep JSON may nest") {
  stm32tvm::ModelLimits limits;
  limits.json_depth = 100;
  const std::string text =
      R"({"version": 7, "executors": ["graph"], "x": )" + std::string(70, '[') + std::string(70, ']') + "}";
  const auto refused = stm32tvm::read_metadata(text, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::limit_exceeded);
  CHECK(refused.error().message.find("json_depth") != std::string::npos);
  CHECK(stm32tvm::read_metadata(text, limits));
}
