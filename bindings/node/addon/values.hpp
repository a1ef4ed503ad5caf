// SPDX-License-Identifier: Apache-2.0
// Values of JavaScript from and to those of C++, and the objects that hold handles of the C ABI.
#pragma once

#include <node_api.h>

#include <cstddef>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stm32tvm/c_api.h"

namespace stm32tvm_node {

/// A call of Node-API failed, and a JavaScript exception is pending.
struct Thrown {};

/// Throws Thrown unless the call went well.
void check(napi_env env, napi_status status);
[[noreturn]] void throw_type_error(napi_env env, const char* message);

napi_value undefined(napi_env env);
napi_value to_value(napi_env env, std::string_view text);
napi_value to_value(napi_env env, double number);
napi_value new_object(napi_env env);
void set(napi_env env, napi_value object, const char* key, napi_value value);

bool is_nothing(napi_env env, napi_value value);  ///< undefined or null
std::string text_from(napi_env env, napi_value value);
/// The bytes of a Uint8Array, copied: JavaScript goes on while they are in use.
std::string bytes_from(napi_env env, napi_value value);
std::vector<napi_value> list_from(napi_env env, napi_value value);

/// Text of a getter whose last parameter is its size.
template <class Getter, class... Arguments>
std::string_view text_of(const Getter& getter, Arguments... arguments) {
  std::size_t size = 0;
  const char* const data = getter(arguments..., &size);
  return {data, data == nullptr ? 0 : size};
}

inline void free_handle(stm32tvm_library* handle) {
  stm32tvm_library_free(handle);
}
inline void free_handle(stm32tvm_network* handle) {
  stm32tvm_network_free(handle);
}
inline void free_handle(stm32tvm_plan* handle) {
  stm32tvm_plan_free(handle);
}
inline void free_handle(stm32tvm_tree* handle) {
  stm32tvm_tree_free(handle);
}

/// A handle, shared by its JavaScript object and the calls that use it.
template <class Handle>
struct Shared {
  explicit Shared(Handle* made) : handle(made) {}
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  ~Shared() { free_handle(handle); }

  Handle* handle;
  std::shared_mutex mutex;  ///< held alone by calls that change the handle
};

template <class Handle>
using SharedPointer = std::shared_ptr<Shared<Handle>>;

/// What tells the objects of one type of handle from all others.
template <class Handle>
constexpr napi_type_tag tag{};
template <>
inline constexpr napi_type_tag tag<stm32tvm_library>{0x7374766d6e6f6465, 1};
template <>
inline constexpr napi_type_tag tag<stm32tvm_network>{0x7374766d6e6f6465, 2};
template <>
inline constexpr napi_type_tag tag<stm32tvm_plan>{0x7374766d6e6f6465, 3};
template <>
inline constexpr napi_type_tag tag<stm32tvm_tree>{0x7374766d6e6f6465, 4};

/// A JavaScript object that keeps what the pointer points to alive.
template <class Value>
napi_value wrapped(napi_env env, const napi_type_tag& type, std::shared_ptr<Value> value) {
  napi_value object = new_object(env);
  auto held = std::make_unique<std::shared_ptr<Value>>(std::move(value));
  check(env, napi_type_tag_object(env, object, &type));
  check(env, napi_wrap(
                 env, object, held.get(),
                 [](napi_env, void* data, void*) {
                   const std::unique_ptr<std::shared_ptr<Value>> last(static_cast<std::shared_ptr<Value>*>(data));
                 },
                 nullptr, nullptr));
  static_cast<void>(held.release());  // the object's
  return object;
}

template <class Value>
std::shared_ptr<Value> unwrapped(napi_env env, const napi_type_tag& type, napi_value object) {
  bool fits = false;
  void* data = nullptr;
  if (napi_check_object_type_tag(env, object, &type, &fits) != napi_ok || !fits) {
    throw_type_error(env, "this is no object of stm32tvm, or one of another type");
  }
  check(env, napi_unwrap(env, object, &data));
  return *static_cast<std::shared_ptr<Value>*>(data);
}

template <class Handle>
SharedPointer<Handle> handle_from(napi_env env, napi_value object) {
  return unwrapped<Shared<Handle>>(env, tag<Handle>, object);
}

}  // namespace stm32tvm_node
