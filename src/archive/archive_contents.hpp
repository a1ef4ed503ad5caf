// SPDX-License-Identifier: Apache-2.0
// What tar and zip files and unpacked folders hold.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "stm32tvm/archive.hpp"
#include "stm32tvm/bytes.hpp"
#include "stm32tvm/progress.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

/// What an archive holds, before its paths are compared with each other.
struct ArchiveContents {
  std::vector<Archive::Member> members;
  std::vector<std::string> folders;
};

/// Reads a tar or zip file that is plain or compressed.
Result<ArchiveContents> unpack(Bytes bytes, const ArchiveLimits& limits, const ProgressCallback& progress);

/// Reads an unpacked archive; its size as an archive is not known, so the limit on expansion has no meaning.
Result<ArchiveContents> read_folder(const std::filesystem::path& folder, const ArchiveLimits& limits,
                                    const ProgressCallback& progress);

/// The bytes of a file that is within the limits.
Result<Bytes> read_archive_file(const std::filesystem::path& path, const ArchiveLimits& limits);

std::string utf8_path(const std::filesystem::path& path);

}  // namespace stm32tvm
