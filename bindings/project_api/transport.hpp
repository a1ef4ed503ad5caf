// SPDX-License-Identifier: Apache-2.0
// The line to the device: an emulator's serial port on a socket, or a serial port of this computer.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "child.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm::project_api {

class Transport {
 public:
  /// Starts an emulator, whose descriptor 3 is the line, and waits until the firmware in it speaks; `host` as in
  /// wait().
  static Result<Transport> emulator(const std::vector<std::string>& command, const std::filesystem::path& folder,
                                    int host);

  /// Opens a serial port of this computer, for raw bytes at the speed of emitted serial ports, 115,200 baud.
  static Result<Transport> serial_port(const std::filesystem::path& path);

  enum class Status { done, timeout, closed, host_gone };

  /// From 1 to `count` bytes, as soon as there are any.
  Status read(std::size_t count, Deadline deadline, int host, std::string& bytes);

  /// All bytes.
  Status write(std::string_view bytes, Deadline deadline, int host);

 private:
  explicit Transport(FileDescriptor line) noexcept : line_(std::move(line)) {}

  FileDescriptor line_;
  std::optional<Child> emulator_;
  std::string received_;  ///< read from the line, and not yet asked for
};

/// The serial port of the board with this serial number, or of the only board with an ST-LINK when it is empty.
Result<std::filesystem::path> find_serial_port(const std::string& serial_number);

}  // namespace stm32tvm::project_api
