// SPDX-License-Identifier: Apache-2.0
// NetworkDescriptor as JSON.
#include <string_view>

#include <nlohmann/json.hpp>

#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {
inline namespace v1 {
namespace {

using Json = nlohmann::ordered_json;

const char* name(Quantization::Kind kind) {
  switch (kind) {
    case Quantization::Kind::unknown:
      return "unknown";
    case Quantization::Kind::unquantized:
      return "unquantized";
    case Quantization::Kind::per_tensor:
      return "per_tensor";
    case Quantization::Kind::per_axis:
      return "per_axis";
  }
  return "";
}

const char* name(Quantization::Source source) {
  switch (source) {
    case Quantization::Source::none:
      return "none";
    case Quantization::Source::relay:
      return "relay";
    case Quantization::Source::tflite:
      return "tflite";
    case Quantization::Source::caller:
      return "caller";
  }
  return "";
}

Json to_json_value(const Quantization& quantization) {
  Json json{{"kind", name(quantization.kind)}};
  if (quantization.source != Quantization::Source::none) {
    json["source"] = name(quantization.source);
    json["scales"] = quantization.scales;
    json["zero_points"] = quantization.zero_points;
    json["axis"] = quantization.axis;
  }
  return json;
}

Json to_json_value(const Tensor& tensor) {
  Json json{{"name", tensor.name}};
  if (!tensor.identifier.empty()) {
    json["source_name"] = tensor.source_name;
    json["identifier"] = tensor.identifier;
  }
  json.update({{"type", to_string(tensor.type)},
               {"shape", tensor.shape},
               {"bytes", tensor.bytes},
               {"constant", tensor.constant.has_value()},
               {"quantization", to_json_value(tensor.quantization)}});
  if (tensor.view_of) {
    json["view_of"] = *tensor.view_of;
    json["view_offset"] = tensor.view_offset;
  }
  if (tensor.constant) {
    json["weights_group"] = tensor.weights_group;
  }
  return json;
}

Json to_json_value(const StatementSpan& span) {
  return Json::array({span.first, span.last});
}

Json to_json_value(const std::vector<Argument>& arguments) {
  Json json = Json::array();
  for (const Argument& argument : arguments) {
    json.push_back({{"tensor", argument.tensor}, {"statements", to_json_value(argument.use)}});
  }
  return json;
}

Json to_json_value(const Operator& call) {
  Json workspaces = Json::array();
  for (const Workspace& workspace : call.workspaces) {
    workspaces.push_back({{"bytes", workspace.bytes}, {"statements", to_json_value(workspace.use)}});
  }
  Json handovers = Json::array();
  for (const Handover& handover : call.handovers) {
    handovers.push_back({{"from", handover.from}, {"to", handover.to}, {"lead", handover.lead}});
  }
  return {{"name", call.name},
          {"kind", call.kind == Operator::Kind::kernel ? "kernel" : "copy"},
          {"kernel", call.kernel},
          {"inputs", to_json_value(call.inputs)},
          {"outputs", to_json_value(call.outputs)},
          {"pools", to_json_value(call.pools)},
          {"parameter_types", call.parameter_types},
          {"workspaces", workspaces},
          {"handovers", handovers},
          {"statement_count", call.statement_count},
          {"stack_bytes", call.stack_bytes},
          {"reuses_bytes", call.reuses_bytes}};
}

Json to_json_value(const StoredConstant& constant) {
  return {{"name", constant.name},
          {"exported", to_string(constant.exported)},
          {"stored", to_string(constant.stored)},
          {"exported_bytes", constant.exported_bytes},
          {"stored_bytes", constant.stored_bytes},
          {"reason", constant.reason}};
}

const char* name(WeightsGroup::Place place) {
  switch (place) {
    case WeightsGroup::Place::flash:
      return "flash";
    case WeightsGroup::Place::external:
      return "external";
    case WeightsGroup::Place::ram:
      return "ram";
    case WeightsGroup::Place::fetch:
      return "fetch";
  }
  return "";
}

Json to_json_value(const WeightsGroup& group) {
  Json json{{"name", group.name}, {"place", name(group.place)}, {"checked", group.is_checked}};
  if (group.address) {
    json["address"] = *group.address;
  }
  return json;
}

const char* name(Diagnostic::Kind kind) {
  switch (kind) {
    case Diagnostic::Kind::note:
      return "note";
    case Diagnostic::Kind::repair:
      return "repair";
    case Diagnostic::Kind::warning:
      return "warning";
  }
  return "";
}

template <class List>
Json list_to_json(const List& list) {
  Json json = Json::array();
  for (const auto& element : list) {
    json.push_back(to_json_value(element));
  }
  return json;
}

}  // namespace

std::string to_json(const NetworkDescriptor& network) {
  Json sources = Json::array();
  for (const KernelSource& source : network.sources) {
    sources.push_back({{"name", source.name}, {"bytes", source.text.size()}});
  }
  Json objects = Json::array();
  for (const KernelObject& object : network.objects) {
    objects.push_back({{"name", object.name}, {"bytes", object.contents.size()}, {"machine", object.machine}});
  }
  Json diagnostics = Json::array();
  for (const Diagnostic& diagnostic : network.diagnostics) {
    diagnostics.push_back(
        {{"kind", name(diagnostic.kind)}, {"message", diagnostic.message}, {"where", diagnostic.where}});
  }
  const Json json{{"module_name", network.module_name},
                  {"executor", network.executor},
                  {"targets", network.targets},
                  {"export_datetime", network.export_datetime},
                  {"tvm_version", network.tvm_version},
                  {"format_version", network.format_version},
                  {"inputs", network.inputs},
                  {"outputs", network.outputs},
                  {"parameters", network.parameters},
                  {"pools", network.pools},
                  {"weights_groups", list_to_json(network.weights_groups)},
                  {"tensors", list_to_json(network.tensors)},
                  {"operators", list_to_json(network.operators)},
                  {"sources", sources},
                  {"constants", list_to_json(network.constants)},
                  {"objects", objects},
                  {"needs",
                   {{"headers", network.needs.headers},
                    {"math_functions", network.needs.math_functions},
                    {"cmsis_nn_functions", network.needs.cmsis_nn_functions},
                    {"cmsis_nn_sources", network.needs.cmsis_nn_sources},
                    {"cmsis_nn_version", network.needs.cmsis_nn_version},
                    {"ethos_u", network.needs.ethos_u},
                    {"arm_simd", network.needs.arm_simd}}},
                  {"diagnostics", diagnostics}};
  // Names come from the archive and may not be UTF-8; what is not becomes U+FFFD.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace v1
}  // namespace stm32tvm
