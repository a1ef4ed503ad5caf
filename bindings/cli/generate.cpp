// SPDX-License-Identifier: Apache-2.0
// stm32tvm generate: archive to folder.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <span>
#include <utility>

#include "commands.hpp"
#include "depfile.hpp"
#include "support/read_file.hpp"
#include "support/try.hpp"

namespace stm32tvm::cli {
namespace {

struct GenerateArguments {
  ModelArguments model;             ///< but for the archive
  std::vector<std::string> models;  ///< "kws.tar", "kws=kws.tar"
  EmitOptions emit;
  std::string target;                     ///< empty: no firmware
  std::filesystem::path boards;           ///< table of the user's own; empty: none
  std::vector<std::string> samples;       ///< "kws=folder", or "folder" of the only network
  std::filesystem::path self_test;        ///< empty: none
  std::filesystem::path self_test_table;  ///< empty: none
  std::filesystem::path budget;           ///< JSON; empty: no limits
  std::filesystem::path profile;          ///< empty: the default
  std::vector<std::string> kernel_edits;  ///< empty: the profile's
  std::string kernels_memory;             ///< empty: the profile's
  std::filesystem::path output;
  DepfileArguments depfile;
  SourceTree::Edited edited = SourceTree::Edited::refuse;
  bool share_arena = false;
  bool quiet = false;
};

Result<void> write(const SourceTree& tree, const GenerateArguments& arguments, std::uint64_t bytes) {
  STM32TVM_TRY(written, tree.write_to(arguments.output, arguments.edited));
  if (!arguments.quiet) {
    for (const std::string& path : written.changed) {
      fmt::print("{}\n", (arguments.output / path).string());
    }
    for (const std::string& path : written.removed) {
      fmt::print("removed {}\n", (arguments.output / path).string());
    }
    fmt::print("{} files written, {} unchanged; RAM {} bytes for tensors and workspaces\n", written.changed.size(),
               written.unchanged, grouped(bytes));
  }
  return {};
}

/// An archive, and what its network is called.
struct NamedModel {
  std::string name;
  std::filesystem::path path;
  ModelLibrary library;
};

/// Opens an archive. Without a name the network is called as --name says.
Result<NamedModel> open_named_model(const std::string& text, const GenerateArguments& arguments) {
  const auto& [name, path] = split_name(text);
  if (name.empty() && arguments.models.size() > 1) {
    return Error{ErrorCode::bad_option, "there are several models, and each needs a name; write NAME=FILE", text};
  }
  ModelArguments model = arguments.model;
  model.model = path;
  STM32TVM_TRY(library, open_model(model));
  return NamedModel{name.empty() ? arguments.emit.name : name, path, std::move(library)};
}

/// Reads the samples of each folder, for the network of its name.
Result<std::vector<Sample>> read_all_samples(const std::vector<std::string>& folders,
                                             std::span<const NetworkDescriptor> networks,
                                             const std::vector<std::string>& names) {
  std::vector<Sample> all;
  for (const std::string& text : folders) {
    const auto& [name, folder] = split_name(text);
    const auto found = networks.size() == 1 && name.empty() ? names.begin() : std::ranges::find(names, name);
    if (found == names.end()) {
      return Error{ErrorCode::bad_option,
                   fmt::format("these samples name none of the networks {}; write NAME=DIR",
                               printable(fmt::format("{}", fmt::join(names, ", ")))),
                   text};
    }
    const auto network = static_cast<std::size_t>(found - names.begin());
    STM32TVM_TRY(samples, read_samples(folder, networks[network]));
    for (Sample& sample : samples) {
      sample.network = static_cast<std::uint32_t>(network);
      all.push_back(std::move(sample));
    }
  }
  return all;
}

/// Refuses what is for one network.
Result<void> check_options_for_all(const std::vector<NamedModel>& models, const GenerateArguments& arguments) {
  const bool is_one_archive = models.size() == 1;
  const std::pair<bool, const char*> for_one[] = {
      {!arguments.model.module.empty(), "--module"},
      {!arguments.model.tflite.empty(), "--tflite"},
      {!arguments.model.quantization.empty(), "--quantization"},
      {!arguments.model.plan.inputs_memory.empty(), "--inputs-memory"},
      {!arguments.model.plan.outputs_memory.empty(), "--outputs-memory"},
      {!arguments.profile.empty(), "--profile"},
      {!arguments.kernel_edits.empty(), "--kernel-edits"},
      {!arguments.kernels_memory.empty(), "--kernels-memory"},
      {!arguments.self_test.empty(), "--self-test"},
      {!arguments.self_test_table.empty(), "--self-test-table"},
  };
  for (const auto& [is_given, option] : for_one) {
    if (is_given && is_one_archive) {
      return Error{ErrorCode::bad_option,
                   fmt::format("the archive has several modules, and {} is for one; name it with --module", option),
                   models.front().path.string()};
    }
    if (is_given) {
      return Error{ErrorCode::bad_option,
                   fmt::format("there are several models, and {} is for one; emit that one by itself", option),
                   {}};
    }
  }
  return {};
}

/// Several networks into one tree: all modules of each archive. The only one of an archive is called as the archive is,
/// of several each NAME_<module>.
Result<void> generate_all(const std::vector<NamedModel>& models, GenerateArguments arguments) {
  STM32TVM_CHECK(check_options_for_all(models, arguments));
  STM32TVM_TRY(network_of, network_options(arguments.model));
  std::vector<NetworkDescriptor> networks;
  for (const NamedModel& model : models) {
    for (const Module& module : model.library.modules()) {
      auto network = model.library.network(module.name, network_of);
      if (!network) {
        Error error = std::move(network).error();
        error.where = model.path.string() + (error.where.empty() ? "" : ": ") + error.where;
        return error;
      }
      networks.push_back(*std::move(network));
      const bool is_only = model.library.modules().size() == 1;
      arguments.emit.names.push_back(is_only ? model.name : model.name + "_" + module.name);
    }
  }
  STM32TVM_TRY(samples, read_all_samples(arguments.samples, networks, arguments.emit.names));
  arguments.emit.samples = samples;
  STM32TVM_TRY(options,
               plan_options(arguments.model.plan, networks.front(), arguments.emit.device_api, arguments.emit.target));
  std::vector<NetworkGroup> groups;
  if (arguments.share_arena) {
    groups.emplace_back(networks.size());
    std::iota(groups.front().begin(), groups.front().end(), 0U);
  }
  STM32TVM_TRY(plan, ImagePlan::make(networks, options, groups));
  STM32TVM_TRY(tree, ProjectEmitter::emit_image(networks, plan, arguments.emit));
  return write(tree, arguments, plan.bytes());
}

Result<void> generate(GenerateArguments arguments) {
  if (!arguments.budget.empty()) {
    STM32TVM_TRY(file, read_file(arguments.budget));
    auto budget = read_budget(file.view());
    if (!budget) {
      return Error{budget.error().code, budget.error().message, arguments.budget.string()};
    }
    arguments.emit.budget = *budget;
  }
  std::vector<NamedModel> models;
  for (const std::string& text : arguments.models) {
    STM32TVM_TRY(model, open_named_model(text, arguments));
    models.push_back(std::move(model));
  }
  if (!arguments.target.empty()) {
    STM32TVM_TRY(boards, read_boards(arguments.boards));
    STM32TVM_TRY(target, find_board(boards, arguments.target));
    arguments.emit.target = target;
  }
  const ModelLibrary& library = models.front().library;
  if (models.size() > 1 || (arguments.model.module.empty() && library.modules().size() > 1)) {
    return generate_all(models, std::move(arguments));
  }
  if (arguments.share_arena) {
    return Error{ErrorCode::bad_option, "there is one network, and --share-arena is for several; leave it out", {}};
  }
  // Both --name and a name before the archive: that of the project, and that of the network.
  if (arguments.emit.name == EmitOptions{}.name) {
    arguments.emit.name = models.front().name;
  } else {
    arguments.emit.names = {models.front().name};
  }
  STM32TVM_TRY(network, describe_network(library, arguments.model));
  STM32TVM_TRY(options, plan_options(arguments.model.plan, network, arguments.emit.device_api, arguments.emit.target));
  STM32TVM_TRY(plan, MemoryPlan::make(network, options));
  STM32TVM_TRY(samples, read_all_samples(arguments.samples, std::span(&network, 1), {models.front().name}));
  arguments.emit.samples = samples;
  if (!arguments.profile.empty()) {
    STM32TVM_TRY(profile, read_profile(arguments.profile));
    arguments.emit.kernel_profile = profile;
  }
  if (!arguments.kernel_edits.empty() || !arguments.kernels_memory.empty()) {
    arguments.emit.kernel_profile = arguments.emit.kernel_profile.value_or(default_profile(network));
  }
  if (!arguments.kernel_edits.empty()) {
    STM32TVM_TRY(edits, parse_kernel_edits(arguments.kernel_edits));
    arguments.emit.kernel_profile->edits = edits;
  }
  if (!arguments.kernels_memory.empty()) {
    arguments.emit.kernel_profile->memory = arguments.kernels_memory;
  }
  if (!arguments.self_test.empty()) {
    STM32TVM_TRY(self_test, read_samples(arguments.self_test, network));
    arguments.emit.self_test = self_test;
  }
  if (!arguments.self_test_table.empty()) {
    STM32TVM_TRY(table, read_file(arguments.self_test_table));
    arguments.emit.self_test_table = table.view();
  }
  STM32TVM_TRY(tree, ProjectEmitter::emit(network, plan, arguments.emit));
  return write(tree, arguments, plan.bytes());
}

void add_generate_options(CLI::App& command, GenerateArguments& arguments) {
  command
      .add_option("-m,--model", arguments.models,
                  "Model Library Format archive; once for each of several, which need names")
      ->required()
      ->allow_extra_args(false)
      ->type_name(named_file);
  add_network_options(command, arguments.model);
  command
      .add_option("-n,--name", arguments.emit.name,
                  "C name of the network, or of the project where networks have names")
      ->type_name("NAME")
      ->capture_default_str();
  command.add_option("-o,--output", arguments.output, "folder to create or update")->required()->type_name("DIR");
  add_depfile_options(command, arguments.depfile);
  command.add_option("--target", arguments.target, "board to emit firmware for")->type_name("BOARD");
  add_boards_option(command, arguments.boards);
  add_word_option(command, "--console", arguments.emit.console, console_words(), "where the firmware's text goes");
  add_word_option(command, "--build-system", arguments.emit.build_system, build_system_words(),
                  "what builds the folder");
  add_word_option(command, "--c-api", arguments.emit.device_api, device_api_words(), "C API for the application");
  add_word_option(command, "--weights", arguments.emit.weights, weights_words(), "how the weights come into the image");
  add_word_option(command, "--application", arguments.emit.application, application_words(), "what the firmware does");
  command.add_option("--self-test", arguments.self_test, "folder of inI_K.bin for a self-test on the device")
      ->type_name("DIR");
  command
      .add_option("--self-test-table", arguments.self_test_table,
                  "what the emitted self_test/record.cmake recorded on this machine")
      ->type_name("FILE");
  command
      .add_option("--samples", arguments.samples,
                  "folder of inI_K.bin and outO_K.bin for the firmware to check; once for each of several networks")
      ->allow_extra_args(false)
      ->type_name(named_folder);
  command
      .add_option("--budget", arguments.budget,
                  "JSON with limits of RAM, flash and ticks, held here and by the emitted ci.sh")
      ->type_name("FILE");
  command.add_flag_callback(
      "--force", [&arguments] { arguments.edited = SourceTree::Edited::replace; },
      "replace emitted files that were edited, and files in the way");
  command.add_flag("--share-arena", arguments.share_arena,
                   "the networks never run at the same time: they have one arena");
  command.add_option("--profile", arguments.profile, "JSON with the compiler options of each kernel")
      ->type_name("FILE");
  command
      .add_option("--kernel-edits", arguments.kernel_edits,
                  "what the kernels' text tells the compiler; the profile's where none is named (docs/tuning.md)")
      ->type_name("none|memory-types|alignment");
  command
      .add_option("--kernels-memory", arguments.kernels_memory,
                  "memory of the board that kernels run from, copied there at start-up: ITCM")
      ->type_name("NAME");
  command.add_flag("--time-kernels", arguments.emit.time_kernels, "have the firmware report the time of each kernel");
  command.add_flag("-q,--quiet", arguments.quiet, "print nothing on success");
}

}  // namespace

void add_generate(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand("generate", "emit C sources, or firmware with --target");
  auto arguments = std::make_shared<GenerateArguments>();
  add_generate_options(command, *arguments);
  command.callback([arguments, &command, &action] {
    action = [arguments, &command]() -> Result<void> {
      STM32TVM_CHECK(generate(*arguments));
      return write_depfile(command, arguments->depfile);
    };
  });
}

}  // namespace stm32tvm::cli
