// SPDX-License-Identifier: Apache-2.0
// Reading a folder of samples.
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <optional>

#include "commands.hpp"

namespace stm32tvm::cli {
namespace {

std::optional<Bytes> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return std::nullopt;
  }
  return Bytes(std::string(std::istreambuf_iterator<char>(file), {}));
}

/// Files <kind>0_<sample>.bin, <kind>1_<sample>.bin, ... as many as there are, at most `count`.
std::vector<Bytes> read_tensors(const std::filesystem::path& folder, const char* kind, std::size_t count,
                                std::size_t sample) {
  std::vector<Bytes> values;
  for (std::size_t i = 0; i < count; ++i) {
    auto bytes = read_file(folder / fmt::format("{}{}_{}.bin", kind, i, sample));
    if (!bytes) {
      break;
    }
    values.push_back(std::move(*bytes));
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

std::string grouped(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t i = digits.size(); i > 3; i -= 3) {
    digits.insert(i - 3, ",");
  }
  return digits;
}

}  // namespace stm32tvm::cli
