// SPDX-License-Identifier: Apache-2.0
// What an object file says of itself: the processor it is for, and the symbols it defines and needs.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "stm32tvm/result.hpp"

namespace stm32tvm {

struct ObjectFacts {
  std::string machine;                             ///< "arm", "x86_64"; the number where ELF's machine has no name here
  std::set<std::string, std::less<>> definitions;  ///< symbols with external linkage
  std::set<std::string, std::less<>> needs;        ///< symbols that another file must define
};

/// Reads a relocatable ELF file, 32 or 64 bits, of either byte order. Everything in it is checked: bad_source for what
/// is no such file or damaged. `where` names it in errors.
Result<ObjectFacts> read_object_file(std::string_view bytes, std::string_view where);

}  // namespace stm32tvm
