// SPDX-License-Identifier: Apache-2.0
// A graph's entries become tensors, its nodes operators; what the kernels take and touch comes from their C.
#include "network/describe_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "network/constant_pool.hpp"
#include "network/graph.hpp"
#include "network/metadata_check.hpp"
#include "network/module_sources.hpp"
#include "network/parameters.hpp"
#include "support/relative_path.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

using Parameters = std::map<std::string, Parameter, std::less<>>;

class GraphDescription {
 public:
  GraphDescription(const Module& module, const ModuleSources& sources, const ModelLimits& limits)
      : module_(module), sources_(sources), limits_(limits) {}

  Result<NetworkDescriptor> describe() {
    if (!module_.graph) {
      return Error{ErrorCode::missing_member,
                   "a graph executor module needs its graph, and the archive does not hold it; export the model again",
                   "executor-config/graph/" + module_.name + ".graph"};
    }
    if (module_.parameters) {
      STM32TVM_TRY(parameters, read_parameters(module_.parameters->contents, module_.parameters->path, limits_));
      parameters_ = std::move(parameters);
    }
    STM32TVM_TRY(graph, read_graph(module_.graph->contents.view(), module_.graph->path, limits_));
    graph_ = std::move(graph);
    network_ = begin_network(module_);
    sources_.add_to(network_);
    STM32TVM_CHECK(add_tensors());
    STM32TVM_CHECK(read_linked_parameters());
    STM32TVM_CHECK(add_arguments());
    for (const GraphNode& node : graph_.nodes) {
      if (node.is_operator) {
        STM32TVM_CHECK(add_operator(node));
      }
    }
    check_metadata();
    add_outputs();
    return std::move(network_);
  }

 private:
  [[nodiscard]] Error bad_graph(std::string message) const {
    return Error{ErrorCode::bad_graph, std::move(message) + "; export the model again", module_.graph->path};
  }

  void check_metadata() {
    std::map<std::int64_t, std::uint64_t> needed;
    for (std::size_t entry = 0; entry < graph_.entries.size(); ++entry) {
      std::uint64_t& bytes = needed[graph_.entries[entry].storage_id];
      bytes = std::max(bytes, network_.tensors[entry].bytes);
    }
    check_storage(module_, needed, network_);
  }

  Result<void> add_tensors() {
    network_.tensors.reserve(graph_.entries.size());
    for (const GraphNode& node : graph_.nodes) {
      for (std::uint32_t i = 0; i < node.entry_count; ++i) {
        GraphEntry& entry = graph_.entries[node.first_entry + i];
        Tensor& tensor = network_.tensors.emplace_back();
        tensor.name = node.entry_count == 1 ? node.name : fmt::format("{}:{}", node.name, i);
        tensor.type = entry.type;
        tensor.shape = std::move(entry.shape);
        STM32TVM_TRY(bytes,
                     tensor_bytes(tensor.type, tensor.shape, "tensor", tensor.name, module_.graph->path, limits_));
        tensor.bytes = bytes;
      }
    }
    return {};
  }

  /// TVM 0.8 links the parameters as arrays into the sources, and a function tells the executor where they are.
  Result<void> read_linked_parameters() {
    for (const ModuleSource& source : sources_.all()) {
      if (source.facts.definitions.contains("_lookup_linked_param")) {
        STM32TVM_CHECK(read_pools(source.member.contents.view(), source.member.path, linked_));
      }
    }
    return {};
  }

  /// The values of the linked parameter, if it is one.
  Result<std::optional<Bytes>> linked_parameter(const GraphNode& node) const {
    const auto found = linked_.constants.find("__tvm_param__" + node.name);
    if (found == linked_.constants.end()) {
      return std::optional<Bytes>{};
    }
    const Tensor& tensor = network_.tensors[node.first_entry];
    if (found->second.size() != tensor.bytes) {
      return Error{ErrorCode::bad_parameters,
                   fmt::format("the linked parameter \"{}\" has {} bytes where the graph needs {}; export the model "
                               "again",
                               node.name, found->second.size(), tensor.bytes),
                   module_.graph->path};
    }
    return std::optional(found->second);
  }

  /// Splits the graph's arguments into parameters, which the .params member or a source holds, and inputs.
  Result<void> add_arguments() {
    for (const std::uint32_t index : graph_.argument_nodes) {
      const GraphNode& node = graph_.nodes[index];
      const auto found = parameters_.find(node.name);
      if (found == parameters_.end()) {
        STM32TVM_TRY(linked, linked_parameter(node));
        network_.tensors[node.first_entry].constant = linked;
        (linked ? network_.parameters : network_.inputs).push_back(node.first_entry);
        continue;
      }
      Tensor& tensor = network_.tensors[node.first_entry];
      const Parameter& parameter = found->second;
      if (parameter.type != tensor.type || parameter.shape != tensor.shape) {
        return Error{ErrorCode::bad_parameters,
                     fmt::format("parameter \"{}\" has {} bytes of {} where the graph needs {} bytes of {} in another "
                                 "shape or type; export the model again",
                                 node.name, parameter.values.size(), to_string(parameter.type), tensor.bytes,
                                 to_string(tensor.type)),
                     module_.parameters->path};
      }
      tensor.constant = parameter.values;
      network_.parameters.push_back(node.first_entry);
    }
    return {};
  }

  [[nodiscard]] bool is_view(const GraphNode& node) const {
    const std::uint32_t from = node.inputs.front();
    return node.function == "__nop" && graph_.entries[from].storage_id == graph_.entries[node.first_entry].storage_id &&
           !network_.tensors[from].constant;
  }

  Result<void> add_operator(const GraphNode& node) {
    if (node.function == "__nop" || node.function == "__copy") {
      if (node.inputs.size() != 1 || node.entry_count != 1 ||
          network_.tensors[node.inputs.front()].bytes != network_.tensors[node.first_entry].bytes) {
        return bad_graph(fmt::format("operator \"{}\" must copy one tensor to one of the same size", node.name));
      }
      add_copy(node.name, node.inputs.front(), node.first_entry);
      if (is_view(node)) {
        network_.tensors[node.first_entry].view_of = node.inputs.front();
      }
      return {};
    }
    if (const Kernel* const kernel = sources_.kernel(node.function)) {
      return add_kernel_call(node, *kernel);
    }
    if (const ModuleObject* const object = sources_.object_with(node.function)) {
      return add_compiled_call(node, *object);
    }
    return Error{ErrorCode::bad_source,
                 fmt::format("the graph calls {}, and none of the module's C sources and object files defines it; "
                             "export the model again",
                             node.function),
                 module_.graph->path};
  }

  /// A call of a kernel whose text is not there.
  Result<void> add_compiled_call(const GraphNode& node, const ModuleObject& object) {
    STM32TVM_CHECK(check_compiled(module_, node.function, object));
    Operator call;
    call.name = node.name;
    call.kernel = node.function;
    for (const std::uint32_t input : node.inputs) {
      call.inputs.push_back({input, {}});
    }
    for (std::uint32_t i = 0; i < node.entry_count; ++i) {
      call.outputs.push_back({node.first_entry + i, {}});
    }
    network_.operators.push_back(std::move(call));
    return {};
  }

  Result<void> add_kernel_call(const GraphNode& node, const Kernel& kernel) {
    const std::size_t count = node.inputs.size() + node.entry_count;
    if (!kernel.packed || kernel.parameters.size() != count) {
      return Error{
          ErrorCode::bad_source,
          fmt::format("the graph calls {} with {} tensors, and its C takes {}{}; export the model again", kernel.name,
                      count, kernel.parameters.size(), kernel.packed ? "" : " in another calling convention"),
          module_.graph->path};
    }
    Operator call;
    call.name = node.name;
    call.kernel = kernel.name;
    call.workspaces = kernel.workspaces;
    call.handovers = kernel.handovers;
    call.statement_count = kernel.statement_count;
    call.stack_bytes = kernel.stack_bytes;
    for (std::size_t i = 0; i < count; ++i) {
      const bool is_input = i < node.inputs.size();
      const auto tensor =
          is_input ? node.inputs[i] : node.first_entry + static_cast<std::uint32_t>(i - node.inputs.size());
      (is_input ? call.inputs : call.outputs).push_back({tensor, kernel.parameters[i].use});
    }
    network_.operators.push_back(std::move(call));
    return {};
  }

  void add_copy(std::string operator_name, TensorIndex from, TensorIndex to) {
    Operator copy;
    copy.kind = Operator::Kind::copy;
    copy.name = std::move(operator_name);
    copy.inputs.push_back({from, {}});
    copy.outputs.push_back({to, {}});
    network_.operators.push_back(std::move(copy));
  }

  /// An output needs a tensor that is its own: what is given, and what is an output already, is copied at the end.
  void add_outputs() {
    // Not to be an output itself: the inputs, the constants, their views, and what is an output already.
    std::vector<bool> taken(network_.tensors.size(), false);
    for (const TensorIndex input : network_.inputs) {
      taken[input] = true;
    }
    for (TensorIndex tensor = 0; tensor < network_.tensors.size(); ++tensor) {
      const auto view_of = network_.tensors[tensor].view_of;
      taken[tensor] = taken[tensor] || network_.tensors[tensor].constant || (view_of && taken[*view_of]);
    }
    for (const std::uint32_t head : graph_.heads) {
      if (!taken[head]) {
        taken[head] = true;
        network_.outputs.push_back(head);
        continue;
      }
      Tensor copy = network_.tensors[head];
      copy.constant.reset();
      copy.view_of.reset();
      copy.name += "_output";
      const auto index = static_cast<TensorIndex>(network_.tensors.size());
      add_copy(copy.name, head, index);
      network_.tensors.push_back(std::move(copy));
      network_.outputs.push_back(index);
    }
  }

  const Module& module_;
  const ModuleSources& sources_;
  const ModelLimits& limits_;
  Parameters parameters_;
  PoolDefinitions linked_;
  Graph graph_;
  NetworkDescriptor network_;
};

}  // namespace

Result<NetworkDescriptor> describe_graph(const Module& module, const ModuleSources& sources,
                                         const ModelLimits& limits) {
  auto network = GraphDescription(module, sources, limits).describe();
  if (!network) {
    // Names in messages are the archive's.
    return shown(std::move(network).error());
  }
  return network;
}

}  // namespace stm32tvm
