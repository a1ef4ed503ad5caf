// SPDX-License-Identifier: Apache-2.0
// Inputs find their parameter of @main by name, because the network may have them in another order or fewer of them;
// outputs have no names of their own and are matched by position.
#include "network/apply_relay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "network/interface_names.hpp"
#include "network/relay_quantization.hpp"
#include "support/relative_path.hpp"

namespace stm32tvm {
namespace {

/// TVM's own name of an output that the model does not name: "output", "output0", "output1"...
bool is_generic(std::string_view name) {
  constexpr std::string_view word = "output";
  return name.starts_with(word) && name.find_first_not_of("0123456789", word.size()) == std::string_view::npos;
}

template <class Named>
NameIndex index_of(const std::vector<Named>& tensors) {
  std::vector<std::string_view> names;
  std::transform(tensors.begin(), tensors.end(), std::back_inserter(names),
                 [](const Named& tensor) { return std::string_view(tensor.name); });
  return NameIndex(names);
}

class Application {
 public:
  Application(const Module& module, NetworkDescriptor& network) : module_(module), network_(network) {}

  void run() {
    for (Tensor& tensor : network_.tensors) {
      if (!tensor.type.is_integer() && tensor.type.code != DataType::Code::handle) {
        tensor.quantization = {Quantization::Kind::unquantized, Quantization::Source::none, {}, {}, -1};
      }
    }
    apply_metadata();
    if (module_.relay) {
      apply_text();
    }
    assign_identifiers(network_);
  }

 private:
  void warn(std::string message) {
    network_.diagnostics.push_back({Diagnostic::Kind::warning, std::move(message), module_.relay->path});
  }

  /// metadata.json has the inputs' own names, which ahead-of-time modules write as C has them, but sorts them. Outputs
  /// have no name to be found by, so only a single one is taken.
  void apply_metadata() {
    const NameIndex inputs = index_of(module_.main_inputs);
    for (const TensorIndex input : network_.inputs) {
      Tensor& tensor = network_.tensors[input];
      const auto found = inputs.find(tensor.name);
      tensor.source_name = found ? module_.main_inputs[*found].name : tensor.name;
    }
    if (network_.outputs.size() == 1 && module_.main_outputs.size() == 1 &&
        !is_generic(module_.main_outputs.front().name)) {
      network_.tensors[network_.outputs.front()].source_name = module_.main_outputs.front().name;
    }
  }

  void apply_text() {
    auto read = read_relay_quantization(module_.relay->contents.view(), module_.relay->path);
    if (!read) {
      network_.diagnostics.push_back(
          {Diagnostic::Kind::warning, read.error().message + "; no quantization is told", read.error().where});
      return;
    }
    network_.diagnostics.insert(network_.diagnostics.end(), read->diagnostics.begin(), read->diagnostics.end());
    apply_inputs(read->inputs);
    apply_outputs(read->outputs);
  }

  void apply_inputs(const std::vector<RelayTensor>& told) {
    const NameIndex parameters = index_of(told);
    for (const TensorIndex input : network_.inputs) {
      Tensor& tensor = network_.tensors[input];
      if (const auto found = parameters.find(tensor.source_name)) {
        apply(told[*found], tensor);
      } else {
        warn(fmt::format("the Relay text has no parameter for input \"{}\", so it does not tell its quantization",
                         shown(tensor.name)));
      }
    }
  }

  void apply_outputs(const std::vector<RelayTensor>& told) {
    if (told.empty()) {
      return;  // a diagnostic says why
    }
    if (told.size() != network_.outputs.size()) {
      warn(
          fmt::format("the Relay text has {} results and the network {} outputs, so it does not tell their "
                      "quantization",
                      told.size(), network_.outputs.size()));
      return;
    }
    for (std::size_t i = 0; i < told.size(); ++i) {
      apply(told[i], network_.tensors[network_.outputs[i]]);
    }
  }

  void apply(const RelayTensor& told, Tensor& tensor) {
    if ((told.type && *told.type != tensor.type) || (told.shape && !fits(*told.shape, tensor))) {
      warn(
          fmt::format("tensor \"{}\" has another type or size in the Relay text than in the network, so the text does "
                      "not tell its quantization",
                      shown(tensor.name)));
      return;
    }
    if (!told.name.empty()) {
      tensor.source_name = told.name;
    }
    if (!told.quantization.scales.empty()) {
      tensor.quantization = told.quantization;
    }
  }

  const Module& module_;
  NetworkDescriptor& network_;
};

}  // namespace

void apply_relay(const Module& module, NetworkDescriptor& network) {
  Application(module, network).run();
}

}  // namespace stm32tvm
