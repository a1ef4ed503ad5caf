// SPDX-License-Identifier: Apache-2.0
// Tables, and for kernels that take plain pointers one small function for each call.
#include "emit/network_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

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

/// The C types that TVM gives a kernel's parameters; any other pointer is passed as void*.
std::string parameter_type(const std::string& type) {
  static const std::set<std::string_view> known = {"int8_t*",   "uint8_t*", "int16_t*",  "uint16_t*", "int32_t*",
                                                   "uint32_t*", "int64_t*", "uint64_t*", "float*",    "double*"};
  return known.contains(type) ? type : "void*";
}

/// "int8_t*, void*" of an unpacked kernel.
std::string signature(const Operator& call) {
  std::vector<std::string> types;
  for (const std::string& type : call.parameter_types) {
    types.push_back(parameter_type(type));
  }
  return fmt::format("{}", fmt::join(types, ", "));
}

void write_tensors(CWriter& out, const NetworkLayout& layout, bool is_fixed) {
  out.line("/* All tensors: descriptor, {{pool, offset}}. */");
  out.open("static const stvm_tensor {}_tensors[{}] = {{", layout.name, layout.interface.size() + layout.table.size());
  std::size_t row = 0;
  for (const auto* tensors : {&layout.interface, &layout.table}) {
    for (const TensorIndex tensor : *tensors) {
      const NetworkLayout::Place place = layout.place(tensor);
      const bool has_address = is_fixed && tensors == &layout.table;
      out.comment(std::to_string(row++) + ": " + layout.describe(tensor));
      out.line("{{{}, {{{}, {}}}}},", dltensor(layout, tensor, has_address ? layout.address(tensor) : "NULL"),
               place.pool, place.offset);
    }
  }
  out.close("};").blank();
}

/// Writes one row for each argument of each call, with the argument's kind and name behind it.
template <class Row>
void write_argument_rows(CWriter& out, const NetworkLayout& layout, const Row& row) {
  for (const std::uint32_t index : layout.operators) {
    const Operator& call = layout.network.operators[index];
    out.comment(call.name);
    for (const auto* arguments : {&call.inputs, &call.outputs, &call.pools}) {
      const char* const kind = arguments == &call.inputs ? "in  " : arguments == &call.outputs ? "out " : "pool";
      for (const Argument& argument : *arguments) {
        out.line("{}, /* {} {} */", row(argument.tensor), kind,
                 c_comment_text(layout.network.tensors[argument.tensor].name, 48));
      }
    }
  }
  out.close("};").blank();
}

void write_operands(CWriter& out, const NetworkLayout& layout) {
  out.line("/* The tensors of all calls, one call after the other. */");
  out.open("static const uint16_t {}_operands[] = {{", layout.name);
  write_argument_rows(out, layout, [&](TensorIndex tensor) { return layout.row(tensor); });
}

void write_arguments(CWriter& out, const NetworkLayout& layout) {
  out.line("/* The same as arguments whose addresses are fixed at link time. */");
  out.open("static const TVMValue {}_arguments[] = {{", layout.name);
  write_argument_rows(out, layout, [&](TensorIndex tensor) {
    return "{.v_handle = (void*)&" + layout.name.text() + (layout.is_interface(tensor) ? "_interface[" : "_tensors[") +
           std::to_string(layout.row(tensor)) + "].dltensor}";
  });
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

/// "pools[0] + 16"
std::string address_in_pools(const NetworkLayout& layout, TensorIndex tensor) {
  const NetworkLayout::Place place = layout.place(tensor);
  return place.offset == 0 ? fmt::format("pools[{}]", place.pool)
                           : fmt::format("pools[{}] + {}", place.pool, place.offset);
}

/// The functions of the calls that are not packed, and one for all that are.
void write_calls(CWriter& out, const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  if (layout.packed_calls > 0) {
    out.open("static const int32_t {}_argument_types[{}] = {{", name, layout.longest_call);
    out.values(std::vector<const char*>(layout.longest_call, "kTVMDLTensorHandle"));
    out.close("};").blank();
    out.line("/* Calls a kernel that takes descriptors of its tensors. */");
    out.open("static int32_t {}_call(const stvm_operator* operator_, uint8_t* const* pools) {{", name);
    out.line("TVMValue arguments[{}];", layout.longest_call);
    out.line("DLTensor tensors[{}];", layout.longest_call);
    out.line("const stvm_scratch scratch = {{arguments, tensors}};");
    out.line("return stvm_call_packed(operator_, pools, {}_tensors, {}_argument_types, scratch);", name, name);
    out.close("}").blank();
  }
  for (std::size_t row = 0; row < layout.operators.size(); ++row) {
    const Operator& call = layout.network.operators[layout.operators[row]];
    if (layout.is_packed(call)) {
      continue;
    }
    out.comment(call.name);
    out.open("static int32_t {}_call_{}(const stvm_operator* operator_, uint8_t* const* pools) {{", name, row);
    out.line("(void)operator_;");
    if (const auto block = layout.fetched_block(call)) {
      const TensorIndex constant = call.inputs[0].tensor;
      out.line("return {}({}, {}, {});", layout.fetch_function(*block), layout.blocks[*block].offsets.at(constant),
               address_in_pools(layout, call.outputs[0].tensor), layout.network.tensors[constant].bytes);
    } else if (call.kind == Operator::Kind::copy) {
      out.line("return stvm_copy_bytes({}, {}, {});", address_in_pools(layout, call.outputs[0].tensor),
               address_in_pools(layout, call.inputs[0].tensor), layout.network.tensors[call.outputs[0].tensor].bytes);
    } else {
      out.line("return {}(", layout.symbol(call.kernel));
      const std::vector<Argument> arguments = arguments_of(call);
      for (std::size_t i = 0; i < arguments.size(); ++i) {
        out.line("    (void*)({}){}", address_in_pools(layout, arguments[i].tensor),
                 i + 1 < arguments.size() ? "," : ");");
      }
    }
    out.close("}").blank();
  }
}

void write_operators(CWriter& out, const NetworkLayout& layout, const std::vector<std::size_t>& workspace_starts,
                     bool is_fixed) {
  const CIdentifier& name = layout.name;
  out.line("/* The calls in execution order: function, kernel, its arguments, operands, workspaces; then how many");
  out.line(" * inputs, outputs, operands and workspaces there are. */");
  out.open("static const stvm_operator {}_operators[{}] = {{", name, layout.operators.size());
  std::size_t argument = 0;
  for (std::size_t row = 0; row < layout.operators.size(); ++row) {
    const Operator& call = layout.network.operators[layout.operators[row]];
    const bool is_packed = layout.is_packed(call);
    const std::string kernel = call.kind == Operator::Kind::copy ? "stvm_copy" : layout.symbol(call.kernel);
    const std::size_t count = arguments_of(call).size();
    out.comment(std::to_string(row) + ": " + call.name);
    out.line("{{{}, {}, {}, &{}_operands[{}], {}, {}, {}, {}, {}}},",
             is_packed ? fmt::format("{}_call", name) : fmt::format("{}_call_{}", name, row),
             is_packed ? kernel : "NULL", is_fixed ? fmt::format("&{}_arguments[{}]", name, argument) : "NULL", name,
             argument,
             call.workspaces.empty() ? "NULL" : fmt::format("&{}_workspaces[{}]", name, workspace_starts[row]),
             call.inputs.size(), call.outputs.size(), count, call.workspaces.size());
    argument += count;
  }
  out.close("};").blank();
}

void write_pools(CWriter& out, const NetworkLayout& layout, Memory memory) {
  const CIdentifier& name = layout.name;
  const bool is_fixed = memory == Memory::fixed;
  out.line("/* Bytes and alignment of each pool: arenas, weights, inputs, outputs. */");
  out.open("static const stvm_pool {}_pools[{}] = {{", name, layout.pool_count());
  for (const PlannedPool& pool : layout.plan.pools) {
    out.line("{{{}, {}}}, /* {} */", pool.bytes,
             std::max(layout.needed_alignment(), is_fixed ? PlanOptions{}.alignment : 0),
             c_comment_text(pool.name, 48));
  }
  for (std::size_t block = 0; block < layout.weights_pools(); ++block) {
    const bool has_data = block < layout.blocks.size() && layout.blocks[block].has_data();
    out.line("{{{}, {}}}, /* weights */", has_data ? layout.blocks[block].bytes : 0, layout.needed_alignment());
  }
  for (const TensorIndex tensor : layout.interface) {
    out.line("{{{}, {}}}, /* {} */", layout.network.tensors[tensor].bytes,
             layout.interface_alignment(tensor, is_fixed ? 1 : NetworkLayout::word),
             c_comment_text(layout.network.tensors[tensor].name, 48));
  }
  out.close("};").blank();
  out.line("/* Where inputs, then outputs, lie unless the application gives them memory: pool, offset. */");
  out.open("static const stvm_place {}_interface_places[{}] = {{", name, layout.interface.size());
  for (const TensorIndex tensor : layout.interface) {
    if (!layout.plan.buffer_of_tensor[tensor]) {
      out.line("{{STVM_NO_POOL, 0}},");
      continue;
    }
    const NetworkLayout::Place place = layout.planned_place(tensor);
    out.line("{{{}, {}}},", place.pool, place.offset);
  }
  out.close("};").blank();
}

void write_details(CWriter& out, const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  out.open("static const char* const {}_operator_names[{}] = {{", name, layout.operators.size());
  for (const std::uint32_t index : layout.operators) {
    out.line("{},", c_literal(layout.network.operators[index].name.substr(0, 100)));
  }
  out.close("};").blank();
  out.line("/* For observers and tools; the linker drops it where nothing asks. */");
  out.line("extern const stvm_details {}_stvm_details;", name);
  out.open("const stvm_details {}_stvm_details = {{", name);
  out.line(".network = &{}_stvm,", name);
  out.line(".tensors = {}_tensors,", name);
  out.line(".operator_names = {}_operator_names,", name);
  out.line(".tensor_count = {},", layout.interface.size() + layout.table.size());
  out.close("};").blank();
}

}  // namespace

std::string file_banner(const NetworkDescriptor& network, const char* purpose) {
  return fmt::format(
      "/* @generated by stm32tvm {} from module \"{}\" of a Model Library Format archive.\n"
      " * Do not edit: emit it again. */\n/* {} */\n",
      STM32TVM_VERSION, c_comment_text(network.module_name, 40), purpose);
}

std::string dltensor(const NetworkLayout& layout, TensorIndex index, const std::string& data) {
  const Tensor& tensor = layout.network.tensors[index];
  return fmt::format("{{{}, {{kDLCPU, 0}}, {}, {{{}, {}, {}}}, {}{}, NULL, 0}}", data, tensor.shape.size(),
                     code_name(tensor.type.code), tensor.type.bits, tensor.type.lanes,
                     tensor.shape.empty() ? "" : "(int64_t*)", layout.shape(index));
}

void write_declarations(CWriter& out, const NetworkLayout& layout) {
  out.line("#if STVM_CONTRACT != 3");
  out.line("#error \"emitted for contract 3 of the runtime: emit the network again, or use the runtime it came with\"");
  out.line("#endif").blank();
  std::set<std::string_view> declared;
  out.line("/* TVM's kernels. */");
  for (const std::uint32_t index : layout.operators) {
    const Operator& call = layout.network.operators[index];
    if (call.kind != Operator::Kind::kernel || !declared.insert(call.kernel).second) {
      continue;
    }
    const std::string label =
        layout.compiled.contains(call.kernel) ? fmt::format(" __asm__(\"{}\")", call.kernel) : std::string();
    if (call.parameter_types.empty()) {
      out.line("int32_t {}(void* args, int32_t* arg_type_ids, int32_t num_args,", layout.symbol(call.kernel));
      out.line("    void* out_ret_value, int32_t* out_ret_tcode, void* resource_handle){};", label);
    } else {
      out.line("int32_t {}({}){};", layout.symbol(call.kernel), signature(call), label);
    }
  }
  out.blank();
}

void write_shapes(CWriter& out, const NetworkLayout& layout) {
  std::set<std::vector<std::int64_t>> written;
  for (const auto* tensors : {&layout.interface, &layout.table}) {
    for (const TensorIndex tensor : *tensors) {
      const auto& dimensions = layout.network.tensors[tensor].shape;
      if (!dimensions.empty() && written.insert(dimensions).second) {
        out.line("static const int64_t {}[{}] = {{{}}};", layout.shape(tensor), dimensions.size(),
                 join_shape(dimensions));
      }
    }
  }
  out.blank();
}

void write_network(CWriter& out, const NetworkLayout& layout, Memory memory) {
  const CIdentifier& name = layout.name;
  const bool is_fixed = memory == Memory::fixed && layout.is_all_packed();
  write_tensors(out, layout, is_fixed);
  write_operands(out, layout);
  if (is_fixed) {
    write_arguments(out, layout);
  }
  const auto workspace_starts = write_workspaces(out, layout);
  write_calls(out, layout);
  write_operators(out, layout, workspace_starts, is_fixed);
  write_pools(out, layout, memory);
  out.line("extern const stvm_weights {}_stvm_weights[{}]; /* {}_data.c */", name, layout.weights_pools(), name)
      .blank();
  out.open("static const stvm_network {}_stvm = {{", name);
  out.line(".operators = {}_operators,", name);
  out.line(".pools = {}_pools,", name);
  out.line(".interface_places = {}_interface_places,", name);
  out.line(".argument_types = {},", layout.packed_calls > 0 ? name.text() + "_argument_types" : "NULL");
  out.line(".weights = {}_stvm_weights,", name);
  out.line(".operator_count = {},", layout.operators.size());
  out.line(".arena_count = {},", layout.plan.pools.size());
  out.line(".weights_count = {},", layout.weights_pools());
  out.line(".input_count = {},", layout.network.inputs.size());
  out.line(".output_count = {},", layout.network.outputs.size());
  out.close("};").blank();
  write_details(out, layout);
}

CWriter bound_network_source(const NetworkLayout& layout, const char* runtime_header) {
  CWriter out;
  out.lines(file_banner(layout.network, "The network as tables for the runtime."));
  out.line("#include \"{}.h\"", layout.name).blank();
  out.line("#include \"{}_data.h\"", layout.name);
  out.line("#include \"{}\"", runtime_header).blank();
  write_declarations(out, layout);
  write_shapes(out, layout);
  write_network(out, layout, Memory::bound);
  return out;
}

}  // namespace stm32tvm
