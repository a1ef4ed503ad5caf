// SPDX-License-Identifier: Apache-2.0
// Puts what a TFLite file says of inputs and outputs into the network, when it is the network's file.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "network/interface_names.hpp"
#include "network/quantization_rules.hpp"
#include "network/tflite.hpp"
#include "stm32tvm/quantization.hpp"
#include "support/relative_path.hpp"
#include "support/try.hpp"

namespace stm32tvm {
inline namespace v1 {
namespace {

Error mismatch(std::string message, std::string where = {}) {
  return {ErrorCode::bad_option, std::move(message) + "; give the file that the archive was made from",
          std::move(where)};
}

std::string list_of_names(const std::vector<std::string_view>& names) {
  constexpr std::size_t most = 8;
  std::string list;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
    list += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", shown(names[i]));
  }
  return names.size() > most ? list + ", ..." : list;
}

/// For each tensor of the network the file's, found by name; nothing when a name is not there, or is there twice.
std::optional<std::vector<std::size_t>> match_by_name(const NetworkDescriptor& network,
                                                      const std::vector<TensorIndex>& tensors,
                                                      const std::vector<std::string_view>& names) {
  const NameIndex index(names);
  std::vector<bool> taken(names.size(), false);
  std::vector<std::size_t> matches;
  for (const TensorIndex tensor : tensors) {
    const auto found = index.find(network.tensors[tensor].source_name);
    if (!found || taken[*found]) {
      return std::nullopt;
    }
    taken[*found] = true;
    matches.push_back(*found);
  }
  return matches;
}

/// The archive's text has six significant digits.
bool agree(const Quantization& archive, const Quantization& file) {
  constexpr double tolerance = 1e-5;
  if (archive.source != Quantization::Source::relay || archive.kind != Quantization::Kind::per_tensor) {
    return true;
  }
  return file.kind == archive.kind && file.zero_points == archive.zero_points &&
         std::abs(file.scales.front() - archive.scales.front()) <= tolerance * archive.scales.front();
}

Result<void> check(const TfliteTensor& file, const Tensor& tensor, const std::string& where) {
  if (file.type != tensor.type) {
    return mismatch(fmt::format("the TFLite file's \"{}\" is of type {}, and the archive's of type {}",
                                shown(file.name), to_string(file.type), to_string(tensor.type)),
                    where);
  }
  if (!fits({file.shape.begin(), file.shape.end()}, tensor)) {
    return mismatch(
        fmt::format("the TFLite file's \"{}\" has the shape [{}], and the archive's [{}] has another number "
                    "of elements",
                    shown(file.name), fmt::join(file.shape, ", "), fmt::join(tensor.shape, ", ")),
        where);
  }
  if (const auto fault = quantization_fault(file.quantization, tensor)) {
    return mismatch(fmt::format("tensor \"{}\" of the TFLite file {}", shown(file.name), *fault), where);
  }
  if (!agree(tensor.quantization, file.quantization)) {
    return mismatch(fmt::format("the TFLite file gives \"{}\" {}, and the archive {}", shown(file.name),
                                figures_text(file.quantization), figures_text(tensor.quantization)),
                    where);
  }
  return {};
}

Result<void> apply(NetworkDescriptor& network, const std::vector<TensorIndex>& tensors,
                   const std::vector<TfliteTensor>& file, const char* kind) {
  if (file.size() != tensors.size()) {
    return mismatch(fmt::format("the TFLite file has {} {}s, and the archive {}", file.size(), kind, tensors.size()));
  }
  std::vector<std::string_view> names;
  std::transform(file.begin(), file.end(), std::back_inserter(names),
                 [](const TfliteTensor& tensor) { return std::string_view(tensor.name); });
  const auto matches = match_by_name(network, tensors, names);
  // TVM keeps the order of outputs; it sorts inputs by their first use.
  if (!matches && tensors.size() > 1 && &tensors == &network.inputs) {
    return mismatch(fmt::format("the TFLite file's inputs {} are not the archive's", list_of_names(names)));
  }
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const std::size_t place = matches ? (*matches)[i] : i;
    Tensor& tensor = network.tensors[tensors[i]];
    STM32TVM_CHECK(check(file[place], tensor, fmt::format("{} {}", kind, place)));
    tensor.quantization = file[place].quantization;
    if (!file[place].name.empty()) {
      tensor.source_name = file[place].name;
    }
  }
  return {};
}

}  // namespace

Result<void> apply_tflite(const Bytes& file, NetworkDescriptor& network) {
  STM32TVM_TRY(read, read_tflite(file.view()));
  NetworkDescriptor changed = network;
  STM32TVM_CHECK(apply(changed, changed.inputs, read.inputs, "input"));
  STM32TVM_CHECK(apply(changed, changed.outputs, read.outputs, "output"));
  assign_identifiers(changed);
  network = std::move(changed);
  return {};
}

}  // namespace v1
}  // namespace stm32tvm
