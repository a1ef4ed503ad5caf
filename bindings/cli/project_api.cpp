// SPDX-License-Identifier: Apache-2.0
// stm32tvm project-template, and the server that the template's launch script starts.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "commands.hpp"
#include "project_folder.hpp"
#include "server.hpp"

namespace stm32tvm::cli {

void add_project_template(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand("project-template",
                                              "write the template folder of TVM's Project API, for tvmc and AutoTVM");
  auto folder = std::make_shared<std::filesystem::path>();
  command.add_option("folder", *folder, "folder to create or update")->required()->type_name("DIR");
  command.callback([folder, &action] {
    action = [folder] {
      std::error_code error;
      const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
      return project_api::write_template(*folder, error ? std::filesystem::path("stm32tvm") : self);
    };
  });
}

void add_project_api_server(CLI::App& program, Action& action) {
  struct Arguments {
    std::string ignored;
    int read = -1;
    int write = -1;
    bool debug = false;
  };
  CLI::App& command = *program.add_subcommand("project-api-server", "serve TVM's Project API in this folder");
  command.group("");  // not for people
  auto arguments = std::make_shared<Arguments>();
  // TVM 0.12 and later pass the path of a Python server, there or not.
  command.add_option("python_server", arguments->ignored, "not used");
  command.add_option("--read-fd", arguments->read, "descriptor that requests come from")->required();
  command.add_option("--write-fd", arguments->write, "descriptor that replies go to")->required();
  command.add_flag("--debug", arguments->debug, "not used");
  command.callback([arguments, &action] {
    action = [arguments]() -> Result<void> {
      std::error_code error;
      const auto folder = std::filesystem::current_path(error);
      if (error) {
        return Error{ErrorCode::cannot_read, "the current folder cannot be told: " + error.message(), {}};
      }
      project_api::serve(folder, arguments->read, arguments->write);
      return {};
    };
  });
}

}  // namespace stm32tvm::cli
