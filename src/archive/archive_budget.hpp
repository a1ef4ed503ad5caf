// SPDX-License-Identifier: Apache-2.0
// What an archive may take of its limits, and how it is said that it takes more.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stm32tvm/archive.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

Error over_limit(const std::string& found, std::uint64_t limit, const std::string& name, std::string where);

/// What may still be taken, of the limits that hold for an archive as a whole.
class ArchiveBudget {
 public:
  ArchiveBudget(const ArchiveLimits& limits, std::uint64_t archive_size);

  [[nodiscard]] std::uint64_t total() const { return total_; }

  Result<void> take_member(const std::string& where);

  /// Whether a member may have `size` bytes, beside the members that are already there.
  [[nodiscard]] Result<void> allows(std::uint64_t size, const std::string& where) const;

  /// Only after allows().
  void take(std::uint64_t size) { taken_ += size; }

  [[nodiscard]] Error over_total(std::uint64_t size, const std::string& where) const;

 private:
  const ArchiveLimits& limits_;
  std::uint64_t total_ = 0;
  const char* total_name_ = "";
  std::uint64_t taken_ = 0;
  std::uint32_t members_ = 0;
};

/// Refuses a path that could lead out of a folder.
Result<void> check_path(std::string_view path, const ArchiveLimits& limits);

}  // namespace stm32tvm
