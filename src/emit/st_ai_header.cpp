// SPDX-License-Identifier: Apache-2.0
// The macros of <name>.h. All are plain: integers for #if, braces for initialisers, so that users can use them
// anywhere.
#include <fmt/format.h>

#include <array>
#include <string_view>
#include <vector>

#include "emit/c_writer.hpp"
#include "emit/model_facts.hpp"
#include "emit/network_tables.hpp"
#include "emit/quantization.hpp"
#include "emit/st_ai_api.hpp"

namespace stm32tvm {
namespace {

/// One macro "STAI_<NAME>_<what> <value>".
class Macros {
 public:
  Macros(CWriter& out, const std::string& upper) : out_(out), prefix_("STAI_" + upper + "_") {}

  template <class Value>
  Macros& operator()(const std::string& what, const Value& value) {
    out_.line("#define {}{} {}", prefix_, what, value);
    return *this;
  }
  template <class Values>
  Macros& braces(const std::string& what, const Values& values) {
    return (*this)(what, fmt::format("{{{}}}", fmt::join(values, ", ")));
  }
  [[nodiscard]] std::string name(const std::string& what) const { return prefix_ + what; }

 private:
  CWriter& out_;
  std::string prefix_;
};

/// BATCH, HEIGHT, WIDTH and CHANNEL, those that a tensor of this rank has; channels are last.
void write_dimensions(Macros& macro, const std::string& what, const Tensor& tensor) {
  const auto& shape = tensor.shape;
  const std::size_t first = has_batch(tensor) ? 1 : 0;
  macro(what + "_BATCH", first == 1 ? shape.front() : 1);
  const std::size_t rank = shape.size() - first;
  if (rank >= 2) {
    macro(what + "_HEIGHT", shape[first]);
  }
  if (rank >= 3) {
    macro(what + "_WIDTH", shape[first + 1]);
  }
  macro(what + "_CHANNEL", rank == 0 ? 1 : shape.back());
  macro(what + "_RANK", rank);
}

void write_tensor(CWriter& out, Macros& macro, const NetworkLayout& layout, TensorIndex index, const std::string& what,
                  const char* kind) {
  const Tensor& tensor = layout.network.tensors[index];
  macro(what + "_ALIGNMENT", layout.asked_alignment(index));
  macro(what + "_NAME", name_literal(tensor));
  macro(what + "_FLAGS", fmt::format("({})", stai_interface_flags(layout, index, kind)));
  macro(what + "_FORMAT", stai_format(tensor.type));
  macro(what + "_SHAPE", fmt::format("{{{}}}", tensor.shape.empty() ? "1" : join_shape(tensor.shape)));
  write_dimensions(macro, what, tensor);
  macro(what + "_SIZE", tensor.bytes / tensor.type.bytes());
  macro(what + "_SIZE_BYTES", tensor.bytes);
  if (const auto second = second_place(layout, index)) {
    out.line("/* A second place for it: fill or read one while a run uses the other. */");
    macro(what + "_SECOND_ACTIVATION", second->pool + 1)(what + "_SECOND_OFFSET", second->offset);
  }
  if (has_small_zero_points(tensor) && tensor.quantization.kind == Quantization::Kind::per_tensor) {
    macro(what + "_SCALE", c_float(tensor.quantization.scales.front()));
    macro(what + "_ZERO_POINT", fmt::format("({})", tensor.quantization.zero_points.front()));
  }
}

/// All macros of the inputs, or of the outputs.
void write_interface(CWriter& out, Macros& macro, const NetworkLayout& layout, const std::vector<TensorIndex>& tensors,
                     const std::string& what, const char* kind) {
  std::vector<std::uint64_t> alignments;
  std::vector<std::string> names;
  std::vector<std::string> formats;
  std::vector<std::uint64_t> sizes;
  std::vector<std::uint64_t> sizes_bytes;
  std::uint64_t total = 0;
  for (const TensorIndex index : tensors) {
    const Tensor& tensor = layout.network.tensors[index];
    const std::uint64_t alignment = layout.asked_alignment(index);
    alignments.push_back(alignment);
    names.push_back(name_literal(tensor));
    formats.push_back(stai_format(tensor.type));
    sizes.push_back(tensor.bytes / tensor.type.bytes());
    sizes_bytes.push_back(tensor.bytes);
    total += (tensor.bytes + alignment - 1) / alignment * alignment + alignment;
  }
  macro(what + "_NUM", tensors.size());
  out.line("/* Bytes of one buffer that all fit into, each at its alignment. */");
  macro(what + "_SIZE_BYTES", total);
  macro.braces(what + "_ALIGNMENTS", alignments).braces(what + "_NAMES", names).braces(what + "_FORMATS", formats);
  macro.braces(what + "_SIZES", sizes).braces(what + "_SIZES_BYTES", sizes_bytes);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    out.comment(layout.describe(tensors[i]));
    write_tensor(out, macro, layout, tensors[i], fmt::format("{}_{}", what, i + 1), kind);
  }
  out.blank();
}

/// The macros of blocks of bytes: activations and weights. `one` names a single one.
void write_blocks(Macros& macro, const std::string& all, const std::string& one, const std::string& flags,
                  const std::vector<std::uint64_t>& sizes, const std::vector<std::uint32_t>& alignments) {
  std::uint64_t total = 0;
  for (const std::uint64_t size : sizes) {
    total += size;
  }
  macro(all + "_NUM", sizes.size())(all + "_SIZE", total)(all + "_SIZE_BYTES", total);
  macro.braces(all + "_ALIGNMENTS", alignments).braces(all + "_SIZES", sizes);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::string what = fmt::format("{}_{}", one, i + 1);
    macro(what + "_FLAGS", flags)(what + "_SIZE", sizes[i])(what + "_SIZE_BYTES", sizes[i]);
    macro(what + "_ALIGNMENT", alignments[i]);
  }
}

void write_prototypes(CWriter& out, const CIdentifier& name) {
  const auto function = [&](const char* what, const char* parameters) {
    out.line("STAI_API_ENTRY stai_return_code stai_{}_{}(stai_network* network{});", name, what, parameters);
  };
  out.line("STAI_API_DECLARE_BEGIN").blank();
  out.line(
      "/* A context is STAI_..._CONTEXT_SIZE bytes of the application's, aligned to STAI_..._CONTEXT_ALIGNMENT. "
      "Several");
  out.line(" * of one network, in different activations, are independent. */");
  function("init", "");
  function("deinit", "");
  function("run", ", const stai_run_mode mode");
  out.line("STAI_API_ENTRY stai_size stai_{}_get_context_size(void);", name);
  function("get_info", ", stai_network_info* info");
  out.blank().line("/* Of the arrays that the application gives, the addresses are copied. */");
  for (const char* what : {"activations", "weights", "inputs", "outputs", "states"}) {
    out.line("STAI_API_ENTRY stai_return_code stai_{}_get_{}(stai_network* network, stai_ptr* {}, stai_size* n_{});",
             name, what, what, what);
    out.line("STAI_API_ENTRY stai_return_code stai_{}_set_{}(", name, what);
    out.line("    stai_network* network, const stai_ptr* {}, const stai_size n_{});", what, what);
  }
  out.blank().line("/* The first error since init: every later call returns it, too. */");
  function("get_error", "");
  out.line("/* Calls `cb` before and after each node; NULL: no more. */");
  function("set_callback", ", const stai_event_cb cb, void* cb_cookie");
  out.line("/* For loops that serve accelerators as well: there is nothing to reset. */");
  out.line("STAI_API_ENTRY stai_return_code stai_ext_{}_new_inference(stai_network* network);", name).blank();
  out.line("STAI_API_DECLARE_END").blank();
}

}  // namespace

std::string stai_format(DataType type) {
  if (type.lanes != 1) {
    return "STAI_FORMAT_NONE";
  }
  const auto one_of = [&](const char* letter, std::initializer_list<unsigned> widths) {
    for (const unsigned bits : widths) {
      if (type.bits == bits) {
        return fmt::format("STAI_FORMAT_{}{}", letter, bits);
      }
    }
    return std::string("STAI_FORMAT_NONE");
  };
  switch (type.code) {
    case DataType::Code::signed_integer:
      return one_of("S", {1, 4, 8, 16, 32, 64});
    case DataType::Code::unsigned_integer:
      return type.bits == 1 ? "STAI_FORMAT_BOOL" : one_of("U", {4, 8, 16, 32, 64});
    case DataType::Code::floating_point:
      return one_of("FLOAT", {32, 64});
    case DataType::Code::handle:
    case DataType::Code::bfloat:
      break;
  }
  return "STAI_FORMAT_NONE";
}

std::string stai_shape_flags(const Tensor& tensor) {
  return has_batch(tensor) ? "STAI_FLAG_CHANNEL_LAST|STAI_FLAG_HAS_BATCH" : "STAI_FLAG_CHANNEL_LAST";
}

std::string stai_interface_flags(const NetworkLayout& layout, TensorIndex index, std::string_view kind) {
  return fmt::format("STAI_FLAG_{}|{}{}", kind, lie_in_arenas(layout, {index}) ? "STAI_FLAG_PREALLOCATED|" : "",
                     stai_shape_flags(layout.network.tensors[index]));
}

std::string emit_st_ai_header(const NetworkLayout& layout) {
  const std::string& upper = layout.upper;
  CWriter out;
  Macros macro(out, upper);
  out.lines(file_banner(layout.network, "The network's sizes, and its part of the st-ai API."));
  out.line("#ifndef STAI_{}_H", upper).line("#define STAI_{}_H", upper).blank();
  out.line("#include \"stai.h\"").blank();
  macro("ORIGIN_MODEL_NAME", c_literal(layout.network.module_name.substr(0, 100)));
  macro("ORIGIN_MODEL_SIGNATURE", signature_literal(layout));
  macro("MODEL_NAME", c_literal(layout.name.text()));
  macro("MODEL_SIGNATURE", fmt::format("(0x{:016x}ULL)", model_signature(layout)));
  out.blank().line("/* Of an application's context. */");
  macro("CONTEXT_ALIGNMENT", 8);
  macro("CONTEXT_SIZE", fmt::format("(sizeof(stai_context) + {} * sizeof(stai_ptr))", layout.pool_count()));
  out.blank().line("/* What the network provides: the rest is for the application to set. */");
  std::vector<std::string> provided;
  if (lie_in_arenas(layout, layout.network.inputs)) {
    provided.emplace_back("STAI_FLAG_INPUTS");
  }
  if (lie_in_arenas(layout, layout.network.outputs)) {
    provided.emplace_back("STAI_FLAG_OUTPUTS");
  }
  if (!layout.data_sizes().empty()) {
    provided.emplace_back("STAI_FLAG_WEIGHTS");
  }
  macro("FLAGS", provided.empty() ? "(STAI_FLAG_NONE)" : fmt::format("({})", fmt::join(provided, "|")));
  macro("NODES_NUM", layout.operators.size());
  out.line("/* The archive does not tell the number of multiplications. */");
  macro("MACC_NUM", 0);
  out.blank().line(
      "/* What is PREALLOCATED lies in the activations until set_inputs or set_outputs puts it elsewhere;");
  out.line(" * what is not has no memory until they give it some. */");
  write_interface(out, macro, layout, layout.network.inputs, "IN", "INPUTS");
  write_interface(out, macro, layout, layout.network.outputs, "OUT", "OUTPUTS");
  out.line("/* Inputs, outputs, inner tensors and workspaces. */");
  std::vector<std::uint32_t> alignments;
  for (std::size_t i = 0; i < layout.plan.pools.size(); ++i) {
    alignments.push_back(layout.asked_arena_alignment(i));
  }
  write_blocks(macro, "ACTIVATIONS", "ACTIVATION", "(STAI_FLAG_ACTIVATIONS)", arena_sizes(layout), alignments);
  out.blank();
  write_blocks(macro, "WEIGHTS", "WEIGHT", "(STAI_FLAG_PREALLOCATED)", layout.data_sizes(),
               std::vector<std::uint32_t>(layout.data_sizes().size(), layout.needed_alignment()));
  out.blank().line("/* Networks of TVM have no states. */");
  macro("STATES_NUM", 0)("STATES_SIZE", 0)("STATES_SIZE_BYTES", 0)("STATES_ALIGNMENTS", "{0}")("STATES_SIZES", "{0}");
  macro("STATE_1_FLAGS", "(STAI_FLAG_NONE)")("STATE_1_ALIGNMENT", 4)("STATE_1_SIZE", 0)("STATE_1_SIZE_BYTES", 0);
  out.blank();
  write_prototypes(out, layout.name);
  out.line("#endif /* STAI_{}_H */", upper);
  return out.text();
}

}  // namespace stm32tvm
