// SPDX-License-Identifier: Apache-2.0
#include "tuning/scan.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include "support/try.hpp"
#include "tuning/folder.hpp"
#include "tuning/line_reader.hpp"

namespace stm32tvm::tuning {

Result<void> scan(const std::filesystem::path& folder, const std::vector<std::string>& files,
                  const std::function<Result<void>(const std::string& file, const Record&)>& take) {
  RecordReader reader;
  Record record;
  LineReader lines;
  for (const std::string& file : files) {
    STM32TVM_CHECK(lines.open(folder / file));
    for (std::string_view line; lines.next(line);) {
      if (Result<void> read = reader.read(line, record); !read) {
        Error error = std::move(read).error();
        error.where = place(folder / file, lines.number());
        return error;
      }
      STM32TVM_CHECK(take(file, record));
    }
    if (lines.failed()) {
      return Error{ErrorCode::cannot_read, "the file could not be read to its end; try again",
                   (folder / file).string()};
    }
  }
  return {};
}

}  // namespace stm32tvm::tuning
