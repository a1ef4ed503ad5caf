// SPDX-License-Identifier: Apache-2.0
// The command-line program stm32tvm: a thin host of the library, with the verbs and option words of ST's tools.
#include <fmt/format.h>

#include <exception>

#include <CLI/CLI.hpp>

#include "commands.hpp"

namespace {

using namespace stm32tvm;

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;

int run(int argc, char** argv) {
  CLI::App app("Turns a TVM Model Library Format archive into C for an STM32.", "stm32tvm");
  app.set_version_flag("--version", "stm32tvm " STM32TVM_VERSION);
  app.require_subcommand(1);
  cli::Action action;
  cli::add_analyze(app, action);
  cli::add_boards(app, action);
  cli::add_build(app, action);
  cli::add_diff(app, action);
  cli::add_flash(app, action);
  cli::add_generate(app, action);
  cli::add_project_template(app, action);
  cli::add_project_api_server(app, action);
  cli::add_run(app, action);
  cli::add_tune(app, action);
  cli::add_tuning(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_usage;
  }
  if (const Result<void> result = action(); !result) {
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
