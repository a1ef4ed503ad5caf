// SPDX-License-Identifier: Apache-2.0
// stm32tvm diff: what changed between two archives, as text or JSON.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>

#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "support/try.hpp"

namespace stm32tvm::cli {
namespace {

struct DiffArguments {
  std::filesystem::path before;
  std::filesystem::path after;
  LoadOptions load;
  bool json = false;
};

/// The same module in both archives.
Result<NetworkDifference> compare_module(const ModelLibrary& before, const ModelLibrary& after,
                                         const std::string& name_before, const std::string& name_after) {
  // As exported: how constants are stored follows their values, and so would the kernels' text.
  NetworkOptions exported;
  exported.keep_constants = true;
  STM32TVM_TRY(network_before, before.network(name_before, exported));
  STM32TVM_TRY(network_after, after.network(name_after, exported));
  STM32TVM_TRY(plan_before, MemoryPlan::make(network_before));
  STM32TVM_TRY(plan_after, MemoryPlan::make(network_after));
  return compare(network_before, memory_needs(network_before, plan_before), network_after,
                 memory_needs(network_after, plan_after));
}

const char* sentence(NetworkDifference::Verdict verdict) {
  switch (verdict) {
    case NetworkDifference::Verdict::identical:
      return "the networks are the same";
    case NetworkDifference::Verdict::weights_only:
      return "only the weights changed: the code is the same";
    case NetworkDifference::Verdict::code:
      return "the code changed, inputs and outputs did not: the application stays as it is";
    case NetworkDifference::Verdict::interface:
      return "inputs or outputs changed: the application has to follow";
  }
  return "";
}

void print_difference(const NetworkDifference& difference) {
  fmt::print("{}\n", sentence(difference.verdict));
  for (const NetworkDifference::Change& change : difference.changes) {
    fmt::print("  {:<10} {}\n", name(change.part), printable(change.message));
  }
}

Result<void> diff(const DiffArguments& arguments) {
  STM32TVM_TRY(before, ModelLibrary::open(arguments.before, arguments.load.archive, arguments.load.model));
  STM32TVM_TRY(after, ModelLibrary::open(arguments.after, arguments.load.archive, arguments.load.model));
  nlohmann::ordered_json json{{"modules", nlohmann::ordered_json::object()}};
  // The only modules of two archives are compared whatever their names.
  const bool single = before.modules().size() == 1 && after.modules().size() == 1;
  std::set<std::string> names;
  for (const Module& module : before.modules()) {
    names.insert(module.name);
  }
  for (const Module& module : after.modules()) {
    names.insert(single ? before.modules().front().name : module.name);
  }
  const auto has = [](const ModelLibrary& library, const std::string& name) {
    return std::any_of(library.modules().begin(), library.modules().end(),
                       [&](const Module& module) { return module.name == name; });
  };
  for (const std::string& name : names) {
    if (!single && (!has(before, name) || !has(after, name))) {
      const char* const change = has(before, name) ? "removed" : "added";
      json["modules"][name] = {{"verdict", change}};
      if (!arguments.json) {
        fmt::print("module {}: {}\n", printable(name), change);
      }
      continue;
    }
    STM32TVM_TRY(difference, compare_module(before, after, name, single ? after.modules().front().name : name));
    json["modules"][name] = nlohmann::ordered_json::parse(to_json(difference));
    if (!arguments.json) {
      fmt::print("module {}: ", printable(name));
      print_difference(difference);
    }
  }
  if (arguments.json) {
    fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  }
  return {};
}

}  // namespace

void add_diff(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand("diff", "show what changed between two archives");
  auto arguments = std::make_shared<DiffArguments>();
  command.add_option("before", arguments->before, "archive of before")->required()->type_name("A");
  command.add_option("after", arguments->after, "archive of after")->required()->type_name("B");
  add_limit_option(command, arguments->load);
  command.add_flag("--json", arguments->json, "print JSON");
  command.callback([arguments, &action] { action = [arguments] { return diff(*arguments); }; });
}

}  // namespace stm32tvm::cli
