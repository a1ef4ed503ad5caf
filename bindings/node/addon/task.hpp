// SPDX-License-Identifier: Apache-2.0
// A call of the C ABI on a thread of Node's pool, as a promise.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include "values.hpp"

namespace stm32tvm_node {

/// Whether a call is to stop: JavaScript says so, and the call's thread asks.
class Cancellation {
 public:
  void cancel();
  [[nodiscard]] bool is_cancelled();
  /// JavaScript's answer to what wait_for_answer() waits for: false cancels.
  void answer(bool goes_on);
  /// False when the answer was, or when the call is cancelled before there is one: a program that ends gives none.
  [[nodiscard]] bool wait_for_answer();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_cancelled_ = false;
  bool is_answered_ = false;
};
inline constexpr napi_type_tag cancellation_tag{0x7374766d6e6f6465, 5};

/// The call: done by another thread, which may not touch JavaScript.
using Call = std::function<stm32tvm_status(const stm32tvm_options&, stm32tvm_error**)>;
/// What the promise is resolved with; on JavaScript's thread, when the call went well.
using ResultOf = std::function<napi_value(napi_env)>;

/// What a call takes beside its own arguments, as JavaScript gives it.
struct CallOptions {
  std::string json;
  napi_value progress = nullptr;      ///< a function (item, done, total) that returns whether to go on, or undefined
  napi_value cancellation = nullptr;  ///< nullptr for a call that does not tell how far it has come
};

/// Starts the call and returns its promise. It is rejected with {status, code, message, where}.
napi_value start(napi_env env, const CallOptions& options, Call call, ResultOf result);

/// The same for a call that makes a handle: the promise is resolved with its object.
template <class Handle>
napi_value start_making(napi_env env, const CallOptions& options,
                        std::function<stm32tvm_status(const stm32tvm_options&, Handle**, stm32tvm_error**)> make) {
  auto made = std::make_shared<SharedPointer<Handle>>();
  return start(
      env, options,
      [made, make = std::move(make)](const stm32tvm_options& given, stm32tvm_error** error) {
        Handle* handle = nullptr;
        const stm32tvm_status status = make(given, &handle, error);
        *made = std::make_shared<Shared<Handle>>(handle);
        return status;
      },
      [made](napi_env in) { return wrapped(in, tag<Handle>, *made); });
}

/// The same for a call that makes a text.
napi_value start_text(napi_env env, std::function<stm32tvm_status(stm32tvm_text**, stm32tvm_error**)> make);

}  // namespace stm32tvm_node
