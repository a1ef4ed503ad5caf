// SPDX-License-Identifier: Apache-2.0
// Sorts any number of lines in bounded memory: what does not fit is sorted in runs, written to temporary files, merged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/result.hpp"

namespace stm32tvm::tuning {

/// A line with the number of the file it belongs to.
struct SortLine {
  std::uint32_t file = 0;
  std::uint32_t key_size = 0;  ///< carried along
  std::string_view text;       ///< without NUL bytes
};

class LineSorter {
 public:
  /// `folder` is for temporary files and exists; about `memory_bytes` of lines are held at a time.
  LineSorter(std::filesystem::path folder, std::size_t memory_bytes);
  ~LineSorter();
  LineSorter(const LineSorter&) = delete;
  LineSorter& operator=(const LineSorter&) = delete;

  /// Takes a copy of the line. Fails with cannot_write.
  Result<void> add(const SortLine& line);

  /// Gives all lines by file and bytes, equal ones once; to be called once, at the end. Fails as `take` does, and with
  /// cannot_read or cannot_write.
  Result<void> drain(const std::function<Result<void>(const SortLine&)>& take);

 private:
  struct Entry {
    std::uint64_t chunk = 0;  ///< eight bytes of the text, where the sort has come to
    const char* data = nullptr;
    std::uint32_t size = 0;
    std::uint32_t key_size = 0;
    std::uint32_t file = 0;
  };
  static void sort_texts(Entry* begin, Entry* end, std::size_t depth);
  void sort();
  Result<void> spill();

  std::filesystem::path folder_;
  std::string lines_;  ///< never grows beyond its capacity, so that entries can point into it
  std::vector<Entry> entries_;
  std::vector<std::filesystem::path> runs_;
};

}  // namespace stm32tvm::tuning
