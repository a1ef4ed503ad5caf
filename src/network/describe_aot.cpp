// SPDX-License-Identifier: Apache-2.0
// Calls of the generated main function become operators; what their pointers point to becomes tensors.
#include "network/describe_aot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "network/aot_interface.hpp"
#include "network/aot_main.hpp"
#include "network/module_sources.hpp"
#include "network/parameters.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

constexpr DataType byte_type{DataType::Code::unsigned_integer, 8, 1};

class AotDescription {
 public:
  AotDescription(const Module& module, const ModuleSources& sources, const ModelLimits& limits)
      : module_(module), sources_(sources), limits_(limits) {}

  Result<NetworkDescriptor> describe() {
    STM32TVM_CHECK(read_main());
    network_ = begin_network(module_);
    sources_.add_to(network_);
    STM32TVM_TRY(interface, read_aot_interface(module_, sources_, main_, main_types_, limits_));
    interface_ = std::move(interface);
    add_interface();
    add_pools();
    for (const AotCall& call : main_.calls) {
      STM32TVM_CHECK(add_call(call));
    }
    network_.diagnostics.insert(network_.diagnostics.end(), interface_.diagnostics.begin(),
                                interface_.diagnostics.end());
    return std::move(network_);
  }

 private:
  /// A tensor in a pool: the variable that points to it, and, where the packed form tells, type and shape.
  using ViewKey = std::tuple<std::string, std::string, std::vector<std::int64_t>>;

  /// Before TVM 0.9 the main function was called tvmgen_<module>_run_model.
  [[nodiscard]] bool defines_run_model() const {
    return std::any_of(sources_.all().begin(), sources_.all().end(), [](const ModuleSource& source) {
      return std::any_of(source.facts.definitions.begin(), source.facts.definitions.end(),
                         [](const std::string& name) { return name.ends_with("_run_model"); });
    });
  }

  Result<void> read_main() {
    const ModuleSource* found = nullptr;
    for (const ModuleSource& source : sources_.all()) {
      if (source.facts.main) {
        if (found != nullptr) {
          return Error{ErrorCode::bad_source, "two sources define the main function; export the model again",
                       source.member.path};
        }
        found = &source;
      }
    }
    if (found == nullptr && defines_run_model()) {
      return Error{ErrorCode::unsupported,
                   "the main function is of TVM 0.8, which does not tell the types and sizes of outputs; export the "
                   "model with TVM 0.9 or later, or with the graph executor",
                   "codegen/host/src"};
    }
    if (found == nullptr && !module_.objects.empty()) {
      return Error{ErrorCode::unsupported,
                   "the module's main function is in an object file, where its calls cannot be read; export the model "
                   "for the target \"c\", or with the graph executor",
                   module_.objects.front().path};
    }
    if (found == nullptr) {
      return Error{ErrorCode::bad_source,
                   fmt::format("no source defines the function tvmgen_{}___tvm_main__ that calls the kernels; export "
                               "the model again",
                               module_.name),
                   "codegen/host/src"};
    }
    where_ = {found->member.contents.view(), found->member.path};
    const KernelDefinition& definition = *found->facts.main;
    if (!definition.packed) {
      for (const CParameter& parameter : definition.parameters) {
        main_types_.push_back(parameter.type);
      }
    }
    STM32TVM_TRY(main, read_aot_main(where_, found->outline, definition));
    main_ = std::move(main);
    tensor_of_workspace_.resize(main_.workspaces.size());
    tensor_of_parameter_.resize(main_.parameters.size());
    return {};
  }

  TensorIndex add_tensor(Tensor tensor) {
    network_.tensors.push_back(std::move(tensor));
    has_values_.push_back(false);
    return static_cast<TensorIndex>(network_.tensors.size() - 1);
  }

  void add_interface() {
    for (const bool inputs : {true, false}) {
      for (AotTensor& each : inputs ? interface_.inputs : interface_.outputs) {
        const TensorIndex index = add_tensor(each.tensor);
        has_values_[index] = inputs;
        (inputs ? network_.inputs : network_.outputs).push_back(index);
        if (each.pointer.empty()) {
          tensor_of_parameter_[each.place.index] = index;
        } else {
          tensor_of_pointer_.emplace(each.pointer, index);
        }
      }
    }
  }

  void add_pools() {
    first_pool_ = static_cast<TensorIndex>(network_.tensors.size());
    for (const AotPool& pool : interface_.pools) {
      Tensor tensor;
      tensor.name = pool.name;
      tensor.type = byte_type;
      tensor.bytes = pool.bytes;
      tensor.shape = {static_cast<std::int64_t>(pool.bytes)};
      tensor.constant = pool.constants;
      const TensorIndex index = add_tensor(std::move(tensor));
      has_values_[index] = pool.constants.has_value();
      (pool.constants ? network_.parameters : network_.pools).push_back(index);
      tensor_of_parameter_[pool.parameter] = index;
    }
  }

  [[nodiscard]] bool is_pool(TensorIndex tensor) const {
    return tensor >= first_pool_ && tensor - first_pool_ < interface_.pools.size();
  }

  /// Whether a call passes a pool itself, as it does behind inputs and outputs.
  [[nodiscard]] bool is_pool_argument(const AotArgument& argument) const {
    return argument.pointer.direct && argument.pointer.place.kind == AotPlace::Kind::parameter &&
           is_pool(*tensor_of_parameter_[argument.pointer.place.index]);
  }

  [[nodiscard]] Error bad_call(const AotCall& call, std::string message) const {
    return where_.error(ErrorCode::bad_source, std::move(message) + "; export the model again", call.text);
  }

  /// The tensor of a pointer into a pool: a view that reaches to the pool's end where no shape is told.
  Result<TensorIndex> view(const AotCall& call, const AotArgument& argument, TensorIndex root) {
    const AotPlace& place = argument.pointer.place;
    const Tensor& pool = network_.tensors[root];
    Tensor tensor;
    tensor.name = argument.pointer.name;
    tensor.view_of = root;
    tensor.view_offset = place.offset;
    STM32TVM_CHECK(set_type(argument, place.offset < pool.bytes ? pool.bytes - place.offset : 0, tensor));
    if (place.offset > pool.bytes || tensor.bytes > pool.bytes - place.offset) {
      return bad_call(call, fmt::format("{} has {} bytes from byte {} of {} on, which has {} bytes",
                                        argument.pointer.name, tensor.bytes, place.offset, pool.name, pool.bytes));
    }
    const ViewKey key{tensor.name, to_string(tensor.type), tensor.shape};
    const auto known = views_.find(key);
    if (known != views_.end()) {
      return known->second;
    }
    const bool constant = pool.constant.has_value();
    const TensorIndex index = add_tensor(std::move(tensor));
    has_values_[index] = constant;
    views_.emplace(key, index);
    return index;
  }

  /// As the packed form tells it; else `bytes` bytes.
  Result<void> set_type(const AotArgument& argument, std::uint64_t bytes, Tensor& tensor) const {
    tensor.type = argument.type.value_or(byte_type);
    tensor.shape = argument.type ? argument.shape : std::vector{static_cast<std::int64_t>(bytes)};
    STM32TVM_TRY(size, tensor_bytes(tensor.type, tensor.shape, "tensor", tensor.name, where_.where, limits_));
    tensor.bytes = size;
    return {};
  }

  Result<TensorIndex> tensor_of(const AotCall& call, const AotArgument& argument) {
    const AotPlace& place = argument.pointer.place;
    if (const auto found = tensor_of_pointer_.find(argument.pointer.name); found != tensor_of_pointer_.end()) {
      return found->second;
    }
    if (place.kind == AotPlace::Kind::workspace) {
      return workspace_tensor(call, argument);
    }
    const TensorIndex root = *tensor_of_parameter_[place.index];
    if (is_pool(root)) {
      return view(call, argument, root);
    }
    if (!argument.pointer.direct) {
      return bad_call(call, fmt::format("{} points into an input or output", argument.pointer.name));
    }
    return root;
  }

  /// The tensor that the workspace holds now; new_values() gives it another.
  Result<TensorIndex> workspace_tensor(const AotCall& call, const AotArgument& argument) {
    const AotPlace& place = argument.pointer.place;
    if (!argument.pointer.direct) {
      return bad_call(call, fmt::format("{} points into a workspace", argument.pointer.name));
    }
    std::optional<TensorIndex>& known = tensor_of_workspace_[place.index];
    if (!known) {
      STM32TVM_TRY(index, new_workspace_tensor(call, argument));
      known = index;
    }
    return *known;
  }

  Result<TensorIndex> new_workspace_tensor(const AotCall& call, const AotArgument& argument) {
    const AotWorkspace& workspace = main_.workspaces[argument.pointer.place.index];
    Tensor tensor;
    tensor.name = workspace.name;
    STM32TVM_CHECK(set_type(argument, workspace.bytes, tensor));
    if (tensor.bytes > workspace.bytes) {
      return bad_call(call,
                      fmt::format("{} has {} bytes in a workspace of {}", tensor.name, tensor.bytes, workspace.bytes));
    }
    return add_tensor(std::move(tensor));
  }

  /// Main uses a workspace for several values in turn, and it is as large as the largest: of these, only `bytes`.
  void shrink(TensorIndex index, std::uint64_t bytes) {
    Tensor& tensor = network_.tensors[index];
    if (bytes > 0 && bytes < tensor.bytes) {
      tensor.bytes = bytes;
      tensor.shape = {static_cast<std::int64_t>(bytes)};
    }
  }

  /// How many of the arguments before the pools are outputs. TVM's kernels take inputs, then outputs; an output is the
  /// last one, and before it whatever has no values yet, or is a workspace that the kernel stores to.
  Result<std::size_t> count_outputs(const AotCall& call, const Kernel& kernel, std::size_t count) {
    std::size_t outputs = 0;
    while (outputs < count) {
      const std::size_t i = count - outputs - 1;
      const AotArgument& argument = call.arguments[i];
      STM32TVM_TRY(tensor, tensor_of(call, argument));
      const bool reusable = argument.pointer.place.kind == AotPlace::Kind::workspace && kernel.parameters[i].written;
      if (outputs > 0 && has_values_[tensor] && !reusable) {
        break;
      }
      ++outputs;
    }
    return outputs;
  }

  [[nodiscard]] bool is_device(const AotArgument& argument) const {
    const AotPlace& place = argument.pointer.place;
    return place.kind == AotPlace::Kind::parameter &&
           std::find(interface_.devices.begin(), interface_.devices.end(), place.index) != interface_.devices.end();
  }

  /// A device's handle is no tensor: such a call is described without it, and can only be emitted by one who has the
  /// device's driver.
  Result<void> add_device_call(AotCall call) {
    network_.needs.ethos_u = true;
    const Kernel* const kernel = sources_.kernel(call.kernel);
    if (kernel == nullptr || kernel->parameters.size() != call.arguments.size()) {
      return {};  // TVMDeviceEthosUOpen(device) and its like
    }
    Kernel taken = *kernel;
    for (std::size_t i = call.arguments.size(); i-- > 0;) {
      if (is_device(call.arguments[i])) {
        call.arguments.erase(call.arguments.begin() + static_cast<std::ptrdiff_t>(i));
        taken.parameters.erase(taken.parameters.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    return call.arguments.empty() ? Result<void>{} : add_kernel_call(call, taken);
  }

  Result<void> add_call(const AotCall& call) {
    if (std::any_of(call.arguments.begin(), call.arguments.end(),
                    [&](const AotArgument& argument) { return is_device(argument); })) {
      return add_device_call(call);
    }
    const Kernel* const kernel = sources_.kernel(call.kernel);
    if (kernel == nullptr) {
      return bad_call(call, fmt::format("the main function calls {}, and no C source of the module defines it",
                                        call.kernel.substr(0, 200)));
    }
    if (kernel->packed != main_.packed || kernel->parameters.size() != call.arguments.size()) {
      return bad_call(call, fmt::format("the main function calls {} with {} arguments, and it takes {}{}", call.kernel,
                                        call.arguments.size(), kernel->parameters.size(),
                                        kernel->packed == main_.packed ? "" : " in another calling convention"));
    }
    return add_kernel_call(call, *kernel);
  }

  Result<void> add_kernel_call(const AotCall& call, const Kernel& kernel) {
    std::size_t count = call.arguments.size();
    while (count > 0 && is_pool_argument(call.arguments[count - 1])) {
      --count;
    }
    STM32TVM_TRY(outputs, count_outputs(call, kernel, count));
    Operator made;
    made.name = call.kernel;
    made.kernel = call.kernel;
    made.workspaces = kernel.workspaces;
    made.handovers = kernel.handovers;
    made.statement_count = kernel.statement_count;
    made.stack_bytes = kernel.stack_bytes;
    made.reuses_bytes = kernel.reuses_bytes;
    for (const KernelParameter& parameter : kernel.parameters) {
      if (!kernel.packed) {
        made.parameter_types.push_back(parameter.type);
      }
    }
    STM32TVM_CHECK(add_arguments(call, kernel, count - outputs, count, made));
    network_.operators.push_back(std::move(made));
    return {};
  }

  Result<void> add_arguments(const AotCall& call, const Kernel& kernel, std::size_t first_output,
                             std::size_t first_pool, Operator& made) {
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
      const AotArgument& argument = call.arguments[i];
      const StatementSpan use = kernel.parameters[i].use;
      if (i >= first_pool) {
        // Nothing goes into a pool's bytes while a kernel runs that has them: it uses them as several types.
        made.pools.push_back({*tensor_of_parameter_[argument.pointer.place.index], {0, kernel.statement_count - 1}});
        continue;
      }
      STM32TVM_TRY(tensor, tensor_of(call, argument));
      TensorIndex index = tensor;
      if (i < first_output) {
        made.inputs.push_back({index, use});
        continue;
      }
      const bool in_workspace = argument.pointer.place.kind == AotPlace::Kind::workspace;
      if (in_workspace && has_values_[index]) {
        STM32TVM_TRY(renewed, new_workspace_tensor(call, argument));
        index = renewed;
        tensor_of_workspace_[argument.pointer.place.index] = index;
      }
      if (in_workspace && !argument.type) {
        shrink(index, kernel.parameters[i].written_bytes);
      }
      has_values_[index] = true;
      made.outputs.push_back({index, use});
    }
    return {};
  }

  const Module& module_;
  const ModuleSources& sources_;
  const ModelLimits& limits_;
  SourceText where_;
  AotMain main_;
  std::vector<std::string> main_types_;
  AotInterface interface_;
  NetworkDescriptor network_;
  TensorIndex first_pool_ = 0;    ///< the pools are tensors in a row
  std::vector<bool> has_values_;  ///< by tensor
  std::vector<std::optional<TensorIndex>> tensor_of_parameter_;
  std::vector<std::optional<TensorIndex>> tensor_of_workspace_;  ///< the one it holds at the call in hand
  std::map<std::string, TensorIndex, std::less<>> tensor_of_pointer_;
  std::map<ViewKey, TensorIndex> views_;
};

}  // namespace

Result<NetworkDescriptor> describe_aot(const Module& module, const ModuleSources& sources, const ModelLimits& limits) {
  return AotDescription(module, sources, limits).describe();
}

}  // namespace stm32tvm
