// SPDX-License-Identifier: Apache-2.0
// A fetched constant is the input of a copy operator, whose output its kernels read: so its bytes in the arena have a
// lifetime as every other tensor's.
#include "network/place_weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "network/views.hpp"
#include "support/c_identifier.hpp"
#include "support/relative_path.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

using Place = WeightsGroup::Place;
using Format = WeightsGroup::Format;

Error bad(const WeightsGroup& group, std::string_view what) {
  return {ErrorCode::bad_option, fmt::format("weights group \"{}\" {}", shown(group.name), what), "placement"};
}

Result<void> check_group(const WeightsGroup& group) {
  constexpr std::uint64_t alignment = 16;
  constexpr std::size_t longest_name = 64;
  const bool is_file = group.format == Format::binary || group.format == Format::intel_hex;
  // The symbols of copies end in _in_ram.
  if (!is_c_identifier(group.name) || group.name.size() > longest_name || group.name.ends_with("in_ram")) {
    return bad(group, "needs a name of at most 64 letters, digits and '_', which does not end in \"in_ram\"");
  }
  if (group.address && (*group.address % alignment != 0 || *group.address > UINT32_MAX)) {
    return bad(group,
               fmt::format("is at 0x{:x}; give it an address of 32 bits that is a multiple of 16", *group.address));
  }
  if (!group.address && (group.place == Place::external || (is_file && group.place != Place::fetch))) {
    return bad(group, "is not in the image, so it needs the address that it is written to");
  }
  if (group.place == Place::flash && group.address) {
    return bad(group, "is in the image, so it has no address of its own; place it external");
  }
  if (group.place == Place::flash && is_file) {
    return bad(group, "is in the image, and its format is a file beside it; place it external, ram or fetch");
  }
  if (group.place == Place::fetch && group.format && !is_file) {
    return bad(group, "is fetched, so its format is binary or hex");
  }
  return {};
}

/// The constant of this name that no group has yet.
Result<TensorIndex> find_constant(const NetworkDescriptor& network, const WeightsGroup& group, const std::string& name,
                                  const std::set<TensorIndex>& placed) {
  std::string names;
  for (TensorIndex index = 0; index < network.tensors.size(); ++index) {
    const Tensor& tensor = network.tensors[index];
    if (!tensor.constant) {
      continue;
    }
    if (tensor.name == name) {
      if (placed.contains(index)) {
        return bad(group, fmt::format("has the constant \"{}\", which is in a group already", shown(name)));
      }
      return index;
    }
    names += (names.empty() ? "" : ", ") + tensor.name;
  }
  return bad(group, fmt::format("has no constant \"{}\" to take; the network has {}", shown(name),
                                names.empty() ? "none" : shown(names)));
}

/// Puts an operator before the first that reads the constant, and lets all read its output.
void fetch_before_use(TensorIndex constant, NetworkDescriptor& network) {
  const auto first = std::ranges::find_if(network.operators, [&](const Operator& call) {
    return std::ranges::any_of(arguments_of(call), [&](const Argument& argument) {
      return view_place(network, argument.tensor).root == constant;
    });
  });
  if (first == network.operators.end()) {
    return;
  }
  const auto fetched = static_cast<TensorIndex>(network.tensors.size());
  Tensor in_arena = network.tensors[constant];
  in_arena.constant.reset();
  in_arena.weights_group = 0;
  for (Tensor& tensor : network.tensors) {
    if (tensor.view_of == constant) {
      tensor.view_of = fetched;
    }
  }
  for (Operator& call : network.operators) {
    for (std::vector<Argument>* const arguments : {&call.inputs, &call.outputs, &call.pools}) {
      for (Argument& argument : *arguments) {
        argument.tensor = argument.tensor == constant ? fetched : argument.tensor;
      }
    }
  }
  Operator fetch;
  fetch.kind = Operator::Kind::copy;
  fetch.name = "fetch " + in_arena.name;
  fetch.inputs.push_back({constant, {}});
  fetch.outputs.push_back({fetched, {}});
  network.tensors.push_back(std::move(in_arena));
  network.operators.insert(first, std::move(fetch));
}

}  // namespace

Result<void> check_weights_groups(const NetworkDescriptor& network) {
  std::set<std::string> names;  // of files, too, which may not differ in the letter case alone
  for (const WeightsGroup& group : network.weights_groups) {
    STM32TVM_CHECK(check_group(group));
    if (!names.insert(CIdentifier::from(group.name).lower().text()).second) {
      return bad(group, "is there twice; give each group a name of its own");
    }
  }
  for (const Tensor& tensor : network.tensors) {
    if (tensor.weights_group != 0 && tensor.weights_group >= network.weights_groups.size()) {
      return Error{ErrorCode::bad_graph,
                   fmt::format("tensor \"{}\" is in weights group {} of {}; correct the descriptor", shown(tensor.name),
                               tensor.weights_group, network.weights_groups.size()),
                   {}};
    }
  }
  return {};
}

Result<void> place_weights(const std::vector<WeightsGroup>& groups, NetworkDescriptor& network) {
  network.weights_groups = groups;
  auto rest = std::ranges::find_if(network.weights_groups, [](const WeightsGroup& g) { return g.tensors.empty(); });
  if (rest == network.weights_groups.end() && !groups.empty()) {
    rest = network.weights_groups.insert(rest, WeightsGroup{});
  }
  STM32TVM_CHECK(check_weights_groups(network));
  std::set<TensorIndex> placed;
  for (std::uint32_t index = 0; index < network.weights_groups.size(); ++index) {
    const WeightsGroup& group = network.weights_groups[index];
    if (group.tensors.empty() && &group != &*rest) {
      return bad(group, "is the second without \"tensors\"; name the constants of all groups but one");
    }
    for (const std::string& name : group.tensors) {
      STM32TVM_TRY(tensor, find_constant(network, group, name, placed));
      network.tensors[tensor].weights_group = index;
      placed.insert(tensor);
    }
  }
  std::vector<TensorIndex> fetched;
  for (TensorIndex index = 0; index < network.tensors.size() && !groups.empty(); ++index) {
    Tensor& tensor = network.tensors[index];
    if (tensor.constant && !placed.contains(index)) {
      tensor.weights_group = static_cast<std::uint32_t>(rest - network.weights_groups.begin());
    }
    if (tensor.constant && network.weights_groups[tensor.weights_group].place == Place::fetch) {
      fetched.push_back(index);
    }
  }
  for (const TensorIndex constant : fetched) {
    fetch_before_use(constant, network);
  }
  return {};
}

}  // namespace stm32tvm
