// SPDX-License-Identifier: Apache-2.0
#include "tuning/json_text.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

#include <nlohmann/json.hpp>

namespace stm32tvm::tuning {
namespace {

constexpr std::size_t deepest = 64;

/// Position behind the string that starts at `begin`; the end of the text when it does not end.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
  std::size_t at = begin + 1;
  while (true) {
    const std::size_t quote = text.find('"', at);
    if (quote == std::string_view::npos) {
      return text.size();
    }
    std::size_t backslashes = 0;
    while (text[quote - 1 - backslashes] == '\\') {
      ++backslashes;  // stops at the opening quote at the latest
    }
    at = quote + 1;
    if (backslashes % 2 == 0) {
      return at;
    }
  }
}

/// Appends the text with Python's words for numbers that JSON lacks turned to null.
void append_without_non_finite(std::string_view text, std::string& out) {
  static constexpr std::array<std::string_view, 3> words{"NaN", "Infinity", "-Infinity"};
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '"') {
      const std::size_t end = end_of_string(text, at);
      out.append(text.substr(at, end - at));
      at = end;
      continue;
    }
    std::size_t length = 0;
    for (const std::string_view word : words) {
      length = text.substr(at).starts_with(word) ? word.size() : length;
    }
    if (length != 0) {
      out += "null";
      at += length;
    } else {
      out += text[at++];
    }
  }
}

/// Writes the tokens from `to` on, with or without spaces, and returns the end. `cut` is told of each closing bracket,
/// comma and colon: its character, its place in what is written, and how many brackets are open around it.
template <bool spaced, class Cut>
char* write_tokens(std::string_view json, char* to, const Cut& cut) {
  std::size_t depth = 0;
  for (std::size_t at = 0; at < json.size();) {
    const char c = json[at];
    if (c == '"') {
      const std::size_t end = end_of_string(json, at);
      std::memcpy(to, json.data() + at, end - at);
      to += end - at;
      at = end;
      continue;
    }
    ++at;
    switch (c) {
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        continue;
      case '[':
      case '{':
        ++depth;
        break;
      case ']':
      case '}':
        cut(c, to, --depth);
        break;
      case ',':
      case ':':
        cut(c, to, depth);
        *to++ = c;
        if (spaced) {
          *to++ = ' ';
        }
        continue;
      default:
        break;
    }
    *to++ = c;
  }
  return to;
}

/// Appends the tokens; see write_tokens().
template <bool spaced, class Cut>
void append_tokens(std::string_view json, std::string& out, const Cut& cut) {
  const std::size_t start = out.size();
  out.resize(start + 2 * json.size());  // each comma and colon may get a space
  const char* const end = write_tokens<spaced>(json, out.data() + start, cut);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

/// Position behind the value that starts at `begin` of spaced text: a comma or the closing bracket around it.
std::size_t end_of_value(std::string_view text, std::size_t begin) {
  std::size_t depth = 0;
  for (std::size_t at = begin; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      at = end_of_string(text, at);
      continue;
    }
    if (c == '[' || c == '{') {
      ++depth;
    } else if (depth == 0 && (c == ',' || c == ']' || c == '}')) {
      return at;
    } else if (c == ']' || c == '}') {
      --depth;
    }
    ++at;
  }
  return text.size();
}

}  // namespace

Result<json::Value> LineParser::parse(std::string_view line) {
  json::Value root;
  // Nesting is limited, so that hostile text cannot exhaust the stack.
  if (line.size() > parser_.capacity() && parser_.allocate(2 * line.size(), deepest) != simdjson::SUCCESS) {
    return Error{ErrorCode::limit_exceeded, "the line is too long for the JSON reader; no record is", ""};
  }
  auto error = parser_.parse(line.data(), line.size(), false).get(root);
  if (error != simdjson::SUCCESS &&
      (line.find("NaN") != std::string_view::npos || line.find("Infinity") != std::string_view::npos)) {
    copy_.clear();
    append_without_non_finite(line, copy_);
    error = parser_.parse(copy_.data(), copy_.size(), true).get(root);
  }
  if (error != simdjson::SUCCESS) {
    return Error{ErrorCode::bad_json,
                 fmt::format("this is not JSON ({}); remove the line, or take it again from where it came",
                             simdjson::error_message(error)),
                 ""};
  }
  return root;
}

Result<json::Value> LineParser::parse_unpadded(std::string_view text) {
  std::string padded;
  padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  padded = text;
  return parse(padded);
}

void append_spaced(std::string_view json, std::string& out) {
  append_tokens<true>(json, out, [](char, const char*, std::size_t) {});
}

void append_compact(std::string_view json, std::string& out) {
  append_tokens<false>(json, out, [](char, const char*, std::size_t) {});
}

void space_object(std::string_view object, std::string& out, std::vector<TextMember>& found) {
  out.clear();
  found.clear();
  std::string_view key;
  const char* begin = nullptr;  // of the member; known from the first colon on
  append_tokens<true>(object, out, [&](char c, const char* at, std::size_t depth) {
    if (depth == 1 && c == ':') {
      begin = begin == nullptr ? out.data() + 1 : begin;
      key = {begin + 1, static_cast<std::size_t>(at - begin - 2)};
    } else if (key.data() != nullptr && ((depth == 1 && c == ',') || (depth == 0 && c == '}'))) {
      const char* const value = key.data() + key.size() + std::string_view("\": ").size();
      found.push_back({key, {value, static_cast<std::size_t>(at - value)}});
      begin = at + 2;
    }
  });
}

void members(std::string_view object, std::vector<TextMember>& out) {
  out.clear();
  for (std::size_t at = 1; at < object.size() && object[at] == '"';) {
    const std::size_t key_end = end_of_string(object, at);
    const std::size_t begin = key_end + 2;
    const std::size_t end = end_of_value(object, begin);
    out.push_back({object.substr(at + 1, key_end - at - 2), object.substr(begin, end - begin)});
    at = end + 2;
  }
}

std::vector<std::string_view> elements(std::string_view array) {
  std::vector<std::string_view> found;
  for (std::size_t at = 1; at + 1 < array.size();) {
    const std::size_t end = end_of_value(array, at);
    found.push_back(array.substr(at, end - at));
    at = end + 2;
  }
  return found;
}

std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace stm32tvm::tuning
