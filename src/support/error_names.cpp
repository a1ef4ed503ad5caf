// SPDX-License-Identifier: Apache-2.0
// The stable names of the error codes.
#include "stm32tvm/result.hpp"

namespace stm32tvm {
inline namespace v1 {

const char* name(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::cannot_read:
      return "cannot_read";
    case ErrorCode::cannot_write:
      return "cannot_write";
    case ErrorCode::not_an_archive:
      return "not_an_archive";
    case ErrorCode::unsafe_archive:
      return "unsafe_archive";
    case ErrorCode::limit_exceeded:
      return "limit_exceeded";
    case ErrorCode::missing_member:
      return "missing_member";
    case ErrorCode::bad_json:
      return "bad_json";
    case ErrorCode::unsupported_version:
      return "unsupported_version";
    case ErrorCode::bad_metadata:
      return "bad_metadata";
    case ErrorCode::bad_graph:
      return "bad_graph";
    case ErrorCode::bad_parameters:
      return "bad_parameters";
    case ErrorCode::bad_source:
      return "bad_source";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::bad_option:
      return "bad_option";
    case ErrorCode::does_not_fit:
      return "does_not_fit";
    case ErrorCode::invalid_plan:
      return "invalid_plan";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";  // a value that is no code: made by a cast, so a fault of the caller
}

}  // namespace v1
}  // namespace stm32tvm
