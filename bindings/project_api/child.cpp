// SPDX-License-Identifier: Apache-2.0
#include "child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "support/try.hpp"

namespace stm32tvm::project_api {
namespace {

Error system_error(std::string_view what) {
  return {ErrorCode::cannot_read, fmt::format("{}: {}", what, std::strerror(errno)), {}};
}

/// The child's half of start(); never returns.
[[noreturn]] void become(const std::vector<char*>& arguments, const char* folder, int output, int inherited,
                         pid_t parent) {
  constexpr int given_descriptor = 3;
  constexpr int cannot_start = 127;
  setpgid(0, 0);
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  static_cast<void>(std::signal(SIGPIPE, SIG_DFL));
  const bool has_parent = getppid() == parent;
  const int nowhere = open("/dev/null", O_RDONLY);
  const int shown = output < 0 ? STDERR_FILENO : output;
  if (has_parent && chdir(folder) == 0 && dup2(nowhere, STDIN_FILENO) >= 0 && dup2(shown, STDOUT_FILENO) >= 0 &&
      dup2(shown, STDERR_FILENO) >= 0) {
    if (inherited == given_descriptor) {
      fcntl(inherited, F_SETFD, 0);
    } else if (inherited >= 0) {
      dup2(inherited, given_descriptor);
    }
    execvp(arguments.front(), arguments.data());
  }
  _exit(cannot_start);
}

/// The last lines of a log, and all of it to standard error where asked for.
class Tail {
 public:
  explicit Tail(bool shown) : shown_(shown) {}

  void add(std::string_view text) {
    if (shown_) {
      fmt::print(stderr, "{}", text);
    }
    text_ += text;
    if (text_.size() > 2 * bytes) {
      text_.erase(0, text_.size() - bytes);
    }
  }
  [[nodiscard]] std::string lines() const {
    const std::string_view end = std::string_view(text_).substr(text_.size() - std::min(text_.size(), bytes));
    std::size_t start = end.size();
    for (int line = 0; line <= lines_shown && start != std::string_view::npos && start > 0; ++line) {
      start = end.rfind('\n', start - 1);
    }
    return std::string(start == std::string_view::npos || start == 0 ? end : end.substr(start + 1));
  }

 private:
  static constexpr std::size_t bytes = 16'384;
  static constexpr int lines_shown = 40;
  bool shown_;
  std::string text_;
};

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

Ready wait(int descriptor, bool to_write, int host, Deadline deadline) {
  while (true) {
    int milliseconds = -1;
    if (deadline) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now()).count();
      milliseconds = static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left, 0, INT_MAX));
    }
    // Only the host's end is of interest, which poll() reports unasked: it sends nothing while it waits for an answer.
    std::array<pollfd, 2> polled = {{{descriptor, static_cast<short>(to_write ? POLLOUT : POLLIN), 0}, {host, 0, 0}}};
    const int count = poll(polled.data(), polled.size(), milliseconds);
    if (polled[1].revents != 0) {
      return Ready::host_gone;
    }
    if (polled[0].revents != 0) {
      return Ready::yes;
    }
    if (count == 0) {
      return Ready::timeout;
    }
  }
}

Result<Child> Child::start(const std::vector<std::string>& command, const std::filesystem::path& folder, int output,
                           int inherited) {
  const std::string program = find_program(command.front());
  if (program.empty()) {
    return Error{ErrorCode::cannot_read,
                 fmt::format("there is no program {}; install it, or add its folder to PATH", command.front()),
                 {}};
  }
  std::vector<std::string> words = command;
  words.front() = program;
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t process = fork();
  if (process < 0) {
    return system_error("a process cannot be started");
  }
  if (process == 0) {
    become(arguments, folder.c_str(), output, inherited, parent);
  }
  setpgid(process, process);
  return Child(process);
}

Child::~Child() {
  if (process_ > 0) {
    kill(-process_, SIGKILL);
    wait_for_end();
  }
}

int Child::wait_for_end() {
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  constexpr int of_signals = 128;
  return WIFSIGNALED(status) ? of_signals + WTERMSIG(status) : WEXITSTATUS(status);
}

Result<Run> run(const std::vector<std::string>& command, const std::filesystem::path& folder, int host, bool shown) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return system_error("a pipe cannot be made");
  }
  const FileDescriptor reader(ends[0]);
  FileDescriptor writer(ends[1]);
  STM32TVM_TRY(child, Child::start(command, folder, writer.get(), -1));
  writer = FileDescriptor();
  Tail tail(shown);
  std::array<char, 4096> bytes{};
  while (wait(reader.get(), false, host, {}) == Ready::yes) {
    const ssize_t count = read(reader.get(), bytes.data(), bytes.size());
    if (count == 0) {
      return Run{child.wait_for_end(), tail.lines()};
    }
    if (count > 0) {
      tail.add({bytes.data(), static_cast<std::size_t>(count)});
    }
  }
  return Error{ErrorCode::cancelled, "the host is gone", {}};
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    return name;
  }
  const char* const path = std::getenv("PATH");
  const std::string_view folders = path == nullptr ? "" : path;
  for (std::size_t at = 0; at < folders.size();) {
    const std::size_t end = std::min(folders.find(':', at), folders.size());
    std::string candidate = fmt::format("{}/{}", folders.substr(at, end - at), name);
    if (access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
    at = end + 1;
  }
  return {};
}

}  // namespace stm32tvm::project_api
