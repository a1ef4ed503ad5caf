// SPDX-License-Identifier: Apache-2.0
// Names and quantization that a network has from its archive alone: small texts, then every archive of ../shared/mlf.
#include "network/apply_relay.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "network/interface_names.hpp"
#include "stm32tvm/model_library.hpp"
#include "stm32tvm/quantization.hpp"
#include "support/c_identifier.hpp"

namespace {

namespace fs = std::filesystem;
using namespace stm32tvm;

Tensor tensor(std::string name, const std::string& type, std::vector<std::int64_t> shape) {
  Tensor made;
  made.name = std::move(name);
  made.type = parse_data_type(type).value();
  made.bytes = made.type.bytes();
  for (const std::int64_t dimension : shape) {
    made.bytes *= static_cast<std::uint64_t>(dimension);
  }
  made.shape = std::move(shape);
  return made;
}

NetworkDescriptor network_of(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs) {
  NetworkDescriptor network;
  for (const Tensor& input : inputs) {
    network.inputs.push_back(static_cast<TensorIndex>(network.tensors.size()));
    network.tensors.push_back(input);
  }
  for (const Tensor& output : outputs) {
    network.outputs.push_back(static_cast<TensorIndex>(network.tensors.size()));
    network.tensors.push_back(output);
  }
  return network;
}

Module module_of(const std::string& relay) {
  Module module;
  module.name = "default";
  module.relay = Archive::Member{"src/default.relay", Bytes(relay)};
  return module;
}

const Tensor& in(const NetworkDescriptor& network, std::size_t index = 0) {
  return network.tensors[network.inputs.at(index)];
}
const Tensor& out(const NetworkDescriptor& network, std::size_t index = 0) {
  return network.tensors[network.outputs.at(index)];
}

const std::string two_inputs =
    "def @main(%b:0: Tensor[(1, 8), int8], %a: Tensor[(1, 8), int8], output_tensor_names=[\"sum_1\"]) {\n"
    "  qnn.add(%b:0, %a, 0.5f, 1, 0.25f, 2, 0.125f, 3) /* span=sum:1:0:0 */\n}\n";

std::vector<std::string> identifiers_of(const std::vector<std::string>& inputs,
                                        const std::vector<std::string>& outputs) {
  NetworkDescriptor network;
  for (const std::string& name : inputs) {
    network.inputs.push_back(static_cast<TensorIndex>(network.tensors.size()));
    network.tensors.push_back(tensor("t", "int8", {1}));
    network.tensors.back().source_name = name;
  }
  for (const std::string& name : outputs) {
    network.outputs.push_back(static_cast<TensorIndex>(network.tensors.size()));
    network.tensors.push_back(tensor("t", "int8", {1}));
    network.tensors.back().source_name = name;
  }
  assign_identifiers(network);
  std::vector<std::string> made;
  std::transform(network.tensors.begin(), network.tensors.end(), std::back_inserter(made),
                 [](const Tensor& each) { return each.identifier; });
  CHECK(interface_identifiers(network) == made);
  return made;
}

}  // namespace

TEST_CASE("identifiers are readable") {
  using Names = std::vector<std::string>;
  CHECK(identifiers_of({"serving_default_dense_input:0"}, {"StatefulPartitionedCall:0"}) ==
        Names{"serving_default_dense_input_0", "StatefulPartitionedCall_0"});
  CHECK(identifiers_of({"model/block 1/conv2d;bias"}, {""}) == Names{"model_block_1_conv2d_bias", "output"});
  CHECK(identifiers_of({"x"}, {"", "", "named", ""}) == Names{"x", "output", "output_1", "named", "output_2"});
  CHECK(identifiers_of({"_x"}, {"__y"}) == Names{"tensor_x", "tensor_y"});
}

TEST_CASE("identifiers are unique in capitals and clash with no numbered macro") {
  using Names = std::vector<std::string>;
  CHECK(identifiers_of({"a", "A", "a", "a_1"}, {"a:1", "a"}) == Names{"a", "A_1", "a_2", "a_1_1", "a_1_2", "a_3"});
  CHECK(identifiers_of({"in", "in_1", "IN_22"}, {"out", "Out_1"}) ==
        Names{"tensor_in", "tensor_in_1", "tensor_IN_22", "tensor_out", "tensor_Out_1"});
  CHECK(identifiers_of({"int", "class", "3d", "in_x"}, {"linux", ""}) ==
        Names{"tensor_int", "tensor_class", "tensor_3d", "in_x", "tensor_linux", "output"});
}

TEST_CASE("identifiers of any bytes are legal, short and found fast") {
  std::vector<std::string> names = {std::string(100'000, 'a'), std::string(100'000, 'a'), "", "\xff\xfe", "*/", "a\nb",
                                    std::string("a\0b", 3)};
  names.resize(20'000, "same");
  const std::vector<std::string> made = identifiers_of(names, {"same"});
  std::set<std::string> capitals;
  for (const std::string& identifier : made) {
    CHECK(identifier.size() <= 80);
    CHECK(CIdentifier::from(identifier).text() == identifier);
    capitals.insert(CIdentifier::from(identifier).upper());
  }
  CHECK(capitals.size() == made.size());
}

TEST_CASE("inputs find their parameter by name, whatever the order and TVM's spelling") {
  NetworkDescriptor network =
      network_of({tensor("a", "int8", {1, 8}), tensor("b_0", "int8", {1, 8})}, {tensor("o", "int8", {1, 8})});
  apply_relay(module_of(two_inputs), network);
  CHECK(in(network, 0).source_name == "a");
  CHECK(in(network, 0).quantization.scales == std::vector<double>{0.25});
  CHECK(in(network, 0).quantization.zero_points == std::vector<std::int32_t>{2});
  CHECK(in(network, 0).quantization.source == Quantization::Source::relay);
  CHECK(in(network, 1).source_name == "b:0");
  CHECK(in(network, 1).identifier == "b_0");
  CHECK(in(network, 1).quantization.scales == std::vector<double>{0.5});
  // The attribute has TVM's spelling, the span the model's.
  CHECK(out(network).source_name == "sum:1");
  CHECK(out(network).identifier == "sum_1");
  CHECK(out(network).quantization.scales == std::vector<double>{0.125});
  CHECK(network.diagnostics.empty());
}

TEST_CASE("a name that two parameters share in TVM's spelling is no evidence") {
  const std::string relay =
      "def @main(%a:0: Tensor[(8), int8], %a/0: Tensor[(8), int8]) {\n"
      "  qnn.add(%a:0, %a/0, 0.5f, 1, 0.25f, 2, 0.125f, 3)\n}\n";
  NetworkDescriptor network = network_of({tensor("a_0", "int8", {8})}, {tensor("o", "int8", {8})});
  apply_relay(module_of(relay), network);
  CHECK(in(network).quantization == Quantization{});
  CHECK(in(network).source_name == "a_0");
  REQUIRE(network.diagnostics.size() == 1);
  CHECK(network.diagnostics[0].kind == Diagnostic::Kind::warning);
  CHECK(network.diagnostics[0].where == "src/default.relay");
}

TEST_CASE("a text that does not fit the network tells nothing") {
  // Another type, another size, another number of results.
  NetworkDescriptor network = network_of({tensor("a", "uint8", {1, 8}), tensor("b:0", "int8", {1, 9})},
                                         {tensor("o", "int8", {1, 8}), tensor("p", "int8", {1, 8})});
  apply_relay(module_of(two_inputs), network);
  for (const Tensor& each : network.tensors) {
    CHECK(each.quantization == Quantization{});
  }
  CHECK(network.diagnostics.size() == 3);
}

TEST_CASE("text that cannot be read, or is not there, is no failure") {
  for (const bool is_there : {true, false}) {
    NetworkDescriptor network =
        network_of({tensor("a", "int8", {8}), tensor("f", "float32", {8})}, {tensor("o", "bool", {1})});
    Module module = module_of("def @main(((((");
    if (!is_there) {
      module.relay.reset();
    }
    apply_relay(module, network);
    CHECK(in(network, 0).quantization.kind == Quantization::Kind::unknown);
    CHECK(in(network, 1).quantization.kind == Quantization::Kind::unquantized);
    CHECK(out(network).quantization.kind == Quantization::Kind::unknown);
    CHECK(in(network, 0).identifier == "a");
    CHECK(out(network).identifier == "output");
    CHECK(network.diagnostics.size() == (is_there ? 1 : 0));
  }
}

TEST_CASE("contradictory evidence is a diagnostic and no value") {
  NetworkDescriptor network = network_of({tensor("x", "int8", {8})}, {tensor("o", "float32", {8})});
  apply_relay(module_of("def @main(%x: Tensor[(8), int8]) {\n"
                        "  add(qnn.dequantize(%x, 0.5f, 1), qnn.dequantize(%x, 0.25f, 1))\n}\n"),
              network);
  CHECK(in(network).quantization == Quantization{});
  CHECK(network.diagnostics.size() == 1);
}

TEST_CASE("metadata names what the text does not") {
  Module module = module_of("");
  module.relay.reset();
  module.main_inputs = {{"alpha/x:0", "int8", 8}, {"zeta", "int8", 8}};
  module.main_outputs = {{"scores", "int8", 8}};
  NetworkDescriptor network =
      network_of({tensor("zeta", "int8", {8}), tensor("alpha_x_0", "int8", {8})}, {tensor("o", "int8", {8})});
  apply_relay(module, network);
  CHECK(in(network, 0).source_name == "zeta");
  CHECK(in(network, 1).source_name == "alpha/x:0");
  CHECK(out(network).source_name == "scores");
  // TVM's own names for outputs are not the model's.
  for (const std::string generic : {"output", "output0", "output12"}) {
    module.main_outputs = {{generic, "int8", 8}};
    NetworkDescriptor other = network_of({}, {tensor("o", "int8", {8})});
    apply_relay(module, other);
    CHECK(out(other).source_name.empty());
  }
}

namespace {

struct Counts {
  std::size_t networks = 0;
  std::size_t not_described = 0;
  std::size_t quantized = 0;
  std::size_t unquantized = 0;
  std::size_t unknown = 0;
};

void check_tensor(const Tensor& read, const nlohmann::json& expected, bool has_source_name, Counts& counts) {
  const Quantization& quantization = read.quantization;
  if (has_source_name && expected.contains("name")) {
    CHECK(read.source_name == expected["name"].get<std::string>());
  }
  if (expected.contains("scale")) {
    REQUIRE(quantization.kind == Quantization::Kind::per_tensor);
    const double scale = expected["scale"][0];
    CHECK(std::abs(quantization.scales.at(0) - scale) <= 1e-5 * scale);
    CHECK(quantization.zero_points.at(0) == expected["zero_point"][0].get<std::int32_t>());
    ++counts.quantized;
  } else if (expected["dtype"].get<std::string>().starts_with("float")) {
    CHECK(quantization.kind == Quantization::Kind::unquantized);
    ++counts.unquantized;
  } else {
    CHECK(quantization == Quantization{});
    ++counts.unknown;
  }
}

nlohmann::json read_json(const fs::path& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

void check_network(const NetworkDescriptor& network, const nlohmann::json& expected, Counts& counts) {
  REQUIRE(network.inputs.size() == expected["inputs"].size());
  REQUIRE(network.outputs.size() == expected["outputs"].size());
  for (std::size_t i = 0; i < network.inputs.size(); ++i) {
    CAPTURE(i);
    check_tensor(in(network, i), expected["inputs"][i], true, counts);
  }
  for (std::size_t i = 0; i < network.outputs.size(); ++i) {
    CAPTURE(i);
    // "logits" of digits is in none of its archives.
    const bool has_source_name = expected["outputs"][i].value("name", "") != "logits";
    check_tensor(out(network, i), expected["outputs"][i], has_source_name, counts);
  }
  ++counts.networks;
}

}  // namespace

TEST_CASE("every archive of shared: quantization and names without any other file") {
  const fs::path folder = fs::path(STM32TVM_SHARED_DIR) / "mlf";
  if (!fs::is_directory(folder)) {
    MESSAGE("no ", folder.string(), ": real archives are not read");
    return;
  }
  Counts counts;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    const fs::path& path = entry.path();
    if (path.extension() != ".tar") {
      continue;
    }
    CAPTURE(path.string());
    const auto library = ModelLibrary::open(path);
    REQUIRE(library);
    for (const Module& module : library->modules()) {
      CAPTURE(module.name);
      const auto network = library->network(module.name);
      if (!network) {
        ++counts.not_described;
        continue;
      }
      if (path.stem().string().starts_with("operator")) {
        // One elementwise product: nothing tells what its integers stand for.
        for (const Tensor& each : network->tensors) {
          CHECK(each.quantization == Quantization{});
        }
        ++counts.networks;
        continue;
      }
      const fs::path model =
          path.stem().string().starts_with("two_modules") ? folder / (module.name + "_int8") : path.parent_path();
      check_network(*network, read_json(model / "io.json"), counts);
    }
  }
  MESSAGE("networks ", counts.networks, ", not described ", counts.not_described, ", quantized tensors ",
          counts.quantized, ", unquantized ", counts.unquantized, ", unknown ", counts.unknown);
  CHECK(counts.networks >= 104);
  CHECK(counts.not_described == 0);
  CHECK(counts.quantized >= 128);
}

TEST_CASE("every archive of shared with its TFLite file: exact scales and the file's names") {
  const fs::path folder = fs::path(STM32TVM_SHARED_DIR) / "mlf";
  std::size_t checked = 0;
  for (const std::string model : {"kws_int8", "sine_int8", "ic_int8", "ad_int8", "vww_int8"}) {
    const fs::path source = folder / model / "source.tflite";
    if (!fs::exists(source)) {
      MESSAGE("no ", source.string(), ": it is not read");
      continue;
    }
    std::ifstream file(source, std::ios::binary);
    const Bytes bytes(std::string(std::istreambuf_iterator<char>(file), {}));
    const nlohmann::json expected = read_json(folder / model / "io.json");
    for (const fs::directory_entry& entry : fs::directory_iterator(folder / model)) {
      if (entry.path().extension() != ".tar") {
        continue;
      }
      CAPTURE(entry.path().string());
      auto network = ModelLibrary::open(entry.path()).value().network();
      if (!network) {
        continue;
      }
      const auto applied = apply_tflite(bytes, *network);
      REQUIRE_MESSAGE(applied.has_value(), (applied ? "" : to_string(applied.error())));
      for (const auto& [kind, tensors] : {std::pair{"inputs", &network->inputs}, {"outputs", &network->outputs}}) {
        for (std::size_t i = 0; i < tensors->size(); ++i) {
          const Tensor& read = network->tensors[(*tensors)[i]];
          const nlohmann::json& told = expected[kind][i];
          CHECK(read.source_name == told["name"].get<std::string>());
          CHECK(read.quantization.source == Quantization::Source::tflite);
          // io.json has the float32's exact value.
          CHECK(read.quantization.scales == std::vector<double>{told["scale"][0].get<double>()});
          CHECK(read.quantization.zero_points == std::vector<std::int32_t>{told["zero_point"][0].get<std::int32_t>()});
        }
      }
      ++checked;
    }
  }
  MESSAGE(checked, " archives with their TFLite files");
}
