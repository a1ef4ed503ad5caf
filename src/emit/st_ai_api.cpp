// SPDX-License-Identifier: Apache-2.0
// The st-ai API: every function is one call into runtime_c/api/st_ai/stvm_stai.c with the network's tables.
#include "emit/st_ai_api.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

#include "emit/c_writer.hpp"
#include "emit/model_facts.hpp"
#include "emit/network_tables.hpp"
#include "emit/quantization.hpp"
#include "emit/weights.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

/// Arrays that a tensor's stai_tensor points to: shape, and where it is quantized scale and zero point.
void write_tensor_arrays(CWriter& out, const Tensor& tensor, const std::string& prefix) {
  out.line("static const int32_t {}_shape[] = {{{}}};", prefix, tensor.shape.empty() ? "1" : join_shape(tensor.shape));
  if (has_small_zero_points(tensor)) {
    std::vector<std::string> scales;
    for (const double scale : tensor.quantization.scales) {
      scales.push_back(c_float(scale));
    }
    out.open("static const float {}_scale[] = {{", prefix).values(scales).close("};");
    out.open("static const int16_t {}_zeropoint[] = {{", prefix).values(tensor.quantization.zero_points).close("};");
  }
}

/// The initialiser of a stai_tensor over these arrays.
std::string stai_tensor(const Tensor& tensor, const std::string& prefix, const std::string& flags) {
  const std::size_t scales = has_small_zero_points(tensor) ? tensor.quantization.scales.size() : 0;
  const auto array = [&](const char* what) {
    return scales == 0 ? std::string("{0, NULL}") : fmt::format("{{{}, {}_{}}}", scales, prefix, what);
  };
  return fmt::format("{{{}, {}, {}, {{{}, {}_shape}}, {}, {}, {}}}", tensor.bytes, flags, stai_format(tensor.type),
                     std::max<std::size_t>(tensor.shape.size(), 1), prefix, array("scale"), array("zeropoint"),
                     name_literal(tensor));
}

/// The table of inputs or outputs; "NULL" when there are none.
std::string write_interface(CWriter& out, const NetworkLayout& layout, const std::vector<TensorIndex>& tensors,
                            const char* what, const char* kind) {
  if (tensors.empty()) {
    return "NULL";
  }
  std::string table = fmt::format("{}_{}", layout.name, what);
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& tensor = layout.network.tensors[tensors[i]];
    const std::string prefix = fmt::format("{}_{}", table, i + 1);
    write_tensor_arrays(out, tensor, prefix);
    rows.push_back(stai_tensor(tensor, prefix, stai_interface_flags(layout, tensors[i], kind)));
  }
  out.open("static const stai_tensor {}[{}] = {{", table, rows.size()).values(rows).close("};").blank();
  return table;
}

/// The table of arenas or weights; "NULL" when there are none.
std::string write_blocks(CWriter& out, const NetworkLayout& layout, const std::vector<std::uint64_t>& sizes,
                         const char* what, const char* flags) {
  if (sizes.empty()) {
    return "NULL";
  }
  std::string table = fmt::format("{}_{}", layout.name, what);
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    out.line("static const int32_t {}_{}_shape[] = {{{}}};", table, i + 1, sizes[i]);
    rows.push_back(fmt::format("{{{}, {}, STAI_FORMAT_U8, {{1, {}_{}_shape}}, {{0, NULL}}, {{0, NULL}}, \"{}_{}\"}}",
                               sizes[i], flags, table, i + 1, what, i + 1));
  }
  out.open("static const stai_tensor {}[{}] = {{", table, rows.size()).values(rows).close("};").blank();
  return table;
}

void write_tables(CWriter& out, const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  const std::string inputs = write_interface(out, layout, layout.network.inputs, "inputs", "INPUTS");
  const std::string outputs = write_interface(out, layout, layout.network.outputs, "outputs", "OUTPUTS");
  const std::string activations =
      write_blocks(out, layout, arena_sizes(layout), "activations", "STAI_FLAG_ACTIVATIONS");
  const std::string weights = write_blocks(out, layout, layout.data_sizes(), "weights", "STAI_FLAG_PREALLOCATED");
  const std::uint64_t signature = model_signature(layout);
  out.open("static const stai_network_info {}_info = {{", name);
  out.line(".model_signature = STAI_{}_ORIGIN_MODEL_SIGNATURE,", layout.upper);
  out.line(".c_compile_datetime = \"\",");
  out.line(".c_model_name = STAI_{}_MODEL_NAME,", layout.upper);
  out.line(".c_model_datetime = {},", c_literal(layout.network.export_datetime.substr(0, 40)));
  out.line(".c_model_signature = 0x{:08x}u,", static_cast<std::uint32_t>(signature ^ (signature >> 32U)));
  out.line(".runtime_version = {},", tool_version_braces());
  out.line(".tool_version = {},", tool_version_braces());
  out.line(".api_version = {{STAI_API_VERSION_MAJOR, STAI_API_VERSION_MINOR, STAI_API_VERSION_MICRO, 0}},");
  out.line(".n_macc = STAI_{}_MACC_NUM,", layout.upper);
  out.line(".n_nodes = STAI_{}_NODES_NUM,", layout.upper);
  out.line(".flags = STAI_{}_FLAGS,", layout.upper);
  for (const auto& [what, macro] : {std::pair{"inputs", "IN"},
                                    {"outputs", "OUT"},
                                    {"activations", "ACTIVATIONS"},
                                    {"weights", "WEIGHTS"},
                                    {"states", "STATES"}}) {
    out.line(".n_{} = STAI_{}_{}_NUM,", what, layout.upper, macro);
  }
  out.line(".inputs = {},", inputs).line(".outputs = {},", outputs);
  out.line(".activations = {},", activations).line(".weights = {},", weights).line(".states = NULL,");
  out.close("};").blank();
  out.open("static const stai_tables {}_stai = {{", name);
  out.line(".network = &{}_stvm,", name);
  out.line(".info = &{}_info,", name);
  out.line(".context_size = STAI_{}_CONTEXT_SIZE,", layout.upper);
  out.close("};").blank();
}

void write_functions(CWriter& out, const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  const auto function = [&](std::string_view what, std::string_view parameters, std::string_view body) {
    out.open("stai_return_code stai_{}_{}(stai_network* network{}) {{", name, what, parameters);
    out.lines(body).close("}").blank();
  };
  const auto call = [&](std::string_view what, std::string_view arguments) {
    return fmt::format("  return stvm_stai_{}(&{}_stai, network{});\n", what, name, arguments);
  };
  function("init", "", call("init", ""));
  function("deinit", "", call("deinit", ""));
  function("run", ", const stai_run_mode mode", "  (void)mode;\n" + call("run", ""));
  out.line("stai_size stai_{}_get_context_size(void) {{ return STAI_{}_CONTEXT_SIZE; }}", name, layout.upper).blank();
  function("get_info", ", stai_network_info* info", call("get_info", ", info"));
  for (const auto& [what, kind] : {std::pair{"activations", "STAI_ACTIVATIONS"},
                                   {"weights", "STAI_WEIGHTS"},
                                   {"inputs", "STAI_INPUTS"},
                                   {"outputs", "STAI_OUTPUTS"}}) {
    function(fmt::format("get_{}", what), fmt::format(", stai_ptr* {0}, stai_size* n_{0}", what),
             call("get", fmt::format(", {0}, {1}, n_{1}", kind, what)));
    function(fmt::format("set_{}", what), fmt::format(", const stai_ptr* {0}, const stai_size n_{0}", what),
             call("set", fmt::format(", {0}, {1}, n_{1}", kind, what)));
  }
  function("get_states", ", stai_ptr* states, stai_size* n_states",
           "  (void)states;\n" + call("get_states", ", n_states"));
  function("set_states", ", const stai_ptr* states, const stai_size n_states",
           "  (void)states;\n  (void)n_states;\n" + call("get_error", ""));
  function("get_error", "", call("get_error", ""));
  out.open("static stvm_status {}_run_observed(stai_context* context) {{", name);
  out.line("stai_ptr buffers[{}];", layout.longest_call);
  out.line("return stvm_stai_run_observed(context, &{}_stvm_details, buffers);", name).close("}").blank();
  function("set_callback", ", const stai_event_cb cb, void* cb_cookie",
           call("set_callback", fmt::format(", cb, cb_cookie, {}_run_observed", name)));
  out.open("stai_return_code stai_ext_{}_new_inference(stai_network* network) {{", name);
  out.lines(call("get_error", "")).close("}");
}

std::string network_source(const NetworkLayout& layout) {
  CWriter out = bound_network_source(layout, "stvm_stai.h");
  write_tables(out, layout);
  write_functions(out, layout);
  return out.text();
}

std::string data_header(const NetworkLayout& layout) {
  CWriter out;
  out.lines(file_banner(layout.network, "The network's weights."));
  out.line("#ifndef STAI_{}_DATA_H", layout.upper).line("#define STAI_{}_DATA_H", layout.upper).blank();
  out.line("#include \"stai.h\"").blank();
  out.line("STAI_API_DECLARE_BEGIN").blank();
  declare_weights(out, layout, st_ai_weights_symbol(layout), WeightsElement::word64);
  out.line("STAI_API_DECLARE_END").blank();
  out.line("#endif /* STAI_{}_DATA_H */", layout.upper);
  return out.text();
}

}  // namespace

std::string emit_st_ai_details(const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  CWriter out;
  out.lines(file_banner(layout.network, "All tensors and nodes, for tools. It defines them: include it once."));
  out.line("#ifndef STAI_{}_DETAILS_H", layout.upper).line("#define STAI_{}_DETAILS_H", layout.upper).blank();
  out.line("#include \"stai.h\"").blank();
  std::vector<std::string> rows;
  for (const auto* tensors : {&layout.interface, &layout.table}) {
    for (const TensorIndex index : *tensors) {
      const Tensor& tensor = layout.network.tensors[index];
      const std::string prefix = fmt::format("{}_details_tensor_{}", name, rows.size());
      write_tensor_arrays(out, tensor, prefix);
      rows.push_back(stai_tensor(tensor, prefix, "STAI_FLAG_NONE"));
    }
  }
  out.open("static const stai_tensor {}_details_tensors[{}] = {{", name, rows.size()).values(rows).close("};").blank();
  std::vector<std::string> nodes;
  for (std::size_t row = 0; row < layout.operators.size(); ++row) {
    const Operator& call = layout.network.operators[layout.operators[row]];
    const auto list = [&](const std::vector<Argument>& arguments, const char* what) {
      std::vector<std::size_t> indices;
      indices.reserve(arguments.size());
      for (const Argument& argument : arguments) {
        indices.push_back(layout.row(argument.tensor));
      }
      if (indices.empty()) {
        return std::string("{0, NULL}");
      }
      const std::string array = fmt::format("{}_details_node_{}_{}", name, row, what);
      out.line("static const int32_t {}[] = {{{}}};", array, fmt::join(indices, ", "));
      return fmt::format("{{{}, {}}}", indices.size(), array);
    };
    const std::string inputs = list(call.inputs, "inputs");
    const std::string outputs = list(call.outputs, "outputs");
    nodes.push_back(fmt::format("{{{}, 0x{:x}, {}, {}}}", row, layer_number(call), inputs, outputs));
  }
  if (nodes.empty()) {
    nodes.emplace_back("{0, 0, {0, NULL}, {0, NULL}}");
  }
  out.open("static const stai_node_details {}_details_nodes[{}] = {{", name, nodes.size()).values(nodes).close("};");
  out.blank().line("STAI_API_DECLARE_BEGIN");
  out.line("extern const stai_network_details g_{}_details;", name);
  out.line("const stai_network_details g_{}_details = {{{}_details_tensors, {}_details_nodes, {}}};", name, name, name,
           layout.operators.size());
  out.line("STAI_API_DECLARE_END").blank();
  out.line("#endif /* STAI_{}_DETAILS_H */", layout.upper);
  return out.text();
}

std::string st_ai_weights_symbol(const NetworkLayout& layout) {
  return fmt::format("g_{}_weights_array", layout.name);
}

Result<void> check_st_ai_api(const NetworkDescriptor& /*network*/) {
  return {};
}

Result<void> add_st_ai_api(const NetworkLayout& layout, const EmitOptions& options, SourceTree& tree) {
  const std::string stem = layout.name.text() + "/" + layout.name.text();
  STM32TVM_CHECK(tree.add(stem + ".h", emit_st_ai_header(layout)));
  STM32TVM_CHECK(tree.add(stem + ".c", network_source(layout)));
  STM32TVM_CHECK(tree.add(stem + "_details.h", emit_st_ai_details(layout)));
  STM32TVM_CHECK(tree.add(stem + "_data.h", data_header(layout)));
  CWriter data = weights_source(layout, options.weights, st_ai_weights_symbol(layout), WeightsElement::word64);
  return tree.add(stem + "_data.c", data.text());
}

}  // namespace stm32tvm
