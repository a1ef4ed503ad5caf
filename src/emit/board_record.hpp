// SPDX-License-Identifier: Apache-2.0
// One object of a table of boards, with typed access to its members and errors that say where it is.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "stm32tvm/result.hpp"
#include "support/try.hpp"

namespace stm32tvm {

using Json = nlohmann::json;

inline constexpr std::string_view letters_and_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
inline constexpr std::size_t text_bytes_maximum = 400;
inline constexpr std::uint64_t address_end = 1ULL << 32;

inline constexpr std::string_view name_characters = "-_.";
inline constexpr std::string_view description_characters = " -_.,:()/+";
inline constexpr std::string_view source_characters = " -_.,:;()/+=<>";

inline Error bad_table(std::string message, std::string_view where) {
  return {ErrorCode::bad_json, std::move(message), std::string(where)};
}

/// A string from the table as errors show it: short, ASCII, in quotes.
inline std::string in_quotes(std::string_view text) {
  constexpr std::size_t shown = 40;
  return Json(text.substr(0, shown)).dump(-1, ' ', true, Json::error_handler_t::replace);
}

/// One object of the table with typed access to its members.
class Record {
 public:
  static Result<Record> make(const Json& value, std::string where, std::initializer_list<std::string_view> known_keys) {
    if (!value.is_object()) {
      return bad_table(fmt::format("found {} where an object is needed", value.type_name()), where);
    }
    for (const auto& [key, member] : value.items()) {
      if (std::ranges::find(known_keys, key) == known_keys.end()) {
        return bad_table(
            fmt::format("the key {} is not known; known are {}", in_quotes(key), fmt::join(known_keys, ", ")), where);
      }
    }
    return Record(value, std::move(where));
  }

  [[nodiscard]] const std::string& where() const noexcept { return where_; }
  [[nodiscard]] bool has(const char* key) const { return object_->contains(key); }

  /// Adds the record's name to what errors tell of its place.
  void set_name(std::string_view name) { where_ += fmt::format(" \"{}\"", name); }

  /// Text of these characters beside letters and digits; a missing member is an error.
  [[nodiscard]] Result<std::string> text(const char* key, std::string_view characters) const {
    const auto found = object_->find(key);
    if (found == object_->end() || !found->is_string()) {
      return wrong(key, "a string");
    }
    auto text = found->get<std::string>();
    const std::string allowed = std::string(letters_and_digits).append(characters);
    if (text.size() > text_bytes_maximum || text.find_first_not_of(allowed) != std::string::npos) {
      return bad_table(fmt::format(R"("{}" is {}; needed are at most {} letters, digits and characters of "{}")", key,
                                   in_quotes(text), text_bytes_maximum, characters),
                       where_);
    }
    return text;
  }

  /// The same, not empty.
  [[nodiscard]] Result<std::string> name(const char* key, std::string_view characters) const {
    STM32TVM_TRY(read, text(key, characters));
    if (read.empty()) {
      return bad_table(fmt::format("\"{}\" is empty; give it a name", key), where_);
    }
    return std::string(read);
  }

  [[nodiscard]] Result<std::uint64_t> count(const char* key, std::uint64_t least, std::uint64_t most) const {
    const auto found = object_->find(key);
    if (found == object_->end() || !found->is_number_unsigned()) {
      return wrong(key, "a whole number");
    }
    const auto value = found->get<std::uint64_t>();
    if (value < least || value > most) {
      return bad_table(fmt::format("\"{}\" is {}; needed is a number from {} to {}", key, value, least, most), where_);
    }
    return value;
  }

  /// An address, which JSON has no number for: "0x20000000".
  [[nodiscard]] Result<std::uint64_t> address(const char* key, std::uint64_t alignment) const {
    STM32TVM_TRY(read, text(key, ""));
    std::uint64_t value = 0;
    const char* const end = read.data() + read.size();
    const auto [after, error] = std::from_chars(read.data() + std::min<std::size_t>(2, read.size()), end, value, 16);
    if (!read.starts_with("0x") || error != std::errc{} || after != end || value >= address_end ||
        value % alignment != 0) {
      return bad_table(fmt::format(R"("{}" is {}; needed is a multiple of {} of 32 bits like "0x20000000")", key,
                                   in_quotes(read), alignment),
                       where_);
    }
    return value;
  }

  /// false when there is no such member.
  [[nodiscard]] Result<bool> flag(const char* key) const {
    const auto found = object_->find(key);
    if (found == object_->end()) {
      return false;
    }
    if (!found->is_boolean()) {
      return wrong(key, "true or false");
    }
    return found->get<bool>();
  }

  /// nullptr when there is no such member.
  [[nodiscard]] Result<const Json*> list(const char* key) const {
    const auto found = object_->find(key);
    if (found == object_->end()) {
      return static_cast<const Json*>(nullptr);
    }
    if (!found->is_array()) {
      return wrong(key, "an array");
    }
    return &*found;
  }

 private:
  Record(const Json& object, std::string where) : object_(&object), where_(std::move(where)) {}

  [[nodiscard]] Error wrong(const char* key, std::string_view needed) const {
    const auto found = object_->find(key);
    if (found == object_->end()) {
      return bad_table(fmt::format("\"{}\" is missing; needed is {}", key, needed), where_);
    }
    return bad_table(fmt::format("\"{}\" is {}; needed is {}", key, found->type_name(), needed), where_);
  }

  const Json* object_;
  std::string where_;
};

}  // namespace stm32tvm
