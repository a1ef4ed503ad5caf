// SPDX-License-Identifier: Apache-2.0
// Step 1: reads tar and zip files and unpacked folders, and refuses what could do harm.
#include "stm32tvm/archive.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "archive/archive_budget.hpp"
#include "archive/archive_contents.hpp"
#include "stm32tvm/bytes.hpp"
#include "stm32tvm/result.hpp"
#include "support/relative_path.hpp"

namespace stm32tvm {
namespace {

/// Refuses paths that could not stand side by side in a folder on every file system.
Result<void> check_conflicts(const std::vector<Archive::Member>& members, const std::vector<std::string>& folders) {
  std::vector<TakenPath> paths;
  paths.reserve(members.size() + folders.size());
  for (const Archive::Member& member : members) {
    paths.push_back({member.path, false});
  }
  for (const std::string& folder : folders) {
    paths.push_back({folder, true});
  }
  if (const std::optional<PathConflict> found = find_conflict(std::move(paths))) {
    return Error{ErrorCode::unsafe_archive,
                 std::string("the member's path ") + found->fault + " \"" + shown(found->first) +
                     "\", so the two cannot be told apart; export the archive again",
                 shown(found->second)};
  }
  return {};
}

bool by_path(const Archive::Member& a, const Archive::Member& b) {
  return a.path < b.path;
}

/// The members of an archive, checked against each other and sorted.
Result<std::vector<Archive::Member>> sorted(Result<ArchiveContents> contents) {
  if (!contents) {
    return std::move(contents).error();
  }
  if (Result<void> apart = check_conflicts(contents->members, contents->folders); !apart) {
    return std::move(apart).error();
  }
  std::sort(contents->members.begin(), contents->members.end(), by_path);
  return std::move(contents->members);
}

}  // namespace

Result<Archive> Archive::open(const std::filesystem::path& path, const ArchiveLimits& limits,
                              const ProgressCallback& progress) {
  const auto with_path = [&](Error error) {
    if (error.where.empty()) {
      error.where = utf8_path(path);
    }
    return error;
  };
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    Result<std::vector<Member>> members = sorted(read_folder(path, limits, progress));
    return members ? Result<Archive>(Archive(*std::move(members))) : with_path(std::move(members).error());
  }
  Result<Bytes> bytes = read_archive_file(path, limits);
  if (!bytes) {
    return with_path(std::move(bytes).error());
  }
  Result<Archive> archive = from_bytes(*std::move(bytes), limits, progress);
  return archive ? std::move(archive) : with_path(std::move(archive).error());
}

Result<Archive> Archive::from_bytes(Bytes bytes, const ArchiveLimits& limits, const ProgressCallback& progress) {
  Result<std::vector<Member>> members = sorted(unpack(std::move(bytes), limits, progress));
  if (!members) {
    return std::move(members).error();
  }
  return Archive(*std::move(members));
}

Result<Archive> Archive::from_members(std::vector<Member> members, const ArchiveLimits& limits) {
  ArchiveBudget budget(limits, limits.total_bytes);
  for (const Member& member : members) {
    const std::string where = shown(member.path);
    for (Result<void> checked :
         {budget.take_member(where), check_path(member.path, limits), budget.allows(member.contents.size(), where)}) {
      if (!checked) {
        return std::move(checked).error();
      }
    }
    budget.take(member.contents.size());
  }
  Result<std::vector<Member>> checked = sorted(ArchiveContents{std::move(members), {}});
  if (!checked) {
    return std::move(checked).error();
  }
  return Archive(*std::move(checked));
}

const Archive::Member* Archive::find(std::string_view path) const noexcept {
  const auto found =
      std::lower_bound(members_.begin(), members_.end(), path,
                       [](const Member& member, std::string_view wanted) { return member.path < wanted; });
  return found != members_.end() && found->path == path ? &*found : nullptr;
}

}  // namespace stm32tvm
