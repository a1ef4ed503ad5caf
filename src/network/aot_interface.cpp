// SPDX-License-Identifier: Apache-2.0
// The interface header says which parameters are inputs and outputs; metadata, Relay text, header and the packed form's
// DLTensors say their types and sizes.
#include "network/aot_interface.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <string_view>
#include <utility>

#include "network/constant_pool.hpp"
#include "network/interface_header.hpp"
#include "network/interface_names.hpp"
#include "network/parameters.hpp"
#include "network/relay_quantization.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

std::string upper(std::string_view name) {
  std::string text = tvm_identifier(name);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

std::string_view without_suffix(std::string_view text, std::string_view suffix) {
  return text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text;
}

/// "global_workspace" of the parameter "global_workspace_1_var".
std::string_view pool_name(std::string_view parameter) {
  const std::string_view name = without_suffix(parameter, "_var");
  const std::size_t end = name.find_last_not_of("0123456789");
  const bool numbered = end != std::string_view::npos && end + 1 < name.size() && name[end] == '_';
  return name.size() < parameter.size() && numbered ? name.substr(0, end) : parameter;
}

std::optional<std::uint64_t> number(std::string_view text) {
  while (!text.empty() && std::string_view("uUlL").find(text.back()) != std::string_view::npos) {
    text.remove_suffix(1);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// "int8_t*" is int8.
std::optional<DataType> pointed_type(std::string_view c_type) {
  const std::string_view name = without_suffix(c_type, "*");
  if (name == "float" || name == "double") {
    return parse_data_type(name == "float" ? "float32" : "float64");
  }
  return name.ends_with("_t") ? parse_data_type(name.substr(0, name.size() - 2))
         : name == "bool"     ? parse_data_type("bool")
                              : std::nullopt;
}

class InterfaceReader {
 public:
  InterfaceReader(const Module& module, const ModuleSources& sources, const AotMain& main,
                  const std::vector<std::string>& types, const ModelLimits& limits)
      : module_(module), sources_(sources), main_(main), types_(types), limits_(limits) {}

  Result<AotInterface> run() {
    for (const Archive::Member& header : module_.headers) {
      read_header(header);
    }
    if (module_.relay) {
      // What is wrong with the text is told where its quantization is read.
      if (auto relay = read_relay_quantization(module_.relay->contents.view(), module_.relay->path)) {
        relay_ = std::move(*relay);
      }
    }
    for (const ModuleSource& source : sources_.all()) {
      STM32TVM_CHECK(read_pools(source.member.contents.view(), source.member.path, definitions_));
      if (source.entry) {
        read_pool_mapping(source.member.contents.view(), mapping_);
      }
    }
    STM32TVM_CHECK(mapping_.outputs.empty() ? divide_parameters() : map_interface());
    for (AotTensor& input : interface_.inputs) {
      STM32TVM_CHECK(describe(input, relay_.inputs, module_.main_inputs, "input"));
    }
    for (AotTensor& output : interface_.outputs) {
      STM32TVM_CHECK(describe(output, {}, module_.main_outputs, "output", written_bytes(output)));
    }
    report_faults();
    return std::move(interface_);
  }

 private:
  static Error unclear(std::string message, std::string where) {
    return Error{ErrorCode::bad_source, std::move(message) + "; export the model again", std::move(where)};
  }
  void read_header(const Archive::Member& member) {
    InterfaceHeader header;
    read_interface_header(member.contents.view(), header);
    const std::string workspace = workspace_macro();
    const auto size = header.macros.find(workspace);
    const auto known = header_.macros.find(workspace);
    if (size != header.macros.end() && known != header_.macros.end() && number(size->second) != number(known->second)) {
      repair(fmt::format("the header says {} bytes of workspace and {} says {}; neither is used, the sources tell",
                         size->second.substr(0, 40), module_.headers.front().path, known->second.substr(0, 40)),
             member.path);
    }
    read_interface_header(member.contents.view(), header_);
  }

  [[nodiscard]] std::string workspace_macro() const {
    return fmt::format("TVMGEN_{}_WORKSPACE_SIZE", upper(module_.name));
  }

  [[nodiscard]] bool is_defined_pool(std::string_view parameter) const {
    const std::string_view name = pool_name(parameter);
    return name != parameter && (definitions_.constants.contains(name) || definitions_.workspaces.contains(name));
  }

  /// Whether Relay text or metadata name such a tensor.
  [[nodiscard]] bool is_told(std::string_view name) const {
    const auto is = [&](const auto& each) { return tvm_identifier(each.name) == name; };
    return std::any_of(relay_.inputs.begin(), relay_.inputs.end(), is) ||
           std::any_of(module_.main_inputs.begin(), module_.main_inputs.end(), is) ||
           std::any_of(module_.main_outputs.begin(), module_.main_outputs.end(), is);
  }

  /// "image" of the parameter "image_buffer_var", or "arg_image" as some versions of TVM call it.
  [[nodiscard]] std::string tensor_name(std::string_view parameter) const {
    constexpr std::string_view prefix = "arg_";
    const std::string_view name = without_suffix(parameter, "_buffer_var");
    const bool prefixed = name.starts_with(prefix) && !is_told(name) && is_told(name.substr(prefix.size()));
    return std::string(prefixed ? name.substr(prefix.size()) : name);
  }

  /// How many parameters are inputs and outputs.
  [[nodiscard]] std::pair<std::size_t, std::size_t> count_interface() const {
    if (header_.found) {
      return {header_.inputs.size(), header_.outputs.size()};
    }
    if (!module_.main_outputs.empty()) {
      return {module_.main_inputs.size(), module_.main_outputs.size()};
    }
    std::set<std::string> told;
    for (const RelayTensor& input : relay_.inputs) {
      told.insert(tvm_identifier(input.name));
    }
    std::size_t inputs = 0;
    while (inputs < main_.parameters.size() && told.contains(tensor_name(main_.parameters[inputs]))) {
      ++inputs;
    }
    std::size_t end = main_.parameters.size();
    while (end > inputs && is_defined_pool(main_.parameters[end - 1])) {
      --end;
    }
    return {inputs, end - inputs};
  }

  /// The main function takes inputs, outputs, then pools.
  Result<void> divide_parameters() {
    const auto [inputs, outputs] = count_interface();
    const std::size_t count = main_.parameters.size();
    if (inputs > count || outputs > count - inputs || outputs == 0) {
      return unclear(fmt::format("the module has {} inputs and {} outputs, and its main function takes {} arguments",
                                 inputs, outputs, count),
                     module_.name);
    }
    for (std::uint32_t i = 0; i < inputs + outputs; ++i) {
      const bool is_input = i < inputs;
      const auto& names = is_input ? header_.inputs : header_.outputs;
      AotTensor tensor;
      tensor.tensor.name = header_.found ? names[is_input ? i : i - inputs]
                           : is_input    ? tensor_name(main_.parameters[i])
                                         : output_name(i - inputs, main_.parameters[i]);
      tensor.place = {AotPlace::Kind::parameter, i, 0};
      (is_input ? interface_.inputs : interface_.outputs).push_back(std::move(tensor));
    }
    for (std::size_t i = inputs + outputs; i < count; ++i) {
      STM32TVM_CHECK(add_pool(static_cast<std::uint32_t>(i)));
    }
    return {};
  }

  /// Without a header: outputs that the model does not name are "output0" on in the metadata, and otherwise numbered in
  /// the main function.
  [[nodiscard]] std::string output_name(std::size_t output, const std::string& parameter) const {
    const std::string numbered = fmt::format("output{}", output);
    const bool told =
        module_.main_outputs.size() > 1 && std::any_of(module_.main_outputs.begin(), module_.main_outputs.end(),
                                                       [&](const MainTensor& each) { return each.name == numbered; });
    return told ? numbered : tensor_name(parameter);
  }

  /// All parameters are pools, and the inputs and outputs lie in them. They become tensors of their own.
  Result<void> map_interface() {
    for (std::uint32_t i = 0; i < main_.parameters.size(); ++i) {
      STM32TVM_CHECK(add_pool(i));
    }
    std::set<std::string_view> taken;
    for (const bool inputs : {true, false}) {
      for (const PooledTensor& mapped : inputs ? mapping_.inputs : mapping_.outputs) {
        STM32TVM_TRY(pointer, find_pointer(mapped, taken));
        taken.insert(pointer->name);
        AotTensor tensor;
        tensor.tensor.name = mapped.name;
        tensor.place = pointer->place;
        tensor.pointer = pointer->name;
        (inputs ? interface_.inputs : interface_.outputs).push_back(std::move(tensor));
      }
    }
    return {};
  }

  /// The variable that stands for a mapped input or output: it has the name, or else the place and any such name.
  Result<const AotPointer*> find_pointer(const PooledTensor& mapped, const std::set<std::string_view>& taken) const {
    const AotPointer* found = nullptr;
    for (const AotPointer& pointer : main_.pointers) {
      const bool here = pointer.place.kind == AotPlace::Kind::parameter && pointer.place.offset == mapped.offset &&
                        pool_name(main_.parameters[pointer.place.index]) == mapped.pool;
      if (!here || taken.contains(pointer.name) || pointer.name.find("_buffer_var") == std::string::npos) {
        continue;
      }
      if (found == nullptr || pointer.name.starts_with(mapped.name + "_buffer_var")) {
        found = &pointer;
      }
    }
    if (found == nullptr) {
      return unclear(fmt::format("{} lies at byte {} of pool {}, and the main function has no variable there",
                                 mapped.name, mapped.offset, mapped.pool),
                     module_.name);
    }
    return found;
  }

  /// "device_context_ethos_u" of the member ethos_u of the header's devices.
  [[nodiscard]] bool is_device(std::string_view parameter) const {
    return std::any_of(header_.devices.begin(), header_.devices.end(), [&](const std::string& device) {
      return parameter == device || parameter == "device_context_" + device;
    });
  }

  Result<void> add_pool(std::uint32_t parameter) {
    if (is_device(main_.parameters[parameter])) {
      interface_.devices.push_back(parameter);
      return {};
    }
    AotPool pool;
    pool.parameter = parameter;
    pool.name = pool_name(main_.parameters[parameter]);
    if (const auto constants = definitions_.constants.find(pool.name); constants != definitions_.constants.end()) {
      pool.constants = constants->second;
    } else if (const auto workspace = definitions_.workspaces.find(pool.name);
               workspace != definitions_.workspaces.end()) {
      pool.bytes = workspace->second;
    } else if (const auto bytes = pool_macro(pool.name, "_WORKSPACE_POOL_SIZE")) {
      STM32TVM_TRY(size, macro_number(*bytes, pool.name));
      pool.bytes = size;
    } else if (const auto list = pool_macro(pool.name, "_CONSTANT_POOL_DATA")) {
      STM32TVM_TRY(values, read_byte_list(*list, *list, module_.headers.front().path));
      pool.constants = values;
    } else {
      return unclear(
          fmt::format("the main function takes {}, which is neither an input nor an output nor a pool that a "
                      "source or header tells the size of",
                      main_.parameters[parameter]),
          module_.name);
    }
    pool.bytes = pool.constants ? pool.constants->size() : pool.bytes;
    if (pool.bytes > limits_.tensor_bytes) {
      return Error{
          ErrorCode::limit_exceeded,
          fmt::format("pool {} has {} bytes, and at most {} are taken; raise ModelLimits::tensor_bytes if that "
                      "is meant",
                      pool.name, pool.bytes, limits_.tensor_bytes),
          module_.name};
    }
    interface_.pools.push_back(std::move(pool));
    return {};
  }

  /// TVMGEN_<MODULE>_<POOL><suffix>
  [[nodiscard]] std::optional<std::string_view> pool_macro(std::string_view pool, std::string_view suffix) const {
    const auto found = header_.macros.find(fmt::format("TVMGEN_{}_{}{}", upper(module_.name), upper(pool), suffix));
    return found == header_.macros.end() ? std::nullopt : std::optional(found->second);
  }

  Result<std::uint64_t> macro_number(std::string_view text, std::string_view name) const {
    const auto value = number(text);
    return value ? Result<std::uint64_t>(*value)
                 : unclear(fmt::format("the header's size of {} is no number", name), module_.headers.front().path);
  }

  /// The packed form's DLTensor for a tensor, from any call that takes it.
  [[nodiscard]] const AotArgument* stack_tensor(const AotTensor& tensor) const {
    for (const AotCall& call : main_.calls) {
      for (const AotArgument& argument : call.arguments) {
        const bool same = tensor.pointer.empty() ? argument.pointer.direct : argument.pointer.name == tensor.pointer;
        if (same && argument.pointer.place == tensor.place) {
          return argument.type ? &argument : nullptr;
        }
      }
    }
    return nullptr;
  }

  /// The bytes that a kernel writes of an output: before TVM 0.11 nothing else tells its size in the unpacked form.
  /// Nothing when they are not known.
  [[nodiscard]] std::optional<std::uint64_t> written_bytes(const AotTensor& tensor) const {
    for (const AotCall& call : main_.calls) {
      const Kernel* const kernel = sources_.kernel(call.kernel);
      for (std::size_t i = 0; kernel != nullptr && i < std::min(call.arguments.size(), kernel->parameters.size());
           ++i) {
        if (call.arguments[i].pointer.place == tensor.place && kernel->parameters[i].written_bytes > 0) {
          return kernel->parameters[i].written_bytes;
        }
      }
    }
    return std::nullopt;
  }

  /// Finds type, shape and size. The more exact source goes first; all must agree.
  Result<void> describe(AotTensor& target, const std::vector<RelayTensor>& relay,
                        const std::vector<MainTensor>& metadata, const char* kind,
                        std::optional<std::uint64_t> written = {}) {
    Tensor& tensor = target.tensor;
    std::optional<DataType> type;
    std::optional<std::vector<std::int64_t>> shape;
    std::optional<std::uint64_t> bytes;
    if (const AotArgument* const argument = stack_tensor(target)) {
      type = argument->type;
      shape = argument->shape;
    }
    for (const RelayTensor& told : relay) {
      if (tvm_identifier(told.name) == tvm_identifier(tensor.name) && told.type && told.shape && !shape) {
        type = told.type;
        shape = told.shape;
      }
    }
    for (const MainTensor& told : metadata) {
      if (tvm_identifier(told.name) == tvm_identifier(tensor.name) || metadata.size() == 1) {
        type = type ? type : parse_data_type(told.data_type);
        bytes = told.bytes;
      }
    }
    const auto macro = header_.macros.find(fmt::format("TVMGEN_{}_{}_SIZE", upper(module_.name), upper(tensor.name)));
    if (!bytes && macro != header_.macros.end()) {
      bytes = number(macro->second);
    }
    if (!type && target.pointer.empty() && target.place.index < types_.size()) {
      type = pointed_type(types_[target.place.index]);
    }
    if (!shape && !bytes) {
      bytes = written;
    }
    if (!type || type->bytes() == 0 || (!shape && (!bytes || *bytes % type->bytes() != 0))) {
      return unclear(
          fmt::format("neither metadata nor header nor Relay text nor kernels tell the type and size of {} {}", kind,
                      tensor.name),
          "metadata.json");
    }
    tensor.type = *type;
    tensor.shape = shape.value_or(std::vector{static_cast<std::int64_t>(bytes.value_or(0) / type->bytes())});
    STM32TVM_TRY(size, tensor_bytes(*type, tensor.shape, kind, tensor.name, "metadata.json", limits_));
    tensor.bytes = size;
    if (bytes && *bytes != size) {
      return Error{
          ErrorCode::bad_metadata,
          fmt::format("{} {} has {} bytes by its shape and {} in the metadata or header; export the model again", kind,
                      tensor.name, size, *bytes),
          "metadata.json"};
    }
    return {};
  }

  void repair(std::string message, std::string where) {
    interface_.diagnostics.push_back({Diagnostic::Kind::repair, std::move(message), std::move(where)});
  }

  /// Known faults of TVM's generator that our own tables mend.
  void report_faults() {
    for (const ModuleSource& source : sources_.all()) {
      if (source.entry && !main_.packed && source.facts.definitions.contains("TVMSystemLibEntryPoint")) {
        repair(
            "the registry declares functions with other parameters than they have (apache/tvm issues 14871, 17136 "
            "and 17194), so the registry is left out",
            source.member.path);
      }
      for (const std::string& include : source.facts.includes) {
        const bool held = std::any_of(module_.headers.begin(), module_.headers.end(),
                                      [&](const auto& header) { return header.path.ends_with("/" + include); });
        if (source.entry && include.starts_with("tvmgen_") && !held) {
          repair(fmt::format("the source includes {}, which the archive does not hold; what needs it is left out",
                             include.substr(0, 100)),
                 source.member.path);
        }
      }
    }
    const auto size = header_.macros.find(workspace_macro());
    if (size != header_.macros.end() && number(size->second) != module_.main_workspace_bytes) {
      repair(fmt::format("the header says {} bytes of workspace and the metadata {}; neither is used, the sources tell",
                         size->second.substr(0, 40), module_.main_workspace_bytes),
             module_.headers.front().path);
    }
  }

  const Module& module_;
  const ModuleSources& sources_;
  const AotMain& main_;
  const std::vector<std::string>& types_;
  const ModelLimits& limits_;
  InterfaceHeader header_;
  RelayQuantization relay_;
  PoolDefinitions definitions_;
  PoolMapping mapping_;
  AotInterface interface_;
};

}  // namespace

Result<AotInterface> read_aot_interface(const Module& module, const ModuleSources& sources, const AotMain& main,
                                        const std::vector<std::string>& parameter_types, const ModelLimits& limits) {
  return InterfaceReader(module, sources, main, parameter_types, limits).run();
}

}  // namespace stm32tvm
