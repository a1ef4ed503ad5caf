// SPDX-License-Identifier: Apache-2.0
// File descriptors and child processes that do not outlive the server.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stm32tvm/result.hpp"

namespace stm32tvm::project_api {

/// A file descriptor, closed with its owner.
class FileDescriptor {
 public:
  explicit FileDescriptor(int descriptor = -1) noexcept : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor();

  [[nodiscard]] int get() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

/// A moment to wait for; nothing means for ever.
using Deadline = std::optional<std::chrono::steady_clock::time_point>;

/// What wait() saw.
enum class Ready { yes, timeout, host_gone };

/// Waits until `descriptor` can be read (or written), and no longer than the host is there, who holds the other end of
/// pipe `host`.
Ready wait(int descriptor, bool to_write, int host, Deadline deadline);

/// A child process in a group of its own; it is killed with the group when its owner or this process ends.
class Child {
 public:
  /// Starts a program. Its standard output and error go to `output`, or to this process's standard error when that is
  /// -1; `inherited`, where not -1, is its descriptor 3.
  static Result<Child> start(const std::vector<std::string>& command, const std::filesystem::path& folder, int output,
                             int inherited);
  Child(Child&& other) noexcept : process_(std::exchange(other.process_, -1)) {}
  Child& operator=(Child&& other) noexcept {
    std::swap(process_, other.process_);
    return *this;
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  /// Waits for its end; its exit status, or 128 and the signal's number.
  int wait_for_end();

 private:
  explicit Child(pid_t process) noexcept : process_(process) {}
  pid_t process_;
};

/// How a program that was run to its end ended.
struct Run {
  int status = 0;
  std::string log;  ///< the last lines of what it printed
};

/// Runs a program to its end; kills it when the host goes. With `shown` its output goes to standard error too.
Result<Run> run(const std::vector<std::string>& command, const std::filesystem::path& folder, int host, bool shown);

/// The program's path, looked for as a shell does; empty when there is none.
std::string find_program(const std::string& name);

}  // namespace stm32tvm::project_api
