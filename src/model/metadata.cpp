// SPDX-License-Identifier: Apache-2.0
// metadata.json: one object in versions 1 to 6 and in operator style, an object per module in version 7.
#include "model/metadata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "stm32tvm/version.hpp"
#include "support/json.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

constexpr std::string_view where = "metadata.json";

Result<int> read_version(json::Object root) {
  STM32TVM_TRY(value, json::require(root, "version", where));
  STM32TVM_TRY(version, json::as_count(value, "version", where));
  if (version < STM32TVM_MODEL_LIBRARY_FORMAT_MINIMUM || version > STM32TVM_MODEL_LIBRARY_FORMAT_MAXIMUM) {
    return Error{ErrorCode::unsupported_version,
                 fmt::format("the archive has Model Library Format version {}, and versions {} to {} are read; export "
                             "the model with TVM 0.8 to 0.18",
                             version, STM32TVM_MODEL_LIBRARY_FORMAT_MINIMUM, STM32TVM_MODEL_LIBRARY_FORMAT_MAXIMUM),
                 std::string(where)};
  }
  return static_cast<int>(version);
}

Result<std::optional<std::string>> optional_string(json::Object object, std::string_view name) {
  json::Value value;
  if (!json::find(object, name, value)) {
    return std::optional<std::string>{};
  }
  STM32TVM_TRY(text, json::as_string(value, name, where));
  return std::optional<std::string>(text);
}

/// "executors", or "runtimes" as it was called before version 5, and "style" from version 4 on.
Result<Executor> read_executor(json::Object object) {
  STM32TVM_TRY(style, optional_string(object, "style"));
  if (style == "operator") {
    return Executor::single_operator;
  }
  json::Value list;
  if (!json::find(object, "executors", list) && !json::find(object, "runtimes", list)) {
    return Error{ErrorCode::bad_metadata, "neither \"executors\" nor \"runtimes\" is there; export the model again",
                 std::string(where)};
  }
  STM32TVM_TRY(array, json::as_array(list, "executors", where));
  for (const json::Value value : array) {
    STM32TVM_TRY(text, json::as_string(value, "executors", where));
    if (text == "graph") {
      return Executor::graph;
    }
    if (text == "aot") {
      return Executor::ahead_of_time;
    }
  }
  return Error{ErrorCode::unsupported,
               "\"executors\" names neither graph nor aot; export the model with one of these executors",
               std::string(where)};
}

/// A list of strings from version 6 on, an object from device type to string before.
Result<std::vector<std::string>> read_targets_of(json::Object object) {
  std::vector<std::string> targets;
  json::Value value;
  if (!json::find(object, "target", value)) {
    return targets;
  }
  if (json::Array array; value.get(array) == simdjson::SUCCESS) {
    for (const json::Value element : array) {
      STM32TVM_TRY(text, json::as_string(element, "target", where));
      targets.emplace_back(text);
    }
    return targets;
  }
  STM32TVM_TRY(map, json::as_object(value, "target", where));
  for (const auto& [device_type, element] : map) {
    STM32TVM_TRY(text, json::as_string(element, "target", where));
    targets.emplace_back(text);
  }
  return targets;
}

Result<std::string> read_tvm_version(json::Object object) {
  json::Value list;
  if (!json::find(object, "external_dependencies", list)) {
    return std::string();
  }
  STM32TVM_TRY(array, json::as_array(list, "external_dependencies", where));
  for (const json::Value element : array) {
    STM32TVM_TRY(dependency, json::as_object(element, "external_dependencies", where));
    STM32TVM_TRY(short_name, optional_string(dependency, "short_name"));
    if (short_name == "tvm_standalone_crt") {
      STM32TVM_TRY(version, optional_string(dependency, "version_spec"));
      return version.value_or("");
    }
  }
  return std::string();
}

Result<std::vector<MainTensor>> read_main_tensors(json::Object entry, std::string_view name) {
  std::vector<MainTensor> tensors;
  json::Value value;
  if (!json::find(entry, name, value)) {
    return tensors;
  }
  STM32TVM_TRY(map, json::as_object(value, name, where));
  for (const auto& [tensor_name, element] : map) {
    STM32TVM_TRY(fields, json::as_object(element, tensor_name, where));
    STM32TVM_TRY(size, json::require(fields, "size", where));
    STM32TVM_TRY(bytes, json::as_count(size, "size", where));
    STM32TVM_TRY(data_type, optional_string(fields, "dtype"));
    tensors.push_back({std::string(tensor_name), data_type.value_or(""), bytes});
  }
  return tensors;
}

Result<void> read_main(json::Value value, Module& module) {
  STM32TVM_TRY(entries, json::as_array(value, "main", where));
  for (const json::Value element : entries) {
    STM32TVM_TRY(entry, json::as_object(element, "main", where));
    if (json::Value bytes; json::find(entry, "workspace_size_bytes", bytes)) {
      STM32TVM_TRY(count, json::as_count(bytes, "workspace_size_bytes", where));
      module.main_workspace_bytes = std::max(module.main_workspace_bytes, count);
    }
    STM32TVM_TRY(inputs, read_main_tensors(entry, "inputs"));
    STM32TVM_TRY(outputs, read_main_tensors(entry, "outputs"));
    if (!inputs.empty() || !outputs.empty()) {
      module.main_inputs = inputs;
      module.main_outputs = outputs;
    }
  }
  return {};
}

Result<void> read_operator_functions(json::Value value, Module& module) {
  STM32TVM_TRY(functions, json::as_array(value, "operator_functions", where));
  for (const json::Value element : functions) {
    STM32TVM_TRY(function, json::as_object(element, "operator_functions", where));
    STM32TVM_TRY(name_value, json::require(function, "function_name", where));
    STM32TVM_TRY(function_name, json::as_string(name_value, "function_name", where));
    json::Value list;
    if (!json::find(function, "workspace", list)) {
      continue;
    }
    STM32TVM_TRY(workspaces, json::as_array(list, "workspace", where));
    for (const json::Value row : workspaces) {
      STM32TVM_TRY(workspace, json::as_object(row, "workspace", where));
      STM32TVM_TRY(size, json::require(workspace, "workspace_size_bytes", where));
      STM32TVM_TRY(bytes, json::as_count(size, "workspace_size_bytes", where));
      std::uint64_t& most = module.operator_workspace_bytes[std::string(function_name)];
      most = std::max(most, bytes);
    }
  }
  return {};
}

Result<OperatorArgument> read_operator_argument(json::Value value) {
  OperatorArgument argument;
  STM32TVM_TRY(fields, json::as_object(value, "memory", where));
  STM32TVM_TRY(type_value, json::require(fields, "dtype", where));
  STM32TVM_TRY(data_type, json::as_string(type_value, "dtype", where));
  argument.data_type = data_type;
  STM32TVM_TRY(shape_value, json::require(fields, "shape", where));
  STM32TVM_TRY(shape, json::as_array(shape_value, "shape", where));
  for (const json::Value element : shape) {
    STM32TVM_TRY(dimension, json::as<std::int64_t>(element, "shape", "a number", where));
    argument.shape.push_back(dimension);
  }
  return argument;
}

/// In operator style "memory" maps each function to its arguments.
Result<void> read_operators(json::Object object, Module& module) {
  json::Value memory_value;
  if (!json::find(object, "memory", memory_value)) {
    return {};
  }
  STM32TVM_TRY(memory, json::as_object(memory_value, "memory", where));
  for (const auto& [function_name, list] : memory) {
    OperatorFunction function;
    function.name = function_name;
    STM32TVM_TRY(arguments, json::as_array(list, function_name, where));
    for (const json::Value value : arguments) {
      STM32TVM_TRY(argument, read_operator_argument(value));
      function.arguments.push_back(std::move(argument));
    }
    module.operator_functions.push_back(std::move(function));
  }
  return {};
}

/// What is no entry is left out: nothing depends on these.
void read_storage(json::Array entries, Module& module) {
  for (const json::Value element : entries) {
    json::Object entry;
    std::int64_t id = 0;
    std::uint64_t bytes = 0;
    if (element.get(entry) == simdjson::SUCCESS && entry["storage_id"].get(id) == simdjson::SUCCESS &&
        entry["size_bytes"].get(bytes) == simdjson::SUCCESS) {
      module.storage_bytes.emplace(id, bytes);
    }
  }
}

/// "memory" holds "functions" and "sids" from version 2 on; in version 1 it is the latter's list, and in operator style
/// it maps functions.
Result<void> read_memory(json::Object object, Module& module) {
  json::Value memory_value;
  json::Object memory;
  json::Value functions_value;
  if (!json::find(object, "memory", memory_value)) {
    return {};
  }
  if (json::Array sids;
      memory_value.get(sids) == simdjson::SUCCESS || memory_value["sids"].get(sids) == simdjson::SUCCESS) {
    read_storage(sids, module);
  }
  if (memory_value.get(memory) != simdjson::SUCCESS || !json::find(memory, "functions", functions_value)) {
    return {};
  }
  STM32TVM_TRY(functions, json::as_object(functions_value, "functions", where));
  if (json::Value main; json::find(functions, "main", main)) {
    STM32TVM_CHECK(read_main(main, module));
  }
  if (json::Value list; json::find(functions, "operator_functions", list)) {
    STM32TVM_CHECK(read_operator_functions(list, module));
  }
  return {};
}

Result<Module> read_module(json::Object object, std::string name) {
  Module module;
  module.name = std::move(name);
  STM32TVM_TRY(executor, read_executor(object));
  STM32TVM_TRY(targets, read_targets_of(object));
  STM32TVM_TRY(export_datetime, optional_string(object, "export_datetime"));
  STM32TVM_TRY(tvm_version, read_tvm_version(object));
  module.executor = executor;
  module.targets = targets;
  module.export_datetime = export_datetime.value_or("");
  module.tvm_version = tvm_version;
  STM32TVM_CHECK(module.executor == Executor::single_operator ? read_operators(object, module)
                                                              : read_memory(object, module));
  return module;
}

}  // namespace

Result<Metadata> read_metadata(std::string_view text, const ModelLimits& limits) {
  json::Document document;
  STM32TVM_CHECK(json::parse(text, where, document, limits.json_depth));
  STM32TVM_TRY(root, json::as_object(document.root, "the whole file", where));
  STM32TVM_TRY(version, read_version(root));
  Metadata metadata;
  metadata.version = version;
  json::Value modules_value;
  if (!json::find(root, "modules", modules_value)) {
    STM32TVM_TRY(model_name, optional_string(root, "model_name"));
    STM32TVM_TRY(module, read_module(root, model_name.value_or("default")));
    metadata.modules.push_back(std::move(module));
    return metadata;
  }
  STM32TVM_TRY(modules, json::as_object(modules_value, "modules", where));
  if (modules.size() > limits.modules) {
    return Error{ErrorCode::limit_exceeded,
                 fmt::format("the archive has {} modules, and at most {} are read; raise ModelLimits::modules if that "
                             "is meant",
                             modules.size(), limits.modules),
                 std::string(where)};
  }
  for (const auto& [name, value] : modules) {
    STM32TVM_TRY(object, json::as_object(value, name, where));
    STM32TVM_TRY(module, read_module(object, std::string(name)));
    metadata.modules.push_back(std::move(module));
  }
  if (metadata.modules.empty()) {
    return Error{ErrorCode::bad_metadata, "\"modules\" is empty; export the model again", std::string(where)};
  }
  std::sort(metadata.modules.begin(), metadata.modules.end(),
            [](const Module& a, const Module& b) { return a.name < b.name; });
  const auto twin = std::adjacent_find(metadata.modules.begin(), metadata.modules.end(),
                                       [](const Module& a, const Module& b) { return a.name == b.name; });
  if (twin != metadata.modules.end()) {
    return Error{ErrorCode::bad_metadata,
                 fmt::format("module \"{}\" is there twice; export the model again", twin->name), std::string(where)};
  }
  return metadata;
}

}  // namespace stm32tvm
