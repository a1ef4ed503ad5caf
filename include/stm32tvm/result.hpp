// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value, or the Error that explains why there is none.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace stm32tvm {
inline namespace v1 {

/// What kind of thing went wrong; docs/errors.md explains each.
enum class ErrorCode {
  cannot_read,          ///< a file or folder could not be read
  cannot_write,         ///< a file or folder could not be written
  not_an_archive,       ///< the bytes are no archive of a known kind, or a damaged one
  unsafe_archive,       ///< a member's path or kind is refused (outside the folder, a link, a duplicate)
  limit_exceeded,       ///< a size or count is over the limit in force
  missing_member,       ///< the archive lacks a file that it needs
  bad_json,             ///< a JSON member does not parse or has a value of the wrong type
  unsupported_version,  ///< the Model Library Format version is not one that is read
  bad_metadata,         ///< metadata.json contradicts itself or the archive
  bad_graph,            ///< the graph executor's JSON contradicts itself
  bad_parameters,       ///< a .params member is damaged or does not fit the graph
  bad_source,           ///< the generated C lacks what the network calls
  unsupported,          ///< a valid archive uses something that is not supported
  bad_option,           ///< an option of the caller has no meaning here
  does_not_fit,         ///< the network needs more memory than the target has
  invalid_plan,         ///< a memory plan does not hold for its network
  cancelled,            ///< the caller's progress callback asked to stop
  internal              ///< a fault of this library: please report it
};

/// The stable name of a code, as in docs/errors.md and in JSON: "bad_graph".
const char* name(ErrorCode code) noexcept;

/// One expected failure. All three parts are meant for people.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  ///< what was found, what was needed, what to do: one sentence
  std::string where;    ///< archive member, and place in it; empty when there is none

  friend bool operator==(const Error&, const Error&) = default;
};

/// "where: message", or the message alone when `where` is empty.
inline std::string to_string(const Error& error) {
  return error.where.empty() ? error.message : error.where + ": " + error.message;
}

/// What Result::value() throws when there is no value.
class BadResult : public std::runtime_error {
 public:
  explicit BadResult(Error error) : std::runtime_error(to_string(error)), error_(std::move(error)) {}
  [[nodiscard]] const Error& error() const noexcept { return error_; }

 private:
  Error error_;
};

/// Either a T or an Error. Test it, then use `*result`, or call value(), the one function that throws.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  /// The value; only when has_value().
  T& operator*() & noexcept { return *std::get_if<0>(&state_); }
  const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
  T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() noexcept { return std::get_if<0>(&state_); }
  const T* operator->() const noexcept { return std::get_if<0>(&state_); }

  /// The value, or throws BadResult.
  T& value() & { return require(), **this; }
  // NOLINTNEXTLINE(modernize-use-nodiscard): may be called for the exception alone.
  const T& value() const& { return require(), **this; }
  T&& value() && { return require(), *std::move(*this); }

  /// The error; only when !has_value().
  [[nodiscard]] const Error& error() const& noexcept { return *std::get_if<1>(&state_); }
  [[nodiscard]] Error&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

 private:
  void require() const {
    if (!has_value()) {
      throw BadResult(error());
    }
  }
  std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : state_(std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  void value() const {
    if (!has_value()) {
      throw BadResult(error());
    }
  }
  [[nodiscard]] const Error& error() const& noexcept { return *std::get_if<1>(&state_); }
  [[nodiscard]] Error&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<std::monostate, Error> state_;
};

}  // namespace v1
}  // namespace stm32tvm
