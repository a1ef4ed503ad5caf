// SPDX-License-Identifier: Apache-2.0
#include "values.hpp"

#include <cstdint>

namespace stm32tvm_node {

void check(napi_env env, napi_status status) {
  if (status == napi_ok) {
    return;
  }
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) {
    const napi_extended_error_info* info = nullptr;
    napi_get_last_error_info(env, &info);
    const bool told = info != nullptr && info->error_message != nullptr;
    napi_throw_type_error(env, nullptr, told ? info->error_message : "a call of Node-API failed");
  }
  throw Thrown{};
}

void throw_type_error(napi_env env, const char* message) {
  napi_throw_type_error(env, nullptr, message);
  throw Thrown{};
}

napi_value undefined(napi_env env) {
  napi_value value = nullptr;
  check(env, napi_get_undefined(env, &value));
  return value;
}

napi_value to_value(napi_env env, std::string_view text) {
  napi_value value = nullptr;
  check(env, napi_create_string_utf8(env, text.data() == nullptr ? "" : text.data(), text.size(), &value));
  return value;
}

napi_value to_value(napi_env env, double number) {
  napi_value value = nullptr;
  check(env, napi_create_double(env, number, &value));
  return value;
}

napi_value new_object(napi_env env) {
  napi_value object = nullptr;
  check(env, napi_create_object(env, &object));
  return object;
}

void set(napi_env env, napi_value object, const char* key, napi_value value) {
  check(env, napi_set_named_property(env, object, key, value));
}

bool is_nothing(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  check(env, napi_typeof(env, value, &type));
  return type == napi_undefined || type == napi_null;
}

std::string text_from(napi_env env, napi_value value) {
  std::size_t size = 0;
  check(env, napi_get_value_string_utf8(env, value, nullptr, 0, &size));
  std::string text(size + 1, '\0');  // it is written with a NUL
  check(env, napi_get_value_string_utf8(env, value, text.data(), text.size(), &size));
  text.resize(size);
  return text;
}

std::string bytes_from(napi_env env, napi_value value) {
  bool is_array = false;
  check(env, napi_is_typedarray(env, value, &is_array));
  napi_typedarray_type type = napi_int8_array;
  std::size_t size = 0;
  void* data = nullptr;
  if (is_array) {
    check(env, napi_get_typedarray_info(env, value, &type, &size, &data, nullptr, nullptr));
  }
  if (!is_array || type != napi_uint8_array) {
    throw_type_error(env, "the bytes are no Uint8Array; give one, or a Buffer");
  }
  return size == 0 ? std::string() : std::string(static_cast<const char*>(data), size);
}

std::vector<napi_value> list_from(napi_env env, napi_value value) {
  std::uint32_t count = 0;
  check(env, napi_get_array_length(env, value, &count));
  std::vector<napi_value> list(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    check(env, napi_get_element(env, value, i, &list[i]));
  }
  return list;
}

}  // namespace stm32tvm_node
