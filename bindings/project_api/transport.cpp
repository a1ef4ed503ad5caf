// SPDX-License-Identifier: Apache-2.0
#include "transport.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "support/try.hpp"

namespace stm32tvm::project_api {
namespace {

bool is_momentary(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

Transport::Status status_of(Ready ready) {
  return ready == Ready::timeout ? Transport::Status::timeout : Transport::Status::host_gone;
}

}  // namespace

Result<Transport> Transport::emulator(const std::vector<std::string>& command, const std::filesystem::path& folder,
                                      int host) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return Error{ErrorCode::cannot_read, fmt::format("a socket cannot be made: {}", std::strerror(errno)), {}};
  }
  Transport transport{FileDescriptor(ends[0])};
  const FileDescriptor others(ends[1]);
  fcntl(transport.line_.get(), F_SETFL, O_NONBLOCK);
  STM32TVM_TRY(child, Child::start(command, folder, -1, others.get()));
  transport.emulator_ = std::move(child);
  // What comes before the firmware has set up its port is lost; the firmware shows by its first bytes that it has.
  constexpr std::chrono::seconds start_limit(20);
  std::string none;
  const Status status = transport.read(0, std::chrono::steady_clock::now() + start_limit, host, none);
  if (status == Status::closed) {
    return Error{ErrorCode::cannot_read, "the emulator has ended; its own message is on the standard error", {}};
  }
  return transport;
}

Result<Transport> Transport::serial_port(const std::filesystem::path& path) {
  Transport transport{FileDescriptor(open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC))};
  termios settings{};
  if (transport.line_.get() < 0 || tcgetattr(transport.line_.get(), &settings) != 0) {
    return Error{ErrorCode::cannot_read,
                 fmt::format("the serial port cannot be opened: {}; plug the board in, and check who may use the port",
                             std::strerror(errno)),
                 path.string()};
  }
  cfmakeraw(&settings);
  settings.c_cflag |= static_cast<tcflag_t>(CLOCAL | CREAD);
  cfsetspeed(&settings, B115200);
  tcsetattr(transport.line_.get(), TCSANOW, &settings);
  tcflush(transport.line_.get(), TCIOFLUSH);
  return transport;
}

Transport::Status Transport::read(std::size_t count, Deadline deadline, int host, std::string& bytes) {
  while (received_.empty()) {
    if (const Ready ready = wait(line_.get(), false, host, deadline); ready != Ready::yes) {
      return status_of(ready);
    }
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(line_.get(), buffer.data(), buffer.size());
    if (got == 0 || (got < 0 && !is_momentary(errno))) {
      return Status::closed;
    }
    received_.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  }
  bytes = received_.substr(0, count);
  received_.erase(0, bytes.size());
  return Status::done;
}

Transport::Status Transport::write(std::string_view bytes, Deadline deadline, int host) {
  while (!bytes.empty()) {
    const ssize_t sent = ::write(line_.get(), bytes.data(), bytes.size());
    if (sent < 0 && !is_momentary(errno)) {
      return Status::closed;
    }
    bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    if (bytes.empty()) {
      break;
    }
    if (const Ready ready = wait(line_.get(), true, host, deadline); ready != Ready::yes) {
      return status_of(ready);
    }
  }
  return Status::done;
}

Result<std::filesystem::path> find_serial_port(const std::string& serial_number) {
  std::vector<std::string> found;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/dev/serial/by-id", none)) {
    const std::string name = entry.path().filename().string();
    if (name.find("STMicroelectronics") != std::string::npos && name.find(serial_number) != std::string::npos) {
      found.push_back(entry.path().string());
    }
  }
  std::ranges::sort(found);
  if (found.size() == 1) {
    return std::filesystem::path(found.front());
  }
  if (found.empty()) {
    return Error{ErrorCode::cannot_read,
                 serial_number.empty()
                     ? "no serial port of an ST-LINK is there; plug the board in, or name its port (option port)"
                     : fmt::format("no serial port of an ST-LINK with serial number {} is there; plug the board in",
                                   serial_number),
                 "/dev/serial/by-id"};
  }
  return Error{
      ErrorCode::bad_option,
      fmt::format("there are several boards; say which (option serial_number or port): {}", fmt::join(found, ", ")),
      {}};
}

}  // namespace stm32tvm::project_api
