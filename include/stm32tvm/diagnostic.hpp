// SPDX-License-Identifier: Apache-2.0
// Diagnostic: something worth telling the user that is not a failure. Returned as data, never printed.
#pragma once

#include <string>

namespace stm32tvm {
inline namespace v1 {

/// Something worth telling the user that is not a failure.
struct Diagnostic {
  enum class Kind {
    note,    ///< a fact the user may want to know
    repair,  ///< a known fault of the generator that is mended in the emitted copy
    warning  ///< something that may give a wrong or a worse result
  };
  Kind kind = Kind::note;
  std::string message;  ///< one sentence
  std::string where;    ///< archive member or name of the network's part; may be empty

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

}  // namespace v1
}  // namespace stm32tvm
