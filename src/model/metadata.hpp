// SPDX-License-Identifier: Apache-2.0
// Reads metadata.json of a Model Library Format archive, versions 1 to 7.
#pragma once

#include <string_view>
#include <vector>

#include "stm32tvm/model_library.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

struct Metadata {
  int version = 0;
  std::vector<Module> modules;  ///< what the metadata says of each; their members are not filled in
};

/// Reads the text of metadata.json. Where the versions differ, what is there decides, not the number.
Result<Metadata> read_metadata(std::string_view text, const ModelLimits& limits);

}  // namespace stm32tvm
