// SPDX-License-Identifier: Apache-2.0
#include "archive/archive_budget.hpp"

#include <algorithm>
#include <utility>

#include "support/relative_path.hpp"

namespace stm32tvm {
namespace {

constexpr std::uint64_t always_allowed_bytes = 64ULL << 20;

}  // namespace

Error over_limit(const std::string& found, std::uint64_t limit, const std::string& name, std::string where) {
  return {ErrorCode::limit_exceeded,
          found + ", more than the " + std::to_string(limit) + " that are allowed; raise ArchiveLimits::" + name +
              " if the archive is to be trusted",
          std::move(where)};
}

ArchiveBudget::ArchiveBudget(const ArchiveLimits& limits, std::uint64_t archive_size) : limits_(limits) {
  const bool overflows = limits.expansion != 0 && archive_size > UINT64_MAX / limits.expansion;
  const std::uint64_t expanded = overflows ? UINT64_MAX : archive_size * limits.expansion;
  total_ = std::min(limits.total_bytes, std::max(expanded, always_allowed_bytes));
  total_name_ = total_ == limits.total_bytes ? "total_bytes" : "expansion";
}

Result<void> ArchiveBudget::take_member(const std::string& where) {
  if (members_ == limits_.members) {
    return over_limit("the archive has at least " + std::to_string(members_ + std::uint64_t{1}) + " members",
                      limits_.members, "members", where);
  }
  ++members_;
  return {};
}

Result<void> ArchiveBudget::allows(std::uint64_t size, const std::string& where) const {
  if (size > limits_.member_bytes) {
    return over_limit("the member has at least " + std::to_string(size) + " bytes", limits_.member_bytes,
                      "member_bytes", where);
  }
  if (size > total_ - taken_) {
    return over_total(taken_ + size, where);
  }
  return {};
}

Error ArchiveBudget::over_total(std::uint64_t size, const std::string& where) const {
  return over_limit("the archive decompresses to at least " + std::to_string(size) + " bytes", total_, total_name_,
                    where);
}

Result<void> check_path(std::string_view path, const ArchiveLimits& limits) {
  if (path.size() > limits.path_bytes) {
    return over_limit("the member's path has " + std::to_string(path.size()) + " bytes", limits.path_bytes,
                      "path_bytes", shown(path));
  }
  if (const char* fault = fault_of(path)) {
    return Error{ErrorCode::unsafe_archive,
                 std::string("the member's path ") + fault +
                     ", but it must be a relative path inside the archive; do not use this archive unless you know why",
                 shown(path)};
  }
  return {};
}

}  // namespace stm32tvm
