// SPDX-License-Identifier: Apache-2.0
// JSON as text: records keep the digits, escapes and key order that TVM wrote, so they are cut and spaced, never
// printed anew.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/result.hpp"
#include "support/json.hpp"

namespace stm32tvm::tuning {

/// Parses one line of a record file. Its values live until the next call.
class LineParser {
 public:
  /// `line` must be followed by simdjson's padding in readable memory. NaN, Infinity and -Infinity, which Python writes
  /// and JSON does not know, are read as null. Fails with bad_json; the error has no place.
  Result<json::Value> parse(std::string_view line);

  /// The same for a text that has no padding behind it: it is copied first.
  Result<json::Value> parse_unpadded(std::string_view text);

 private:
  simdjson::dom::parser parser_;
  std::string copy_;
};

/// Appends the JSON text with ", " and ": " between its tokens and no other white space, as Python and TVM write it.
/// The text must have been parsed.
void append_spaced(std::string_view json, std::string& out);

/// Appends the JSON text without white space between its tokens, as meta-schedule writes it.
void append_compact(std::string_view json, std::string& out);

struct TextMember {
  std::string_view key;  ///< between the quotes, as written
  std::string_view value;
};

/// append_spaced() of an object into an empty text, and the members in it, in one pass.
void space_object(std::string_view object, std::string& out, std::vector<TextMember>& found);

/// The members of an object, in order. `object` is spaced text that has been parsed, as in elements().
void members(std::string_view object, std::vector<TextMember>& out);

/// The elements of an array, in order.
std::vector<std::string_view> elements(std::string_view array);

/// The text as a JSON string with its quotes.
std::string json_string(std::string_view text);

}  // namespace stm32tvm::tuning
