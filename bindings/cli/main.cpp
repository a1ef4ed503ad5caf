// SPDX-License-Identifier: Apache-2.0
// The command-line program stm32tvm: a thin host of the library, with the verbs and option words of ST's tools.
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <string_view>

#include <CLI/CLI.hpp>

#include "commands.hpp"

namespace {

using namespace stm32tvm;

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;

struct Verb {
  std::string_view name;
  void (*add)(CLI::App& program, cli::Action& action);
};
constexpr Verb verbs[] = {
    {"analyze", cli::add_analyze},
    {"boards", cli::add_boards},
    {"build", cli::add_build},
    {"diff", cli::add_diff},
    {"flash", cli::add_flash},
    {"generate", cli::add_generate},
    {"project-template", cli::add_project_template},
    {"project-api-server", cli::add_project_api_server},
    {"run", cli::add_run},
    {"tune", cli::add_tune},
    {"tuning", cli::add_tuning},
};

int run(int argc, char** argv) {
  CLI::App app("Turns a TVM Model Library Format archive into C for an STM32.", "stm32tvm");
  app.set_version_flag("--version", "stm32tvm " STM32TVM_VERSION);
  app.require_subcommand(1);
  cli::Action action;
  // Declaring the options of all verbs takes longer than a small emission: those of the verb asked for are enough.
  const std::string_view asked = argc > 1 ? argv[1] : "";
  const bool is_verb = std::ranges::find(verbs, asked, &Verb::name) != std::end(verbs);
  for (const Verb& verb : verbs) {
    if (!is_verb || verb.name == asked) {
      verb.add(app, action);
    }
  }
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
