// SPDX-License-Identifier: Apache-2.0
// One struct of constants for each input and output, and its name as an alias, for a struct cannot have the name of one
// of its members. Everything of C is written with its "::", for the network may be named like it.
#include "emit/typed_view.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <vector>

#include "emit/c_writer.hpp"
#include "emit/network_tables.hpp"
#include "emit/quantization.hpp"
#include "network/interface_names.hpp"

namespace stm32tvm {
namespace {

std::string cpp_type(DataType type) {
  const std::string stored = c_storage_type(type);
  return stored.ends_with("_t") ? "::" + stored : stored;
}

/// "in_1", "out_1": no identifier of a tensor, nor a member of its struct.
std::string numbered(const NetworkLayout& layout, std::size_t row) {
  const std::size_t inputs = layout.network.inputs.size();
  return row < inputs ? fmt::format("in_{}", row + 1) : fmt::format("out_{}", row - inputs + 1);
}

void write_quantization_constants(CWriter& out, const Quantization& quantization) {
  const bool per_tensor = quantization.kind == Quantization::Kind::per_tensor;
  const bool per_axis = quantization.kind == Quantization::Kind::per_axis;
  out.line("static constexpr bool is_quantized_per_tensor = {};", per_tensor);
  out.line("static constexpr bool is_quantized_per_axis = {};", per_axis);
  if (per_tensor) {
    out.line("static constexpr float scale = {};", c_float(quantization.scales.front()));
    out.line("static constexpr ::int32_t zero_point = {};", quantization.zero_points.front());
  } else if (per_axis) {
    std::vector<std::string> scales;
    for (const double scale : quantization.scales) {
      scales.push_back(c_float(scale));
    }
    out.open("static constexpr float scale[] = {{").values(scales).close("};");
    out.open("static constexpr ::int32_t zero_point[] = {{").values(quantization.zero_points).close("};");
    out.line("static constexpr int axis = {};", quantization.axis);
  }
}

void write_tensor(CWriter& out, const NetworkLayout& layout, std::size_t row, const std::string& identifier) {
  const Tensor& tensor = layout.network.tensors[layout.interface[row]];
  const bool is_input = row < layout.network.inputs.size();
  out.comment(layout.describe(layout.interface[row]));
  out.open("struct {} {{", numbered(layout, row));
  out.line("using Model = Description;");
  out.line("using Value = {};", cpp_type(tensor.type));
  out.line("static constexpr bool is_input = {};", is_input);
  out.line("static constexpr ::int32_t index = {};", is_input ? row : row - layout.network.inputs.size());
  out.line("static constexpr const char* name = {};",
           c_literal(tensor.source_name.empty() ? identifier : tensor.source_name));
  out.line("static constexpr ::size_t rank = {};", tensor.shape.size());
  if (tensor.shape.empty()) {
    out.line("static constexpr const ::int64_t* shape = nullptr;");
  } else {
    out.line("static constexpr ::int64_t shape[] = {{{}}};", join_shape(tensor.shape));
  }
  out.line("static constexpr ::size_t size_bytes = {};", tensor.bytes);
  out.line("static constexpr ::size_t size = size_bytes / sizeof(Value);");
  write_quantization_constants(out, tensor.quantization);
  out.close("};").blank();
}

}  // namespace

std::string emit_typed_view(const NetworkLayout& layout) {
  const CIdentifier& name = layout.name;
  const std::vector<std::string> identifiers = interface_identifiers(layout.network);
  CWriter out;
  out.lines(file_banner(layout.network, "The network in C++17: stvm.hpp tells how it is used."));
  out.line("#ifndef {}_HPP", layout.upper).line("#define {}_HPP", layout.upper).blank();
  out.line("#include \"stvm.hpp\"").blank();
  out.line("extern \"C\" ai_model_info {}_network;", name).blank();
  out.line("namespace stvm {{").line("namespace {} {{", name).blank();
  out.open("struct Description {{");
  out.line("static ::ai_model_info& info() noexcept {{ return ::{}_network; }}", name);
  out.line("static constexpr ::size_t activations_bytes = {};", layout.plan.bytes());
  out.line("static constexpr ::size_t activations_alignment = {};", layout.plan.pools[0].alignment);
  out.close("};").blank();
  out.line("using Network = ::stvm::Network<Description>;").blank();
  for (std::size_t row = 0; row < layout.interface.size(); ++row) {
    write_tensor(out, layout, row, identifiers[row]);
  }
  out.line("/* The same by name. */").line("namespace inputs {{");
  for (std::size_t row = 0; row < layout.interface.size(); ++row) {
    if (row == layout.network.inputs.size()) {
      out.line("}}  // namespace inputs").line("namespace outputs {{");
    }
    out.line("using {} = {};", identifiers[row], numbered(layout, row));
  }
  out.line("}}  // namespace outputs").blank();
  out.line("}}  // namespace {}", name).line("}}  // namespace stvm").blank();
  out.line("#endif  // {}_HPP", layout.upper);
  return out.text();
}

}  // namespace stm32tvm
