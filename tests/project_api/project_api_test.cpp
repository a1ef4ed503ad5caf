// SPDX-License-Identifier: Apache-2.0
// The Project API's server without its pipes: base 85, messages, options, and what each request is answered.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base85.hpp"
#include "message.hpp"
#include "options.hpp"
#include "server.hpp"

using namespace stm32tvm::project_api;
using namespace std::string_literals;

namespace {

Json answer(const std::string& line) {
  Server server("/nonexistent", -1);
  const std::string reply = server.answer(line);
  REQUIRE(reply.ends_with('\n'));
  REQUIRE(reply.find('\n') == reply.size() - 1);
  Json message = Json::parse(reply);
  CHECK(message["jsonrpc"] == "2.0");
  CHECK(message.contains("result") != message.contains("error"));
  return message;
}

Json call(const std::string& method, const Json& parameters) {
  return answer(Json({{"jsonrpc", "2.0"}, {"method", method}, {"params", parameters}, {"id", 7}}).dump());
}

}  // namespace

TEST_CASE("base 85 is Python's") {
  const std::vector<std::pair<std::string, std::string>> pairs = {{"", ""},
                                                                  {"\x00"s, "00"},
                                                                  {"\xff\xfd"s, "|NQ"},
                                                                  {"\x13\xcd"s, "6U_"},
                                                                  {"\x00\x01\x02\x03\x04\x05\x06\x07"s, "009C61O)~M"},
                                                                  {"\xff\xfd\x03\x00\x00\x00"s, "|NR31000"}};
  for (const auto& [bytes, text] : pairs) {
    CHECK(base85_encode(bytes) == text);
    CHECK(base85_decode(text) == bytes);
  }
  for (const char* const bad : {"|NsC1", "~~~~~", "a b", "\"", "ab\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(base85_decode(bad).has_value());
  }
}

TEST_CASE("a line that is no request is refused with its reason, and no id") {
  CHECK(answer("{")["error"]["code"] == -32700);
  CHECK(answer("\x80\xff")["error"]["code"] == -32700);
  CHECK(answer("NaN")["error"]["code"] == -32700);
  for (const char* const bad : {"[]", "1", "null", R"({"method": "build", "params": {}, "id": 1})",
                                R"({"jsonrpc": "1.0", "method": "build", "params": {}, "id": 1})",
                                R"({"jsonrpc": "2.0", "method": 1, "params": {}, "id": 1})",
                                R"({"jsonrpc": "2.0", "method": "a b", "params": {}, "id": 1})",
                                R"({"jsonrpc": "2.0", "method": "build", "params": [], "id": 1})",
                                R"({"jsonrpc": "2.0", "method": "build", "params": {}, "id": 1.5})",
                                R"({"jsonrpc": "2.0", "method": "build", "params": {}, "id": {}})"}) {
    CAPTURE(bad);
    const Json reply = answer(bad);
    CHECK(reply["error"]["code"] == -32600);
    CHECK(reply["id"].is_null());
  }
  // Nesting as deep as it likes.
  CHECK(answer(std::string(1'000'000, '['))["error"]["code"] == -32700);
}

TEST_CASE("methods and their parameters are checked as TVM's own server does") {
  CHECK(call("nothing", Json::object())["error"] ==
        Json({{"code", -32601}, {"message", "nothing: no such method"}, {"data", nullptr}}));
  CHECK(call("build", Json::object())["error"]["message"] == "method build: parameter options not given");
  CHECK(call("build", {{"options", 1}})["error"]["message"] ==
        "method build: parameter options: want an object, got number");
  CHECK(call("build", {{"options", Json::object()}, {"a", 1}, {"b", 2}})["error"]["message"] ==
        "build: extra parameters: a, b");
  CHECK(call("build", {{"options", 1}})["error"]["code"] == -32602);
  CHECK(call("read_transport", {{"n", 0}, {"timeout_sec", nullptr}})["error"]["code"] == -32602);
  CHECK(call("read_transport", {{"n", 1}, {"timeout_sec", -1}})["error"]["code"] == -32602);
  CHECK(call("read_transport", {{"n", 1}, {"timeout_sec", 0.5}})["error"] ==
        Json({{"code", -32000}, {"message", "TransportClosedError"}, {"data", nullptr}}));
  CHECK(call("close_transport", Json::object())["result"].is_null());
  CHECK(call("build", {{"options", Json::object()}})["error"]["code"] == -32000);
}

TEST_CASE("a template tells its options in the form of every client") {
  const Json info = call("server_info_query", {{"tvm_version", "0.14.0"}})["result"];
  CHECK(info["platform_name"] == "stm32tvm");
  CHECK(info["protocol_version"] == 1);
  CHECK(info["is_template"] == true);
  CHECK(info["model_library_format_path"] == "");
  std::vector<std::string> names;
  for (const Json& option : info["project_options"]) {
    CHECK(option.size() == 7);
    names.push_back(option["name"]);
    CHECK_FALSE(option["help"].get<std::string>().empty());
    CHECK(option["required"].is_null() != option["optional"].is_null());
    CHECK((option["type"] == "bool" || option["type"] == "int" || option["type"] == "str"));
    for (const Json& choice : option["choices"].is_null() ? Json::array() : option["choices"]) {
      CHECK(choice.is_string());
    }
  }
  for (const char* const name : {"verbose", "project_type", "board", "cmsis_path", "warning_as_error",
                                 "compile_definitions", "extra_files_tar", "serial_number", "workspace_size_bytes"}) {
    CHECK(std::find(names.begin(), names.end(), name) != names.end());
  }
}

TEST_CASE("options come as they are, as text and as null") {
  Options options;
  CHECK(options.set({{"verbose", "true"}, {"workspace_size_bytes", "65536"}, {"board", nullptr}}));
  CHECK(options.flag("verbose"));
  CHECK(options.number("workspace_size_bytes", 0) == 65536);
  CHECK(options.text("board").empty());
  CHECK(options.set({{"verbose", false}, {"workspace_size_bytes", 1}, {"board", "netduinoplus2"}}));
  CHECK_FALSE(options.flag("verbose"));
  CHECK(options.number("workspace_size_bytes", 0) == 1);
  CHECK(options.set({{"compile_definitions", {"-DA=1", "-DB"}}}));
  CHECK(options.words("compile_definitions") == std::vector<std::string>{"-DA=1", "-DB"});
  CHECK(options.set({{"compile_definitions", " -DA=1  -DB"}}));
  CHECK(options.words("compile_definitions") == std::vector<std::string>{"-DA=1", "-DB"});
  for (const Json& bad : {Json{{"verbose", "perhaps"}}, Json{{"verbose", 2}}, Json{{"workspace_size_bytes", "1x"}},
                          Json{{"workspace_size_bytes", -1}}, Json{{"workspace_size_bytes", 1.5}},
                          Json{{"board", "toaster"}}, Json{{"board", 1}}, Json{{"project_type", "aot_standalone_demo"}},
                          Json{{"compile_definitions", {1}}}, Json{{"no_such_option", 1}}}) {
    CAPTURE(bad.dump());
    CHECK_FALSE(options.set(bad).has_value());
  }
}
