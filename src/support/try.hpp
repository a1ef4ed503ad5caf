// SPDX-License-Identifier: Apache-2.0
// Passing errors on: STM32TVM_TRY(name, result) makes `name` from a Result or returns its error.
#pragma once

#include <utility>

#include "stm32tvm/result.hpp"

#define STM32TVM_CONCATENATE_(a, b) a##b
#define STM32TVM_CONCATENATE(a, b) STM32TVM_CONCATENATE_(a, b)

/// Declares `name` as the value of `expression`, or returns the error from the function around it.
// NOLINTBEGIN(bugprone-macro-parentheses): a declared name has none.
#define STM32TVM_TRY(name, expression)                                 \
  auto STM32TVM_CONCATENATE(result_, __LINE__) = (expression);         \
  if (!STM32TVM_CONCATENATE(result_, __LINE__)) {                      \
    return std::move(STM32TVM_CONCATENATE(result_, __LINE__)).error(); \
  }                                                                    \
  auto&& name = *std::move(STM32TVM_CONCATENATE(result_, __LINE__)) /* a temporary's value is kept by the result */
// NOLINTEND(bugprone-macro-parentheses)

/// The same for a Result<void>.
#define STM32TVM_CHECK(expression)             \
  if (auto result_ = (expression); !result_) { \
    return std::move(result_).error();         \
  }
