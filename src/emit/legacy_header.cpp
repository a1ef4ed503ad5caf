// SPDX-License-Identifier: Apache-2.0
// The macros of the legacy API. All are plain: integers for #if, braces for initialisers.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "emit/c_writer.hpp"
#include "emit/legacy_api.hpp"
#include "emit/model_facts.hpp"
#include "emit/network_tables.hpp"
#include "emit/weights.hpp"

namespace stm32tvm {
namespace {

/// Everything between the include guards of one of the network's headers.
std::string guarded(const NetworkLayout& layout, const std::string& suffix, const char* purpose, std::string&& body) {
  const std::string guard = fmt::format("AI_{}{}_H", layout.upper, suffix);
  CWriter out;
  out.lines(file_banner(layout.network, purpose));
  out.line("#ifndef {}", guard).line("#define {}", guard).blank();
  out.lines(body).blank().line("#endif /* {} */", guard);
  return out.text();
}

void write_interface(CWriter& out, const NetworkLayout& layout, const std::vector<TensorIndex>& tensors,
                     const char* kind, const char* function) {
  const std::string prefix = fmt::format("AI_{}_{}", layout.upper, kind);
  std::vector<std::uint64_t> sizes;
  std::vector<std::uint64_t> sizes_bytes;
  for (const TensorIndex index : tensors) {
    const Tensor& tensor = layout.network.tensors[index];
    sizes.push_back(tensor.bytes / tensor.type.bytes());
    sizes_bytes.push_back(tensor.bytes);
  }
  out.line("#define {}_NUM {}", prefix, tensors.size());
  out.line("#define {} ai_{}_{}(AI_HANDLE_NULL, NULL)", prefix, layout.name, function);
  out.line("#define {}_SIZE {{{}}}", prefix, fmt::join(sizes, ", "));
  out.line("#define {}_SIZE_BYTES {{{}}}", prefix, fmt::join(sizes_bytes, ", "));
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& tensor = layout.network.tensors[tensors[i]];
    const LegacyShape shape = legacy_shape(tensor);
    const std::string one = fmt::format("{}_{}", prefix, i + 1);
    out.comment(layout.describe(tensors[i]));
    out.line("#define {}_FORMAT ({})", one, legacy_format(tensor.type));
    // ST's word for the only outer dimension is height, and width comes with the second.
    if (shape.outer.size() > 1) {
      out.line("#define {}_HEIGHT ({})", one, shape.outer[1]);
      out.line("#define {}_WIDTH ({})", one, shape.outer[0]);
    } else if (!shape.outer.empty()) {
      out.line("#define {}_HEIGHT ({})", one, shape.outer[0]);
    }
    out.line("#define {}_CHANNEL ({})", one, shape.channel);
    out.line("#define {}_SIZE ({})", one, sizes[i]);
    out.line("#define {}_SIZE_BYTES ({})", one, sizes_bytes[i]);
    out.line("#define {}_ALIGNMENT ({})", one, layout.asked_alignment(tensors[i]));
    if (const auto second = second_place(layout, tensors[i])) {
      out.line("/* A second place for it: fill or read one while a run uses the other. */");
      out.line("#define {}_SECOND_ACTIVATION ({})", one, second->pool + 1);
      out.line("#define {}_SECOND_OFFSET ({})", one, second->offset);
    }
  }
  out.blank();
}

/// The macros of activations or weights: `all` as one, `one` for each.
void write_blocks(CWriter& out, const NetworkLayout& layout, const char* all, const char* one,
                  const std::vector<std::uint64_t>& sizes) {
  std::uint64_t total = 0;
  for (const std::uint64_t size : sizes) {
    total += size;
  }
  const std::string prefix = fmt::format("AI_{}_DATA_", layout.upper);
  out.line("#define {}{}_SIZE ({})", prefix, all, total);
  out.line("#define {}{}_COUNT ({})", prefix, all, sizes.size());
  out.line("#define {}{}_SIZES {{{}}}", prefix, all, sizes.empty() ? "0" : fmt::format("{}", fmt::join(sizes, ", ")));
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    out.line("#define {}{}_{}_SIZE ({})", prefix, one, i + 1, sizes[i]);
  }
}

void write_prototypes(CWriter& out, const CIdentifier& name) {
  out.line("AI_API_DECLARE_BEGIN").blank();
  out.line(
      "/* Both fill what never changes before init, and addresses after it; get_info in the form of two buffers. */");
  out.line("AI_API_ENTRY ai_bool ai_{}_get_report(ai_handle network, ai_network_report* report);", name);
  out.line("AI_DEPRECATED AI_API_ENTRY ai_bool ai_{}_get_info(ai_handle network, ai_network_report* report);", name);
  out.line("/* The first error since the last call. */");
  out.line("AI_API_ENTRY ai_error ai_{}_get_error(ai_handle network);", name);
  out.blank().line("/* The configuration is not used. With one instance, create gives that one anew. */");
  out.line("AI_API_ENTRY ai_error ai_{}_create(ai_handle* network, const ai_buffer* network_config);", name);
  out.line("/* AI_HANDLE_NULL, or the handle again when it is none. */");
  out.line("AI_API_ENTRY ai_handle ai_{}_destroy(ai_handle network);", name);
  out.line("AI_API_ENTRY ai_bool ai_{}_init(ai_handle network, const ai_network_params* params);", name);
  out.line("/* The addresses of all activations and of all weights; weights NULL: the network's own. */");
  out.line("AI_API_ENTRY ai_error ai_{}_create_and_init(ai_handle* network, const ai_handle activations[],", name);
  out.line("    const ai_handle weights[]);");
  out.blank().line(
      "/* Descriptors that the library owns: the application sets their data, and may set their batches. */");
  out.line("AI_API_ENTRY ai_buffer* ai_{}_inputs_get(ai_handle network, ai_u16* n_buffer);", name);
  out.line("AI_API_ENTRY ai_buffer* ai_{}_outputs_get(ai_handle network, ai_u16* n_buffer);", name);
  out.blank().line("/* The number of batches that ran; less than those of the inputs where there was an error. */");
  out.line("AI_API_ENTRY ai_i32 ai_{}_run(ai_handle network, const ai_buffer* input, ai_buffer* output);", name);
  out.line("/* Leaves the outputs in the activations. */");
  out.line("AI_API_ENTRY ai_i32 ai_{}_forward(ai_handle network, const ai_buffer* input);", name);
  out.blank().line("AI_API_DECLARE_END");
}

}  // namespace

std::string legacy_format(DataType type) {
  const unsigned bits = type.bits;
  const bool is_signed = type.code == DataType::Code::signed_integer;
  if (type.lanes != 1) {
    return "AI_BUFFER_FORMAT_NONE";
  }
  if (type.code == DataType::Code::floating_point) {
    return bits == 32   ? "AI_BUFFER_FORMAT_FLOAT"
           : bits == 64 ? "AI_BUFFER_FMT_SET(AI_BUFFER_FMT_TYPE_FLOAT, 1, 0, 64, 0)"
                        : "AI_BUFFER_FORMAT_NONE";
  }
  if (!is_signed && type.code != DataType::Code::unsigned_integer) {
    return "AI_BUFFER_FORMAT_NONE";
  }
  if (!is_signed && bits == 1) {
    return "AI_BUFFER_FORMAT_BOOL";
  }
  if (bits == 8 || bits == 16 || bits == 32) {
    return fmt::format("AI_BUFFER_FORMAT_{}{}", is_signed ? 'S' : 'U', bits);
  }
  return bits == 64 ? fmt::format("AI_BUFFER_FMT_SET(AI_BUFFER_FMT_TYPE_Q, {}, 0, 64, 0)", is_signed ? 1 : 0)
                    : "AI_BUFFER_FORMAT_NONE";
}

LegacyShape legacy_shape(const Tensor& tensor) {
  constexpr std::size_t most = 4;
  LegacyShape made;
  std::vector<std::int64_t> rest(tensor.shape.begin() + (has_batch(tensor) ? 1 : 0), tensor.shape.end());
  if (rest.empty()) {
    return made;
  }
  made.channel = rest.back();
  rest.pop_back();
  for (; !rest.empty(); rest.pop_back()) {
    if (made.outer.size() < most) {
      made.outer.push_back(rest.back());
    } else {
      made.outer.back() *= rest.back();
    }
  }
  return made;
}

std::string emit_legacy_header(const NetworkLayout& layout) {
  const std::string& upper = layout.upper;
  CWriter out;
  out.line("#include \"{}_config.h\"", layout.name).line("#include \"ai_platform.h\"").blank();
  out.line("#define AI_{}_MODEL_NAME {}", upper, c_literal(layout.name.text()));
  out.line("#define AI_{}_ORIGIN_MODEL_NAME {}", upper, c_literal(layout.network.module_name.substr(0, 100)));
  out.line("#define AI_{}_N_NODES ({})", upper, layout.operators.size()).blank();
  out.line("/* Of the application's activations, in bytes. */");
  std::uint32_t alignment = 0;
  for (std::size_t i = 0; i < layout.plan.pools.size(); ++i) {
    alignment = std::max(alignment, layout.asked_arena_alignment(i));
  }
  out.line("#define AI_{}_ACTIVATIONS_ALIGNMENT ({})", upper, alignment);
  for (const auto& [what, tensors] :
       {std::pair{"INPUTS", &layout.network.inputs}, std::pair{"OUTPUTS", &layout.network.outputs}}) {
    if (lie_in_arenas(layout, *tensors)) {
      out.line("#define AI_{}_{}_IN_ACTIVATIONS ({})", upper, what, alignment);
    }
  }
  out.blank().line("/* Instances that create gives at the same time. */");
  out.line("#ifndef AI_{}_INSTANCES", upper).line("#define AI_{}_INSTANCES 1", upper).line("#endif").blank();
  write_interface(out, layout, layout.network.inputs, "IN", "inputs_get");
  write_interface(out, layout, layout.network.outputs, "OUT", "outputs_get");
  write_prototypes(out, layout.name);
  return guarded(layout, "", "The network's sizes, and its part of the legacy API.", out.text());
}

std::string emit_legacy_config(const NetworkLayout& layout) {
  CWriter out;
  out.line("/* The version of ST's tools whose API this is. */");
  out.line("#define AI_TOOLS_VERSION_MAJOR 2").line("#define AI_TOOLS_VERSION_MINOR 2");
  out.line("#define AI_TOOLS_VERSION_MICRO 0").line("#define AI_TOOLS_VERSION_EXTRA \"stm32tvm\"");
  return guarded(layout, "_CONFIG", "Versions.", out.text());
}

std::string emit_legacy_data_header(const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  const std::string& upper = layout.upper;
  CWriter out;
  out.line("#include \"{}.h\"", name).line("#include \"{}_data_params.h\"", name).blank();
  out.line("/* The two buffers of AI_NETWORK_PARAMS_INIT. */");
  out.line("#define AI_{}_DATA_ACTIVATIONS(ptr_) ai_{}_data_activations_buffer_get(AI_HANDLE_PTR(ptr_))", upper, name);
  out.line("#define AI_{}_DATA_WEIGHTS(ptr_) ai_{}_data_weights_buffer_get(AI_HANDLE_PTR(ptr_))", upper, name).blank();
  out.line("AI_API_DECLARE_BEGIN").blank();
  out.line("/* Parameters of the map form, with the addresses of the two tables. */");
  out.line("AI_API_ENTRY ai_bool ai_{}_data_params_get(ai_network_params* params);", name);
  out.line("/* The table of weights, which init knows. */");
  out.line("AI_DEPRECATED AI_API_ENTRY ai_handle ai_{}_data_weights_get(void);", name);
  out.line("AI_DEPRECATED AI_API_ENTRY ai_buffer ai_{}_data_activations_buffer_get(const ai_handle ptr);", name);
  out.line("AI_DEPRECATED AI_API_ENTRY ai_buffer ai_{}_data_weights_buffer_get(const ai_handle ptr);", name);
  out.blank().line("AI_API_DECLARE_END");
  return guarded(layout, "_DATA", "The network's parameters.", out.text());
}

std::string emit_legacy_params_header(const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  CWriter out;
  out.line("#include \"ai_platform.h\"").blank();
  out.line("#define AI_{}_DATA_CONFIG (NULL)", layout.upper).blank();
  out.line("/* Inputs, outputs, inner tensors and workspaces. */");
  write_blocks(out, layout, "ACTIVATIONS", "ACTIVATION", arena_sizes(layout));
  out.blank();
  write_blocks(out, layout, "WEIGHTS", "WEIGHT", layout.data_sizes());
  out.blank().line("/* Addresses, between two AI_MAGIC_MARKER. */");
  for (const auto& [lower, upper] : {std::pair{"activations", "ACTIVATIONS"}, std::pair{"weights", "WEIGHTS"}}) {
    out.line("#define AI_{}_DATA_{}_TABLE_GET() (&g_{}_{}_table[1])", layout.upper, upper, name, lower);
  }
  out.blank().line("AI_API_DECLARE_BEGIN").blank();
  for (const auto& [lower, upper] : {std::pair{"activations", "ACTIVATIONS"}, std::pair{"weights", "WEIGHTS"}}) {
    out.line("extern ai_handle g_{}_{}_table[AI_{}_DATA_{}_COUNT + 2];", name, lower, layout.upper, upper);
  }
  out.blank();
  declare_weights(out, layout, legacy_weights_symbol(layout), WeightsElement::word64);
  out.line("AI_API_DECLARE_END");
  return guarded(layout, "_DATA_PARAMS", "Sizes and tables of activations and weights.", out.text());
}

}  // namespace stm32tvm
