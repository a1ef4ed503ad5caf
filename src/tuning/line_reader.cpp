// SPDX-License-Identifier: Apache-2.0
#include "tuning/line_reader.hpp"

#include <simdjson.h>

#include <cstddef>
#include <cstring>
#include <ios>

namespace stm32tvm::tuning {
namespace {

constexpr std::size_t block = std::size_t{1} << 20U;

}  // namespace

Result<void> LineReader::open(const std::filesystem::path& path) {
  *this = LineReader();
  file_.open(path, std::ios::binary);
  if (!file_ || std::filesystem::is_directory(path)) {
    return Error{ErrorCode::cannot_read, "the file cannot be opened; check its path and permissions", path.string()};
  }
  buffer_.resize(block + simdjson::SIMDJSON_PADDING);
  return {};
}

/// Moves the rest to the front and reads more behind it; false when there is no more.
bool LineReader::fill() {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (buffer_.size() - simdjson::SIMDJSON_PADDING - end_ < block / 2) {
    buffer_.resize(2 * buffer_.size());
  }
  file_.read(buffer_.data() + end_, static_cast<std::streamsize>(buffer_.size() - simdjson::SIMDJSON_PADDING - end_));
  end_ += static_cast<std::size_t>(file_.gcount());
  return file_.gcount() > 0;
}

bool LineReader::next(std::string_view& line) {
  std::size_t searched = begin_;
  while (true) {
    const char* const found = static_cast<const char*>(std::memchr(buffer_.data() + searched, '\n', end_ - searched));
    if (found != nullptr) {
      line = {buffer_.data() + begin_, static_cast<std::size_t>(found - buffer_.data()) - begin_};
      begin_ += line.size() + 1;
      break;
    }
    const std::size_t unfinished = end_ - begin_;
    if (!fill()) {
      line = {buffer_.data() + begin_, unfinished};
      begin_ = end_;
      if (unfinished == 0 || failed()) {
        return false;
      }
      break;
    }
    searched = unfinished;
  }
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  ++number_;
  return true;
}

}  // namespace stm32tvm::tuning
