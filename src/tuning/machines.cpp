// SPDX-License-Identifier: Apache-2.0
#include "tuning/machines.hpp"

#include <fmt/format.h>

#include <utility>

#include "tuning/provenance.hpp"

namespace stm32tvm::tuning {

void Machines::add(const Record& record) {
  if (record.succeeded()) {
    machines_.emplace(record.provenance.measured, record.provenance.board, record.provenance.clock_hz);
  }
}

Result<void> Machines::check_comparable(const std::filesystem::path& where) const {
  if (machines_.size() < 2) {
    return {};
  }
  const auto text = [](const Machine& machine) {
    const auto& [measured, board, clock_hz] = machine;
    return fmt::format("{}, {}, {}", name(measured), board.empty() ? "no board named" : "board " + board,
                       clock_hz == 0 ? "no clock named" : fmt::format("{} Hz", clock_hz));
  };
  return Error{ErrorCode::bad_option,
               fmt::format("the records are of {} machines, whose times do not compare, such as ({}) and ({}); choose "
                           "one by what it was measured on, board and clock",
                           machines_.size(), text(*machines_.begin()), text(*machines_.rbegin())),
               where.string()};
}

}  // namespace stm32tvm::tuning
