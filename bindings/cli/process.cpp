// SPDX-License-Identifier: Apache-2.0
// Child processes by POSIX's fork and exec.
#include "process.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "support/try.hpp"

namespace stm32tvm::cli {
namespace {

Error cannot_run(std::string message, const std::string& program) {
  return {ErrorCode::cannot_read, std::move(message), program};
}

Result<void> check_program(const std::string& program) {
  if (is_in_path(program)) {
    return {};
  }
  return cannot_run("this program is not installed, or is in no folder of PATH; install it", program);
}

/// Starts the program with its output and errors in `output`, unless that is -1.
pid_t start(const Command& command, const std::filesystem::path& folder, int output) {
  std::vector<char*> arguments;
  // execvp() takes pointers to char and does not write through them.
  arguments.push_back(const_cast<char*>(command.program.c_str()));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  for (const std::string& argument : command.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  }
  arguments.push_back(nullptr);
  static_cast<void>(std::fflush(nullptr));
  const pid_t child = fork();
  if (child == 0) {
    if (chdir(folder.c_str()) == 0 && (output < 0 || (dup2(output, 1) == 1 && dup2(output, 2) == 2))) {
      execvp(arguments.front(), arguments.data());
    }
    _exit(127);
  }
  return child;
}

Result<int> wait_for(pid_t child, const std::string& program) {
  int status = 0;
  pid_t ended = -1;
  while (child > 0 && (ended = waitpid(child, &status, 0)) < 0 && errno == EINTR) {
  }
  if (ended != child || !WIFEXITED(status)) {
    return cannot_run("the program could not be started, or was ended by a signal", program);
  }
  return WEXITSTATUS(status);
}

/// Shows the last whole line of the output, in place of the one before.
void show_progress(std::string_view output) {
  constexpr std::size_t columns = 78;
  const std::size_t end = output.rfind('\n');
  if (end == std::string_view::npos) {
    return;
  }
  const std::size_t before = output.rfind('\n', end == 0 ? 0 : end - 1);
  const std::size_t start_of_line = before == std::string_view::npos || end == 0 ? 0 : before + 1;
  fmt::print(stderr, "\r\033[K{}", output.substr(start_of_line, std::min(columns, end - start_of_line)));
}

}  // namespace

bool is_in_path(const std::string& program) {
  if (program.find('/') != std::string::npos) {
    return access(program.c_str(), X_OK) == 0;
  }
  const char* const variable = std::getenv("PATH");
  std::string_view folders = variable == nullptr ? "" : variable;
  while (!folders.empty()) {
    const std::string_view folder = folders.substr(0, folders.find(':'));
    if (!folder.empty() && access((std::filesystem::path(folder) / program).c_str(), X_OK) == 0) {
      return true;
    }
    folders.remove_prefix(std::min(folders.size(), folder.size() + 1));
  }
  return false;
}

Result<int> run_attached(const Command& command, const std::filesystem::path& folder) {
  STM32TVM_CHECK(check_program(command.program));
  return wait_for(start(command, folder, -1), command.program);
}

Result<void> run_with_progress(const Command& command, const std::filesystem::path& folder) {
  STM32TVM_CHECK(check_program(command.program));
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) {
    return cannot_run("there is no pipe for the program's output", command.program);
  }
  fmt::print("{} {}\n", command.program, fmt::join(command.arguments, " "));
  const pid_t child = start(command, folder, ends[1]);
  close(ends[1]);
  const bool on_terminal = isatty(2) != 0;
  std::string output;
  std::array<char, 4096> block{};
  ssize_t count = 0;
  while ((count = read(ends[0], block.data(), block.size())) > 0 || (count < 0 && errno == EINTR)) {
    output.append(block.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    if (on_terminal) {
      show_progress(output);
    }
  }
  close(ends[0]);
  if (on_terminal) {
    fmt::print(stderr, "\r\033[K");
  }
  STM32TVM_TRY(status, wait_for(child, command.program));
  if (status != 0) {
    fmt::print(stderr, "{}", output);
    return cannot_run(fmt::format("the program failed with exit status {}; what it says is above", status),
                      command.program);
  }
  return {};
}

}  // namespace stm32tvm::cli
