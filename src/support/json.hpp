// SPDX-License-Identifier: Apache-2.0
// Reading JSON members of an archive: simdjson's values, with errors that say what was found and what was needed.
#pragma once

#include <fmt/format.h>
#include <simdjson.h>

#include <cstdint>
#include <new>
#include <string>
#include <string_view>

#include "stm32tvm/result.hpp"

namespace stm32tvm::json {

using Value = simdjson::dom::element;
using Object = simdjson::dom::object;
using Array = simdjson::dom::array;

inline std::string_view type_name(Value value) {
  switch (value.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "an array";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::STRING:
      return "a string";
    case simdjson::dom::element_type::BOOL:
      return "true or false";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

/// A parsed document; the parser owns what its values show.
struct Document {
  simdjson::dom::parser parser;
  Value root;
};

/// Parses `text`; nesting is limited, so hostile text cannot exhaust the stack.
inline Result<void> parse(std::string_view text, std::string_view where, Document& document,
                          std::size_t depth_maximum = 64) {
  auto error = document.parser.allocate(text.size() + 1, depth_maximum);
  if (error == simdjson::SUCCESS) {
    error = document.parser.parse(text.data(), text.size(), true).get(document.root);
  }
  if (error == simdjson::MEMALLOC) {
    throw std::bad_alloc();
  }
  if (error == simdjson::DEPTH_ERROR) {
    return Error{
        ErrorCode::limit_exceeded,
        fmt::format("the JSON nests more than {} deep; raise ModelLimits::json_depth if that is meant", depth_maximum),
        std::string(where)};
  }
  if (error != simdjson::SUCCESS) {
    return Error{
        ErrorCode::bad_json,
        fmt::format("this is not JSON that can be read ({}); export the model again", simdjson::error_message(error)),
        std::string(where)};
  }
  return {};
}

inline Error wrong_type(Value value, std::string_view name, std::string_view needed, std::string_view where) {
  return Error{ErrorCode::bad_json,
               fmt::format("\"{}\" is {} where {} is needed; export the model again", name, type_name(value), needed),
               std::string(where)};
}

template <class T>
Result<T> as(Value value, std::string_view name, std::string_view needed, std::string_view where) {
  T read{};
  if (value.get(read) != simdjson::SUCCESS) {
    return wrong_type(value, name, needed, where);
  }
  return read;
}

inline Result<Object> as_object(Value value, std::string_view name, std::string_view where) {
  return as<Object>(value, name, "an object", where);
}
inline Result<Array> as_array(Value value, std::string_view name, std::string_view where) {
  return as<Array>(value, name, "an array", where);
}
/// Shown by the document.
inline Result<std::string_view> as_string(Value value, std::string_view name, std::string_view where) {
  return as<std::string_view>(value, name, "a string", where);
}
inline Result<std::uint64_t> as_count(Value value, std::string_view name, std::string_view where) {
  return as<std::uint64_t>(value, name, "a number from 0 on", where);
}

/// The member of this name, or nothing.
inline bool find(Object object, std::string_view name, Value& value) {
  return object[name].get(value) == simdjson::SUCCESS;
}

inline Result<Value> require(Object object, std::string_view name, std::string_view where) {
  Value value;
  if (!find(object, name, value)) {
    return Error{ErrorCode::bad_json, fmt::format("\"{}\" is missing; export the model again", name),
                 std::string(where)};
  }
  return value;
}

}  // namespace stm32tvm::json
