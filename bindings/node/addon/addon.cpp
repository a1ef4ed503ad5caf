// SPDX-License-Identifier: Apache-2.0
// The addon: a function for each thing that index.js does with the C ABI. Options are JSON. Functions that take long
// return promises.
#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <mutex>

#include "task.hpp"

namespace stm32tvm_node {
namespace {

using Arguments = std::array<napi_value, 6>;  ///< undefined where none was given

napi_value versions(napi_env env, const Arguments&) {
  napi_value object = new_object(env);
  set(env, object, "abi", to_value(env, static_cast<double>(stm32tvm_c_abi_version())));
  set(env, object, "library", to_value(env, std::string_view(stm32tvm_version())));
  set(env, object, "contract", to_value(env, static_cast<double>(stm32tvm_contract_version())));
  set(env, object, "formatMinimum", to_value(env, static_cast<double>(stm32tvm_format_version_minimum())));
  set(env, object, "formatMaximum", to_value(env, static_cast<double>(stm32tvm_format_version_maximum())));
  return object;
}

napi_value cancellation(napi_env env, const Arguments&) {
  return wrapped(env, cancellation_tag, std::make_shared<Cancellation>());
}

napi_value cancel(napi_env env, const Arguments& arguments) {
  unwrapped<Cancellation>(env, cancellation_tag, arguments[0])->cancel();
  return undefined(env);
}

/// open(path, options, progress, cancellation)
napi_value open(napi_env env, const Arguments& arguments) {
  return start_making<stm32tvm_library>(
      env, {text_from(env, arguments[1]), arguments[2], arguments[3]},
      [path = text_from(env, arguments[0])](const auto& options, auto** library, auto** error) {
        return stm32tvm_library_open(path.data(), path.size(), &options, library, error);
      });
}

/// fromBytes(bytes, options, progress, cancellation)
napi_value from_bytes(napi_env env, const Arguments& arguments) {
  return start_making<stm32tvm_library>(
      env, {text_from(env, arguments[1]), arguments[2], arguments[3]},
      [bytes = bytes_from(env, arguments[0])](const auto& options, auto** library, auto** error) {
        return stm32tvm_library_from_memory(bytes.data(), bytes.size(), &options, library, error);
      });
}

/// The library's version of the format and its modules.
napi_value library_contents(napi_env env, const Arguments& arguments) {
  const auto library = handle_from<stm32tvm_library>(env, arguments[0]);
  const auto name = [](const stm32tvm_library* from, std::size_t index, std::size_t* size) {
    return stm32tvm_library_module_name(from, index, size);
  };
  const auto executor = [](const stm32tvm_library* from, std::size_t index, std::size_t* size) {
    return stm32tvm_library_module_executor(from, index, size);
  };
  const std::size_t count = stm32tvm_library_module_count(library->handle);
  napi_value modules = nullptr;
  check(env, napi_create_array(env, &modules));
  for (std::uint32_t i = 0; i < count; ++i) {
    napi_value module = new_object(env);
    set(env, module, "name", to_value(env, text_of(name, library->handle, i)));
    set(env, module, "executor", to_value(env, text_of(executor, library->handle, i)));
    check(env, napi_set_element(env, modules, i, module));
  }
  napi_value object = new_object(env);
  const int version = stm32tvm_library_format_version(library->handle);
  set(env, object, "formatVersion", to_value(env, static_cast<double>(version)));
  set(env, object, "modules", modules);
  return object;
}

/// describe(library, module, options, progress, cancellation)
napi_value describe(napi_env env, const Arguments& arguments) {
  return start_making<stm32tvm_network>(
      env, {text_from(env, arguments[2]), arguments[3], arguments[4]},
      [library = handle_from<stm32tvm_library>(env, arguments[0]), module = text_from(env, arguments[1])](
          const auto& options, auto** network, auto** error) {
        return stm32tvm_network_describe(library->handle, module.data(), module.size(), &options, network, error);
      });
}

napi_value network_to_json(napi_env env, const Arguments& arguments) {
  return start_text(env, [network = handle_from<stm32tvm_network>(env, arguments[0])](auto** text, auto** error) {
    const std::shared_lock lock(network->mutex);
    return stm32tvm_network_to_json(network->handle, text, error);
  });
}

/// applyTflite(network, bytes)
napi_value apply_tflite(napi_env env, const Arguments& arguments) {
  return start(
      env, {},
      [network = handle_from<stm32tvm_network>(env, arguments[0]), bytes = bytes_from(env, arguments[1])](
          const auto&, auto** error) {
        const std::unique_lock lock(network->mutex);
        return stm32tvm_network_apply_tflite(network->handle, bytes.data(), bytes.size(), error);
      },
      undefined);
}

/// applyQuantization(network, JSON)
napi_value apply_quantization(napi_env env, const Arguments& arguments) {
  return start(
      env, {},
      [network = handle_from<stm32tvm_network>(env, arguments[0]), json = text_from(env, arguments[1])](const auto&,
                                                                                                        auto** error) {
        const std::unique_lock lock(network->mutex);
        return stm32tvm_network_apply_quantization(network->handle, json.data(), json.size(), error);
      },
      undefined);
}

/// makePlan(network, options)
napi_value make_plan(napi_env env, const Arguments& arguments) {
  return start_making<stm32tvm_plan>(
      env, {text_from(env, arguments[1])},
      [network = handle_from<stm32tvm_network>(env, arguments[0])](const auto& options, auto** plan, auto** error) {
        const std::shared_lock lock(network->mutex);
        return stm32tvm_plan_make(network->handle, &options, plan, error);
      });
}

napi_value plan_bytes(napi_env env, const Arguments& arguments) {
  const auto plan = handle_from<stm32tvm_plan>(env, arguments[0]);
  const std::uint64_t bytes = stm32tvm_plan_bytes(plan->handle);
  return to_value(env, static_cast<double>(bytes));
}

napi_value plan_to_json(napi_env env, const Arguments& arguments) {
  return start_text(env, [plan = handle_from<stm32tvm_plan>(env, arguments[0])](auto** text, auto** error) {
    return stm32tvm_plan_to_json(plan->handle, text, error);
  });
}

/// The tensors of one side of a sample.
struct Tensors {
  std::vector<std::string> bytes;

  [[nodiscard]] std::vector<stm32tvm_bytes> native() const {
    std::vector<stm32tvm_bytes> list;
    for (const std::string& each : bytes) {
      list.push_back({each.data(), each.size()});
    }
    return list;
  }
};

struct Sample {
  Tensors inputs;
  Tensors outputs;
  std::uint32_t network;
};

Tensors tensors_from(napi_env env, napi_value list) {
  Tensors tensors;
  for (napi_value each : list_from(env, list)) {
    tensors.bytes.push_back(bytes_from(env, each));
  }
  return tensors;
}

std::vector<Sample> samples_from(napi_env env, napi_value list) {
  std::vector<Sample> samples;
  for (napi_value each : list_from(env, list)) {
    napi_value inputs = nullptr;
    napi_value outputs = nullptr;
    napi_value network = nullptr;
    check(env, napi_get_named_property(env, each, "inputs", &inputs));
    check(env, napi_get_named_property(env, each, "outputs", &outputs));
    check(env, napi_get_named_property(env, each, "network", &network));
    std::uint32_t place = 0;
    if (!is_nothing(env, network)) {
      check(env, napi_get_value_uint32(env, network, &place));
    }
    samples.push_back(
        {tensors_from(env, inputs), is_nothing(env, outputs) ? Tensors{} : tensors_from(env, outputs), place});
  }
  return samples;
}

stm32tvm_status add_samples(const std::vector<Sample>& samples, stm32tvm_samples* native, stm32tvm_error** error) {
  for (const Sample& sample : samples) {
    const auto inputs = sample.inputs.native();
    const auto outputs = sample.outputs.native();
    stm32tvm_status status = stm32tvm_samples_set_network(native, sample.network, error);
    if (status == STM32TVM_OK) {
      status = stm32tvm_samples_add(native, inputs.data(), inputs.size(), outputs.data(), outputs.size(), error);
    }
    if (status != STM32TVM_OK) {
      return status;
    }
  }
  return STM32TVM_OK;
}

/// emit(plans, options, samples, progress, cancellation)
napi_value emit(napi_env env, const Arguments& arguments) {
  std::vector<SharedPointer<stm32tvm_plan>> plans;
  for (napi_value each : list_from(env, arguments[0])) {
    plans.push_back(handle_from<stm32tvm_plan>(env, each));
  }
  return start_making<stm32tvm_tree>(
      env, {text_from(env, arguments[1]), arguments[3], arguments[4]},
      [plans, samples = samples_from(env, arguments[2])](const auto& options, auto** tree, auto** error) {
        std::vector<const stm32tvm_plan*> handles(plans.size());
        std::ranges::transform(plans, handles.begin(), [](const auto& plan) { return plan->handle; });
        stm32tvm_samples* native = nullptr;
        stm32tvm_status status = STM32TVM_OK;
        if (!samples.empty()) {
          status = stm32tvm_samples_make(&native, error);
        }
        if (status == STM32TVM_OK) {
          status = add_samples(samples, native, error);
        }
        if (status == STM32TVM_OK) {
          status = stm32tvm_emit(handles.data(), handles.size(), &options, native, tree, error);
        }
        stm32tvm_samples_free(native);
        return status;
      });
}

/// The paths of all files.
napi_value tree_paths(napi_env env, const Arguments& arguments) {
  const auto tree = handle_from<stm32tvm_tree>(env, arguments[0]);
  const auto path = [](const stm32tvm_tree* from, std::size_t index, std::size_t* size) {
    return stm32tvm_tree_file_path(from, index, size);
  };
  const std::size_t count = stm32tvm_tree_file_count(tree->handle);
  napi_value list = nullptr;
  check(env, napi_create_array(env, &list));
  for (std::uint32_t i = 0; i < count; ++i) {
    check(env, napi_set_element(env, list, i, to_value(env, text_of(path, tree->handle, i))));
  }
  return list;
}

/// treeFile(tree, index): a Buffer. The bytes are copied: editors' runtimes allow no memory from outside.
napi_value tree_file(napi_env env, const Arguments& arguments) {
  const auto tree = handle_from<stm32tvm_tree>(env, arguments[0]);
  std::uint32_t index = 0;
  check(env, napi_get_value_uint32(env, arguments[1], &index));
  std::size_t size = 0;
  const void* const data = stm32tvm_tree_file_data(tree->handle, index, &size);
  napi_value buffer = nullptr;
  check(env, napi_create_buffer_copy(env, size, data, nullptr, &buffer));
  return buffer;
}

/// writeTo(tree, folder, whether to replace what was edited): the report, as JSON.
napi_value write_to(napi_env env, const Arguments& arguments) {
  bool replaces = false;
  check(env, napi_get_value_bool(env, arguments[2], &replaces));
  return start_text(env, [tree = handle_from<stm32tvm_tree>(env, arguments[0]), folder = text_from(env, arguments[1]),
                          replaces](auto** report, auto** error) {
    const auto policy = replaces ? STM32TVM_WRITE_REPLACE_EDITED : STM32TVM_WRITE_REFUSE_EDITED;
    return stm32tvm_tree_write_to(tree->handle, folder.data(), folder.size(), policy, report, error);
  });
}

napi_value targets(napi_env env, const Arguments&) {
  return start_text(env, [](auto** text, auto** error) { return stm32tvm_targets_to_json(text, error); });
}

using Function = napi_value (*)(napi_env, const Arguments&);

/// What Node calls: no exception of C++ leaves it.
template <Function function>
napi_value entry(napi_env env, napi_callback_info info) {
  try {
    Arguments arguments{};
    std::size_t count = arguments.size();
    check(env, napi_get_cb_info(env, info, &count, arguments.data(), nullptr, nullptr));
    return function(env, arguments);
  } catch (const Thrown&) {
    return nullptr;
  } catch (const std::exception& exception) {
    napi_throw_error(env, nullptr, exception.what());
    return nullptr;
  }
}

struct Named {
  const char* name;
  napi_callback entry;
};

constexpr std::array functions = {Named{"versions", entry<versions>},
                                  Named{"cancellation", entry<cancellation>},
                                  Named{"cancel", entry<cancel>},
                                  Named{"open", entry<open>},
                                  Named{"fromBytes", entry<from_bytes>},
                                  Named{"libraryContents", entry<library_contents>},
                                  Named{"describe", entry<describe>},
                                  Named{"networkToJson", entry<network_to_json>},
                                  Named{"applyTflite", entry<apply_tflite>},
                                  Named{"applyQuantization", entry<apply_quantization>},
                                  Named{"makePlan", entry<make_plan>},
                                  Named{"planBytes", entry<plan_bytes>},
                                  Named{"planToJson", entry<plan_to_json>},
                                  Named{"emit", entry<emit>},
                                  Named{"treePaths", entry<tree_paths>},
                                  Named{"treeFile", entry<tree_file>},
                                  Named{"writeTo", entry<write_to>},
                                  Named{"targets", entry<targets>}};

napi_value initialize(napi_env env, napi_value exports) {
  if (stm32tvm_c_abi_version() != STM32TVM_C_ABI) {
    napi_throw_error(env, nullptr, "libstm32tvm_c has another version of the C ABI than the addon; install both anew");
    return nullptr;
  }
  for (const auto& [name, callback] : functions) {
    napi_value function = nullptr;
    if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function) != napi_ok ||
        napi_set_named_property(env, exports, name, function) != napi_ok) {
      return nullptr;
    }
  }
  return exports;
}

}  // namespace
}  // namespace stm32tvm_node

NAPI_MODULE(stm32tvm, stm32tvm_node::initialize)
