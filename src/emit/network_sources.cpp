// SPDX-License-Identifier: Apache-2.0
// The network as const tables for runtime_c, with the thin functions that the ai_* API asks of it.
#include "emit/network_sources.hpp"

#include <fmt/format.h>

#include <set>
#include <vector>

#include "emit/c_writer.hpp"
#include "emit/quantization.hpp"
#include "stm32tvm/memory_needs.hpp"
#include "stm32tvm/version.hpp"

namespace stm32tvm {
namespace {

const char* code_name(DataType::Code code) {
  switch (code) {
    case DataType::Code::signed_integer:
      return "kDLInt";
    case DataType::Code::unsigned_integer:
      return "kDLUInt";
    case DataType::Code::floating_point:
      return "kDLFloat";
    case DataType::Code::handle:
      return "kDLOpaqueHandle";
    case DataType::Code::bfloat:
      return "kDLBfloat";
  }
  return "kDLInt";
}

/// The initialiser of a DLTensor.
std::string dltensor(const NetworkLayout& layout, TensorIndex index) {
  const Tensor& tensor = layout.network.tensors[index];
  const std::string shape = layout.shape(index);
  return fmt::format("{{{}, {{kDLCPU, 0}}, {}, {{{}, {}, {}}}, {}, NULL, 0}}", layout.address(index),
                     tensor.shape.size(), code_name(tensor.type.code), tensor.type.bits, tensor.type.lanes,
                     shape == "NULL" ? shape : "(int64_t*)" + shape);
}

void write_interface_macros(CWriter& out, const NetworkLayout& layout, const std::vector<TensorIndex>& tensors,
                            const char* kind) {
  const std::string& upper = layout.upper;
  out.line("#define {}_{}_NUM {}", upper, kind, tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& tensor = layout.network.tensors[tensors[i]];
    const std::string prefix = fmt::format("{}_{}_{}", upper, kind, i + 1);
    out.comment(layout.describe(tensors[i]));
    out.line("#define {}_SHAPE {{{}}}", prefix, join_shape(tensor.shape));
    out.line("#define {}_RANK {}", prefix, tensor.shape.size());
    out.line("#define {}_SIZE {}", prefix, tensor.bytes / tensor.type.bytes());
    out.line("#define {}_SIZE_BYTES {}", prefix, tensor.bytes);
    write_value_macros(out, tensor, prefix);
  }
}

/// The C types that TVM gives a kernel's parameters; any other pointer is passed as void*.
std::string parameter_type(const std::string& type) {
  static const std::set<std::string_view> known = {"int8_t*",   "uint8_t*", "int16_t*",  "uint16_t*", "int32_t*",
                                                   "uint32_t*", "int64_t*", "uint64_t*", "float*",    "double*"};
  return known.contains(type) ? type : "void*";
}

/// "int8_t*, void*" of an unpacked kernel: all that its adapter depends on.
std::string signature(const Operator& call) {
  std::vector<std::string> types;
  for (const std::string& type : call.parameter_types) {
    types.push_back(parameter_type(type));
  }
  return fmt::format("{}", fmt::join(types, ", "));
}

void write_kernels(CWriter& out, const NetworkLayout& layout) {
  std::set<std::string_view> declared;
  out.line("/* TVM's kernels. */");
  for (const std::uint32_t index : layout.operators) {
    const Operator& call = layout.network.operators[index];
    if (call.kind != Operator::Kind::kernel || !declared.insert(call.kernel).second) {
      continue;
    }
    if (call.parameter_types.empty()) {
      out.line("int32_t {}(void* args, int32_t* arg_type_ids, int32_t num_args,", layout.symbol(call.kernel));
      out.line("    void* out_ret_value, int32_t* out_ret_tcode, void* resource_handle);");
    } else {
      out.line("int32_t {}({});", layout.symbol(call.kernel), signature(call));
    }
  }
  out.blank();
}

/// Adapters from the runtime's calling convention to the kernels' own, one for each signature. Returns their names.
std::map<std::string, std::string> write_adapters(CWriter& out, const NetworkLayout& layout) {
  std::map<std::string, std::string> names;
  for (const std::uint32_t index : layout.operators) {
    const Operator& call = layout.network.operators[index];
    const std::string types = signature(call);
    if (call.parameter_types.empty() || names.contains(types)) {
      continue;
    }
    if (names.empty()) {
      out.line("/* These call kernels that take one pointer for each tensor. */");
      out.line("#define {}_DATA(i) (((const DLTensor*)((const TVMValue*)args)[i].v_handle)->data)", layout.upper);
      out.blank();
    }
    const std::string& name = names.emplace(types, fmt::format("{}_call_{}", layout.name, names.size())).first->second;
    out.line("static int32_t {}(void* args, int32_t* arg_type_ids, int32_t num_args,", name);
    out.open("    void* out_ret_value, int32_t* out_ret_tcode, void* resource_handle) {{");
    out.line("typedef int32_t (*function)({});", types);
    for (const char* unused : {"arg_type_ids", "num_args", "out_ret_value", "out_ret_tcode"}) {
      out.line("(void){};", unused);
    }
    out.open("return ((function)((const stvm_operator*)resource_handle)->target)(");
    for (std::size_t i = 0; i < call.parameter_types.size(); ++i) {
      out.line("{}_DATA({}){}", layout.upper, i, i + 1 < call.parameter_types.size() ? "," : ");");
    }
    out.outdent().close("}").blank();
  }
  return names;
}

void write_shapes(CWriter& out, const NetworkLayout& layout) {
  std::set<std::string> written;
  for (const auto* tensors : {&layout.interface, &layout.table}) {
    for (const TensorIndex tensor : *tensors) {
      const std::string shape = layout.shape(tensor);
      const auto& dimensions = layout.network.tensors[tensor].shape;
      if (!dimensions.empty() && written.insert(shape).second) {
        out.line("static const int64_t {}[{}] = {{{}}};", shape, dimensions.size(), join_shape(dimensions));
      }
    }
  }
  out.blank();
}

void write_tensors(CWriter& out, const NetworkLayout& layout) {
  out.line("/* Inputs, then outputs: the application may set their data. */");
  out.open("static ai_tensor {}_interface[{}] = {{", layout.name, layout.interface.size());
  for (const TensorIndex tensor : layout.interface) {
    out.comment(layout.describe(tensor));
    out.line("{{{}, {}}},", dltensor(layout, tensor), quantization_address(layout, tensor));
  }
  out.close("};").blank();
  if (layout.table.empty()) {
    return;
  }
  out.line("/* Parameters and inner tensors. */");
  out.open("static const DLTensor {}_tensors[{}] = {{", layout.name, layout.table.size());
  for (std::size_t row = 0; row < layout.table.size(); ++row) {
    out.comment(fmt::format("{}: {}", row, layout.describe(layout.table[row])));
    out.line("{},", dltensor(layout, layout.table[row]));
  }
  out.close("};").blank();
}

void write_arguments(CWriter& out, const NetworkLayout& layout) {
  out.line("/* The arguments of all calls, one call after the other. */");
  out.open("static const TVMValue {}_arguments[] = {{", layout.name);
  for (const std::uint32_t index : layout.operators) {
    const Operator& call = layout.network.operators[index];
    out.comment(call.name);
    for (const auto* arguments : {&call.inputs, &call.outputs, &call.pools}) {
      const char* const kind = arguments == &call.inputs ? "in  " : arguments == &call.outputs ? "out " : "pool";
      for (const Argument& argument : *arguments) {
        out.line("{{.v_handle = (void*){}}}, /* {} {} */", layout.descriptor(argument.tensor), kind,
                 c_comment_text(layout.network.tensors[argument.tensor].name, 48));
      }
    }
  }
  out.close("};").blank();
}

/// Writes the workspaces; returns where each kept operator's start.
std::vector<std::size_t> write_workspaces(CWriter& out, const NetworkLayout& layout) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, const PlannedBuffer*> buffers;
  for (const PlannedBuffer& buffer : layout.plan.buffers) {
    if (buffer.kind == PlannedBuffer::Kind::workspace) {
      buffers[{buffer.operator_index, buffer.workspace_index}] = &buffer;
    }
  }
  std::vector<std::size_t> starts;
  std::size_t row = 0;
  if (!buffers.empty()) {
    out.line("/* The workspaces of all operators: {{pool, offset}}, bytes. */");
    out.open("static const stvm_workspace {}_workspaces[{}] = {{", layout.name, buffers.size());
  }
  for (const std::uint32_t index : layout.operators) {
    const Operator& call = layout.network.operators[index];
    starts.push_back(row);
    for (std::uint32_t i = 0; i < call.workspaces.size(); ++i) {
      const PlannedBuffer& buffer = *buffers.at({index, i});
      out.line("{{{{{}, {}}}, {}}}, /* {} */", buffer.pool, buffer.offset, buffer.bytes, c_comment_text(call.name, 64));
      ++row;
    }
  }
  if (!buffers.empty()) {
    out.close("};").blank();
  }
  return starts;
}

void write_operators(CWriter& out, const NetworkLayout& layout, const std::vector<std::size_t>& workspace_starts,
                     const std::map<std::string, std::string>& adapters) {
  out.line(
      "/* The calls in execution order: kernel, or adapter and kernel, arguments, workspaces, and their numbers. */");
  out.open("static const stvm_operator {}_operators[{}] = {{", layout.name, layout.operators.size());
  std::size_t argument = 0;
  for (std::size_t row = 0; row < layout.operators.size(); ++row) {
    const Operator& call = layout.network.operators[layout.operators[row]];
    const std::size_t count = arguments_of(call).size();
    const bool is_copy = call.kind == Operator::Kind::copy;
    const std::string kernel = is_copy ? "stvm_copy" : layout.symbol(call.kernel);
    const auto adapter = call.parameter_types.empty() ? adapters.end() : adapters.find(signature(call));
    out.comment(fmt::format("{}: {}", row, call.name));
    out.line("{{{}, &{}_arguments[{}], {}, {}, {}}},",
             adapter == adapters.end() ? kernel + ", NULL" : adapter->second + ", (stvm_function)" + kernel,
             layout.name, argument,
             call.workspaces.empty() ? "NULL" : fmt::format("&{}_workspaces[{}]", layout.name, workspace_starts[row]),
             count, call.workspaces.size());
    argument += count;
  }
  out.close("};").blank();
}

void write_network(CWriter& out, const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  out.open("static const int32_t {}_argument_types[{}] = {{", name, layout.longest_call);
  out.values(std::vector<const char*>(layout.longest_call, "kTVMDLTensorHandle"));
  out.close("};").blank();
  out.line("static const stvm_pool {}_pools[1] = {{{{{}_activations, {}_ACTIVATIONS_BYTES}}}};", name, name,
           layout.upper);
  out.blank();
  out.open("static const stvm_network {}_stvm = {{", name);
  out.line(".operators = {}_operators,", name);
  out.line(".tensors = {},", layout.table.empty() ? "NULL" : name.text() + "_tensors");
  out.line(".pools = {}_pools,", name);
  out.line(".argument_types = {}_argument_types,", name);
  out.line(".operator_count = {},", layout.operators.size());
  out.line(".tensor_count = {},", layout.table.size());
  out.line(".pool_count = 1,");
  out.close("};").blank();
}

void write_api_tables(CWriter& out, const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  out.line("static ai_model_state {}_state = {{NULL, \"\"}};", name);
  out.line("static ai_model_handle {}_handles[{}_HANDLES];", name, layout.upper).blank();
  out.line("/* Where inputs, then outputs, lie in the arena: pool, offset. */");
  out.open("static const stvm_place {}_places[{}] = {{", name, layout.interface.size());
  for (const TensorIndex tensor : layout.interface) {
    out.line("{{{}, {}}},", layout.place(tensor).pool, layout.place(tensor).offset);
  }
  out.close("};").blank();
  const std::size_t inputs = layout.network.inputs.size();
  const auto pointers = [&](const char* kind, std::size_t first, std::size_t count) {
    std::vector<std::string> rows;
    for (std::size_t i = 0; i < count; ++i) {
      rows.push_back(fmt::format("&{}_interface[{}]", name, first + i));
    }
    if (!rows.empty()) {
      out.open("static ai_tensor* const {}_{}[{}] = {{", name, kind, count).values(rows).close("};");
    }
  };
  pointers("inputs", 0, inputs);
  pointers("outputs", inputs, layout.network.outputs.size());
  out.blank();
  out.open("static const struct ai_model_tables {}_tables = {{", name);
  out.line(".network = &{}_stvm,", name);
  out.line(".places = {}_places,", name);
  out.line(".state = &{}_state,", name);
  out.line(".handles = {}_handles,", name);
  out.line(".handle_count = {}_HANDLES,", layout.upper);
  out.line(".activations_alignment = {}_ACTIVATIONS_ALIGNMENT,", layout.upper);
  out.close("};").blank();
}

/// The number that users ask for holds, or the compiler says so.
void write_memory_assertion(CWriter& out, const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  out.line("STVM_STATIC_ASSERT(sizeof(void*) != 4 || {}_HANDLES != 1 ||", layout.upper);
  out.line("                       sizeof {}_activations + sizeof {}_interface + sizeof {}_state +", name, name, name);
  out.line("                               sizeof {}_handles ==", name);
  out.line("                           {}_RAM_BYTES,", layout.upper);
  out.line("                   {}_ram_bytes_are_as_stated);", name).blank();
}

void write_model_info(CWriter& out, const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  out.line("/* What the application sees; the iterator finds it by its section. */");
  out.line("extern const ai_model_info {}_network;", name);
  out.open("const ai_model_info {}_network {}_SECTION(\".nn_models\") = {{", name, layout.upper);
  out.line(".name = \"{}\",", name);
  out.line(".datetime = \"\",");
  out.line(".revision = \"v1\",");
  out.line(".tool_version = \"{}\",", STM32TVM_VERSION);
  out.line(".api_version = \"1.0.0.0\",");
  out.line(".n_nodes = {},", layout.operators.size());
  out.line(".n_inputs = {}_IN_NUM,", layout.upper);
  out.line(".n_outputs = {}_OUT_NUM,", layout.upper);
  out.line(".activations_size = {}_ACTIVATIONS_BYTES,", layout.upper);
  out.line(".params_size = {}_WEIGHTS_BYTES,", layout.upper);
  out.line(".activations = {}_activations,", name);
  out.line(".inputs = {},", layout.network.inputs.empty() ? "NULL" : fmt::format("(ai_tensor**){}_inputs", name));
  out.line(".outputs = (ai_tensor**){}_outputs,", name);
  out.line(".ai_get_params = ai_{}_data_weights_get,", name);
  out.line(".ai_create = ai_{}_create,", name);
  out.line(".ai_destroy = ai_{}_destroy,", name);
  out.line(".ai_run = ai_{}_run,", name);
  out.line(".tables = &{}_tables,", name);
  out.close("};").blank();
}

void write_functions(CWriter& out, const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  out.open("ai_status ai_{}_create(const ai_ptr weights, const ai_ptr activations) {{", name);
  out.line("return ai_model_create(&{}_network, weights, activations);", name).close("}").blank();
  out.line("ai_status ai_{}_destroy(void) {{ return AI_STATUS_OK; }}", name).blank();
  out.open("ai_status ai_{}_run(ai_tensor* inputs[], ai_tensor* outputs[]) {{", name);
  out.line("/* Used only when the activations are the caller's. */");
  out.line("TVMValue arguments[{}];", layout.longest_call);
  out.line("DLTensor tensors[{}];", layout.longest_call);
  out.line("const stvm_scratch scratch = {{arguments, tensors}};");
  out.line("return ai_model_run(&{}_network, inputs, outputs, scratch);", name).close("}");
}

}  // namespace

std::string file_banner(const NetworkDescriptor& network, const char* purpose) {
  return fmt::format(
      "/* @generated by stm32tvm {} from module \"{}\" of a Model Library Format archive.\n"
      " * Do not edit: emit it again. */\n/* {} */\n",
      STM32TVM_VERSION, c_comment_text(network.module_name, 40), purpose);
}

std::string emit_network_header(const NetworkLayout& layout) {
  const std::string& upper = layout.upper;
  const CIdentifier& name = layout.name;
  CWriter out;
  out.lines(file_banner(layout.network, "The network's sizes, and its part of the ai_* API."));
  out.line("#ifndef {}_H", upper).line("#define {}_H", upper).blank();
  out.line("#include \"ai_runtime_api.h\"").blank();
  out.line("/* The arena: inputs, outputs, inner tensors and workspaces. */");
  out.line("#define {}_ACTIVATIONS_BYTES {}", upper, layout.plan.bytes());
  out.line("#define {}_ACTIVATIONS_ALIGNMENT {}", upper, layout.plan.options.alignment);
  out.line("#define {}_WEIGHTS_BYTES {}", upper, layout.weights.size()).blank();
  out.line("/* All RAM of the network on a 32-bit target with one handle, but for the stack. There is no heap. */");
  out.line("#define {}_RAM_BYTES {}", upper, memory_needs(layout.network, layout.plan).ram_bytes()).blank();
  out.line("/* Handles that the application may hold at the same time. */");
  out.line("#ifndef {}_HANDLES", upper).line("#define {}_HANDLES 1", upper).line("#endif").blank();
  write_interface_macros(out, layout, layout.network.inputs, "IN");
  out.blank();
  write_interface_macros(out, layout, layout.network.outputs, "OUT");
  out.blank();
  write_named_macros(out, layout);
  out.blank();
  out.line("/* Names that TVM's STM32 port gave these. */");
  out.line("#define _{}_INPUTS_COUNT_ {}_IN_NUM", upper, upper);
  out.line("#define _{}_OUTPUTS_COUNT_ {}_OUT_NUM", upper, upper);
  out.line("#define _{}_ACTIVATION_BYTES_ {}_ACTIVATIONS_BYTES", upper, upper).blank();
  out.line("#ifdef __cplusplus").line("extern \"C\" {{").line("#endif").blank();
  out.line("/* Called through ai_create(), ai_destroy() and ai_run(). */");
  out.line("ai_status ai_{}_create(const ai_ptr weights, const ai_ptr activations);", name);
  out.line("ai_status ai_{}_destroy(void);", name);
  out.line("ai_status ai_{}_run(ai_tensor* inputs[], ai_tensor* outputs[]);", name).blank();
  out.line("#ifdef __cplusplus").line("}}").line("#endif").blank();
  out.line("#endif /* {}_H */", upper);
  return out.take();
}

std::string emit_network_source(const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  CWriter out;
  out.lines(file_banner(layout.network, "The network as tables for the runtime."));
  out.line("#include \"{}.h\"", name).blank();
  out.line("#include \"{}_data.h\"", name);
  out.line("#include \"stvm.h\"").blank();
  out.line("#if STVM_CONTRACT != 1");
  out.line("#error \"emitted for contract 1 of the runtime: emit the network again, or use the runtime it came with\"");
  out.line("#endif").blank();
  out.line("#if defined(__ELF__)");
  out.line("#define {}_SECTION(name) __attribute__((section(name), used))", layout.upper);
  out.line("#else").line("#define {}_SECTION(name)", layout.upper).line("#endif").blank();
  write_kernels(out, layout);
  const auto adapters = write_adapters(out, layout);
  out.line("/* The arena. */");
  out.line("AI_ALIGNED({}_ACTIVATIONS_ALIGNMENT)", layout.upper);
  out.line("static uint8_t {}_activations[{}_ACTIVATIONS_BYTES] {}_SECTION(\".{}.nn_data_act\");", name, layout.upper,
           layout.upper, name);
  out.blank();
  write_shapes(out, layout);
  write_quantization(out, layout);
  write_tensors(out, layout);
  write_arguments(out, layout);
  const auto workspace_starts = write_workspaces(out, layout);
  write_operators(out, layout, workspace_starts, adapters);
  write_network(out, layout);
  write_api_tables(out, layout);
  write_memory_assertion(out, layout);
  write_model_info(out, layout);
  write_functions(out, layout);
  return out.take();
}

std::string emit_symbols_header(const NetworkLayout& layout) {
  CWriter out;
  out.lines(file_banner(layout.network, "TVM gives kernels of all archives the same names: these are the network's."));
  out.line("#ifndef {}_SYMBOLS_H", layout.upper).line("#define {}_SYMBOLS_H", layout.upper).blank();
  if (layout.network.needs.arm_simd) {
    out.line("#if defined(__ARM_ARCH)");
    out.line("/* Here, so that a compiler's own __ror keeps its name. */");
    out.line("#include <arm_acle.h>").line("#endif").blank();
  }
  for (const std::string& definition : layout.definitions) {
    out.line("#define {} {}_{}", definition, layout.name, definition);
  }
  out.blank().line("#endif /* {}_SYMBOLS_H */", layout.upper);
  return out.take();
}

std::string emit_kernel_source(const NetworkLayout& layout, const KernelSource& source) {
  CWriter out;
  out.lines(file_banner(layout.network, "TVM's kernels under the network's own symbols."));
  out.line("#include \"{}_symbols.h\"", layout.name).blank();
  out.line("#if defined(__GNUC__)");
  out.line("/* TVM passes int* for int32_t*, and int32_t is long on Arm. */");
  out.line("#pragma GCC diagnostic ignored \"-Wincompatible-pointer-types\"");
  out.line("#endif").line("#include \"kernels/{}\"", source.name);
  return out.take();
}

std::string emit_data_header(const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  CWriter out;
  out.lines(file_banner(layout.network, "The network's weights."));
  out.line("#ifndef {}_DATA_H", layout.upper).line("#define {}_DATA_H", layout.upper).blank();
  out.line("#include \"ai_runtime_api.h\"").blank();
  out.line("#ifdef __cplusplus").line("extern \"C\" {{").line("#endif").blank();
  out.line("/* {} bytes, in section .nn_weights, each tensor on a 16-byte boundary. */", layout.weights.size());
  out.line("extern const uint8_t {}_weights[];", name).blank();
  out.line("#if defined(__GNUC__)").line("#pragma GCC diagnostic push");
  out.line("#pragma GCC diagnostic ignored \"-Wignored-qualifiers\"").line("#endif");
  out.line("const ai_ptr ai_{}_data_weights_get(void);", name);
  out.line("#if defined(__GNUC__)").line("#pragma GCC diagnostic pop").line("#endif").blank();
  out.line("#ifdef __cplusplus").line("}}").line("#endif").blank();
  out.line("#endif /* {}_DATA_H */", layout.upper);
  return out.take();
}

std::string emit_data_source(const NetworkLayout& layout, EmitOptions::Weights weights) {
  const CIdentifier& name = layout.name;
  CWriter out;
  out.lines(file_banner(layout.network, "The network's weights."));
  out.line("#include \"{}_data.h\"", name).blank();
  if (layout.weights.empty()) {
    out.line("/* The kernels hold all constants themselves. */");
  } else if (weights == EmitOptions::Weights::incbin) {
    out.line("#if !defined(__ELF__)");
    out.line("#error \"bringing in {}_weights.bin needs gcc or clang and ELF: emit with the weights as a C array\"",
             name);
    out.line("#endif").blank();
    out.open("__asm__(");
    out.line("\".pushsection .nn_weights,\\\"a\\\",%progbits\\n\"");
    out.line("\".balign 16\\n\"");
    out.line("\".global {}_weights\\n\"", name);
    out.line("\".type {}_weights, %object\\n\"", name);
    out.line("\"{}_weights:\\n\"", name);
    out.line("\".incbin \\\"{}_weights.bin\\\"\\n\"", name);
    out.line("\".size {}_weights, . - {}_weights\\n\"", name, name);
    out.line("\".popsection\\n\");");
    out.close("").blank();
  } else {
    std::vector<unsigned> bytes;
    bytes.reserve(layout.weights.size());
    for (const char byte : layout.weights) {
      bytes.push_back(static_cast<unsigned char>(byte));
    }
    out.line("#if defined(__ELF__)").line("__attribute__((section(\".nn_weights\")))").line("#endif");
    out.line("AI_ALIGNED(16)");
    out.open("const uint8_t {}_weights[{}] = {{", name, layout.weights.size()).values(bytes).close("};").blank();
  }
  out.line("#if defined(__GNUC__)").line("#pragma GCC diagnostic ignored \"-Wignored-qualifiers\"").line("#endif");
  out.line("const ai_ptr ai_{}_data_weights_get(void) {{ return {}; }}", name,
           layout.weights.empty() ? "NULL" : fmt::format("(ai_ptr){}_weights", name));
  return out.take();
}

}  // namespace stm32tvm
