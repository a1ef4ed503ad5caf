// SPDX-License-Identifier: Apache-2.0
// Entries of tar and zip files, through libarchive.
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>  // NOLINT(modernize-deprecated-headers): newlocale() is POSIX

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "archive/archive_budget.hpp"
#include "archive/archive_contents.hpp"
#include "archive/gzip.hpp"
#include "support/relative_path.hpp"
#include "support/report.hpp"

namespace stm32tvm {
namespace {

constexpr const char* how_to_get_one =
    "give the .tar file that tvm.micro.export_model_library_format() wrote, whole and unchanged";

Error damaged(std::string where) {
  return {ErrorCode::not_an_archive, std::string("the archive is damaged or ends early; ") + how_to_get_one,
          std::move(where)};
}

/// How the bytes of an archive are packed.
struct Packing {
  const char* name = "tar";
  int filter = ARCHIVE_FILTER_NONE;
  int (*enable)(struct archive*) = nullptr;  ///< declares the filter; null for none
};

/// Judged by the bytes, never by a file's name. What is nothing else is taken for a tar file.
Packing packing_of(std::string_view bytes) {
  constexpr std::size_t tar_magic_offset = 257;
  if (bytes.size() > tar_magic_offset && bytes.substr(tar_magic_offset).starts_with("ustar")) {
    return {};  // before the others: a tar file starts with a member's name, which may look like any of them
  }
  if (bytes.starts_with("\x1f\x8b")) {
    return {"gzip", ARCHIVE_FILTER_GZIP, archive_read_support_filter_gzip};
  }
  if (bytes.starts_with("BZh")) {
    return {"bzip2", ARCHIVE_FILTER_BZIP2, archive_read_support_filter_bzip2};
  }
  if (bytes.starts_with(std::string_view("\xfd"
                                         "7zXZ\0",
                                         6))) {
    return {"xz", ARCHIVE_FILTER_XZ, archive_read_support_filter_xz};
  }
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) {
    return {"zstd", ARCHIVE_FILTER_ZSTD, archive_read_support_filter_zstd};
  }
  return {};
}

bool is_zip(std::string_view bytes) {
  return bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06");
}

struct CloseReader {
  void operator()(struct archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<struct archive, CloseReader>;

/// Gathers a run of bytes block by block: a view while the blocks lie side by side in the input, else a copy.
class Gatherer {
 public:
  explicit Gatherer(const Bytes& input) : input_(input) {}

  [[nodiscard]] std::size_t size() const { return copied_ ? copy_.size() : view_.size(); }

  void append(std::string_view block) {
    if (!copied_ && continues_view(block)) {
      view_ = {view_.empty() ? block.data() : view_.data(), view_.size() + block.size()};
      return;
    }
    start_copy();
    copy_.append(block);
  }

  void append_zeros(std::size_t count) {
    if (count != 0) {
      start_copy();
      copy_.append(count, '\0');
    }
  }

  [[nodiscard]] Bytes finish() && {
    if (copied_) {
      return {std::move(copy_)};
    }
    return view_.empty() ? Bytes{} : input_.part(static_cast<std::size_t>(view_.data() - input_.data()), view_.size());
  }

 private:
  [[nodiscard]] bool continues_view(std::string_view block) const {
    const auto address = [](const char* at) { return reinterpret_cast<std::uintptr_t>(at); };
    const bool inside = address(block.data()) >= address(input_.data()) &&
                        address(block.data() + block.size()) <= address(input_.data() + input_.size());
    return inside && (view_.empty() || block.data() == view_.data() + view_.size());
  }

  void start_copy() {
    if (!copied_) {
      copy_ = view_;
      copied_ = true;
    }
  }

  const Bytes& input_;
  std::string_view view_;
  std::string copy_;
  bool copied_ = false;
};

/// The rest of the current entry's bytes; `allows` is asked before memory for so many bytes is taken.
template <class Allows>
Result<Bytes> read_entry(struct archive* reader, const Bytes& input, std::uint64_t least_size, const std::string& where,
                         const Allows& allows) {
  Gatherer contents(input);
  const auto fill_to = [&](std::uint64_t size) {
    contents.append_zeros(static_cast<std::size_t>(size) - contents.size());
  };
  while (true) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int status = archive_read_data_block(reader, &block, &size, &offset);
    if (status == ARCHIVE_EOF) {
      break;
    }
    if (status != ARCHIVE_OK || offset < 0 || static_cast<std::uint64_t>(offset) < contents.size()) {
      return damaged(where);
    }
    if (Result<void> allowed = allows(static_cast<std::uint64_t>(offset) + size); !allowed) {
      return std::move(allowed).error();
    }
    if (size != 0) {
      fill_to(static_cast<std::uint64_t>(offset));  // a sparse file's hole
      contents.append({static_cast<const char*>(block), size});
    }
  }
  if (least_size > contents.size()) {
    fill_to(least_size);
  }
  return std::move(contents).finish();
}

Result<Bytes> decompressed(const Bytes& bytes, const Packing& packing, const ArchiveBudget& budget,
                           const ProgressCallback& progress) {
  const Reader reader(archive_read_new());
  // A filter that libarchive would run as a program is not used. One that is named by hand cannot be nested in itself.
  if (!reader || packing.enable(reader.get()) != ARCHIVE_OK ||
      archive_read_append_filter(reader.get(), packing.filter) != ARCHIVE_OK) {
    return Error{ErrorCode::unsupported,
                 std::string("the archive is compressed by ") + packing.name +
                     ", which this build of libarchive does not read; decompress it first",
                 ""};
  }
  archive_read_support_format_raw(reader.get());
  struct archive_entry* entry = nullptr;
  if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK ||
      archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK) {
    return damaged("");
  }
  return read_entry(reader.get(), Bytes{}, 0, "", [&](std::uint64_t size) -> Result<void> {
    if (size > budget.total()) {
      return budget.over_total(size, "");
    }
    return report(progress, packing.name, static_cast<std::uint64_t>(archive_filter_bytes(reader.get(), -1)),
                  bytes.size());
  });
}

/// The path of an entry, as the archive has it but for a leading "./" and a folder's trailing '/'.
std::string path_of(struct archive_entry* entry, bool folder) {
  const char* text = archive_entry_pathname_utf8(entry);
  if (text == nullptr) {
    text = archive_entry_pathname(entry);  // not in the locale's character set: the bytes as they are
  }
  std::string_view path = text == nullptr ? std::string_view{} : text;
  while (path.starts_with("./")) {
    path.remove_prefix(2);
  }
  if (folder && path.ends_with('/')) {
    path.remove_suffix(1);
  }
  return std::string(folder && path == "." ? std::string_view{} : path);
}

/// Refuses an entry that is no plain file.
Result<void> check_kind(struct archive* reader, struct archive_entry* entry, const std::string& where) {
  if (archive_entry_hardlink(entry) != nullptr || archive_entry_symlink(entry) != nullptr ||
      archive_entry_filetype(entry) != AE_IFREG) {
    return Error{ErrorCode::unsafe_archive,
                 "the member is a link or a device, but only plain files and folders are read; pack the archive again "
                 "without it",
                 where};
  }
  const std::string_view format = archive_format_name(reader);
  const bool plain_zip = format.ends_with("(uncompressed)") || format.ends_with("(deflation)");
  if (archive_entry_is_encrypted(entry) != 0 || (format.starts_with("ZIP") && !plain_zip)) {
    return Error{ErrorCode::unsupported,
                 "the member is encrypted or compressed by a method that is not read; pack the archive again without a "
                 "password, by the deflate method",
                 where};
  }
  return {};
}

/// Adds one entry to the contents.
Result<void> read_member(struct archive* reader, struct archive_entry* entry, const Bytes& bytes,
                         const ArchiveLimits& limits, ArchiveBudget& budget, ArchiveContents& contents) {
  const bool folder = archive_entry_filetype(entry) == AE_IFDIR;
  std::string path = path_of(entry, folder);
  const std::string where = shown(path);
  if (Result<void> counted = budget.take_member(where); !counted) {
    return counted;
  }
  if (folder && path.empty()) {
    return {};  // "./", the archive's own folder
  }
  if (Result<void> safe = check_path(path, limits); !safe) {
    return safe;
  }
  if (folder) {
    contents.folders.push_back(std::move(path));
    return {};
  }
  if (Result<void> plain = check_kind(reader, entry, where); !plain) {
    return plain;
  }
  const auto allows = [&](std::uint64_t size) { return budget.allows(size, where); };
  const auto size = static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(entry), 0));
  if (Result<void> allowed = allows(size); !allowed) {
    return allowed;
  }
  Result<Bytes> read = read_entry(reader, bytes, size, where, allows);
  if (!read) {
    return std::move(read).error();
  }
  budget.take(read->size());
  contents.members.push_back({std::move(path), *std::move(read)});
  return {};
}

/// While it lives, this thread's character set is UTF-8: libarchive passes names through the locale's.
class Utf8Names {
 public:
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;
#ifdef _WIN32
  Utf8Names() = default;  // libarchive asks Windows for wide characters there
  ~Utf8Names() = default;
#else
  Utf8Names() {
    for (const char* name : {"C.UTF-8", "en_US.UTF-8"}) {  // the second for macOS, which always has it
      if (utf8_ == nullptr) {
        utf8_ = newlocale(LC_CTYPE_MASK, name, nullptr);
      }
    }
    if (utf8_ != nullptr) {
      before_ = uselocale(utf8_);
    }
  }
  ~Utf8Names() {
    if (utf8_ != nullptr) {
      uselocale(before_);
      freelocale(utf8_);
    }
  }

 private:
  locale_t utf8_ = nullptr;
  locale_t before_ = nullptr;
#endif
};

/// Reads all entries of a plain tar file or a zip file.
Result<ArchiveContents> read_contents(const Bytes& bytes, const ArchiveLimits& limits, ArchiveBudget& budget,
                                      const ProgressCallback& progress) {
  [[maybe_unused]] const Utf8Names utf8_names;
  const Reader reader(archive_read_new());
  if (!reader) {
    return Error{ErrorCode::internal, "libarchive gives no reader; free some memory and try again", ""};
  }
  const bool zip = is_zip(bytes.view());
  zip ? archive_read_support_format_zip_seekable(reader.get()) : archive_read_support_format_tar(reader.get());
  // The "._" files of macOS are files like any other, whatever the machine.
  archive_read_set_format_option(reader.get(), zip ? "zip" : "tar", "mac-ext", nullptr);
  ArchiveContents contents;
  bool first = true;
  int status = archive_read_open_memory(reader.get(), bytes.data(), bytes.size());
  while (status == ARCHIVE_OK) {
    struct archive_entry* entry = nullptr;
    status = archive_read_next_header(reader.get(), &entry);
    if (status == ARCHIVE_WARN) {
      status = ARCHIVE_OK;  // an attribute that is not used, or a name that the locale cannot hold
    }
    if (status == ARCHIVE_OK) {
      first = false;
      if (Result<void> read = read_member(reader.get(), entry, bytes, limits, budget, contents); !read) {
        return std::move(read).error();
      }
      const auto place = static_cast<std::uint64_t>(archive_filter_bytes(reader.get(), -1));
      const std::string_view path =
          contents.members.empty() ? std::string_view("folder") : contents.members.back().path;
      if (Result<void> go_on = report(progress, path, place, bytes.size()); !go_on) {
        return std::move(go_on).error();
      }
    }
  }
  if (status == ARCHIVE_EOF) {
    return contents;
  }
  if (first) {
    return Error{ErrorCode::not_an_archive,
                 std::string("this is no tar or zip file, or a damaged one; ") + how_to_get_one, ""};
  }
  return damaged(contents.members.empty() ? "" : "after " + shown(contents.members.back().path));
}

}  // namespace

Result<ArchiveContents> unpack(Bytes bytes, const ArchiveLimits& limits, const ProgressCallback& progress) {
  if (bytes.empty()) {
    return Error{ErrorCode::not_an_archive, std::string("the archive is empty (0 bytes); ") + how_to_get_one, ""};
  }
  if (bytes.size() > limits.archive_bytes) {
    return over_limit("the archive has " + std::to_string(bytes.size()) + " bytes", limits.archive_bytes,
                      "archive_bytes", "");
  }
  ArchiveBudget budget(limits, bytes.size());
  const Packing packing = packing_of(bytes.view());
  if (packing.filter != ARCHIVE_FILTER_NONE) {
    Result<Bytes> tar = decompressed(bytes, packing, budget, progress);
    if (!tar) {
      return std::move(tar).error();
    }
    if (packing.filter == ARCHIVE_FILTER_GZIP && !gzip_is_whole(bytes.view(), tar->view())) {
      return damaged("");
    }
    bytes = *std::move(tar);
  }
  return read_contents(bytes, limits, budget, progress);
}

}  // namespace stm32tvm
