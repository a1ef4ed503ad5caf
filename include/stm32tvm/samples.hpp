// SPDX-License-Identifier: Apache-2.0
// Samples of a network in a folder of the user's.
#pragma once

#include <filesystem>
#include <vector>

#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/project_emitter.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {
inline namespace v1 {

/// The samples of a folder, from 0 on without a gap: inI_K.bin is input I of sample K, outO_K.bin the output O that it
/// should give, as raw bytes. Whether they have the network's sizes is for ProjectEmitter to tell.
/// Errors: cannot_read when there is no sample 0.
[[nodiscard]] Result<std::vector<Sample>> read_samples(const std::filesystem::path& folder,
                                                       const NetworkDescriptor& network);

}  // namespace v1
}  // namespace stm32tvm
