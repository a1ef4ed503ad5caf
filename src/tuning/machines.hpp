// SPDX-License-Identifier: Apache-2.0
// Which times compare: those of one board at one clock, or of one emulation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <tuple>

#include "tuning/record.hpp"

namespace stm32tvm::tuning {

/// The machines of some records.
class Machines {
 public:
  /// Failed records have no time and do not count.
  void add(const Record& record);

  /// Fails with bad_option when the records are of more than one machine.
  [[nodiscard]] Result<void> check_comparable(const std::filesystem::path& where) const;

 private:
  using Machine = std::tuple<Provenance::Measured, std::string, std::uint64_t>;
  std::set<Machine> machines_;
};

}  // namespace stm32tvm::tuning
