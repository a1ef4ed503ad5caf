// SPDX-License-Identifier: Apache-2.0
// The options that a project's methods take, as TVM's clients list and send them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "stm32tvm/result.hpp"

namespace stm32tvm::project_api {

using Json = nlohmann::json;

/// The table of options as server_info_query sends it.
Json option_table();

/// What was said of each option. Hosts send values as what they are or, from the command line, as text.
class Options {
 public:
  /// Values over those that are there already; null says nothing. bad_option for a name that is none and for a value
  /// that is not of the option's type or choices.
  Result<void> set(const Json& values);

  [[nodiscard]] std::string text(const char* name) const;  ///< empty when not said
  [[nodiscard]] bool flag(const char* name) const;         ///< false when not said
  [[nodiscard]] std::int64_t number(const char* name, std::int64_t otherwise) const;
  [[nodiscard]] std::vector<std::string> words(const char* name) const;  ///< a list, or text cut at spaces

  /// All that was said, for a file.
  [[nodiscard]] const Json& values() const noexcept { return values_; }

 private:
  Json values_ = Json::object();
};

}  // namespace stm32tvm::project_api
