// SPDX-License-Identifier: Apache-2.0
// Each function becomes an operator whose arguments are the network's own inputs and outputs.
#include "network/describe_operators.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "network/module_sources.hpp"
#include "network/parameters.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

constexpr const char* where = "metadata.json";

class OperatorsDescription {
 public:
  OperatorsDescription(const Module& module, const ModuleSources& sources, const ModelLimits& limits)
      : module_(module), sources_(sources), limits_(limits) {}

  Result<NetworkDescriptor> describe() {
    network_ = begin_network(module_);
    sources_.add_to(network_);
    for (const OperatorFunction& function : module_.operator_functions) {
      STM32TVM_TRY(kernel, kernel_of(function));
      STM32TVM_CHECK(add(function, kernel));
    }
    if (network_.operators.empty()) {
      return Error{ErrorCode::bad_metadata, "\"memory\" names no function; export the operator again", where};
    }
    return std::move(network_);
  }

 private:
  Result<Kernel> kernel_of(const OperatorFunction& function) const {
    const Kernel* const kernel = sources_.kernel(function.name);
    if (kernel != nullptr && kernel->parameters.size() == function.arguments.size()) {
      return *kernel;
    }
    const ModuleObject* const object = sources_.object_with(function.name);
    if (kernel != nullptr || object == nullptr) {
      return Error{ErrorCode::bad_source,
                   fmt::format("the metadata has a function {} with {} arguments, and no C source defines it so; "
                               "export the operator again",
                               function.name.substr(0, 200), function.arguments.size()),
                   where};
    }
    STM32TVM_CHECK(check_compiled(module_, function.name, *object));
    // The object file does not say which arguments are written: the last is, as TVM orders them.
    Kernel compiled;
    compiled.name = function.name;
    compiled.packed = true;
    compiled.parameters.resize(function.arguments.size());
    for (std::size_t i = 0; i < compiled.parameters.size(); ++i) {
      compiled.parameters[i].name = fmt::format("arg{}", i);
    }
    return compiled;
  }

  Result<void> add(const OperatorFunction& function, const Kernel& kernel) {
    // TVM's functions take inputs, then outputs.
    std::size_t first_output = kernel.parameters.size();
    while (first_output > 0 &&
           (first_output == kernel.parameters.size() || kernel.parameters[first_output - 1].written)) {
      --first_output;
    }
    Operator made;
    made.name = function.name;
    made.kernel = function.name;
    made.workspaces = kernel.workspaces;
    made.handovers = kernel.handovers;
    made.statement_count = kernel.statement_count;
    made.stack_bytes = kernel.stack_bytes;
    for (std::size_t i = 0; i < kernel.parameters.size(); ++i) {
      const KernelParameter& parameter = kernel.parameters[i];
      if (!kernel.packed) {
        made.parameter_types.push_back(parameter.type);
      }
      STM32TVM_TRY(tensor, add_tensor(function.arguments[i], function.name + ":" + parameter.name));
      const bool is_input = i < first_output;
      (is_input ? network_.inputs : network_.outputs).push_back(tensor);
      (is_input ? made.inputs : made.outputs).push_back({tensor, parameter.use});
    }
    network_.operators.push_back(std::move(made));
    return {};
  }

  Result<TensorIndex> add_tensor(const OperatorArgument& argument, std::string name) {
    Tensor tensor;
    // With one function its own name says nothing more.
    tensor.name = module_.operator_functions.size() == 1 ? name.substr(name.rfind(':') + 1) : std::move(name);
    const auto type = parse_data_type(argument.data_type);
    if (!type) {
      return Error{
          ErrorCode::unsupported,
          fmt::format("argument {} has type \"{}\", which no C type holds; export the operator for another type",
                      tensor.name, argument.data_type.substr(0, 40)),
          where};
    }
    tensor.type = *type;
    tensor.shape = argument.shape;
    STM32TVM_TRY(bytes, tensor_bytes(*type, tensor.shape, "argument", tensor.name, where, limits_));
    tensor.bytes = bytes;
    network_.tensors.push_back(std::move(tensor));
    return static_cast<TensorIndex>(network_.tensors.size() - 1);
  }

  const Module& module_;
  const ModuleSources& sources_;
  const ModelLimits& limits_;
  NetworkDescriptor network_;
};

}  // namespace

Result<NetworkDescriptor> describe_operators(const Module& module, const ModuleSources& sources,
                                             const ModelLimits& limits) {
  return OperatorsDescription(module, sources, limits).describe();
}

}  // namespace stm32tvm
