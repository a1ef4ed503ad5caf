// SPDX-License-Identifier: Apache-2.0
// The ai_* API of TVM's STM32 port: arenas of the network's own, and the ai_model_info through which all is reached.
#include "emit/tvm_api.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "emit/c_writer.hpp"
#include "emit/network_tables.hpp"
#include "emit/quantization.hpp"
#include "emit/typed_view.hpp"
#include "emit/weights.hpp"
#include "stm32tvm/memory_needs.hpp"
#include "stm32tvm/version.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

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
    out.line("#define {}_ALIGNMENT {}", prefix, layout.planned_alignment(tensors[i]));
    write_value_macros(out, tensor, prefix);
  }
}

/// "NETWORK_ACTIVATIONS_2", of layout.arena().
std::string arena_macro(const NetworkLayout& layout, std::size_t pool) {
  return pool == 0 ? layout.upper + "_ACTIVATIONS" : fmt::format("{}_ACTIVATIONS_{}", layout.upper, pool + 1);
}

void write_arenas(CWriter& out, const NetworkLayout& layout) {
  out.line("/* The arena{}. */", layout.plan.pools.size() == 1 ? "" : "s");
  for (std::size_t i = 0; i < layout.plan.pools.size(); ++i) {
    const std::string arena = layout.arena(i);
    const bool is_shared = i < layout.shared.size() && !layout.shared[i].name.empty();
    if (arena == "NULL") {
      continue;
    }
    if (is_shared) {
      out.line("/* Networks that never run at the same time share it. */");
      out.line("extern uint8_t {}[{}];", arena, layout.shared[i].bytes);
    }
    if (!is_shared || layout.shared[i].is_defined) {
      out.line("STVM_ALIGNED({})",
               is_shared ? std::to_string(layout.shared[i].alignment) : arena_macro(layout, i) + "_ALIGNMENT");
      out.line("{}uint8_t {}[{}] {}_SECTION(\"{}\");", is_shared ? "" : "static ", arena,
               is_shared ? std::to_string(layout.shared[i].bytes) : arena_macro(layout, i) + "_BYTES", layout.upper,
               layout.arena_section(i));
    }
  }
  if (layout.plan.pools.size() > 1) {
    out.blank().line("#if {}_HANDLES != 1", layout.upper);
    out.line("#error \"the application gives a handle one arena, and this network has more: it has one handle\"");
    out.line("#endif");
  }
  out.blank();
}

void write_interface(CWriter& out, const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  const std::size_t count = layout.interface.size();
  out.line("/* Inputs, then outputs, of the first handle, then of the others: the application may set their data. */");
  out.open("static ai_tensor {}_interface[{}_HANDLES * {}] = {{", name, layout.upper, count);
  for (const TensorIndex tensor : layout.interface) {
    out.comment(layout.describe(tensor));
    out.line("{{{}, {}}},", dltensor(layout, tensor, layout.address(tensor)), quantization_address(layout, tensor));
  }
  out.close("};").blank();
  const auto pointers = [&](const char* kind, std::size_t first, std::size_t number) {
    std::vector<std::string> rows;
    for (std::size_t i = 0; i < number; ++i) {
      rows.push_back(fmt::format("&{}_interface[{}]", name, first + i));
    }
    if (!rows.empty()) {
      out.open("static ai_tensor* const {}_{}[{}] = {{", name, kind, number).values(rows).close("};");
    }
  };
  pointers("inputs", 0, layout.network.inputs.size());
  pointers("outputs", layout.network.inputs.size(), layout.network.outputs.size());
  out.blank();
}

/// Both places of each input and output that is double-buffered: name of its array, C expressions.
struct BufferPair {
  std::string name;
  std::string first;
  std::string second;
};

std::vector<BufferPair> buffer_pairs(const NetworkLayout& layout) {
  std::vector<BufferPair> pairs;
  for (const PlannedBuffer& buffer : layout.plan.buffers) {
    if (buffer.kind != PlannedBuffer::Kind::second) {
      continue;
    }
    const std::size_t row = layout.row(buffer.tensor);
    const std::size_t inputs = layout.network.inputs.size();
    const std::string name = row < inputs ? fmt::format("{}_in_{}_buffers", layout.name, row + 1)
                                          : fmt::format("{}_out_{}_buffers", layout.name, row - inputs + 1);
    pairs.push_back(
        {name, layout.address(buffer.tensor), fmt::format("{} + {}", layout.arena(buffer.pool), buffer.offset)});
  }
  return pairs;
}

void write_buffer_pairs(CWriter& out, const NetworkLayout& layout) {
  for (const BufferPair& pair : buffer_pairs(layout)) {
    out.line("uint8_t* const {}[2] = {{{}, {}}};", pair.name, pair.first, pair.second).blank();
  }
}

void declare_buffer_pairs(CWriter& out, const NetworkLayout& layout) {
  for (const BufferPair& pair : buffer_pairs(layout)) {
    out.line("/* The tensor's data, and a second place for it: fill or read one while a run uses the other. */");
    out.line("extern uint8_t* const {}[2];", pair.name).blank();
  }
}

/// Where the first block of weights is read; "NULL" where none has an address.
std::string weights_address(const NetworkLayout& layout) {
  return layout.data_sizes().empty() ? "NULL" : layout.data_symbol(0, tvm_weights_symbol(layout));
}

void write_api_tables(CWriter& out, const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  out.line("static ai_model_handle {}_handles[{}_HANDLES];", name, layout.upper);
  out.line("static uint8_t* {}_pool_addresses[{}_HANDLES * {}];", name, layout.upper, layout.pool_count()).blank();
  std::vector<std::string> own;
  for (std::size_t i = 0; i < layout.plan.pools.size(); ++i) {
    own.push_back(layout.arena(i));
  }
  own.push_back(weights_address(layout));
  out.line("/* The network's own arenas, then its first block of weights. */");
  out.open("static const uint8_t* const {}_own_pools[{}] = {{", name, own.size()).values(own).close("};").blank();
  out.open("static const struct ai_model_tables {}_tables = {{", name);
  out.line(".network = &{}_stvm,", name);
  out.line(".handles = {}_handles,", name);
  out.line(".tensors = {}_interface,", name);
  out.line(".pools = {}_pool_addresses,", name);
  out.line(".own_pools = {}_own_pools,", name);
  out.line(".handle_count = {}_HANDLES,", layout.upper);
  out.line(".is_fixed = {},", layout.is_all_packed() ? 1 : 0);
  out.close("};").blank();
}

/// The number that users ask for holds, or the compiler says so.
void write_memory_assertion(CWriter& out, const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  std::string arenas;
  for (std::size_t i = 0; i < layout.plan.pools.size(); ++i) {
    const std::string arena = layout.arena(i);
    const bool is_shared = i < layout.shared.size() && !layout.shared[i].name.empty();
    if (arena != "NULL") {
      arenas += is_shared ? fmt::format("{}_BYTES + ", arena_macro(layout, i)) : fmt::format("sizeof {} + ", arena);
    }
  }
  out.line("STVM_STATIC_ASSERT(sizeof(void*) != 4 || {}_HANDLES != 1 ||", layout.upper);
  for (std::size_t i = 0; i < layout.blocks.size(); ++i) {
    if (layout.blocks[i].group.place == WeightsGroup::Place::ram) {
      arenas += fmt::format("sizeof {} + ", layout.data_symbol(i, tvm_weights_symbol(layout)));
    }
  }
  out.line("                       {}sizeof {}_interface +", arenas, name);
  out.line("                               sizeof {}_handles + sizeof {}_pool_addresses ==", name, name);
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
  out.line(".params_size = {},", layout.data_sizes().empty() ? "0" : layout.upper + "_WEIGHTS_BYTES");
  out.line(".activations = {},", layout.arena(0));
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
  out.line("return ai_model_create((ai_model_info*)&{}_network, weights, activations);", name).close("}").blank();
  out.line("ai_status ai_{}_destroy(void) {{ return AI_STATUS_OK; }}", name).blank();
  out.open("ai_status ai_{}_run(ai_tensor* inputs[], ai_tensor* outputs[]) {{", name);
  out.line("return ai_model_run(&{}_network, inputs, outputs);", name).close("}");
}

std::string network_header(const NetworkLayout& layout) {
  const std::string& upper = layout.upper;
  const CIdentifier& name = layout.name;
  CWriter out;
  out.lines(file_banner(layout.network, "The network's sizes, and its part of the ai_* API."));
  out.line("#ifndef {}_H", upper).line("#define {}_H", upper).blank();
  out.line("#include \"ai_runtime_api.h\"").blank();
  for (std::size_t i = 0; i < layout.plan.pools.size(); ++i) {
    const std::string where = layout.plan.pools.size() == 1 ? "" : " in " + layout.plan.pools[i].name;
    out.comment(i == 0 ? "The arena" + where + ": inputs, outputs, inner tensors and workspaces."
                       : "One more arena" + where + ".");
    out.line("#define {}_BYTES {}", arena_macro(layout, i), layout.plan.pools[i].bytes);
    out.line("#define {}_ALIGNMENT {}", arena_macro(layout, i), layout.plan.pools[i].alignment);
  }
  out.line("#define {}_WEIGHTS_BYTES {}", upper, layout.weights_bytes()).blank();
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
  declare_buffer_pairs(out, layout);
  out.line("/* Called through ai_create(), ai_destroy() and ai_run(). */");
  out.line("ai_status ai_{}_create(const ai_ptr weights, const ai_ptr activations);", name);
  out.line("ai_status ai_{}_destroy(void);", name);
  out.line("ai_status ai_{}_run(ai_tensor* inputs[], ai_tensor* outputs[]);", name).blank();
  out.line("#ifdef __cplusplus").line("}}").line("#endif").blank();
  out.line("#endif /* {}_H */", upper);
  return out.text();
}

std::string network_source(const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  CWriter out;
  out.lines(file_banner(layout.network, "The network as tables for the runtime."));
  out.line("#include \"{}.h\"", name).blank();
  out.line("#include \"{}_data.h\"", name);
  out.line("#include \"stvm.h\"").blank();
  out.line("#if defined(__ELF__)");
  out.line("#define {}_SECTION(name) __attribute__((section(name), used))", layout.upper);
  out.line("#else").line("#define {}_SECTION(name)", layout.upper).line("#endif").blank();
  write_declarations(out, layout);
  write_arenas(out, layout);
  write_shapes(out, layout);
  write_quantization(out, layout);
  write_interface(out, layout);
  write_buffer_pairs(out, layout);
  write_network(out, layout, Memory::fixed);
  write_api_tables(out, layout);
  write_memory_assertion(out, layout);
  write_model_info(out, layout);
  write_functions(out, layout);
  return out.text();
}

std::string data_header(const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  CWriter out;
  out.lines(file_banner(layout.network, "The network's weights."));
  out.line("#ifndef {}_DATA_H", layout.upper).line("#define {}_DATA_H", layout.upper).blank();
  out.line("#include \"ai_runtime_api.h\"").blank();
  out.line("#ifdef __cplusplus").line("extern \"C\" {{").line("#endif").blank();
  declare_weights(out, layout, tvm_weights_symbol(layout), WeightsElement::byte);
  out.line("#if defined(__GNUC__)").line("#pragma GCC diagnostic push");
  out.line("#pragma GCC diagnostic ignored \"-Wignored-qualifiers\"").line("#endif");
  out.line("const ai_ptr ai_{}_data_weights_get(void);", name);
  out.line("#if defined(__GNUC__)").line("#pragma GCC diagnostic pop").line("#endif").blank();
  out.line("#ifdef __cplusplus").line("}}").line("#endif").blank();
  out.line("#endif /* {}_DATA_H */", layout.upper);
  return out.text();
}

std::string data_source(const NetworkLayout& layout, EmitOptions::Weights weights) {
  const CIdentifier& name = layout.name;
  CWriter out = weights_source(layout, weights, tvm_weights_symbol(layout), WeightsElement::byte);
  out.line("#if defined(__GNUC__)").line("#pragma GCC diagnostic ignored \"-Wignored-qualifiers\"").line("#endif");
  out.line("const ai_ptr ai_{}_data_weights_get(void) {{ return {}; }}", name,
           layout.data_sizes().empty() ? "NULL" : "(ai_ptr)" + weights_address(layout));
  return out.text();
}

}  // namespace

std::string tvm_weights_symbol(const NetworkLayout& layout) {
  return layout.name.text() + "_weights";
}

Result<void> check_tvm_api(const NetworkDescriptor& network) {
  // Fields of ai_model_info.
  if (network.inputs.size() > UINT8_MAX || network.outputs.size() > UINT8_MAX) {
    return Error{ErrorCode::unsupported,
                 fmt::format("the network has {} inputs and {} outputs, and the ai_* API counts to 255",
                             network.inputs.size(), network.outputs.size()),
                 {}};
  }
  return {};
}

Result<void> add_tvm_api(const NetworkLayout& layout, const EmitOptions& options, SourceTree& tree) {
  const std::string stem = layout.name.text() + "/" + layout.name.text();
  STM32TVM_CHECK(tree.add(stem + ".h", network_header(layout)));
  STM32TVM_CHECK(tree.add(stem + ".hpp", emit_typed_view(layout)));
  STM32TVM_CHECK(tree.add(stem + ".c", network_source(layout)));
  STM32TVM_CHECK(tree.add(stem + "_data.h", data_header(layout)));
  return tree.add(stem + "_data.c", data_source(layout, options.weights));
}

}  // namespace stm32tvm
