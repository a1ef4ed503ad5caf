// SPDX-License-Identifier: Apache-2.0
// Reads stm32tvm.json, which the library wrote and a user may have changed.
#include "project.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "support/try.hpp"

namespace stm32tvm::cli {
namespace {

using Json = nlohmann::json;

/// The text with the value in its place; nothing where the value is not given.
std::optional<std::string> with_values(std::string argument, const FlashValues& values) {
  for (const auto& [place, value] : {std::pair{"{probe}", &values.probe}, std::pair{"{loader}", &values.loader}}) {
    const std::size_t at = argument.find(place);
    if (at != std::string::npos && value->empty()) {
      return std::nullopt;
    }
    if (at != std::string::npos) {
      argument.replace(at, std::string_view(place).size(), *value);
    }
  }
  return argument;
}

/// A nested list of arguments is for a value that was given.
Command command_of(const Json& json, const FlashValues& values) {
  Command command{json.at("program").get<std::string>(), {}};
  for (const Json& argument : json.at("arguments")) {
    if (!argument.is_array()) {
      command.arguments.push_back(argument.get<std::string>());
      continue;
    }
    std::vector<std::string> parts;
    for (const Json& part : argument) {
      if (auto text = with_values(part.get<std::string>(), values)) {
        parts.push_back(*std::move(text));
      }
    }
    if (parts.size() == argument.size()) {
      command.arguments.insert(command.arguments.end(), parts.begin(), parts.end());
    }
  }
  return command;
}

std::vector<Command> commands_of(const Json& json, const FlashValues& values) {
  std::vector<Command> commands;
  for (const Json& command : json) {
    commands.push_back(command_of(command, values));
  }
  return commands;
}

Project project_of(const Json& json, const std::filesystem::path& folder, const FlashValues& values) {
  Project project;
  project.folder = folder;
  project.target = json.at("target").get<std::string>();
  project.image = json.at("image").get<std::string>();
  project.build = commands_of(json.at("build"), values);
  for (const Json& way : json.at("flash")) {
    project.flash.push_back(commands_of(way, values));
  }
  if (json.contains("run")) {
    project.run = command_of(json.at("run"), values);
  }
  return project;
}

}  // namespace

Result<Project> read_project(const std::filesystem::path& folder, const FlashValues& values) {
  const std::filesystem::path path = folder / "stm32tvm.json";
  std::ifstream file(path);
  if (!file) {
    return Error{ErrorCode::cannot_read,
                 "this file of an emitted firmware project is not there; emit one with generate --target BOARD",
                 path.string()};
  }
  try {
    return project_of(Json::parse(file), folder, values);
  } catch (const Json::exception&) {
    return Error{ErrorCode::bad_json, "this is not what generate writes; emit the project again", path.string()};
  }
}

Result<void> build_project(const Project& project) {
  for (const Command& command : project.build) {
    STM32TVM_CHECK(run_command(command, project.folder));
  }
  fmt::print("{}\n", (project.folder / project.image).string());
  return {};
}

Result<std::vector<Command>> installed_way_to_flash(const Project& project) {
  if (project.flash.empty()) {
    return Error{ErrorCode::unsupported,
                 "no tool is known that writes to this board; add its probe to the table of boards, or write the image "
                 "with a tool of your own",
                 project.target};
  }
  const auto is_installed = [](const std::vector<Command>& way) {
    return std::ranges::all_of(way, [](const Command& command) { return is_in_path(command.program); });
  };
  const auto way = std::ranges::find_if(project.flash, is_installed);
  if (way == project.flash.end()) {
    std::vector<std::string_view> programs;
    for (const std::vector<Command>& each : project.flash) {
      programs.push_back(each.back().program);
    }
    return Error{
        ErrorCode::cannot_read,
        fmt::format("none of {} is installed, or in a folder of PATH; install one of them", fmt::join(programs, ", ")),
        project.target};
  }
  return *way;
}

}  // namespace stm32tvm::cli
