// SPDX-License-Identifier: Apache-2.0
// Escapes are those that GNU Make and Ninja both read, as GCC's -MD writes them.
#include "depfile.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <system_error>

#include "commands.hpp"
#include "support/try.hpp"
#include "write_file.hpp"

namespace stm32tvm::cli {
namespace {

namespace fs = std::filesystem;

/// What the options name, and what is in it.
std::set<std::string> inputs_of(const CLI::App& command) {
  std::set<std::string> inputs;
  for (const CLI::Option* option : command.get_options()) {
    const std::string type = option->get_type_name();
    const bool has_name = type == named_file || type == named_folder;
    const bool is_input = has_name || type == "FILE" || type == "DIR";
    if (!is_input || option->check_name("--output") || option->check_name("--depfile")) {
      continue;
    }
    for (const std::string& result : option->results()) {
      const fs::path path = has_name ? split_name(result).second : fs::path(result);
      inputs.insert(path.generic_string());
      std::error_code error;
      for (fs::recursive_directory_iterator each(path, error), end; each != end && !error; each.increment(error)) {
        inputs.insert(each->path().generic_string());
      }
    }
  }
  return inputs;
}

/// A backslash is itself, but before what it would escape.
Result<std::string> escaped(std::string_view path) {
  if (path.find_first_of("\r\n") != std::string_view::npos) {
    return Error{ErrorCode::bad_option,
                 "this path has a line end, so no depfile can name it; rename it, or leave --depfile out",
                 std::string(path)};
  }
  std::string text;
  std::size_t backslashes = 0;
  for (const char c : path) {
    if (c == ' ' || c == '\t' || c == '#') {
      text.append(backslashes + 1, '\\');
    } else if (c == '$') {
      text += '$';
    }
    backslashes = c == '\\' ? backslashes + 1 : 0;
    text += c;
  }
  return text;
}

}  // namespace

void add_depfile_options(CLI::App& command, DepfileArguments& arguments) {
  CLI::Option* const file =
      command.add_option("--depfile", arguments.file, "write a rule for Make or Ninja that names what was read")
          ->type_name("FILE");
  command.add_option("--depfile-target", arguments.target, "target of that rule; the depfile itself by default")
      ->type_name("NAME")
      ->needs(file);
}

Result<void> write_depfile(const CLI::App& command, const DepfileArguments& arguments) {
  if (arguments.file.empty()) {
    return {};
  }
  STM32TVM_TRY(rule, escaped(arguments.target.empty() ? arguments.file.generic_string() : arguments.target));
  rule += ':';
  std::string empty_rules;
  for (const std::string& input : inputs_of(command)) {
    STM32TVM_TRY(path, escaped(input));
    rule += " \\\n  " + path;
    empty_rules += "\n" + path + ":\n";
  }
  return write_file(arguments.file, rule + '\n' + empty_rules);
}

}  // namespace stm32tvm::cli
