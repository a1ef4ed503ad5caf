// SPDX-License-Identifier: Apache-2.0
#include "tuning/line_sorter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <ios>
#include <memory>
#include <system_error>
#include <utility>

#include "support/try.hpp"

namespace stm32tvm::tuning {
namespace {

constexpr std::size_t stream_buffer = std::size_t{1} << 18U;

/// What stands before each line of a run. Of the line itself, what differs from the one before follows: sorted lines
/// have long beginnings in common.
struct RunHead {
  std::uint32_t file = 0;
  std::uint32_t key_size = 0;
  std::uint32_t common = 0;
  std::uint32_t rest = 0;
};

bool before(const SortLine& a, const SortLine& b) {
  return a.file != b.file ? a.file < b.file : a.text < b.text;
}

/// Eight bytes as a number that compares as they do; zeros stand behind the end.
std::uint64_t chunk_at(const char* data, std::size_t size, std::size_t depth) {
  std::array<unsigned char, 8> bytes{};
  std::memcpy(bytes.data(), data + depth, std::min(bytes.size(), size - depth));
  std::uint64_t chunk = 0;
  for (const unsigned char byte : bytes) {
    chunk = chunk << 8U | byte;
  }
  return chunk;
}

/// Length of the beginning that both have; the first `depth` bytes are known to be the same.
std::size_t common_size(std::string_view a, std::string_view b, std::size_t depth) {
  const std::size_t most = std::min(a.size(), b.size());
  std::uint64_t in_a = 0;
  std::uint64_t in_b = 0;
  for (; depth + sizeof in_a <= most; depth += sizeof in_a) {
    std::memcpy(&in_a, a.data() + depth, sizeof in_a);
    std::memcpy(&in_b, b.data() + depth, sizeof in_b);
    if (in_a != in_b) {
      break;
    }
  }
  while (depth < most && a[depth] == b[depth]) {
    ++depth;
  }
  return depth;
}

/// Reads a run back, one line at a time.
class RunReader {
 public:
  explicit RunReader(const std::filesystem::path& path) : buffer_(stream_buffer) {
    file_.rdbuf()->pubsetbuf(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    file_.open(path, std::ios::binary);
    advance();
  }
  [[nodiscard]] bool has_line() const noexcept { return static_cast<bool>(file_); }
  /// Whether the run ended where a run does not.
  [[nodiscard]] bool failed() const noexcept { return !file_ && (!file_.eof() || file_.gcount() != 0); }
  [[nodiscard]] const SortLine& line() const noexcept { return line_; }
  void advance() {
    RunHead head;
    file_.read(reinterpret_cast<char*>(&head), sizeof head);
    if (file_) {
      text_.resize(std::size_t{head.common} + head.rest);
      file_.read(text_.data() + head.common, head.rest);
      line_ = {head.file, head.key_size, text_};
    }
  }

 private:
  std::vector<char> buffer_;
  std::ifstream file_;
  std::string text_;
  SortLine line_;
};

/// Gives lines on, without those that equal the one before.
class Unique {
 public:
  explicit Unique(const std::function<Result<void>(const SortLine&)>& take) : take_(take) {}
  Result<void> operator()(const SortLine& line) {
    if (any_ && line.file == file_ && line.text == text_) {
      return {};
    }
    any_ = true;
    file_ = line.file;
    text_ = line.text;
    return take_(line);
  }

 private:
  const std::function<Result<void>(const SortLine&)>& take_;
  bool any_ = false;
  std::uint32_t file_ = 0;
  std::string text_;
};

Error cannot_read_run(const std::filesystem::path& path) {
  return {ErrorCode::cannot_read, "a temporary file could not be read back; try again", path.string()};
}

}  // namespace

LineSorter::LineSorter(std::filesystem::path folder, std::size_t memory_bytes) : folder_(std::move(folder)) {
  lines_.reserve(memory_bytes);
}

LineSorter::~LineSorter() {
  for (const std::filesystem::path& run : runs_) {
    std::error_code error;
    std::filesystem::remove(run, error);
  }
}

/// Multikey quicksort by eight bytes at a time: lines of one file share long beginnings, which are looked at once.
void LineSorter::sort_texts(Entry* begin, Entry* end, std::size_t depth) {
  if (end - begin < 2) {
    return;
  }
  std::string_view common(begin->data, begin->size);
  for (const Entry* entry = begin + 1; entry != end; ++entry) {
    common = common.substr(0, common_size(common, {entry->data, entry->size}, depth));
  }
  depth = common.size();
  for (Entry* entry = begin; entry != end; ++entry) {
    entry->chunk = chunk_at(entry->data, entry->size, depth);
  }
  std::sort(begin, end, [](const Entry& a, const Entry& b) { return a.chunk < b.chunk; });
  while (begin != end) {
    Entry* const same = std::find_if(begin, end, [&](const Entry& entry) { return entry.chunk != begin->chunk; });
    if ((begin->chunk & 0xffU) != 0) {
      sort_texts(begin, same, depth + sizeof begin->chunk);
    }
    begin = same;
  }
}

void LineSorter::sort() {
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.file < b.file; });
  for (std::size_t begin = 0; begin < entries_.size();) {
    std::size_t end = begin;
    while (end < entries_.size() && entries_[end].file == entries_[begin].file) {
      ++end;
    }
    sort_texts(entries_.data() + begin, entries_.data() + end, 0);
    begin = end;
  }
}

Result<void> LineSorter::spill() {
  sort();
  std::filesystem::path path;
  std::error_code error;
  for (std::size_t i = 0; path.empty() || std::filesystem::exists(path, error); ++i) {
    path = folder_ / fmt::format(".stm32tvm-sort-{}.tmp", i);
  }
  runs_.push_back(path);
  std::vector<char> buffer(stream_buffer);
  std::ofstream file;
  file.rdbuf()->pubsetbuf(buffer.data(), static_cast<std::streamsize>(buffer.size()));
  file.open(path, std::ios::binary);
  std::string_view previous;
  for (const Entry& entry : entries_) {
    const std::string_view text(entry.data, entry.size);
    const auto common = static_cast<std::uint32_t>(common_size(previous, text, 0));
    const RunHead head{entry.file, entry.key_size, common, entry.size - common};
    file.write(reinterpret_cast<const char*>(&head), sizeof head);
    file.write(entry.data + common, head.rest);
    previous = text;
  }
  file.close();
  if (!file) {
    return Error{ErrorCode::cannot_write, "a temporary file could not be written; check the free space", path.string()};
  }
  lines_.clear();
  entries_.clear();
  return {};
}

Result<void> LineSorter::add(const SortLine& line) {
  if (lines_.capacity() - lines_.size() < line.text.size()) {
    if (!entries_.empty()) {
      STM32TVM_CHECK(spill());
    }
    lines_.reserve(line.text.size());
  }
  const std::size_t begin = lines_.size();
  lines_.append(line.text);
  entries_.push_back(
      {0, lines_.data() + begin, static_cast<std::uint32_t>(line.text.size()), line.key_size, line.file});
  return {};
}

Result<void> LineSorter::drain(const std::function<Result<void>(const SortLine&)>& take) {
  Unique unique(take);
  if (runs_.empty()) {
    sort();
    for (const Entry& entry : entries_) {
      STM32TVM_CHECK(unique({entry.file, entry.key_size, {entry.data, entry.size}}));
    }
    lines_.clear();
    entries_.clear();
    return {};
  }
  STM32TVM_CHECK(spill());
  std::vector<std::unique_ptr<RunReader>> heap;
  const auto later = [](const std::unique_ptr<RunReader>& a, const std::unique_ptr<RunReader>& b) {
    return before(b->line(), a->line());
  };
  for (const std::filesystem::path& run : runs_) {
    heap.push_back(std::make_unique<RunReader>(run));
    if (!heap.back()->has_line()) {
      return cannot_read_run(run);
    }
  }
  std::make_heap(heap.begin(), heap.end(), later);
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), later);
    STM32TVM_CHECK(unique(heap.back()->line()));
    heap.back()->advance();
    if (heap.back()->failed()) {
      return cannot_read_run(folder_);
    }
    if (heap.back()->has_line()) {
      std::push_heap(heap.begin(), heap.end(), later);
    } else {
      heap.pop_back();
    }
  }
  return {};
}

}  // namespace stm32tvm::tuning
