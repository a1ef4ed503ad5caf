// SPDX-License-Identifier: Apache-2.0
// Applications are templates but for the tables of samples.
#include "emit/applications.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "emit/c_writer.hpp"
#include "emit/device_api.hpp"
#include "emit/network_tables.hpp"
#include "emit/quantization.hpp"
#include "emit/template.hpp"
#include "emit/uart.hpp"
#include "stm32tvm/version.hpp"
#include "support/embedded_files.hpp"
#include "support/try.hpp"
#include "tree/manifest.hpp"

namespace stm32tvm {
namespace {

Result<void> check_tensors(const NetworkDescriptor& network, const std::vector<TensorIndex>& tensors,
                           const std::vector<Bytes>& values, std::string_view kind, std::size_t sample) {
  if (values.size() != tensors.size()) {
    return Error{
        ErrorCode::bad_option,
        fmt::format("sample {} has {} {}s where the network has {}", sample, values.size(), kind, tensors.size()),
        {}};
  }
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& tensor = network.tensors[tensors[i]];
    if (values[i].size() != tensor.bytes) {
      return Error{ErrorCode::bad_option,
                   fmt::format("{} {} of sample {} has {} bytes where tensor \"{}\" has {}", kind, i, sample,
                               values[i].size(), tensor.name, tensor.bytes),
                   {}};
    }
  }
  return {};
}

/// One array for each value of the sample, and one of pointers to them.
void write_values(CWriter& out, const std::string& name, const std::vector<Bytes>& values) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::vector<unsigned> bytes;
    for (const char byte : values[i].view()) {
      bytes.push_back(static_cast<unsigned char>(byte));
    }
    names.push_back(fmt::format("{}_{}", name, i));
    out.open("static const uint8_t {}[{}] = {{", names.back(), std::max<std::size_t>(bytes.size(), 1));
    out.values(bytes.empty() ? std::vector<unsigned>{0} : bytes).close("};");
  }
  out.open("static const void* const {}[{}] = {{", name, values.size()).values(names).close("};").blank();
}

/// The table of the samples of one network; `prefix` is before its symbols.
std::string emit_samples(const NetworkLayout& layout, std::uint32_t network, const std::vector<Sample>& samples,
                         const std::string& prefix) {
  CWriter out;
  out.lines(file_banner(layout.network, "The samples that the network is run on."));
  out.line("#include \"{}samples.h\"", prefix).blank().line("#include <stddef.h>").blank();
  std::vector<std::string> rows;
  for (const Sample& each : samples) {
    if (each.network != network) {
      continue;
    }
    const auto write = [&](const char* kind, const std::vector<Bytes>& values) {
      if (values.empty()) {
        return std::string("NULL");
      }
      std::string name = fmt::format("sample_{}_{}", rows.size(), kind);
      write_values(out, name, values);
      return name;
    };
    const std::string inputs = write("inputs", each.inputs);
    const std::string outputs = write("outputs", each.outputs);
    rows.push_back(fmt::format("{{{}, {}}}", inputs, outputs));
  }
  if (rows.empty()) {
    out.line("/* No samples were given: one run on zeros. */");
    rows.emplace_back("{NULL, NULL}");
  }
  out.open("const sample {}samples[{}] = {{", prefix, rows.size()).values(rows).close("};");
  out.line("const uint32_t {}sample_count = {};", prefix, rows.size());
  return out.text();
}

struct File {
  std::string path;
  std::string name_of_template;
  TemplateValues values = {};
};

Result<void> add_files(const std::vector<File>& files, SourceTree& tree) {
  for (const File& file : files) {
    STM32TVM_TRY(text, fill_template(file.name_of_template, file.values));
    STM32TVM_CHECK(tree.add(file.path, text));
  }
  return {};
}

/// Name of the template "<folder>/<api>_<file>".
std::string api_template(std::string_view folder, std::string_view file, const EmitOptions& options) {
  return fmt::format("{}/{}_{}", folder, device_api_emitter(options.device_api).folder, file);
}

/// What a file that is about one device API is filled with.
TemplateValues api_values(const NetworkLayout& layout, const EmitOptions& options) {
  const std::string_view arena = device_api_emitter(options.device_api).arena;
  TemplateValues values = {{"NAME", layout.name.text()}};
  if (!arena.empty()) {
    std::string arenas;
    std::vector<std::string> names;
    for (std::size_t i = 1; i <= layout.plan.pools.size(); ++i) {
      names.push_back(fmt::format("network_activations_{}", i));
      arenas += (i == 1 ? "" : "\n") + fmt::format(fmt::runtime(arena), i, layout.upper);
    }
    values.emplace("UPPER", layout.upper);
    values.emplace("ARENAS", arenas);
    values.emplace("ARENA_NAMES", fmt::format("{}", fmt::join(names, ", ")));
  }
  return values;
}

/// Runs the samples of a network and checks the outputs: in main() for the only network, whose `prefix` is empty, and
/// in <prefix>check() for one of several.
Result<void> add_golden_check(const NetworkLayout& layout, std::uint32_t network, const std::string& prefix,
                              const EmitOptions& options, SourceTree& tree, std::vector<BuildSource>& sources) {
  const bool keeps_inputs = layout.plan.options.inputs == PlanOptions::Inputs::keep;
  const std::string stem = "firmware/" + prefix;
  const std::string main = prefix.empty() ? "main" : "check";
  STM32TVM_CHECK(add_files(
      {{stem + main + ".c",
        "firmware/main.c",
        {{"RUNS", keeps_inputs ? "2" : "1"}, {"PREFIX", prefix}, {"MAIN", prefix + main}}},
       {stem + "network_port.h", api_template("firmware", "network_port.h", options), api_values(layout, options)},
       {stem + "samples.h", "firmware/samples.h", {{"PREFIX", prefix}}}},
      tree));
  sources.push_back({stem + "samples.c"});
  return tree.add(sources.back().path, emit_samples(layout, network, options.samples, prefix));
}

/// The golden checks of several networks, and the main() that calls them in turn.
Result<void> add_golden_checks(const std::deque<NetworkLayout>& layouts, const EmitOptions& options, SourceTree& tree,
                               std::vector<BuildSource>& sources) {
  CWriter out;
  out.lines("/* SPDX-License-Identifier: Apache-2.0 */\n");
  out.line("/* The golden check of each network, one after the other. */").line("#include \"console.h\"").blank();
  out.line("/* Each returns 0 when it passed. */");
  for (const NetworkLayout& layout : layouts) {
    out.line("int {}_check(void);", layout.name);
  }
  out.blank().open("int main(void) {{").line("int failed = 0;");
  for (std::uint32_t network = 0; network < layouts.size(); ++network) {
    const std::string name = layouts[network].name.text();
    out.line("console_text(\"network {}\\n\");", name).line("failed |= {}_check();", name);
    sources.push_back({fmt::format("firmware/{}_check.c", name)});
    STM32TVM_CHECK(add_golden_check(layouts[network], network, name + "_", options, tree, sources));
  }
  out.line("return failed;").close("}");
  return tree.add("firmware/main.c", out.text());
}

/// The module's own signature: of its kernels and its weights.
std::string signature(const NetworkLayout& layout) {
  std::string all;
  for (const Bytes& contents : layout.block_contents) {
    all += contents.view();
  }
  for (const KernelSource& source : layout.network.sources) {
    all += source.text.view();
  }
  return hash_of(all).substr(0, 32);
}

std::string validation_model(const NetworkLayout& layout) {
  std::vector<std::string> names;
  std::vector<std::string> scales;
  std::vector<std::int32_t> zero_points;
  for (const TensorIndex index : layout.interface) {
    const Tensor& tensor = layout.network.tensors[index];
    // The protocol has one scale for a tensor.
    const bool has_scale = tensor.quantization.kind == Quantization::Kind::per_tensor;
    names.push_back(c_literal(tensor.source_name.empty() ? tensor.identifier : tensor.source_name));
    scales.push_back(has_scale ? c_float(tensor.quantization.scales.front()) : "0.0f");
    zero_points.push_back(has_scale ? tensor.quantization.zero_points.front() : 0);
  }
  CWriter out;
  out.lines(file_banner(layout.network, "Names and quantization of inputs, then outputs."));
  out.line("#include \"validation_model.h\"").blank();
  out.open("const char* const validation_names[{}] = {{", names.size()).values(names).close("};");
  out.open("const float validation_scales[{}] = {{", names.size()).values(scales).close("};");
  out.open("const int32_t validation_zero_points[{}] = {{", names.size()).values(zero_points).close("};");
  return out.text();
}

/// Answers ai_runner on the serial port.
Result<void> add_validation(const NetworkLayout& layout, const EmitOptions& options, SourceTree& tree,
                            std::vector<BuildSource>& sources) {
  if (options.target->console.registers == TargetConsole::Registers::none) {
    return Error{
        ErrorCode::bad_option,
        "the validation application talks over a serial port, and the registers of this board's are not known; "
        "take another board, or describe the board's own in a table of boards",
        options.target->name};
  }
  STM32TVM_CHECK(check_receiving(*options.target));
  STM32TVM_CHECK(add_instance(layout, options, "firmware", tree));
  sources.push_back({"firmware/instance.c"});
  STM32TVM_CHECK(add_files(
      {{"firmware/main.c", "applications/validation.c"},
       {"firmware/validation_model.h",
        "applications/validation_model.h",
        {{"SIGNATURE", signature(layout)},
         {"TOOL_VERSION", fmt::format("0x{:08x}", STM32TVM_VERSION_MAJOR << 24 | STM32TVM_VERSION_MINOR << 16 |
                                                      STM32TVM_VERSION_PATCH << 8)}}}},
      tree));
  for (const char* file : {"stvm_packets", "stvm_validation"}) {
    for (const char* extension : {".h", ".c"}) {
      const std::string name = fmt::format("validation/{}{}", file, extension);
      STM32TVM_CHECK(tree.add("firmware/" + name, Bytes(nullptr, embedded::file("runtime_c/" + name))));
    }
    sources.push_back({fmt::format("firmware/validation/{}.c", file)});
  }
  STM32TVM_CHECK(add_serial_port(*options.target, tree, sources));
  sources.push_back({"firmware/validation_model.c"});
  return tree.add(sources.back().path, validation_model(layout));
}

}  // namespace

Result<void> check_samples(const NetworkDescriptor& network, const std::vector<Sample>& samples) {
  for (std::size_t i = 0; i < samples.size(); ++i) {
    STM32TVM_CHECK(check_tensors(network, network.inputs, samples[i].inputs, "input", i));
    if (!samples[i].outputs.empty()) {
      STM32TVM_CHECK(check_tensors(network, network.outputs, samples[i].outputs, "output", i));
    }
  }
  return {};
}

Result<void> add_instance(const NetworkLayout& layout, const EmitOptions& options, const std::string& folder,
                          SourceTree& tree) {
  return add_files(
      {{folder + "/instance.h", "applications/instance.h", {{"NAME", layout.name.text()}}},
       {folder + "/instance.c", api_template("applications", "instance.c", options), api_values(layout, options)}},
      tree);
}

Result<void> add_application(const std::deque<NetworkLayout>& layouts, const EmitOptions& options, SourceTree& tree,
                             std::vector<BuildSource>& sources) {
  if (layouts.size() > 1) {
    return add_golden_checks(layouts, options, tree, sources);
  }
  const NetworkLayout& layout = layouts.front();
  const Target& target = *options.target;
  switch (options.application) {
    case EmitOptions::Application::golden_check:
      return add_golden_check(layout, 0, "", options, tree, sources);
    case EmitOptions::Application::minimal:
      return add_files(
          {{"firmware/main.c", api_template("applications", "minimal.c", options), api_values(layout, options)}}, tree);
    case EmitOptions::Application::performance:
      STM32TVM_CHECK(add_instance(layout, options, "firmware", tree));
      sources.push_back({"firmware/instance.c"});
      return add_files({{"firmware/main.c",
                         "applications/performance.c",
                         {{"FLASH_START", fmt::format("0x{:08x}", target.flash().address)},
                          {"RAM_START", fmt::format("0x{:08x}", target.ram().address)}}}},
                       tree);
    case EmitOptions::Application::validation:
      return add_validation(layout, options, tree, sources);
    case EmitOptions::Application::self_test:
      STM32TVM_CHECK(add_instance(layout, options, "firmware", tree));
      sources.push_back({"firmware/instance.c"});
      return add_files({{"firmware/main.c", "applications/self_test.c", {{"NAME", layout.name.text()}}}}, tree);
  }
  return {};
}

}  // namespace stm32tvm
