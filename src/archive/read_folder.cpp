// SPDX-License-Identifier: Apache-2.0
// Files and folders of the file system.
#include <algorithm>
#include <cstdint>
#include <fstream>
#include <ios>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "archive/archive_budget.hpp"
#include "archive/archive_contents.hpp"
#include "support/relative_path.hpp"
#include "support/report.hpp"

namespace stm32tvm {
namespace {

/// The bytes of a regular file.
Result<Bytes> read_file(const std::filesystem::path& path, std::uint64_t size, const std::string& where) {
  const auto length = static_cast<std::size_t>(size);
  const auto memory = std::make_shared_for_overwrite<char[]>(length);
  std::ifstream file;
  file.rdbuf()->pubsetbuf(nullptr, 0);  // straight into the memory, in one read
  file.open(path, std::ios::binary);
  if (!file || !file.read(memory.get(), static_cast<std::streamsize>(length))) {
    return Error{ErrorCode::cannot_read,
                 "the file could not be read; check that you may read it and that no other "
                 "program is writing it",
                 where};
  }
  return Bytes(memory, std::string_view(memory.get(), length));
}

/// Adds one entry of a folder to the contents.
Result<void> read_folder_entry(const std::filesystem::directory_entry& entry, std::string path,
                               const ArchiveLimits& limits, ArchiveBudget& budget, ArchiveContents& contents) {
  const std::string where = shown(path);
  if (Result<void> counted = budget.take_member(where); !counted) {
    return counted;
  }
  if (Result<void> safe = check_path(path, limits); !safe) {
    return safe;
  }
  std::error_code error;
  const std::filesystem::file_type type = entry.symlink_status(error).type();
  if (type == std::filesystem::file_type::directory) {
    contents.folders.push_back(std::move(path));
    return {};
  }
  if (type != std::filesystem::file_type::regular) {
    return Error{ErrorCode::unsafe_archive,
                 "this is a link or a device, but only plain files and folders are read; remove it from the folder",
                 where};
  }
  const std::uint64_t size = entry.file_size(error);
  if (error) {
    return Error{ErrorCode::cannot_read, "the size of the file could not be read; check that you may read it", where};
  }
  if (Result<void> allowed = budget.allows(size, where); !allowed) {
    return allowed;
  }
  Result<Bytes> read = read_file(entry.path(), size, where);
  if (!read) {
    return std::move(read).error();
  }
  budget.take(size);
  contents.members.push_back({std::move(path), *std::move(read)});
  return {};
}

}  // namespace

Result<Bytes> read_archive_file(const std::filesystem::path& path, const ArchiveLimits& limits) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return Error{ErrorCode::cannot_read,
                 error || !std::filesystem::exists(path, error)
                     ? "there is no such file; give the path of a .tar file or of a folder that one was unpacked to"
                     : "this is neither a file nor a folder; give the path of a .tar file",
                 ""};
  }
  const std::uint64_t size = std::filesystem::file_size(path, error);
  if (error) {
    return Error{ErrorCode::cannot_read, "the size of the file could not be read; check that you may read it", ""};
  }
  if (size > limits.archive_bytes) {
    return over_limit("the archive has " + std::to_string(size) + " bytes", limits.archive_bytes, "archive_bytes", "");
  }
  return read_file(path, size, "");
}

std::string utf8_path(const std::filesystem::path& path) {
  const std::u8string text = path.generic_u8string();
  return {text.begin(), text.end()};
}

Result<ArchiveContents> read_folder(const std::filesystem::path& folder, const ArchiveLimits& limits,
                                    const ProgressCallback& progress) {
  std::vector<std::pair<std::string, std::filesystem::directory_entry>> entries;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::recursive_directory_iterator{}; entry.increment(error)) {
    if (entries.size() == limits.members) {
      return over_limit("the folder holds more than " + std::to_string(limits.members) + " files and folders",
                        limits.members, "members", "");
    }
    entries.emplace_back(utf8_path(entry->path().lexically_relative(folder)), *entry);
  }
  if (error) {
    return Error{ErrorCode::cannot_read, "the folder could not be listed; check that you may read all of it", ""};
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  ArchiveBudget budget(limits, limits.total_bytes);
  ArchiveContents contents;
  std::uint64_t done = 0;
  for (const auto& [path, listed] : entries) {
    if (Result<void> read = read_folder_entry(listed, path, limits, budget, contents); !read) {
      return std::move(read).error();
    }
    if (Result<void> go_on = report(progress, path, ++done, entries.size()); !go_on) {
      return std::move(go_on).error();
    }
  }
  return contents;
}

}  // namespace stm32tvm
