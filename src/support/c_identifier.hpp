// SPDX-License-Identifier: Apache-2.0
// CIdentifier: a name that is safe as a C and C++ identifier. Text from an archive reaches emitted C only as one of
// these, as an escaped literal, or inside a comment.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace stm32tvm {

class CIdentifier {
 public:
  /// Every run of characters that an identifier cannot hold becomes one '_'. A leading digit, an empty text and a
  /// reserved word of C99, C11 or C++17 get `prefix` in front.
  static CIdentifier from(std::string_view text, std::string_view prefix = "n_");

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] std::string upper() const;
  [[nodiscard]] CIdentifier lower() const;

  friend bool operator==(const CIdentifier&, const CIdentifier&) = default;

 private:
  explicit CIdentifier(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// Whether the text is an identifier of C as it stands, and no reserved word.
bool is_c_identifier(std::string_view text);

}  // namespace stm32tvm

template <>
struct fmt::formatter<stm32tvm::CIdentifier> : fmt::formatter<std::string> {
  template <class Context>
  auto format(const stm32tvm::CIdentifier& identifier, Context& context) const {
    return fmt::formatter<std::string>::format(identifier.text(), context);
  }
};
