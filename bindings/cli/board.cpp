// SPDX-License-Identifier: Apache-2.0
// The port is open before the firmware is written, which starts at once and speaks once.
#include "board.hpp"

#include <fmt/format.h>

#include <chrono>
#include <system_error>

#include "support/try.hpp"
#include "transport.hpp"

namespace stm32tvm::cli {
namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace

Result<std::string> run_on_board(const Project& project, const std::filesystem::path& image,
                                 const std::filesystem::path& port,
                                 const std::function<bool(const std::string&)>& is_whole) {
  using project_api::Transport;
  STM32TVM_TRY(way, installed_way_to_flash(project));
  auto line = Transport::serial_port(port);
  if (!line) {
    return line.error();
  }
  // Some ways convert the image first, to a file beside where the project's own build has it.
  std::error_code error;
  std::filesystem::create_directories((project.folder / project.image).parent_path(), error);
  for (Command command : way) {
    for (std::string& argument : command.arguments) {
      argument = replaced(argument, project.image, image.string());
    }
    STM32TVM_CHECK(run_captured(command, project.folder));
  }
  constexpr std::chrono::seconds longest_silence(60);
  constexpr std::size_t at_once = 4096;
  std::string said;
  while (!is_whole(said)) {
    std::string bytes;
    if (line->read(at_once, std::chrono::steady_clock::now() + longest_silence, -1, bytes) != Transport::Status::done) {
      return Error{ErrorCode::cannot_read,
                   fmt::format("the board has been silent for {} seconds, and said {} bytes before; check that the "
                               "port is the board's, and that it is the target that was named",
                               longest_silence.count(), said.size()),
                   port.string()};
    }
    said += bytes;
  }
  return said;
}

}  // namespace stm32tvm::cli
