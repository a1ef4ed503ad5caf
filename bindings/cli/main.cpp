// SPDX-License-Identifier: Apache-2.0
// The command-line program stm32tvm: a thin host of the library, with the verbs and option words of ST's tools.
#include <fmt/format.h>

#include <exception>
#include <functional>
#include <map>

#include <CLI/CLI.hpp>

#include "commands.hpp"

namespace {

using namespace stm32tvm;

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;

void add_model_options(CLI::App& command, cli::ModelArguments& arguments) {
  command.add_option("-m,--model", arguments.model, "Model Library Format archive")->required()->type_name("FILE");
  command.add_option("--module", arguments.module, "module to take from an archive that has several")
      ->type_name("NAME");
  command.add_option("--tflite", arguments.tflite, "TFLite file the archive was made from: names, exact quantization")
      ->type_name("FILE");
  command.add_option("--quantization", arguments.quantization, "JSON with scales and zero points of tensors")
      ->type_name("FILE");
  static const std::map<std::string, PlanOptions::Inputs> inputs = {{"keep", PlanOptions::Inputs::keep},
                                                                    {"consume", PlanOptions::Inputs::consume}};
  command.add_option("--inputs", arguments.plan.inputs, "whether a run keeps or consumes the inputs' bytes")
      ->transform(CLI::CheckedTransformer(inputs))
      ->type_name("keep|consume")
      ->default_str("keep");
}

void add_generate_options(CLI::App& command, cli::GenerateArguments& arguments) {
  add_model_options(command, arguments.model);
  command.add_option("-n,--name", arguments.emit.name, "C name of the network")
      ->type_name("NAME")
      ->capture_default_str();
  command.add_option("-o,--output", arguments.output, "folder to create or update")->required()->type_name("DIR");
  command.add_option("--target", arguments.target, "board to emit firmware for")->type_name("BOARD");
  static const std::map<std::string, EmitOptions::DeviceApi> apis = {{"tvm", EmitOptions::DeviceApi::tvm}};
  command.add_option("--c-api", arguments.emit.device_api, "C API for the application")
      ->transform(CLI::CheckedTransformer(apis))
      ->type_name("tvm")
      ->default_str("tvm");
  static const std::map<std::string, EmitOptions::Weights> weights = {{"incbin", EmitOptions::Weights::incbin},
                                                                      {"c-array", EmitOptions::Weights::c_array}};
  command.add_option("--weights", arguments.emit.weights, "how the weights come into the image")
      ->transform(CLI::CheckedTransformer(weights))
      ->type_name("incbin|c-array")
      ->default_str("incbin");
  command.add_option("--samples", arguments.samples, "folder of inI_K.bin and outO_K.bin for the firmware to check")
      ->type_name("DIR");
  command.add_flag("-q,--quiet", arguments.quiet, "print nothing on success");
}

int run(int argc, char** argv) {
  CLI::App app("Turns a TVM Model Library Format archive into C for an STM32.", "stm32tvm");
  app.set_version_flag("--version", "stm32tvm " STM32TVM_VERSION);
  app.require_subcommand(1);
  cli::AnalyzeArguments analyze;
  cli::GenerateArguments generate;
  CLI::App& analyze_command = *app.add_subcommand("analyze", "show what the archive holds and needs");
  add_model_options(analyze_command, analyze.model);
  analyze_command.add_flag("--json", analyze.json, "print JSON");
  CLI::App& generate_command = *app.add_subcommand("generate", "emit C sources, or firmware with --target");
  add_generate_options(generate_command, generate);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_usage;
  }
  const Result<void> result = analyze_command.parsed() ? cli::analyze(analyze) : cli::generate(generate);
  if (!result) {
    fmt::print(stderr, "stm32tvm: {}\n", to_string(result.error()));
    return exit_failure;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    // Only memory that ran out, or a standard output that is gone, comes here.
    fmt::print(stderr, "stm32tvm: {}\n", error.what());
    return exit_failure;
  }
}
