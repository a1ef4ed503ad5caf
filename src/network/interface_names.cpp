// SPDX-License-Identifier: Apache-2.0
// Matching of names, and identifiers that are unique.
#include "network/interface_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "support/c_identifier.hpp"

namespace stm32tvm {
namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
}

/// What the macros of an emitted header use behind the network's name.
bool is_taken(const std::string& capitals) {
  constexpr std::array<std::string_view, 4> words = {"IN", "OUT", "ACTIVATIONS", "WEIGHTS"};
  const auto is_numbered = [&](std::string_view prefix) {
    return capitals.starts_with(prefix) &&
           std::all_of(capitals.begin() + static_cast<std::ptrdiff_t>(prefix.size()), capitals.end(), is_digit);
  };
  return std::find(words.begin(), words.end(), capitals) != words.end() || is_numbered("IN_") || is_numbered("OUT_");
}

CIdentifier legal_identifier(std::string_view text) {
  constexpr std::size_t longest = 64;
  constexpr std::string_view prefix = "tensor_";
  CIdentifier made = CIdentifier::from(text.substr(0, longest), prefix);
  return is_taken(made.upper()) ? CIdentifier::from(std::string(prefix) + made.text()) : made;
}

/// Hands out identifiers that differ in capitals.
class UniqueIdentifiers {
 public:
  std::string take(std::string_view text) {
    const CIdentifier wanted = legal_identifier(text);
    CIdentifier made = wanted;
    for (std::size_t& count = counts_[wanted.upper()]; !taken_.insert(made.upper()).second;) {
      made = CIdentifier::from(fmt::format("{}_{}", wanted, ++count));
    }
    return made.text();
  }

 private:
  std::set<std::string> taken_;
  std::map<std::string, std::size_t> counts_;
};

}  // namespace

std::string tvm_identifier(std::string_view name) {
  std::string made(name);
  std::replace_if(
      made.begin(), made.end(), [](char c) { return !is_letter_or_digit(c); }, '_');
  return made;
}

NameIndex::NameIndex(const std::vector<std::string_view>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    exact_.emplace(names[i], i);
    const auto [written, is_new] = written_.emplace(tvm_identifier(names[i]), i);
    if (!is_new) {
      written->second.reset();
    }
  }
}

std::optional<std::size_t> NameIndex::find(std::string_view name) const {
  if (const auto exact = exact_.find(name); exact != exact_.end()) {
    return exact->second;
  }
  const auto written = written_.find(tvm_identifier(name));
  return written != written_.end() ? written->second : std::nullopt;
}

bool fits(const std::vector<std::int64_t>& shape, const Tensor& tensor) {
  std::uint64_t bytes = tensor.type.bytes();
  for (const std::int64_t dimension : shape) {
    if (dimension < 0 || (dimension > 0 && bytes > UINT64_MAX / static_cast<std::uint64_t>(dimension))) {
      return false;
    }
    bytes *= static_cast<std::uint64_t>(dimension);
  }
  return bytes == tensor.bytes;
}

std::vector<std::string> interface_identifiers(const NetworkDescriptor& network) {
  UniqueIdentifiers identifiers;
  std::vector<std::string> made;
  for (const auto* tensors : {&network.inputs, &network.outputs}) {
    for (const TensorIndex index : *tensors) {
      const Tensor& tensor = network.tensors[index];
      made.push_back(identifiers.take(!tensor.identifier.empty()    ? tensor.identifier
                                      : !tensor.source_name.empty() ? tensor.source_name
                                                                    : tensor.name));
    }
  }
  return made;
}

void assign_identifiers(NetworkDescriptor& network) {
  for (const TensorIndex input : network.inputs) {
    network.tensors[input].identifier.clear();
  }
  for (const TensorIndex output : network.outputs) {
    network.tensors[output].identifier = network.tensors[output].source_name.empty() ? "output" : "";
  }
  const std::vector<std::string> made = interface_identifiers(network);
  auto next = made.begin();
  for (const auto* tensors : {&network.inputs, &network.outputs}) {
    for (const TensorIndex index : *tensors) {
      network.tensors[index].identifier = *next++;
    }
  }
}

}  // namespace stm32tvm
