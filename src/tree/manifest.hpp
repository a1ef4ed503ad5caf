// SPDX-License-Identifier: Apache-2.0
// The manifest of a folder that a tree was written to: which files are the tree's, and what they held. It tells an
// emitted file from the user's own, and an edited one from one that may be replaced.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "stm32tvm/bytes.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/source_tree.hpp"

namespace stm32tvm {

/// Its path in the folder. Its lines are those of `xxh128sum`, which can check it.
inline constexpr std::string_view manifest_path = ".stm32tvm-manifest";

/// XXH128 of these bytes, in hexadecimal.
std::string hash_of(std::string_view bytes);

/// The same of a file; nothing when it cannot be read.
std::optional<std::string> hash_of_file(const std::filesystem::path& path);

class Manifest {
 public:
  /// The manifest of these files.
  static Manifest of(const SourceTree::Files& files);

  /// The manifest while these files come into a new folder: each may be there in part.
  static Manifest unfinished(const SourceTree::Files& files);

  /// Reads a manifest's text. A line of another form, or with a path that no tree can have, is an error.
  static Result<Manifest> parse(std::string_view text);

  /// Whether a file of this path and these bytes was written.
  [[nodiscard]] bool has(const std::string& path, const std::string& hash) const {
    return entries_.contains({path, hash});
  }

  /// Whether a part of a file of this path may have been written.
  [[nodiscard]] bool is_unfinished(const std::string& path) const;

  /// Path and hash of every file, sorted. While a folder changes, a path may have its old hash and its new one.
  [[nodiscard]] const std::set<std::pair<std::string, std::string>>& entries() const noexcept { return entries_; }

  /// The entries of both.
  [[nodiscard]] Manifest with(const Manifest& other) const;

  [[nodiscard]] std::string text() const;

 private:
  std::set<std::pair<std::string, std::string>> entries_;
};

}  // namespace stm32tvm
