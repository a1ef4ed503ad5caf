// SPDX-License-Identifier: Apache-2.0
#include "stm32tvm/samples.hpp"

#include <fmt/format.h>

#include <utility>

#include "support/read_file.hpp"

namespace stm32tvm {
inline namespace v1 {
namespace {

/// Files <kind>0_<sample>.bin, <kind>1_<sample>.bin, ... as many as there are, at most `count`.
std::vector<Bytes> read_tensors(const std::filesystem::path& folder, const char* kind, std::size_t count,
                                std::size_t sample) {
  std::vector<Bytes> values;
  for (std::size_t i = 0; i < count; ++i) {
    auto bytes = read_file(folder / fmt::format("{}{}_{}.bin", kind, i, sample));
    if (!bytes) {
      break;
    }
    values.push_back(*std::move(bytes));
  }
  return values;
}

}  // namespace

Result<std::vector<Sample>> read_samples(const std::filesystem::path& folder, const NetworkDescriptor& network) {
  std::vector<Sample> samples;
  while (true) {
    Sample sample;
    sample.inputs = read_tensors(folder, "in", network.inputs.size(), samples.size());
    sample.outputs = read_tensors(folder, "out", network.outputs.size(), samples.size());
    if (sample.inputs.empty()) {
      break;
    }
    samples.push_back(std::move(sample));
  }
  if (samples.empty()) {
    return Error{ErrorCode::cannot_read,
                 "the folder holds no sample; the first one's inputs must be in0_0.bin, in1_0.bin and so on",
                 folder.string()};
  }
  return samples;
}

}  // namespace v1
}  // namespace stm32tvm
