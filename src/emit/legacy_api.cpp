// SPDX-License-Identifier: Apache-2.0
// The legacy API: every function is one call into runtime_c/api/legacy/stvm_legacy.c with the network's tables.
#include "emit/legacy_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "emit/c_writer.hpp"
#include "emit/model_facts.hpp"
#include "emit/network_tables.hpp"
#include "emit/quantization.hpp"
#include "emit/weights.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

/// C type and flag of the narrowest integers that hold these zero points.
std::pair<const char*, const char*> zero_point_type(const std::vector<std::int32_t>& zero_points) {
  const auto lie = [&](std::int32_t least, std::int32_t most) {
    return std::ranges::all_of(zero_points, [&](std::int32_t each) { return each >= least && each <= most; });
  };
  return lie(INT8_MIN, INT8_MAX) ? std::pair{"ai_i8", "S8"}
         : lie(0, UINT8_MAX)     ? std::pair{"ai_u8", "U8"}
                                 : std::pair{"ai_i16", "S16"};
}

/// The dimensions of a tensor in the order of the API's indices: batch, channel, width, height, and more where it has.
std::vector<std::int64_t> dimensions(const Tensor& tensor) {
  const LegacyShape shape = legacy_shape(tensor);
  std::vector<std::int64_t> made = {shape.batch, shape.channel, 1, 1};
  // The only outer dimension is the height.
  if (shape.outer.size() == 1) {
    made[3] = shape.outer[0];
  } else if (shape.outer.size() > 1) {
    made.resize(2);
    made.insert(made.end(), shape.outer.begin(), shape.outer.end());
  }
  return made;
}

/// What the tensor's ai_buffer points to; returns the expression of its meta_info.
std::string write_quantization(CWriter& out, const Tensor& tensor, const std::string& prefix) {
  if (!has_small_zero_points(tensor)) {
    return "NULL";
  }
  const Quantization& quantization = tensor.quantization;
  const auto [type, flag] = zero_point_type(quantization.zero_points);
  std::vector<std::string> scales;
  for (const double scale : quantization.scales) {
    scales.push_back(c_float(scale));
  }
  out.open("static const ai_float {}_scale[] = {{", prefix).values(scales).close("};");
  out.open("static const {} {}_zeropoint[] = {{", type, prefix).values(quantization.zero_points).close("};");
  out.line("static const ai_intq_info {}_intq = {{{}_scale, AI_HANDLE_PTR({}_zeropoint)}};", prefix, prefix, prefix);
  out.line("static const ai_intq_info_list {}_intq_list = {{", prefix);
  out.line("    AI_BUFFER_META_FLAG_SCALE_FLOAT | AI_BUFFER_META_FLAG_ZEROPOINT_{}, {}, &{}_intq}};", flag,
           scales.size(), prefix);
  out.line(
      "static const ai_buffer_meta_info {}_meta = {{AI_BUFFER_META_HAS_INTQ_INFO, (ai_intq_info_list*)&{}_intq_list}};",
      prefix, prefix);
  return fmt::format("(ai_buffer_meta_info*)&{}_meta", prefix);
}

/// The descriptors of inputs and outputs; returns how many dimensions they have together.
std::size_t write_interface(CWriter& out, const NetworkLayout& layout) {
  std::vector<std::string> rows;
  std::size_t dimension_count = 0;
  for (std::size_t i = 0; i < layout.interface.size(); ++i) {
    const Tensor& tensor = layout.network.tensors[layout.interface[i]];
    const bool is_input = i < layout.network.inputs.size();
    const std::string prefix = fmt::format("{}_{}_{}", layout.name, is_input ? "in" : "out",
                                           is_input ? i + 1 : i + 1 - layout.network.inputs.size());
    const std::vector<std::int64_t> shape = dimensions(tensor);
    out.comment(layout.describe(layout.interface[i]));
    out.line("static const ai_shape_dimension {}_shape[] = {{{}}};", prefix, join_shape(shape));
    const std::string meta = write_quantization(out, tensor, prefix);
    rows.push_back(
        fmt::format("{{{}, NULL, {}, AI_FLAG_NONE, {}, {{AI_SHAPE_BCWH, {}, (ai_shape_dimension*){}_shape}}}}",
                    legacy_format(tensor.type), meta, tensor.bytes / tensor.type.bytes(), shape.size(), prefix));
    dimension_count += shape.size();
  }
  out.blank().line("/* Inputs, then outputs, as they are before init. */");
  out.open("static const ai_buffer {}_interface[{}] = {{", layout.name, rows.size()).values(rows).close("};").blank();
  return dimension_count;
}

/// Arenas and weights as the parameters and reports show them. There is one row more, so that none is no empty array.
void write_blocks(CWriter& out, const NetworkLayout& layout) {
  std::vector<std::uint64_t> sizes = arena_sizes(layout);
  std::ranges::copy(layout.data_sizes(), std::back_inserter(sizes));
  sizes.push_back(0);
  out.line("static const ai_shape_dimension {}_block_shapes[{}][4] = {{", layout.name, sizes.size());
  out.line("    {{1, {}, 1, 1}}}};", fmt::join(sizes, ", 1, 1}, {1, "));
  out.line("/* The arenas, then the weights. */");
  out.open("static ai_buffer {}_blocks[{}] = {{", layout.name, sizes.size());
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    out.line("{{AI_BUFFER_FORMAT_U8, NULL, NULL, AI_FLAG_NONE, {}, {{AI_SHAPE_BCWH, 4,", sizes[i]);
    out.line("    (ai_shape_dimension*){}_block_shapes[{}]}}}},", layout.name, i);
  }
  out.close("};").blank();
}

void write_report(CWriter& out, const NetworkLayout& layout) {
  const std::uint64_t signature = model_signature(layout);
  out.open("static const ai_network_report {}_report = {{", layout.name);
  out.line(".model_name = AI_{}_MODEL_NAME,", layout.upper);
  out.line(".model_signature = {},", signature_literal(layout));
  out.line(".model_datetime = {},", c_literal(layout.network.export_datetime.substr(0, 40)));
  out.line(".compile_datetime = \"\",");
  out.line(".runtime_revision = \"\",");
  out.line(".runtime_version = {},", tool_version_braces());
  out.line(".tool_revision = \"\",");
  out.line(".tool_version = {},", tool_version_braces());
  out.line(
      ".tool_api_version = {{AI_TOOLS_API_VERSION_MAJOR, AI_TOOLS_API_VERSION_MINOR, AI_TOOLS_API_VERSION_MICRO, 0}},");
  out.line(".api_version = {{AI_PLATFORM_API_MAJOR, AI_PLATFORM_API_MINOR, AI_PLATFORM_API_MICRO, 0}},");
  out.line(".interface_api_version = {{AI_PLATFORM_API_MAJOR, AI_PLATFORM_API_MINOR, AI_PLATFORM_API_MICRO, 0}},");
  out.line(".n_inputs = AI_{}_IN_NUM,", layout.upper);
  out.line(".n_outputs = AI_{}_OUT_NUM,", layout.upper);
  out.line(".n_nodes = AI_{}_N_NODES,", layout.upper);
  out.line(".signature = 0x{:08x}u,", static_cast<std::uint32_t>(signature ^ (signature >> 32U)));
  out.close("};").blank();
}

void write_tables(CWriter& out, const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  const std::size_t dimension_count = write_interface(out, layout);
  write_blocks(out, layout);
  std::vector<std::string> types;
  for (const std::uint32_t index : layout.operators) {
    types.push_back(fmt::format("0x{:x}", layer_number(layout.network.operators[index])));
  }
  if (types.empty()) {
    types.emplace_back("0");
  }
  out.open("static const ai_u16 {}_node_types[{}] = {{", name, types.size()).values(types).close("};").blank();
  write_report(out, layout);
  out.line("/* All that changes, of all instances. */");
  out.line("static ai_network_instance {}_instances[AI_{}_INSTANCES];", name, layout.upper);
  out.line("static ai_buffer {}_interfaces[AI_{}_INSTANCES * {}];", name, layout.upper, layout.interface.size());
  out.line("static ai_shape_dimension {}_dimensions[AI_{}_INSTANCES * {}];", name, layout.upper, dimension_count);
  out.line("static uint8_t* {}_pool_addresses[AI_{}_INSTANCES * {}];", name, layout.upper, layout.pool_count()).blank();
  out.open("static const ai_network_tables {}_legacy = {{", name);
  out.line(".network = &{}_stvm,", name);
  out.line(".report = &{}_report,", name);
  out.line(".interface = {}_interface,", name);
  out.line(".node_types = {}_node_types,", name);
  out.line(".instances = {}_instances,", name);
  out.line(".interfaces = {}_interfaces,", name);
  out.line(".dimensions = {}_dimensions,", name);
  out.line(".pools = {}_pool_addresses,", name);
  out.line(".activations_table = g_{}_activations_table,", name);
  out.line(".weights_table = g_{}_weights_table,", name);
  out.line(".blocks = {}_blocks,", name);
  out.line(".weights_count = AI_{}_DATA_WEIGHTS_COUNT,", layout.upper);
  out.line(".instance_count = AI_{}_INSTANCES,", layout.upper);
  out.close("};").blank();
}

void write_functions(CWriter& out, const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  const auto function = [&](std::string_view type, std::string_view what, std::string_view parameters,
                            std::string_view body) {
    out.open("{} ai_{}_{}({}) {{", type, name, what, parameters).lines(body).close("}").blank();
  };
  const auto call = [&](std::string_view what, std::string_view arguments) {
    return fmt::format("  return stvm_legacy_{}(&{}_legacy, {});\n", what, name, arguments);
  };
  for (const char* what : {"get_report", "get_info"}) {
    function("ai_bool", what, "ai_handle network, ai_network_report* report", call(what, "network, report"));
  }
  function("ai_error", "get_error", "ai_handle network", call("get_error", "network"));
  function("ai_error", "create", "ai_handle* network, const ai_buffer* network_config",
           "  (void)network_config;\n" + call("create", "network"));
  function("ai_handle", "destroy", "ai_handle network", call("destroy", "network"));
  function("ai_bool", "init", "ai_handle network, const ai_network_params* params", call("init", "network, params"));
  function("ai_error", "create_and_init",
           "ai_handle* network, const ai_handle activations[], const ai_handle weights[]",
           call("create_and_init", "network, activations, weights"));
  for (const char* what : {"inputs_get", "outputs_get"}) {
    function("ai_buffer*", what, "ai_handle network, ai_u16* n_buffer", call(what, "network, n_buffer"));
  }
  function("ai_i32", "run", "ai_handle network, const ai_buffer* input, ai_buffer* output",
           call("run", "network, input, output"));
  function("ai_i32", "forward", "ai_handle network, const ai_buffer* input", call("run", "network, input, NULL"));
  function("ai_bool", "data_params_get", "ai_network_params* params", call("params_get", "params"));
  function("ai_handle", "data_weights_get", "void", fmt::format("  return g_{}_weights_table;\n", name));
  for (const auto& [what, block] :
       {std::pair{"activations", std::size_t{0}}, std::pair{"weights", layout.plan.pools.size()}}) {
    function("ai_buffer", fmt::format("data_{}_buffer_get", what), "const ai_handle ptr",
             fmt::format("  ai_buffer buffer = {}_blocks[{}];\n  buffer.data = ptr;\n  return buffer;\n", name, block));
  }
}

std::string network_source(const NetworkLayout& layout) {
  CWriter out = bound_network_source(layout, "stvm_legacy.h");
  write_tables(out, layout);
  write_functions(out, layout);
  return out.text();
}

std::string data_source(const NetworkLayout& layout, EmitOptions::Weights weights) {
  const std::string symbol = legacy_weights_symbol(layout);
  CWriter out = weights_source(layout, weights, symbol, WeightsElement::word64);
  const auto table = [&](const char* what, std::vector<std::string> addresses) {
    addresses.insert(addresses.begin(), "AI_HANDLE_PTR(AI_MAGIC_MARKER)");
    addresses.emplace_back("AI_HANDLE_PTR(AI_MAGIC_MARKER)");
    out.open("ai_handle g_{}_{}_table[{}] = {{", layout.name, what, addresses.size()).values(addresses).close("};");
  };
  table("activations", std::vector<std::string>(layout.plan.pools.size(), "NULL"));
  std::vector<std::string> weights_addresses;
  for (std::size_t block = 0; block < layout.data_sizes().size(); ++block) {
    weights_addresses.push_back(fmt::format("AI_HANDLE_PTR({})", layout.data_symbol(block, symbol)));
  }
  table("weights", weights_addresses);
  return out.text();
}

}  // namespace

std::string legacy_weights_symbol(const NetworkLayout& layout) {
  return fmt::format("s_{}_weights_array_u64", layout.name);
}

Result<void> check_legacy_api(const NetworkDescriptor& network) {
  // ai_buffer_shape and ai_buffer count in fewer bits than a tensor may have.
  for (const auto* tensors : {&network.inputs, &network.outputs}) {
    for (const TensorIndex index : *tensors) {
      if (network.tensors[index].bytes > UINT32_MAX) {
        return Error{ErrorCode::unsupported,
                     fmt::format("tensor \"{}\" has {} bytes, and the legacy API counts to {}",
                                 network.tensors[index].name.substr(0, 100), network.tensors[index].bytes, UINT32_MAX),
                     {}};
      }
    }
  }
  return {};
}

Result<void> add_legacy_api(const NetworkLayout& layout, const EmitOptions& options, SourceTree& tree) {
  const std::string stem = layout.name.text() + "/" + layout.name.text();
  STM32TVM_CHECK(tree.add(stem + ".h", emit_legacy_header(layout)));
  STM32TVM_CHECK(tree.add(stem + "_config.h", emit_legacy_config(layout)));
  STM32TVM_CHECK(tree.add(stem + ".c", network_source(layout)));
  STM32TVM_CHECK(tree.add(stem + "_data.h", emit_legacy_data_header(layout)));
  STM32TVM_CHECK(tree.add(stem + "_data_params.h", emit_legacy_params_header(layout)));
  return tree.add(stem + "_data.c", data_source(layout, options.weights));
}

}  // namespace stm32tvm
