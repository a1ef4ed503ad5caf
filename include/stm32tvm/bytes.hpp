// SPDX-License-Identifier: Apache-2.0
// Bytes: an immutable run of bytes that shares ownership of the memory it lies in, so that an archive's members reach
// the emitted tree without a copy.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace stm32tvm {
inline namespace v1 {

/// An immutable run of bytes that shares ownership of the memory it lies in.
class Bytes {
 public:
  Bytes() = default;
  /// Takes the text over.
  Bytes(std::string text) {
    auto owned = std::make_shared<const std::string>(std::move(text));
    view_ = *owned;
    owner_ = std::move(owned);
  }
  Bytes(const char* text) : Bytes(std::string(text)) {}
  /// A view of memory that `owner` keeps alive; a null owner means memory that lives as long as the program.
  Bytes(std::shared_ptr<const void> owner, std::string_view view) : owner_(std::move(owner)), view_(view) {}

  [[nodiscard]] std::string_view view() const noexcept { return view_; }
  [[nodiscard]] const char* data() const noexcept { return view_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return view_.size(); }
  [[nodiscard]] bool empty() const noexcept { return view_.empty(); }

  /// `count` bytes from `offset` on, sharing ownership; both are cut to what is there.
  [[nodiscard]] Bytes part(std::size_t offset, std::size_t count) const {
    return {owner_, view_.substr(offset < view_.size() ? offset : view_.size(), count)};
  }

  friend bool operator==(const Bytes& a, const Bytes& b) noexcept { return a.view_ == b.view_; }

 private:
  std::shared_ptr<const void> owner_;
  std::string_view view_;
};

}  // namespace v1
}  // namespace stm32tvm
