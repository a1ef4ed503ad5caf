// SPDX-License-Identifier: Apache-2.0
#include "message.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace stm32tvm::project_api {
namespace {

bool is_method_name(const Json& value) {
  const auto* const text = value.get_ptr<const std::string*>();
  return text != nullptr && !text->empty() && std::ranges::all_of(*text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

std::string line(Json message) {
  message["jsonrpc"] = "2.0";
  // ASCII: logs may hold anything, and a client reads lines in its own locale.
  return message.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
}

bool is_of(const Json& value, Parameter::Type type) {
  switch (type) {
    case Parameter::Type::text:
      return value.is_string();
    case Parameter::Type::object:
      return value.is_object();
    case Parameter::Type::count:
      return value.is_number_integer() && value >= 1;
    case Parameter::Type::optional_seconds:
      return value.is_null() || (value.is_number() && value >= 0);
  }
  return false;
}

const char* wanted(Parameter::Type type) {
  switch (type) {
    case Parameter::Type::text:
      return "a string";
    case Parameter::Type::object:
      return "an object";
    case Parameter::Type::count:
      return "a whole number from 1 on";
    case Parameter::Type::optional_seconds:
      return "a number of seconds from 0 on, or null";
  }
  return "";
}

}  // namespace

std::variant<Request, Failure> read_request(std::string_view line) {
  Json message = Json::parse(line, nullptr, false);
  if (message.is_discarded()) {
    return Failure{Code::parse, "the line is not JSON"};
  }
  if (!message.is_object()) {
    return Failure{Code::request, "the request is not an object"};
  }
  if (message.value("jsonrpc", Json()) != "2.0") {
    return Failure{Code::request, "\"jsonrpc\" is not \"2.0\""};
  }
  Request request;
  const Json method = message.value("method", Json());
  request.parameters = message.value("params", Json());
  request.id = message.value("id", Json());
  if (!is_method_name(method)) {
    return Failure{Code::request, "\"method\" is not a name of letters, digits and '_'"};
  }
  if (!request.parameters.is_object()) {
    return Failure{Code::request, "\"params\" is not an object"};
  }
  if (!request.id.is_string() && !request.id.is_number_integer() && !request.id.is_null()) {
    return Failure{Code::request, "\"id\" is not a string, a whole number or null"};
  }
  request.method = method.get<std::string>();
  return request;
}

std::string fault_of(const Request& request, const std::vector<Parameter>& parameters) {
  for (const Parameter& parameter : parameters) {
    const auto found = request.parameters.find(parameter.name);
    if (found == request.parameters.end()) {
      return fmt::format("method {}: parameter {} not given", request.method, parameter.name);
    }
    if (!is_of(*found, parameter.type)) {
      return fmt::format("method {}: parameter {}: want {}, got {}", request.method, parameter.name,
                         wanted(parameter.type), found->type_name());
    }
  }
  std::vector<std::string> extra;
  for (const auto& [name, value] : request.parameters.items()) {
    if (std::ranges::find(parameters, name, &Parameter::name) == parameters.end()) {
      extra.push_back(name);
    }
  }
  return extra.empty() ? std::string()
                       : fmt::format("{}: extra parameters: {}", request.method, fmt::join(extra, ", "));
}

std::string result_line(const Json& id, const Json& result) {
  return line({{"id", id}, {"result", result}});
}

std::string failure_line(const Json& id, const Failure& failure) {
  Json error = {{"code", static_cast<int>(failure.code)}, {"message", failure.message}, {"data", nullptr}};
  if (!failure.log.empty()) {
    error["data"] = {{"traceback", failure.log}};
  }
  return line({{"id", id}, {"error", error}});
}

}  // namespace stm32tvm::project_api
