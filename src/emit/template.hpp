// SPDX-License-Identifier: Apache-2.0
// Filling the template files: real files with placeholders @LIKE_THIS@, no conditions and no loops.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "stm32tvm/result.hpp"

namespace stm32tvm {

using TemplateValues = std::map<std::string, std::string, std::less<>>;

/// The embedded file src/emit/templates/<path> with its placeholders filled. A placeholder without a value, a value
/// without a placeholder and a file that is not there are faults of the library (ErrorCode::internal).
Result<std::string> fill_template(std::string_view path, const TemplateValues& values);

/// The same for a text at hand.
Result<std::string> fill_text(std::string_view text, std::string_view path, const TemplateValues& values);

}  // namespace stm32tvm
