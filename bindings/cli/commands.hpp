// SPDX-License-Identifier: Apache-2.0
// The verbs of the command-line program. Each is one source: add_<verb>() declares its options and what carries it out.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "stm32tvm/stm32tvm.hpp"

namespace stm32tvm::cli {

/// What a parsed command line asks for.
using Action = std::function<Result<void>()>;

/// Show what an archive holds and what its network needs.
void add_analyze(CLI::App& program, Action& action);

/// Show what changed between two archives.
void add_diff(CLI::App& program, Action& action);

/// List boards.
void add_boards(CLI::App& program, Action& action);

/// Build an emitted project.
void add_build(CLI::App& program, Action& action);

/// Build an emitted project and write it to its board.
void add_flash(CLI::App& program, Action& action);

/// Build an emitted project and run it in an emulator.
void add_run(CLI::App& program, Action& action);

/// Emit C sources, or firmware.
void add_generate(CLI::App& program, Action& action);

/// Find the compiler options that are best for each kernel.
void add_tune(CLI::App& program, Action& action);

/// Keep tuning records in a folder: import, merge, validate, best, export, stats.
void add_tuning(CLI::App& program, Action& action);

/// Write the template folder of TVM's Project API.
void add_project_template(CLI::App& program, Action& action);

/// Serve TVM's Project API; the template's launch script starts it.
void add_project_api_server(CLI::App& program, Action& action);

/// What the verbs that plan memory take.
struct PlanArguments {
  std::optional<PlanOptions::Inputs> inputs;  ///< nothing: what applications of the device API expect
  std::vector<std::string> inputs_memory;     ///< "caller", "image=double"
  std::vector<std::string> outputs_memory;
  std::filesystem::path memory_pool;  ///< JSON; empty: one pool without limit
  std::uint32_t alignment = PlanOptions{}.alignment;
  std::optional<std::uint32_t> interface_alignment;  ///< nothing: a line of the target's data cache, where it has one
};

/// Declares the options of these arguments.
void add_plan_options(CLI::App& command, PlanArguments& arguments);

/// The options of this network's plan, for a device API and a target where one is known.
Result<PlanOptions> plan_options(const PlanArguments& arguments, const NetworkDescriptor& network,
                                 EmitOptions::DeviceApi api = {}, const std::optional<Target>& target = {});

/// What the verbs that open an archive take.
struct ModelArguments {
  std::filesystem::path model;
  std::string module;                  ///< empty: the only one there is
  std::filesystem::path tflite;        ///< the file the archive was made from; empty: none
  std::filesystem::path quantization;  ///< JSON; empty: none
  std::filesystem::path placement;     ///< JSON; empty: what the next two say
  std::optional<WeightsGroup::Place> weights_place;
  std::string weights_address;  ///< empty: none
  NetworkOptions network;
  PlanArguments plan;
  LoadOptions load;
};

/// Declares the options of these arguments, but for --model.
void add_network_options(CLI::App& command, ModelArguments& arguments);

/// Declares the options of these arguments.
void add_model_options(CLI::App& command, ModelArguments& arguments);

/// Declares --limit NAME=NUMBER.
void add_limit_option(CLI::App& command, LoadOptions& options);

/// The library of `model`, within the limits.
Result<ModelLibrary> open_model(const ModelArguments& arguments);

/// How the network is described, with the placement of its weights.
Result<NetworkOptions> network_options(const ModelArguments& arguments);

/// The network, with what the user's own files say of its quantization.
Result<NetworkDescriptor> describe_network(const ModelLibrary& library, const ModelArguments& arguments);

/// Types of options that name a file or a folder, each with the network that it is for: "kws=kws.tar".
inline constexpr const char* named_file = "[NAME=]FILE";
inline constexpr const char* named_folder = "[NAME=]DIR";

/// Name and path of such a value. A name has neither '.' nor a separator of folders, so "./a=b.tar" is a path alone.
std::pair<std::string, std::filesystem::path> split_name(const std::string& text);

/// Names come from the archive: control characters must not reach the terminal.
std::string printable(std::string text);

/// Declares --boards FILE: a table of the user's own boards.
void add_boards_option(CLI::App& command, std::filesystem::path& table);

/// The boards of the user's table, if there is one, and the library's that have no name in it; sorted by name.
Result<std::vector<Target>> read_boards(const std::filesystem::path& table);

/// The board of this name; the error lists those there are.
Result<Target> find_board(const std::vector<Target>& boards, const std::string& name);

/// Prints all that is known of a board, with the sources.
void print_board(const Target& board);

/// Declares an option whose values are words; its default is what `value` is.
template <class Value>
void add_word_option(CLI::App& command, const std::string& flag, Value& value, const Words<Value>& words,
                     const std::string& about) {
  std::string all;
  std::string chosen;
  for (const auto& [word, meaning] : words) {
    all += (all.empty() ? "" : "|") + word;
    chosen = meaning == value ? word : chosen;
  }
  command.add_option(flag, value, about)
      ->transform(CLI::CheckedTransformer(words))
      ->type_name(all)
      ->default_str(chosen);
}

/// The compiler options of each kernel.
Result<KernelProfile> read_profile(const std::filesystem::path& path);

/// 12345 as "12,345".
std::string grouped(std::uint64_t value);

}  // namespace stm32tvm::cli
