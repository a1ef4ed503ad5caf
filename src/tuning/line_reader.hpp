// SPDX-License-Identifier: Apache-2.0
// The lines of a file, one after the other, without ever holding the whole file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "stm32tvm/result.hpp"

namespace stm32tvm::tuning {

class LineReader {
 public:
  /// Fails with cannot_read.
  Result<void> open(const std::filesystem::path& path);

  /// The next line, without its end; readable memory with simdjson's padding follows it. It lives until the next call.
  /// False at the end of the file, and after an error, which failed() tells.
  bool next(std::string_view& line);

  /// Whether the file could not be read to its end.
  [[nodiscard]] bool failed() const noexcept { return file_.bad(); }

  /// Number of the line that next() gave last, from 1 on.
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }

 private:
  bool fill();

  std::ifstream file_;
  std::string buffer_;
  std::size_t begin_ = 0;  ///< of what has not been given out yet
  std::size_t end_ = 0;
  std::uint64_t number_ = 0;
};

}  // namespace stm32tvm::tuning
