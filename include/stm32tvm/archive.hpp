// SPDX-License-Identifier: Apache-2.0
// Step 1. Archive: the files of a Model Library Format archive by path, safe and bounded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stm32tvm/bytes.hpp"
#include "stm32tvm/progress.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {
inline namespace v1 {

/// What a caller lets an archive ask for. An archive over a limit is refused with ErrorCode::limit_exceeded, before
/// memory for more than the limit is taken.
struct ArchiveLimits {
  std::uint64_t archive_bytes = 1ULL << 30;   ///< size of the archive itself
  std::uint64_t total_bytes = 1ULL << 30;     ///< sum of all members; also a compressed tar file's size decompressed
  std::uint64_t member_bytes = 512ULL << 20;  ///< size of one member
  std::uint32_t members = 10'000;             ///< number of members, folders included
  std::uint32_t path_bytes = 1'024;           ///< length of a member's path
  /// Bytes that one byte of the archive may become: total_bytes is cut to this many times the size of the archive, but
  /// never below 64 MiB.
  std::uint32_t expansion = 64;
};

/// The files of a Model Library Format archive by path, safe and bounded: step 1.
class Archive {
 public:
  /// One regular file. The path is relative and UTF-8, uses '/', and has no "." or ".." in it.
  struct Member {
    std::string path;
    Bytes contents;
  };

  /// Reads a tar file, plain or compressed by gzip, bzip2, xz or zstd, or a zip file, whatever its name; or a folder
  /// that one was unpacked to. The only step that reads the disk. Tells its progress after each member, in bytes of the
  /// unpacked archive; for a folder, in files.
  static Result<Archive> open(const std::filesystem::path& path, const ArchiveLimits& limits = {},
                              const ProgressCallback& progress = {});

  /// Reads an archive from memory. Members of a plain tar file share the bytes; nothing is copied.
  static Result<Archive> from_bytes(Bytes bytes, const ArchiveLimits& limits = {},
                                    const ProgressCallback& progress = {});

  /// An archive made by hand. Refuses what from_bytes() would refuse.
  static Result<Archive> from_members(std::vector<Member> members, const ArchiveLimits& limits = {});

  /// All members, sorted by path.
  [[nodiscard]] const std::vector<Member>& members() const noexcept { return members_; }

  /// The member with this path, or nullptr.
  [[nodiscard]] const Member* find(std::string_view path) const noexcept;

 private:
  explicit Archive(std::vector<Member> members) noexcept : members_(std::move(members)) {}

  std::vector<Member> members_;
};

}  // namespace v1
}  // namespace stm32tvm
