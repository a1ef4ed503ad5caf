// SPDX-License-Identifier: Apache-2.0
// The C ABI: converts arguments, calls the library, and lets no exception out.
#include "stm32tvm/c_api.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "stm32tvm/stm32tvm.hpp"
#include "support/try.hpp"

struct stm32tvm_error {
  stm32tvm_status status;
  stm32tvm::Error value;
};

struct stm32tvm_text {
  std::string value;
};

struct stm32tvm_library {
  stm32tvm::ModelLibrary value;
};

struct stm32tvm_network {
  stm32tvm::NetworkDescriptor value;
};

struct stm32tvm_plan {
  stm32tvm::PlannedNetwork value;
};

struct stm32tvm_samples {
  std::vector<stm32tvm::Sample> value;
  std::uint32_t network = 0;  ///< of the next one
};

struct stm32tvm_tree {
  explicit stm32tvm_tree(stm32tvm::SourceTree tree) : value(std::move(tree)) {
    for (const auto& file : value.files()) {
      files.push_back(&file);
    }
  }

  stm32tvm::SourceTree value;
  std::vector<const stm32tvm::SourceTree::Files::value_type*> files;  ///< of `value`, by index
};

namespace {

using namespace stm32tvm;

struct StatusRow {
  ErrorCode code;
  stm32tvm_status status;
};

constexpr std::array statuses = {
    StatusRow{ErrorCode::internal, STM32TVM_INTERNAL},
    StatusRow{ErrorCode::cancelled, STM32TVM_CANCELLED},
    StatusRow{ErrorCode::cannot_read, STM32TVM_CANNOT_READ},
    StatusRow{ErrorCode::cannot_write, STM32TVM_CANNOT_WRITE},
    StatusRow{ErrorCode::not_an_archive, STM32TVM_NOT_AN_ARCHIVE},
    StatusRow{ErrorCode::unsafe_archive, STM32TVM_UNSAFE_ARCHIVE},
    StatusRow{ErrorCode::limit_exceeded, STM32TVM_LIMIT_EXCEEDED},
    StatusRow{ErrorCode::missing_member, STM32TVM_MISSING_MEMBER},
    StatusRow{ErrorCode::bad_json, STM32TVM_BAD_JSON},
    StatusRow{ErrorCode::unsupported_version, STM32TVM_UNSUPPORTED_VERSION},
    StatusRow{ErrorCode::bad_metadata, STM32TVM_BAD_METADATA},
    StatusRow{ErrorCode::bad_graph, STM32TVM_BAD_GRAPH},
    StatusRow{ErrorCode::bad_parameters, STM32TVM_BAD_PARAMETERS},
    StatusRow{ErrorCode::bad_source, STM32TVM_BAD_SOURCE},
    StatusRow{ErrorCode::unsupported, STM32TVM_UNSUPPORTED},
    StatusRow{ErrorCode::bad_option, STM32TVM_BAD_OPTION},
    StatusRow{ErrorCode::does_not_fit, STM32TVM_DOES_NOT_FIT},
    StatusRow{ErrorCode::invalid_plan, STM32TVM_INVALID_PLAN},
};

stm32tvm_status status_of(ErrorCode code) {
  const auto* row = std::find_if(statuses.begin(), statuses.end(), [&](const auto& each) { return each.code == code; });
  return row == statuses.end() ? STM32TVM_INTERNAL : row->status;
}

/// What the calling program did wrong; kept apart from the library's own errors.
struct InvalidArgument {
  const char* message;
};

/// Text of the caller: pointer and length, where NULL goes with 0 only.
std::string_view view(const void* data, std::size_t size) {
  if (data == nullptr && size != 0) {
    throw InvalidArgument{"a pointer is NULL and its size is not 0; give the bytes or the size 0"};
  }
  return {static_cast<const char*>(data), size};
}

template <class Handle>
auto& value_of(Handle* handle) {
  if (handle == nullptr) {
    throw InvalidArgument{"a handle is NULL; pass the one that a call gave, and check that call's status"};
  }
  return handle->value;
}

std::filesystem::path path_of(const char* path, std::size_t size) {
  const std::string_view text = view(path, size);
  return {std::u8string(text.begin(), text.end())};
}

/// The caller's struct as this library knows it: an older, shorter one is filled up with zeros; a newer, longer one is
/// taken when it does not use what is not known here.
stm32tvm_options options_of(const stm32tvm_options* given) {
  stm32tvm_options options = STM32TVM_OPTIONS_INIT;
  if (given == nullptr) {
    return options;
  }
  constexpr std::size_t least = sizeof(stm32tvm_options);  // of ABI 1's first release: stays when fields are added
  constexpr std::size_t most = 4096;
  std::size_t size = 0;
  std::memcpy(&size, given, sizeof size);
  const auto* bytes = reinterpret_cast<const char*>(given);
  if (size < least || size > most ||
      std::any_of(bytes + std::min(size, sizeof options), bytes + size, [](char byte) { return byte != 0; })) {
    throw InvalidArgument{
        "struct_size is not that of stm32tvm_options; start from STM32TVM_OPTIONS_INIT, and use a library that is not "
        "older than the header"};
  }
  std::memcpy(&options, given, std::min(size, sizeof options));
  return options;
}

ProgressCallback progress_of(const stm32tvm_options& options) {
  if (options.progress == nullptr) {
    return {};
  }
  return [progress = options.progress, payload = options.progress_payload](const Progress& now) {
    return progress(payload, now.item.data(), now.item.size(), now.done, now.total) == 0;
  };
}

/// Gives the error to the caller, if there is memory for it and the caller wants it.
stm32tvm_status fail(stm32tvm_status status, Error value, stm32tvm_error** error) noexcept {
  if (error != nullptr) {
    *error = new (std::nothrow) stm32tvm_error{status, std::move(value)};
  }
  return status;
}

/// Runs the body of an entry, a function that returns a Result; everything it throws becomes a status.
template <class Body>
stm32tvm_status guarded(stm32tvm_error** error, const Body& body) noexcept {
  if (error != nullptr) {
    *error = nullptr;
  }
  try {
    Result<void> result = body();
    if (result) {
      return STM32TVM_OK;
    }
    const stm32tvm_status status = status_of(result.error().code);
    return fail(status, std::move(result).error(), error);
  } catch (const std::bad_alloc&) {
    return STM32TVM_OUT_OF_MEMORY;
  } catch (const InvalidArgument& argument) {
    try {
      return fail(STM32TVM_INVALID_ARGUMENT, Error{ErrorCode::bad_option, argument.message, {}}, error);
    } catch (...) {
      return STM32TVM_OUT_OF_MEMORY;
    }
  } catch (...) {
    try {
      return fail(STM32TVM_INTERNAL,
                  Error{ErrorCode::internal, "an exception came out of the library; please report it", {}}, error);
    } catch (...) {
      return STM32TVM_OUT_OF_MEMORY;
    }
  }
}

/// The same for a call that makes a handle from the Result of `body`.
template <class Handle, class Body>
stm32tvm_status make(Handle** handle, stm32tvm_error** error, const Body& body) noexcept {
  if (handle != nullptr) {
    *handle = nullptr;
  }
  return guarded(error, [&]() -> Result<void> {
    if (handle == nullptr) {
      throw InvalidArgument{"the place for the result is NULL; pass the address of a handle"};
    }
    STM32TVM_TRY(value, body());
    *handle = new Handle{std::move(value)};  // NOLINT(bugprone-unhandled-exception-at-new): guarded() catches
    return {};
  });
}

const char* text_of(std::string_view text, std::size_t* size) noexcept {
  if (size != nullptr) {
    *size = text.size();
  }
  return text.data();
}

const Module* module_at(const stm32tvm_library* library, std::size_t index) noexcept {
  return library != nullptr && index < library->value.modules().size() ? &library->value.modules()[index] : nullptr;
}

const SourceTree::Files::value_type* file_at(const stm32tvm_tree* tree, std::size_t index) noexcept {
  return tree != nullptr && index < tree->files.size() ? tree->files[index] : nullptr;
}

std::vector<Bytes> copied(const stm32tvm_bytes* tensors, std::size_t count) {
  if (tensors == nullptr && count != 0) {
    throw InvalidArgument{"the list of tensors is NULL and its count is not 0; give the list or the count 0"};
  }
  std::vector<Bytes> copies;
  for (std::size_t i = 0; i < count; ++i) {
    copies.emplace_back(std::string(view(tensors[i].data, tensors[i].size)));
  }
  return copies;
}

SourceTree::Edited edited_of(stm32tvm_write_policy policy) {
  switch (policy) {
    case STM32TVM_WRITE_REFUSE_EDITED:
      return SourceTree::Edited::refuse;
    case STM32TVM_WRITE_REPLACE_EDITED:
      return SourceTree::Edited::replace;
  }
  throw InvalidArgument{"the write policy is none of stm32tvm_write_policy; give one of those"};
}

}  // namespace

// ---- Versions

int stm32tvm_c_abi_version(void) {
  return STM32TVM_C_ABI;
}

const char* stm32tvm_version(void) {
  return STM32TVM_VERSION;
}

int stm32tvm_contract_version(void) {
  return STM32TVM_CONTRACT;
}

int stm32tvm_format_version_minimum(void) {
  return STM32TVM_MODEL_LIBRARY_FORMAT_MINIMUM;
}

int stm32tvm_format_version_maximum(void) {
  return STM32TVM_MODEL_LIBRARY_FORMAT_MAXIMUM;
}

// ---- Statuses, errors, text

const char* stm32tvm_status_name(stm32tvm_status status) {
  switch (status) {
    case STM32TVM_OK:
      return "ok";
    case STM32TVM_INVALID_ARGUMENT:
      return "invalid_argument";
    case STM32TVM_OUT_OF_MEMORY:
      return "out_of_memory";
    default:
      break;
  }
  const auto* row =
      std::find_if(statuses.begin(), statuses.end(), [&](const auto& each) { return each.status == status; });
  return row == statuses.end() ? "unknown" : name(row->code);
}

stm32tvm_status stm32tvm_error_status(const stm32tvm_error* error) {
  return error == nullptr ? STM32TVM_OK : error->status;
}

const char* stm32tvm_error_message(const stm32tvm_error* error, size_t* size) {
  return text_of(error == nullptr ? std::string_view{} : error->value.message, size);
}

const char* stm32tvm_error_where(const stm32tvm_error* error, size_t* size) {
  return text_of(error == nullptr ? std::string_view{} : error->value.where, size);
}

void stm32tvm_error_free(stm32tvm_error* error) {
  delete error;
}

const char* stm32tvm_text_data(const stm32tvm_text* text, size_t* size) {
  return text_of(text == nullptr ? std::string_view{} : text->value, size);
}

void stm32tvm_text_free(stm32tvm_text* text) {
  delete text;
}

// ---- Archives

stm32tvm_status stm32tvm_library_open(const char* path, size_t path_size, const stm32tvm_options* options,
                                      stm32tvm_library** library, stm32tvm_error** error) {
  return make(library, error, [&]() -> Result<ModelLibrary> {
    const stm32tvm_options given = options_of(options);
    STM32TVM_TRY(limits, read_load_options(view(given.json, given.json_size)));
    return ModelLibrary::open(path_of(path, path_size), limits.archive, limits.model, progress_of(given));
  });
}

stm32tvm_status stm32tvm_library_from_memory(const void* data, size_t size, const stm32tvm_options* options,
                                             stm32tvm_library** library, stm32tvm_error** error) {
  return make(library, error, [&]() -> Result<ModelLibrary> {
    const stm32tvm_options given = options_of(options);
    STM32TVM_TRY(limits, read_load_options(view(given.json, given.json_size)));
    return ModelLibrary::from_bytes(std::string(view(data, size)), limits.archive, limits.model, progress_of(given));
  });
}

void stm32tvm_library_free(stm32tvm_library* library) {
  delete library;
}

int stm32tvm_library_format_version(const stm32tvm_library* library) {
  return library == nullptr ? 0 : library->value.format_version();
}

size_t stm32tvm_library_module_count(const stm32tvm_library* library) {
  return library == nullptr ? 0 : library->value.modules().size();
}

const char* stm32tvm_library_module_name(const stm32tvm_library* library, size_t index, size_t* size) {
  const Module* const module = module_at(library, index);
  return text_of(module == nullptr ? std::string_view{} : module->name, size);
}

const char* stm32tvm_library_module_executor(const stm32tvm_library* library, size_t index, size_t* size) {
  const Module* const module = module_at(library, index);
  return text_of(module == nullptr ? std::string_view{} : name(module->executor), size);
}

// ---- Networks

stm32tvm_status stm32tvm_network_describe(const stm32tvm_library* library, const char* module, size_t module_size,
                                          const stm32tvm_options* options, stm32tvm_network** network,
                                          stm32tvm_error** error) {
  return make(network, error, [&]() -> Result<NetworkDescriptor> {
    const stm32tvm_options given = options_of(options);
    STM32TVM_TRY(wanted, read_network_options(view(given.json, given.json_size)));
    return value_of(library).network(view(module, module_size), wanted, progress_of(given));
  });
}

void stm32tvm_network_free(stm32tvm_network* network) {
  delete network;
}

stm32tvm_status stm32tvm_network_to_json(const stm32tvm_network* network, stm32tvm_text** json,
                                         stm32tvm_error** error) {
  return make(json, error, [&]() -> Result<std::string> { return to_json(value_of(network)); });
}

stm32tvm_status stm32tvm_network_apply_tflite(stm32tvm_network* network, const void* data, size_t size,
                                              stm32tvm_error** error) {
  return guarded(error, [&] { return apply_tflite(Bytes(nullptr, view(data, size)), value_of(network)); });
}

stm32tvm_status stm32tvm_network_apply_quantization(stm32tvm_network* network, const char* json, size_t json_size,
                                                    stm32tvm_error** error) {
  return guarded(error, [&] { return apply_quantization(view(json, json_size), "quantization", value_of(network)); });
}

// ---- Plans

stm32tvm_status stm32tvm_plan_make(const stm32tvm_network* network, const stm32tvm_options* options,
                                   stm32tvm_plan** plan, stm32tvm_error** error) {
  return make(plan, error, [&]() -> Result<PlannedNetwork> {
    const stm32tvm_options given = options_of(options);
    STM32TVM_TRY(wanted, read_plan_options(view(given.json, given.json_size)));
    STM32TVM_TRY(made, MemoryPlan::make(value_of(network), wanted));
    return PlannedNetwork{network->value, std::move(made)};
  });
}

void stm32tvm_plan_free(stm32tvm_plan* plan) {
  delete plan;
}

uint64_t stm32tvm_plan_bytes(const stm32tvm_plan* plan) {
  return plan == nullptr ? 0 : plan->value.plan.bytes();
}

stm32tvm_status stm32tvm_plan_to_json(const stm32tvm_plan* plan, stm32tvm_text** json, stm32tvm_error** error) {
  return make(json, error, [&]() -> Result<std::string> {
    const auto& [network, planned] = value_of(plan);
    return to_json(memory_needs(network, planned), network, planned);
  });
}

// ---- Emission

stm32tvm_status stm32tvm_samples_make(stm32tvm_samples** samples, stm32tvm_error** error) {
  return make(samples, error, [] { return Result<std::vector<Sample>>(std::vector<Sample>{}); });
}

stm32tvm_status stm32tvm_samples_set_network(stm32tvm_samples* samples, size_t network, stm32tvm_error** error) {
  return guarded(error, [&] {
    (void)value_of(samples);  // of NULL none
    // A place past any that there are stays one: stm32tvm_emit() refuses it.
    samples->network = static_cast<std::uint32_t>(std::min<std::size_t>(network, UINT32_MAX));
    return Result<void>();
  });
}

stm32tvm_status stm32tvm_samples_add(stm32tvm_samples* samples, const stm32tvm_bytes* inputs, size_t input_count,
                                     const stm32tvm_bytes* outputs, size_t output_count, stm32tvm_error** error) {
  return guarded(error, [&] {
    value_of(samples).push_back({copied(inputs, input_count), copied(outputs, output_count), samples->network});
    return Result<void>();
  });
}

void stm32tvm_samples_free(stm32tvm_samples* samples) {
  delete samples;
}

stm32tvm_status stm32tvm_emit(const stm32tvm_plan* const* plans, size_t plan_count, const stm32tvm_options* options,
                              const stm32tvm_samples* samples, stm32tvm_tree** tree, stm32tvm_error** error) {
  return make(tree, error, [&]() -> Result<SourceTree> {
    if (plans == nullptr || plan_count == 0) {
      throw InvalidArgument{"there is no plan; pass the address of one or more handles, and how many they are"};
    }
    const stm32tvm_options given = options_of(options);
    STM32TVM_TRY(wanted, read_emit_options(view(given.json, given.json_size)));
    if (samples != nullptr) {
      const bool is_self_test = wanted.application == EmitOptions::Application::self_test;
      (is_self_test ? wanted.self_test : wanted.samples) = samples->value;
    }
    if (plan_count == 1) {
      const auto& [network, plan] = value_of(plans[0]);
      return ProjectEmitter::emit(network, plan, wanted, progress_of(given));
    }
    std::vector<PlannedNetwork> networks;
    for (std::size_t i = 0; i < plan_count; ++i) {
      networks.push_back(value_of(plans[i]));
    }
    return ProjectEmitter::emit_all(networks, wanted, progress_of(given));
  });
}

void stm32tvm_tree_free(stm32tvm_tree* tree) {
  delete tree;
}

size_t stm32tvm_tree_file_count(const stm32tvm_tree* tree) {
  return tree == nullptr ? 0 : tree->files.size();
}

const char* stm32tvm_tree_file_path(const stm32tvm_tree* tree, size_t index, size_t* size) {
  const auto* const file = file_at(tree, index);
  return text_of(file == nullptr ? std::string_view{} : file->first, size);
}

const void* stm32tvm_tree_file_data(const stm32tvm_tree* tree, size_t index, size_t* size) {
  const auto* const file = file_at(tree, index);
  return text_of(file == nullptr ? std::string_view{} : file->second.view(), size);
}

stm32tvm_status stm32tvm_tree_write_to(const stm32tvm_tree* tree, const char* folder, size_t folder_size,
                                       stm32tvm_write_policy policy, stm32tvm_text** report, stm32tvm_error** error) {
  stm32tvm_text* ignored = nullptr;
  stm32tvm_text** const place = report == nullptr ? &ignored : report;
  const stm32tvm_status status = make(place, error, [&]() -> Result<std::string> {
    STM32TVM_TRY(written, value_of(tree).write_to(path_of(folder, folder_size), edited_of(policy)));
    const nlohmann::ordered_json json{
        {"changed", written.changed}, {"removed", written.removed}, {"unchanged", written.unchanged}};
    return json.dump(2) + "\n";
  });
  delete ignored;
  return status;
}

// ---- Targets

stm32tvm_status stm32tvm_targets_to_json(stm32tvm_text** json, stm32tvm_error** error) {
  return make(json, error, []() -> Result<std::string> {
    auto list = nlohmann::ordered_json::array();
    for (const Target& target : targets()) {
      list.push_back({{"name", target.name}, {"description", target.description}, {"part", target.part}});
    }
    return list.dump(2) + "\n";
  });
}
