// SPDX-License-Identifier: Apache-2.0
// Writing types, scales and zero points as C.
#include "emit/quantization.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>
#include <vector>

#include "network/interface_names.hpp"

namespace stm32tvm {
namespace {

bool is_quantized(const Tensor& tensor) {
  return tensor.quantization.kind == Quantization::Kind::per_tensor ||
         tensor.quantization.kind == Quantization::Kind::per_axis;
}

std::vector<std::string> c_floats(const std::vector<double>& numbers) {
  std::vector<std::string> texts;
  texts.reserve(numbers.size());
  for (const double number : numbers) {
    texts.push_back(c_float(number));
  }
  return texts;
}

/// Name of a part of the tensor's quantization.
std::string part(const NetworkLayout& layout, TensorIndex tensor, const char* what) {
  return fmt::format("{}_{}_{}", layout.name, what, layout.row(tensor));
}

/// What the macros of a tensor end in.
std::vector<std::string_view> endings(const Tensor& tensor) {
  std::vector<std::string_view> all = {"SHAPE", "RANK", "SIZE", "SIZE_BYTES"};
  if (tensor.type.lanes == 1) {
    all.emplace_back("DTYPE");
  }
  if (is_quantized(tensor)) {
    all.insert(all.end(), {"SCALE", "ZERO_POINT"});
  }
  if (tensor.quantization.kind == Quantization::Kind::per_axis) {
    all.emplace_back("AXIS");
  }
  return all;
}

}  // namespace

std::string c_float(double number) {
  std::string text = fmt::format("{:.9g}", static_cast<double>(static_cast<float>(number)));
  if (text.find_first_of(".e") == std::string::npos) {
    text += ".0";
  }
  return text + "f";
}

std::string c_storage_type(DataType type) {
  const unsigned bytes = (type.bits + 7U) / 8U;
  switch (type.code) {
    case DataType::Code::signed_integer:
      return fmt::format("int{}_t", 8 * bytes);
    case DataType::Code::floating_point:
      if (bytes == 4 || bytes == 8) {
        return bytes == 4 ? "float" : "double";
      }
      break;
    case DataType::Code::handle:
      return "void*";
    case DataType::Code::unsigned_integer:
    case DataType::Code::bfloat:
      break;
  }
  return fmt::format("uint{}_t", 8 * bytes);
}

void write_value_macros(CWriter& out, const Tensor& tensor, const std::string& prefix) {
  const Quantization& quantization = tensor.quantization;
  if (tensor.type.lanes == 1) {
    out.line("#define {}_DTYPE {}", prefix, c_storage_type(tensor.type));
  }
  if (quantization.kind == Quantization::Kind::per_tensor) {
    out.line("#define {}_SCALE {}", prefix, c_float(quantization.scales.front()));
    out.line("#define {}_ZERO_POINT ({})", prefix, quantization.zero_points.front());
  } else if (quantization.kind == Quantization::Kind::per_axis) {
    out.line("#define {}_SCALE {{{}}}", prefix, fmt::join(c_floats(quantization.scales), ", "));
    out.line("#define {}_ZERO_POINT {{{}}}", prefix, fmt::join(quantization.zero_points, ", "));
    out.line("#define {}_AXIS {}", prefix, quantization.axis);
  }
}

void write_named_macros(CWriter& out, const NetworkLayout& layout) {
  out.line("/* The same by the names of inputs and outputs, and their indices for ai_get_input and ai_get_output. */");
  const std::vector<std::string> identifiers = interface_identifiers(layout.network);
  const std::size_t input_count = layout.network.inputs.size();
  for (std::size_t row = 0; row < layout.interface.size(); ++row) {
    const bool is_input = row < input_count;
    const std::size_t index = is_input ? row : row - input_count;
    const std::string name = fmt::format("{}_{}", layout.upper, CIdentifier::from(identifiers[row]).upper());
    out.line("#define {}_INDEX {}", name, index);
    for (const std::string_view ending : endings(layout.network.tensors[layout.interface[row]])) {
      out.line("#define {}_{} {}_{}_{}_{}", name, ending, layout.upper, is_input ? "IN" : "OUT", index + 1, ending);
    }
  }
}

void write_quantization(CWriter& out, const NetworkLayout& layout) {
  bool any = false;
  for (const TensorIndex index : layout.interface) {
    const Tensor& tensor = layout.network.tensors[index];
    if (!is_quantized(tensor)) {
      continue;
    }
    if (!any) {
      out.line("/* real = scale * (q - zero_point) of inputs and outputs. */");
      any = true;
    }
    const Quantization& quantization = tensor.quantization;
    const std::string scale = part(layout, index, "scale");
    const std::string zero_point = part(layout, index, "zero_point");
    out.open("static const float {}[{}] = {{", scale, quantization.scales.size());
    out.values(c_floats(quantization.scales)).close("};");
    out.open("static const int32_t {}[{}] = {{", zero_point, quantization.zero_points.size());
    out.values(quantization.zero_points).close("};");
    out.line("static const ai_quantization_info {} = {{(float*){}, (int32_t*){}, {}}};",
             part(layout, index, "quantization"), scale, zero_point, quantization.axis);
  }
  if (any) {
    out.blank();
  }
}

std::string quantization_address(const NetworkLayout& layout, TensorIndex tensor) {
  return is_quantized(layout.network.tensors[tensor])
             ? fmt::format("(ai_quantization_info*)&{}", part(layout, tensor, "quantization"))
             : "NULL";
}

}  // namespace stm32tvm
