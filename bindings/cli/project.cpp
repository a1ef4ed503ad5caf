// SPDX-License-Identifier: Apache-2.0
// Reads stm32tvm.json, which the library wrote and a user may have changed.
#include "project.hpp"

#include <fmt/format.h>

#include <fstream>

#include <nlohmann/json.hpp>

#include "support/try.hpp"

namespace stm32tvm::cli {
namespace {

using Json = nlohmann::json;

std::string with_probe(std::string argument, const std::string& probe) {
  constexpr std::string_view place = "{probe}";
  if (const std::size_t at = argument.find(place); at != std::string::npos) {
    argument.replace(at, place.size(), probe);
  }
  return argument;
}

/// A nested list of arguments is for a probe that was named.
Command command_of(const Json& json, const std::string& probe) {
  Command command{json.at("program").get<std::string>(), {}};
  for (const Json& argument : json.at("arguments")) {
    if (!argument.is_array()) {
      command.arguments.push_back(argument.get<std::string>());
      continue;
    }
    for (const Json& part : argument) {
      if (!probe.empty()) {
        command.arguments.push_back(with_probe(part.get<std::string>(), probe));
      }
    }
  }
  return command;
}

std::vector<Command> commands_of(const Json& json, const std::string& probe) {
  std::vector<Command> commands;
  for (const Json& command : json) {
    commands.push_back(command_of(command, probe));
  }
  return commands;
}

Project project_of(const Json& json, const std::filesystem::path& folder, const std::string& probe) {
  Project project;
  project.folder = folder;
  project.target = json.at("target").get<std::string>();
  project.image = json.at("image").get<std::string>();
  project.build = commands_of(json.at("build"), probe);
  for (const Json& way : json.at("flash")) {
    project.flash.push_back(commands_of(way, probe));
  }
  if (json.contains("run")) {
    project.run = command_of(json.at("run"), probe);
  }
  return project;
}

}  // namespace

Result<Project> read_project(const std::filesystem::path& folder, const std::string& probe) {
  const std::filesystem::path path = folder / "stm32tvm.json";
  std::ifstream file(path);
  if (!file) {
    return Error{ErrorCode::cannot_read,
                 "this file of an emitted firmware project is not there; emit one with generate --target BOARD",
                 path.string()};
  }
  try {
    return project_of(Json::parse(file), folder, probe);
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

}  // namespace stm32tvm::cli
