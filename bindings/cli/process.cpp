// SPDX-License-Identifier: Apache-2.0
// Child processes by the C library alone, which every system has: a command line with each word in quotes.
#include "process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>

namespace stm32tvm::cli {
namespace {

namespace fs = std::filesystem;

#ifdef _WIN32
constexpr char path_separator = ';';
constexpr const char* executable_suffix = ".exe";
constexpr std::string_view quote = "\"";
constexpr std::string_view quote_inside = "\\\"";
#else
constexpr char path_separator = ':';
constexpr const char* executable_suffix = "";
constexpr std::string_view quote = "'";
constexpr std::string_view quote_inside = R"('\'')";
#endif

/// A word that the shell takes as it is.
std::string in_shell_quotes(std::string_view word) {
  std::string text(quote);
  for (const char character : word) {
    if (character == quote.front()) {
      text += quote_inside;
    } else {
      text += character;
    }
  }
  return text.append(quote);
}

/// Every word is in quotes, so the shell starts the program and nothing else.
std::string shell_line(const Command& command) {
  std::string line = in_shell_quotes(command.program);
  for (const std::string& argument : command.arguments) {
    line += " " + in_shell_quotes(argument);
  }
  return line;
}

bool is_executable(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  constexpr fs::perms any_execute = fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
  return fs::is_regular_file(status) && (status.permissions() & any_execute) != fs::perms::none;
}

/// Works in a folder for as long as it lives.
class WorkingFolder {
 public:
  explicit WorkingFolder(const fs::path& folder) : before_(fs::current_path(error_)) {
    fs::current_path(folder, error_);
  }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;
  WorkingFolder(WorkingFolder&&) = delete;
  WorkingFolder& operator=(WorkingFolder&&) = delete;
  ~WorkingFolder() {
    std::error_code ignored;
    fs::current_path(before_, ignored);
  }

  [[nodiscard]] bool is_entered() const noexcept { return !error_; }

 private:
  std::error_code error_;
  fs::path before_;
};

}  // namespace

bool is_in_path(const std::string& program) {
  if (program.find('/') != std::string::npos) {
    return is_executable(program);
  }
  const char* const variable = std::getenv("PATH");
  std::string_view folders = variable == nullptr ? "" : variable;
  while (!folders.empty()) {
    const std::string_view folder = folders.substr(0, folders.find(path_separator));
    if (!folder.empty() && is_executable(fs::path(folder) / (program + executable_suffix))) {
      return true;
    }
    folders.remove_prefix(std::min(folders.size(), folder.size() + 1));
  }
  return false;
}

Result<std::string> run_captured(const Command& command, const fs::path& folder) {
  const WorkingFolder working_folder(folder);
  if (!working_folder.is_entered()) {
    return Error{ErrorCode::cannot_read, "the folder cannot be entered; check its permissions", folder.string()};
  }
  const fs::path log = ".stm32tvm-output";
  const int status =
      std::system((shell_line(command) + " > " + log.string() + " 2>&1").c_str());  // NOLINT(cert-env33-c)
  std::ifstream file(log, std::ios::binary);
  std::string output{std::istreambuf_iterator<char>(file), {}};
  if (status != 0) {
    constexpr std::size_t shown = 2000;
    return Error{ErrorCode::cannot_read,
                 "the program failed; it said\n" + output.substr(output.size() - std::min(output.size(), shown)),
                 command.program};
  }
  return output;
}

Result<void> run_command(const Command& command, const fs::path& folder) {
  const WorkingFolder working_folder(folder);
  if (!working_folder.is_entered()) {
    return Error{ErrorCode::cannot_read, "the folder cannot be entered; check its permissions", folder.string()};
  }
  if (!is_in_path(command.program)) {
    return Error{ErrorCode::cannot_read, "this program is not installed, or is in no folder of PATH; install it",
                 command.program};
  }
  fmt::print("{} {}\n", command.program, fmt::join(command.arguments, " "));
  static_cast<void>(std::fflush(nullptr));
  if (std::system(shell_line(command).c_str()) != 0) {  // NOLINT(cert-env33-c)
    return Error{ErrorCode::cannot_read, "the program failed; what it said is above", command.program};
  }
  return {};
}

}  // namespace stm32tvm::cli
