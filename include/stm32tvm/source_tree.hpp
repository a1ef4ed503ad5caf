// SPDX-License-Identifier: Apache-2.0
// Step 5, the result. SourceTree: the emitted files in memory, sorted by path; written to a folder on request.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/bytes.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {
inline namespace v1 {

/// The emitted files in memory, sorted by path; written to a folder on request.
class SourceTree {
 public:
  using Files = std::map<std::string, Bytes, std::less<>>;

  /// What write_to() did.
  struct Written {
    std::vector<std::string> changed;  ///< paths that were created or got new bytes
    std::vector<std::string> removed;  ///< paths of files of an earlier tree that this one does not have
    std::size_t unchanged = 0;         ///< files whose bytes were there already; their time stamps are kept
  };

  /// What write_to() does where a file that it must replace or remove is not as it was written: somebody edited it, or
  /// it was there before.
  enum class Edited {
    refuse,  ///< it fails, and nothing is written
    replace  ///< what was edited is lost
  };

  /// Adds a file. Fails with bad_option when is_safe_relative_path() refuses the path, or when it is taken: by a file,
  /// by a folder that holds one, or because a part of it is a file.
  Result<void> add(std::string path, Bytes contents);

  /// Adds all files of another tree. A path that both have must have the same bytes in both; nothing is added on
  /// failure.
  Result<void> merge(const SourceTree& other);

  /// All files, sorted by path.
  [[nodiscard]] const Files& files() const noexcept { return files_; }

  /// The file at this path, or nullptr.
  [[nodiscard]] const Bytes* find(std::string_view path) const noexcept;

  /// Writes the tree into a folder, which is made if it is not there. Only files whose bytes differ are touched, each
  /// replaced as a whole; files that an earlier tree left there and this one does not have are removed; any other file
  /// in the folder stays. Nothing outside the folder is written, not even through a symbolic link inside it. All paths
  /// are checked before the first byte is written, also that no two differ in letter case only. File .stm32tvm-manifest
  /// of the folder lists what was written, with hashes.
  [[nodiscard]] Result<Written> write_to(const std::filesystem::path& folder, Edited edited = Edited::refuse) const;

  /// The files that write_to() would refuse to replace or remove in this folder.
  [[nodiscard]] Result<std::vector<std::string>> edited_in(const std::filesystem::path& folder) const;

  friend bool operator==(const SourceTree&, const SourceTree&) = default;

 private:
  Files files_;
};

/// Whether a path is fit for a SourceTree: relative, '/' between its parts, no part empty, "." or "..", no backslash,
/// no drive, no control character, valid UTF-8, and nothing that Windows refuses: a reserved name, one of <>:"|?*, or a
/// dot or space at the end of a part.
bool is_safe_relative_path(std::string_view path) noexcept;

}  // namespace v1
}  // namespace stm32tvm
