// SPDX-License-Identifier: Apache-2.0
// Any names give an Error or C that is, token for token, what harmless names give.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "check.hpp"
#include "stm32tvm/stm32tvm.hpp"

namespace {

using namespace stm32tvm;

constexpr std::size_t name_count = 8;
using Names = std::array<std::string, name_count>;

/// The names are what stands between NUL bytes.
Names cut(std::string_view text) {
  Names names;
  for (std::string& name : names) {
    const std::size_t end = std::min(text.find('\0'), text.size());
    name = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return names;
}

TensorIndex add_tensor(NetworkDescriptor& network, const std::string& name) {
  Tensor tensor;
  tensor.name = name;
  tensor.type = {DataType::Code::signed_integer, 8, 1};
  tensor.shape = {4};
  tensor.bytes = 4;
  network.tensors.push_back(tensor);
  return static_cast<TensorIndex>(network.tensors.size() - 1);
}

/// One operator over an input, a parameter and an output, all with the archive's names.
NetworkDescriptor network_of(const Names& names) {
  NetworkDescriptor network;
  network.module_name = names[0];
  network.executor = "graph";
  network.targets = {names[1]};
  network.export_datetime = names[1];
  network.tvm_version = names[1];
  const TensorIndex input = add_tensor(network, names[2]);
  const TensorIndex output = add_tensor(network, names[3]);
  const TensorIndex parameter = add_tensor(network, names[4]);
  network.tensors[parameter].constant = Bytes(std::string("\1\2\3\4"));
  network.inputs = {input};
  network.outputs = {output};
  network.parameters = {parameter};
  network.tensors[input].source_name = names[5];
  network.tensors[output].source_name = names[5];
  Operator call;
  call.name = names[6];
  call.kernel = names[7];
  call.inputs = {{input, {}}, {parameter, {}}};
  call.outputs = {{output, {}}};
  network.operators = {call};
  network.sources = {{"lib0.c", Bytes(std::string("int x;")), {names[7]}}};
  network.needs.headers = {names[1]};
  network.needs.math_functions = {names[1]};
  return network;
}

Result<SourceTree> emitted(const NetworkDescriptor& network) {
  const auto plan = MemoryPlan::make(network);
  fuzz::check(plan.has_value());
  return ProjectEmitter::emit(network, *plan, {});
}

const SourceTree& harmless_tree() {
  static const SourceTree tree = emitted(network_of({"m", "t", "i", "o", "p", "s", "c", "kernel"})).value();
  return tree;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const NetworkDescriptor network = network_of(cut({reinterpret_cast<const char*>(data), size}));
  static_cast<void>(to_json(network));
  const auto tree = emitted(network);
  if (!tree) {
    return 0;
  }
  const SourceTree::Files& expected = harmless_tree().files();
  fuzz::check(tree->files().size() == expected.size());
  for (const auto& [path, text] : tree->files()) {
    const auto twin = expected.find(path);
    fuzz::check(twin != expected.end());
    if (path.starts_with("network/") && (path.ends_with(".c") || path.ends_with(".h") || path.ends_with(".hpp"))) {
      fuzz::check(fuzz::token_kinds(text.view()) == fuzz::token_kinds(twin->second.view()));
    } else {
      fuzz::check(text == twin->second);
    }
  }
  return 0;
}
