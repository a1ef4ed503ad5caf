// SPDX-License-Identifier: Apache-2.0
// What the verbs share: the options of an archive, and reading the user's files.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "support/read_file.hpp"
#include "support/try.hpp"

namespace stm32tvm::cli {

void add_limit_option(CLI::App& command, LoadOptions& options) {
  command
      .add_option_function<std::vector<std::string>>(
          "--limit",
          [&options](const std::vector<std::string>& limits) {
            nlohmann::json json;
            for (const std::string& limit : limits) {
              const std::size_t sign = std::min(limit.find('='), limit.size());
              const std::string value = limit.substr(std::min(sign + 1, limit.size()));
              const nlohmann::json number = nlohmann::json::parse(value, nullptr, false);
              json[limit.substr(0, sign)] = number.is_number_unsigned() ? number : nlohmann::json(value);
            }
            auto read = read_load_options(json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
            if (!read) {
              throw CLI::ValidationError("--limit", read.error().message);
            }
            options = *std::move(read);
          },
          "limit on what an archive may ask for: a field of ArchiveLimits or ModelLimits")
      ->type_name("NAME=NUMBER");
}

namespace {

void add_placement_options(CLI::App& command, ModelArguments& arguments) {
  static const auto words = weights_place_words();
  CLI::Option* const file =
      command.add_option("--placement", arguments.placement, "JSON with a place for each group of weights")
          ->type_name("FILE");
  command.add_option("--weights-place", arguments.weights_place, "where all weights lie (docs/weights.md)")
      ->transform(CLI::CheckedTransformer(words))
      ->type_name("flash|external|ram|fetch")
      ->excludes(file);
  command.add_option("--weights-address", arguments.weights_address, "where all weights are stored: 0x90000000")
      ->type_name("ADDRESS")
      ->excludes(file);
}

/// The options that stand for a file of one group, in that file's form.
std::string placement_of_options(const ModelArguments& arguments) {
  std::string text;
  for (const auto& [word, place] : weights_place_words()) {
    if (place == arguments.weights_place) {
      text += "\"place\": \"" + word + "\"";
    }
  }
  if (!arguments.weights_address.empty()) {
    text += (text.empty() ? "\"place\": \"external\"" : "") + std::string(", \"address\": ") +
            nlohmann::json(arguments.weights_address).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  }
  return text.empty() ? "" : "{\"weights_groups\": [{" + text + "}]}";
}

}  // namespace

Result<NetworkOptions> network_options(const ModelArguments& arguments) {
  NetworkOptions options = arguments.network;
  Bytes text(placement_of_options(arguments));
  if (!arguments.placement.empty()) {
    STM32TVM_TRY(file, read_file(arguments.placement));
    text = std::move(file);
  }
  auto groups = read_placement(text.view());
  if (!groups) {
    Error error = std::move(groups).error();
    error.where = arguments.placement.empty() ? "--weights-place" : arguments.placement.string();
    return error;
  }
  options.weights_groups = *std::move(groups);
  return options;
}

void add_model_options(CLI::App& command, ModelArguments& arguments) {
  command.add_option("-m,--model", arguments.model, "Model Library Format archive")->required()->type_name("FILE");
  add_network_options(command, arguments);
}

void add_network_options(CLI::App& command, ModelArguments& arguments) {
  command.add_option("--module", arguments.module, "module to take from an archive that has several")
      ->type_name("NAME");
  command.add_option("--tflite", arguments.tflite, "TFLite file the archive was made from: names, exact quantization")
      ->type_name("FILE");
  command.add_option("--quantization", arguments.quantization, "JSON with scales and zero points of tensors")
      ->type_name("FILE");
  command.add_flag("--keep-constants", arguments.network.keep_constants,
                   "store constants in the archive's types, also where narrower ones hold their values");
  add_limit_option(command, arguments.load);
  add_plan_options(command, arguments.plan);
  add_placement_options(command, arguments);
}

Result<ModelLibrary> open_model(const ModelArguments& arguments) {
  return ModelLibrary::open(arguments.model, arguments.load.archive, arguments.load.model);
}

Result<NetworkDescriptor> describe_network(const ModelLibrary& library, const ModelArguments& arguments) {
  STM32TVM_TRY(options, network_options(arguments));
  STM32TVM_TRY(network, library.network(arguments.module, options));
  if (!arguments.tflite.empty()) {
    STM32TVM_TRY(file, read_file(arguments.tflite));
    if (auto applied = apply_tflite(file, network); !applied) {
      Error error = std::move(applied).error();
      error.where = arguments.tflite.string() + (error.where.empty() ? "" : ": ") + error.where;
      return error;
    }
  }
  if (!arguments.quantization.empty()) {
    STM32TVM_TRY(file, read_file(arguments.quantization));
    STM32TVM_CHECK(apply_quantization(file.view(), arguments.quantization.string(), network));
  }
  return std::move(network);
}

std::pair<std::string, std::filesystem::path> split_name(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || text.find_first_of("./\\") < equals) {
    return {"", text};
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c >= 0 && c < ' '; }, '?');
  return text;
}

void add_boards_option(CLI::App& command, std::filesystem::path& table) {
  command.add_option("--boards", table, "JSON with parts and boards of your own (docs/boards.md)")->type_name("FILE");
}

Result<std::vector<Target>> read_boards(const std::filesystem::path& table) {
  std::vector<Target> boards;
  if (!table.empty()) {
    STM32TVM_TRY(file, read_file(table));
    STM32TVM_TRY(own, read_targets(file.view(), table.string()));
    boards = std::move(own);
  }
  const std::size_t count_of_own = boards.size();
  for (const Target& board : targets()) {
    const auto end_of_own = boards.begin() + static_cast<std::ptrdiff_t>(count_of_own);
    if (std::find_if(boards.begin(), end_of_own, [&](const Target& own) { return own.name == board.name; }) ==
        end_of_own) {
      boards.push_back(board);
    }
  }
  std::ranges::sort(boards, {}, &Target::name);
  return boards;
}

Result<Target> find_board(const std::vector<Target>& boards, const std::string& name) {
  const auto found = std::ranges::find(boards, name, &Target::name);
  if (found != boards.end()) {
    return *found;
  }
  std::vector<std::string_view> names;
  names.reserve(boards.size());
  for (const Target& board : boards) {
    names.push_back(board.name);
  }
  return Error{ErrorCode::bad_option,
               fmt::format("there is no board \"{}\"; known are {}, and --boards FILE adds your own", name,
                           fmt::join(names, ", ")),
               {}};
}

Result<KernelProfile> read_profile(const std::filesystem::path& path) {
  STM32TVM_TRY(file, read_file(path));
  return parse_kernel_profile(file.view(), path.string());
}

std::string grouped(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t i = digits.size(); i > 3; i -= 3) {
    digits.insert(i - 3, ",");
  }
  return digits;
}

}  // namespace stm32tvm::cli
