// SPDX-License-Identifier: Apache-2.0
// Tests of ModelLibrary: which members of an archive go to which module, in every version's layout.
#include "stm32tvm/model_library.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stm32tvm/archive.hpp"
#include "stm32tvm/result.hpp"

namespace {

using stm32tvm::Archive;
using stm32tvm::Bytes;
using stm32tvm::ErrorCode;
using stm32tvm::Executor;
using stm32tvm::ModelLibrary;
using stm32tvm::ModelLimits;
using stm32tvm::Module;
using stm32tvm::NetworkDescriptor;
using stm32tvm::Result;

/// Archive members by path; each holds its own path unless told.
Result<ModelLibrary> library_of(const std::string& metadata, const std::vector<std::string>& paths,
                                const ModelLimits& limits = {}) {
  std::vector<Archive::Member> members = {{"metadata.json", Bytes(metadata)}};
  for (const std::string& path : paths) {
    members.push_back({path, Bytes(path)});
  }
  const Result<Archive> archive = Archive::from_members(std::move(members));
  REQUIRE(archive);
  return ModelLibrary::from_archive(*archive, limits);
}

std::vector<std::string> paths_of(const std::vector<Archive::Member>& members) {
  std::vector<std::string> paths;
  for (const Archive::Member& member : members) {
    CHECK(member.contents.view() == member.path);
    paths.push_back(member.path);
  }
  return paths;
}

std::string path_of(const std::optional<Archive::Member>& member) {
  return member ? member->path : "";
}

std::string flat(int version, const std::string& executor) {
  return R"({"version": )" + std::to_string(version) + R"(, "model_name": "default", ")" +
         (version < 5 ? "runtimes" : "executors") + R"(": [")" + executor +
         R"("], "memory": [], "target": {"1": "c"}})";
}

std::string version_7(const std::vector<std::string>& names) {
  std::string modules;
  for (const std::string& name : names) {
    modules +=
        (modules.empty() ? "\"" : ", \"") + name + R"(": {"executors": ["graph"], "memory": {}, "target": ["c"]})";
  }
  return R"({"version": 7, "modules": {)" + modules + "}}";
}

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("model library: the layout of versions 1 to 4") {
  for (const int version : {1, 2, 3, 4}) {
    CAPTURE(version);
    const std::string prefix = version < 3 ? "" : "default_";
    const std::string relay = version < 4 ? "relay.txt" : "src/relay.txt";
    const Result<ModelLibrary> library = library_of(
        flat(version, "graph"), {"codegen/host/src/" + prefix + "lib0.c", "codegen/host/src/" + prefix + "lib1.c",
                                 "parameters/default.params", "runtime-config/graph/graph.json", relay});
    REQUIRE(library);
    CHECK(library->format_version() == version);
    REQUIRE(library->modules().size() == 1);
    const Module& module = library->modules()[0];
    CHECK(module.executor == Executor::graph);
    CHECK(paths_of(module.sources) ==
          Paths{"codegen/host/src/" + prefix + "lib0.c", "codegen/host/src/" + prefix + "lib1.c"});
    CHECK(path_of(module.graph) == "runtime-config/graph/graph.json");
    CHECK(path_of(module.parameters) == "parameters/default.params");
    CHECK(path_of(module.relay) == relay);
  }
}

TEST_CASE("model library: the layout of versions 5 and 6") {
  for (const int version : {5, 6}) {
    CAPTURE(version);
    const Result<ModelLibrary> library =
        library_of(flat(version, "graph"),
                   {"codegen/host/include/tvmgen_default.h", "codegen/host/src/default_lib0.c",
                    "codegen/host/lib/default_lib0.o", "executor-config/graph/graph.json", "src/relay.txt"});
    REQUIRE(library);
    const Module& module = library->modules()[0];
    CHECK(paths_of(module.sources) == Paths{"codegen/host/src/default_lib0.c"});
    CHECK(paths_of(module.objects) == Paths{"codegen/host/lib/default_lib0.o"});
    CHECK(paths_of(module.headers) == Paths{"codegen/host/include/tvmgen_default.h"});
    CHECK(path_of(module.graph) == "executor-config/graph/graph.json");
    CHECK(path_of(module.parameters).empty());
    CHECK(path_of(module.relay) == "src/relay.txt");
  }
}

TEST_CASE("model library: the layout of version 7, with files that are nobody's") {
  const Result<ModelLibrary> library = library_of(
      version_7({"kws"}), {"codegen/host/src/kws_lib0.c", "codegen/host/src/kws_lib1.cc",
                           "executor-config/graph/kws.graph", "parameters/kws.params", "src/kws.relay",
                           "runtime/src/runtime/crt/x.c", "templates/crt_config.h.template", "src/other.relay", "x.c"});
  REQUIRE(library);
  CHECK(library->format_version() == 7);
  const Module& module = library->modules()[0];
  CHECK(module.name == "kws");
  CHECK(paths_of(module.sources) == Paths{"codegen/host/src/kws_lib0.c", "codegen/host/src/kws_lib1.cc"});
  CHECK(path_of(module.graph) == "executor-config/graph/kws.graph");
  CHECK(path_of(module.parameters) == "parameters/kws.params");
  CHECK(path_of(module.relay) == "src/kws.relay");
}

TEST_CASE("model library: sources are in the order of their numbers") {
  Paths sources;
  for (const int number : {0, 1, 2, 9, 10, 11, 100}) {
    sources.push_back("codegen/host/src/default_lib" + std::to_string(number) + ".c");
  }
  const Result<ModelLibrary> library = library_of(version_7({"default"}), sources);
  REQUIRE(library);
  CHECK(paths_of(library->modules()[0].sources) == sources);
}

TEST_CASE("model library: with one module every source is its own, whatever its name") {
  const Result<ModelLibrary> library =
      library_of(version_7({"default"}), {"codegen/host/src/lib0.c", "codegen/host/src/other_lib0.c"});
  REQUIRE(library);
  CHECK(library->modules()[0].sources.size() == 2);
}

TEST_CASE(
    "model library: with one module the only graph, parameters and Relay text are its own, whatever their names") {
  Paths paths = {"executor-config/graph/x.graph", "parameters/y.params", "src/z.relay"};
  const Module named = library_of(version_7({"default"}), paths).value().modules()[0];
  CHECK(path_of(named.graph) == "executor-config/graph/x.graph");
  CHECK(path_of(named.parameters) == "parameters/y.params");
  CHECK(path_of(named.relay) == "src/z.relay");
  paths.emplace_back("parameters/w.params");
  CHECK_FALSE(library_of(version_7({"default"}), paths).value().modules()[0].parameters);
  CHECK_FALSE(library_of(version_7({"a", "b"}), {"parameters/y.params"}).value().modules()[0].parameters);
}

TEST_CASE("model library: of several modules each gets its own members") {
  const Result<ModelLibrary> library = library_of(
      version_7({"a", "a_lib", "b"}),
      {"codegen/host/src/a_lib0.c", "codegen/host/src/a_lib1.c", "codegen/host/src/a_lib_lib0.c",
       "codegen/host/src/b_lib0.c", "codegen/host/include/tvmgen_a.h", "codegen/host/include/tvmgen_a_lib.h",
       "executor-config/graph/a.graph", "executor-config/graph/b.graph", "parameters/b.params", "src/a_lib.relay"});
  REQUIRE(library);
  REQUIRE(library->modules().size() == 3);
  const Module& a = library->modules()[0];
  const Module& a_lib = library->modules()[1];
  const Module& b = library->modules()[2];
  CHECK(paths_of(a.sources) == Paths{"codegen/host/src/a_lib0.c", "codegen/host/src/a_lib1.c"});
  CHECK(paths_of(a.headers) == Paths{"codegen/host/include/tvmgen_a.h"});
  CHECK(paths_of(a_lib.sources) == Paths{"codegen/host/src/a_lib_lib0.c"});
  CHECK(paths_of(a_lib.headers) == Paths{"codegen/host/include/tvmgen_a_lib.h"});
  CHECK(paths_of(b.sources) == Paths{"codegen/host/src/b_lib0.c"});
  CHECK(path_of(a.graph) == "executor-config/graph/a.graph");
  CHECK_FALSE(a_lib.graph.has_value());
  CHECK(path_of(b.parameters) == "parameters/b.params");
  CHECK_FALSE(a.parameters.has_value());
  CHECK(path_of(a_lib.relay) == "src/a_lib.relay");
}

TEST_CASE("model library: a header's name has its module's in small letters") {
  const Result<ModelLibrary> library = library_of(
      version_7({"Kws", "other"}), {"codegen/host/include/tvmgen_kws.h", "codegen/host/include/tvmgen_other.h"});
  REQUIRE(library);
  CHECK(paths_of(library->modules()[0].headers) == Paths{"codegen/host/include/tvmgen_kws.h"});
  CHECK(paths_of(library->modules()[1].headers) == Paths{"codegen/host/include/tvmgen_other.h"});
}

TEST_CASE("model library: an archive without metadata.json is none") {
  const Result<Archive> archive = Archive::from_members({{"codegen/host/src/lib0.c", Bytes("x")}});
  REQUIRE(archive);
  const Result<ModelLibrary> library = ModelLibrary::from_archive(*archive);
  REQUIRE_FALSE(library);
  CHECK(library.error().code == ErrorCode::missing_member);
  CHECK(library.error().where == "metadata.json");
}

TEST_CASE("model library: the caller's limits reach the metadata") {
  ModelLimits limits;
  limits.modules = 1;
  const Result<ModelLibrary> library = library_of(version_7({"a", "b"}), {}, limits);
  REQUIRE_FALSE(library);
  CHECK(library.error().code == ErrorCode::limit_exceeded);
}

TEST_CASE("model library: a module is asked for by name, or is the only one") {
  const Result<ModelLibrary> two = library_of(version_7({"a", "b"}), {});
  REQUIRE(two);
  for (const std::string_view name : {"", "c", "A"}) {
    CAPTURE(name);
    const Result<NetworkDescriptor> network = two->network(name);
    REQUIRE_FALSE(network);
    CHECK(network.error().code == ErrorCode::bad_option);
    CHECK(network.error().message.find("a, b") != std::string::npos);
  }
  // These exist: what fails is the graph that they lack.
  CHECK(two->network("a").error().code == ErrorCode::missing_member);
  CHECK(library_of(version_7({"a"}), {}).value().network().error().code == ErrorCode::missing_member);
}

TEST_CASE("model library: executors have TVM's names") {
  CHECK(std::string(name(Executor::graph)) == "graph");
  CHECK(std::string(name(Executor::ahead_of_time)) == "aot");
  CHECK(std::string(name(Executor::single_operator)) == "operator");
}

TEST_CASE("model library: bytes and a path that are no archive") {
  const Result<ModelLibrary> bytes = ModelLibrary::from_bytes(Bytes("this is no archive"));
  REQUIRE_FALSE(bytes);
  CHECK(bytes.error().code == ErrorCode::not_an_archive);
  const Result<ModelLibrary> file = ModelLibrary::open(std::filesystem::path(STM32TVM_SOURCE_DIR) / "not there.tar");
  REQUIRE_FALSE(file);
  CHECK(file.error().code == ErrorCode::cannot_read);
}

TEST_CASE("model library: an archive of TVM 0.14 from the disk") {
  const auto path = std::filesystem::path(STM32TVM_SOURCE_DIR) / "tests/data/digits_int8/graph.tar";
  const Result<ModelLibrary> library = ModelLibrary::open(path);
  REQUIRE_MESSAGE(library.has_value(), (library ? "" : to_string(library.error())));
  CHECK(library->format_version() == 7);
  REQUIRE(library->modules().size() == 1);
  CHECK(library->modules()[0].name == "default");
  const Result<NetworkDescriptor> network = library->network("default");
  REQUIRE(network);
  CHECK(network->format_version == 7);
  CHECK(network->inputs.size() == 1);
}
