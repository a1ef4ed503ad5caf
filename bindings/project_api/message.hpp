// SPDX-License-Identifier: Apache-2.0
// The messages of the Project API: JSON-RPC 2.0, one object a line.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include <nlohmann/json.hpp>

namespace stm32tvm::project_api {

using Json = nlohmann::json;

/// The error codes that TVM's client knows; any other makes it fail an assertion.
enum class Code { server = -32000, parse = -32700, request = -32600, method = -32601, parameters = -32602 };

/// Why a request gets no result.
struct Failure {
  Code code = Code::server;
  std::string message;
  std::string log = {};  ///< shown behind the message: the last lines of a compiler, of a debugger
};

// nlohmann's move of a value is not declared to be what it is: without exceptions.
struct Request {  // NOLINT(bugprone-exception-escape)
  std::string method;
  Json parameters;  ///< an object
  Json id;          ///< a string, a whole number or null
};

/// Reads a line, without its end.
std::variant<Request, Failure> read_request(std::string_view line);

/// One parameter of a method.
struct Parameter {
  enum class Type { text, object, count, optional_seconds };
  const char* name;
  Type type;
};

/// Whether a request has exactly these parameters, of these types. Nothing when it has.
std::string fault_of(const Request& request, const std::vector<Parameter>& parameters);

/// Replies, with the line's end.
std::string result_line(const Json& id, const Json& result);
std::string failure_line(const Json& id, const Failure& failure);

}  // namespace stm32tvm::project_api
