// SPDX-License-Identifier: Apache-2.0
// Step 1: reads tar and zip files and unpacked folders, and refuses what could do harm.
#include "stm32tvm/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>  // NOLINT(modernize-deprecated-headers): newlocale() is POSIX

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "archive/gzip.hpp"
#include "stm32tvm/bytes.hpp"
#include "stm32tvm/result.hpp"
#include "support/relative_path.hpp"
#include "support/report.hpp"

namespace stm32tvm {
namespace {

constexpr std::uint64_t always_allowed_bytes = 64ULL << 20;
constexpr const char* how_to_get_one =
    "give the .tar file that tvm.micro.export_model_library_format() wrote, whole and unchanged";

Error over_limit(const std::string& found, std::uint64_t limit, const std::string& name, std::string where) {
  return {ErrorCode::limit_exceeded,
          found + ", more than the " + std::to_string(limit) + " that are allowed; raise ArchiveLimits::" + name +
              " if the archive is to be trusted",
          std::move(where)};
}

Error damaged(std::string where) {
  return {ErrorCode::not_an_archive, std::string("the archive is damaged or ends early; ") + how_to_get_one,
          std::move(where)};
}

/// What may still be taken, of the limits that hold for an archive as a whole.
class Budget {
 public:
  Budget(const ArchiveLimits& limits, std::uint64_t archive_size) : limits_(limits) {
    const bool overflows = limits.expansion != 0 && archive_size > UINT64_MAX / limits.expansion;
    const std::uint64_t expanded = overflows ? UINT64_MAX : archive_size * limits.expansion;
    total_ = std::min(limits.total_bytes, std::max(expanded, always_allowed_bytes));
    total_name_ = total_ == limits.total_bytes ? "total_bytes" : "expansion";
  }

  [[nodiscard]] std::uint64_t total() const { return total_; }

  Result<void> take_member(const std::string& where) {
    if (members_ == limits_.members) {
      return over_limit("the archive has at least " + std::to_string(members_ + std::uint64_t{1}) + " members",
                        limits_.members, "members", where);
    }
    ++members_;
    return {};
  }

  /// Whether a member may have `size` bytes, beside the members that are already there.
  [[nodiscard]] Result<void> allows(std::uint64_t size, const std::string& where) const {
    if (size > limits_.member_bytes) {
      return over_limit("the member has at least " + std::to_string(size) + " bytes", limits_.member_bytes,
                        "member_bytes", where);
    }
    if (size > total_ - taken_) {
      return over_total(taken_ + size, where);
    }
    return {};
  }

  /// Only after allows().
  void take(std::uint64_t size) { taken_ += size; }

  [[nodiscard]] Error over_total(std::uint64_t size, const std::string& where) const {
    return over_limit("the archive decompresses to at least " + std::to_string(size) + " bytes", total_, total_name_,
                      where);
  }

 private:
  const ArchiveLimits& limits_;
  std::uint64_t total_ = 0;
  const char* total_name_ = "";
  std::uint64_t taken_ = 0;
  std::uint32_t members_ = 0;
};

/// Refuses a path that could lead out of a folder.
Result<void> check_path(std::string_view path, const ArchiveLimits& limits) {
  if (path.size() > limits.path_bytes) {
    return over_limit("the member's path has " + std::to_string(path.size()) + " bytes", limits.path_bytes,
                      "path_bytes", shown(path));
  }
  if (const char* fault = fault_of(path)) {
    return Error{ErrorCode::unsafe_archive,
                 std::string("the member's path ") + fault +
                     ", but it must be a relative path inside the archive; do not use this archive unless you know why",
                 shown(path)};
  }
  return {};
}

/// Refuses paths that could not stand side by side in a folder on every file system.
Result<void> check_conflicts(const std::vector<Archive::Member>& members, const std::vector<std::string>& folders) {
  std::vector<TakenPath> paths;
  paths.reserve(members.size() + folders.size());
  for (const Archive::Member& member : members) {
    paths.push_back({member.path, false});
  }
  for (const std::string& folder : folders) {
    paths.push_back({folder, true});
  }
  if (const std::optional<PathConflict> found = find_conflict(std::move(paths))) {
    return Error{ErrorCode::unsafe_archive,
                 std::string("the member's path ") + found->fault + " \"" + shown(found->first) +
                     "\", so the two cannot be told apart; export the archive again",
                 shown(found->second)};
  }
  return {};
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

Result<Bytes> decompressed(const Bytes& bytes, const Packing& packing, const Budget& budget,
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

/// What an archive holds, before its paths are compared with each other.
struct Contents {
  std::vector<Archive::Member> members;
  std::vector<std::string> folders;
};

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
                         const ArchiveLimits& limits, Budget& budget, Contents& contents) {
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
Result<Contents> read_contents(const Bytes& bytes, const ArchiveLimits& limits, Budget& budget,
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
  Contents contents;
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

/// The bytes of a regular file.
Result<Bytes> read_file(const std::filesystem::path& path, std::uint64_t size, const std::string& where) {
  const auto length = static_cast<std::size_t>(size);
  const auto memory = std::make_shared_for_overwrite<char[]>(length);
  std::ifstream file;
  file.rdbuf()->pubsetbuf(nullptr, 0);  // straight into the memory, in one read
  file.open(path, std::ios::binary);
  if (!file || !file.read(memory.get(), static_cast<std::streamsize>(length))) {
    return Error{ErrorCode::cannot_read,
                 "the file could not be read; check that you may read it and that no other "
                 "program is writing it",
                 where};
  }
  return Bytes(memory, std::string_view(memory.get(), length));
}

Result<Bytes> read_archive_file(const std::filesystem::path& path, const ArchiveLimits& limits) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return Error{ErrorCode::cannot_read,
                 error || !std::filesystem::exists(path, error)
                     ? "there is no such file; give the path of a .tar file or of a folder that one was unpacked to"
                     : "this is neither a file nor a folder; give the path of a .tar file",
                 ""};
  }
  const std::uint64_t size = std::filesystem::file_size(path, error);
  if (error) {
    return Error{ErrorCode::cannot_read, "the size of the file could not be read; check that you may read it", ""};
  }
  if (size > limits.archive_bytes) {
    return over_limit("the archive has " + std::to_string(size) + " bytes", limits.archive_bytes, "archive_bytes", "");
  }
  return read_file(path, size, "");
}

std::string utf8_path(const std::filesystem::path& path) {
  const std::u8string text = path.generic_u8string();
  return {text.begin(), text.end()};
}

/// Adds one entry of a folder to the contents.
Result<void> read_folder_entry(const std::filesystem::directory_entry& entry, std::string path,
                               const ArchiveLimits& limits, Budget& budget, Contents& contents) {
  const std::string where = shown(path);
  if (Result<void> counted = budget.take_member(where); !counted) {
    return counted;
  }
  if (Result<void> safe = check_path(path, limits); !safe) {
    return safe;
  }
  std::error_code error;
  const std::filesystem::file_type type = entry.symlink_status(error).type();
  if (type == std::filesystem::file_type::directory) {
    contents.folders.push_back(std::move(path));
    return {};
  }
  if (type != std::filesystem::file_type::regular) {
    return Error{ErrorCode::unsafe_archive,
                 "this is a link or a device, but only plain files and folders are read; remove it from the folder",
                 where};
  }
  const std::uint64_t size = entry.file_size(error);
  if (error) {
    return Error{ErrorCode::cannot_read, "the size of the file could not be read; check that you may read it", where};
  }
  if (Result<void> allowed = budget.allows(size, where); !allowed) {
    return allowed;
  }
  Result<Bytes> read = read_file(entry.path(), size, where);
  if (!read) {
    return std::move(read).error();
  }
  budget.take(size);
  contents.members.push_back({std::move(path), *std::move(read)});
  return {};
}

/// Reads an unpacked archive; its size as an archive is not known, so the limit on expansion has no meaning.
Result<Contents> read_folder(const std::filesystem::path& folder, const ArchiveLimits& limits,
                             const ProgressCallback& progress) {
  std::vector<std::pair<std::string, std::filesystem::directory_entry>> entries;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::recursive_directory_iterator{}; entry.increment(error)) {
    if (entries.size() == limits.members) {
      return over_limit("the folder holds more than " + std::to_string(limits.members) + " files and folders",
                        limits.members, "members", "");
    }
    entries.emplace_back(utf8_path(entry->path().lexically_relative(folder)), *entry);
  }
  if (error) {
    return Error{ErrorCode::cannot_read, "the folder could not be listed; check that you may read all of it", ""};
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  Budget budget(limits, limits.total_bytes);
  Contents contents;
  std::uint64_t done = 0;
  for (const auto& [path, listed] : entries) {
    if (Result<void> read = read_folder_entry(listed, path, limits, budget, contents); !read) {
      return std::move(read).error();
    }
    if (Result<void> go_on = report(progress, path, ++done, entries.size()); !go_on) {
      return std::move(go_on).error();
    }
  }
  return contents;
}

bool by_path(const Archive::Member& a, const Archive::Member& b) {
  return a.path < b.path;
}

/// The members of an archive, checked against each other and sorted.
Result<std::vector<Archive::Member>> sorted(Result<Contents> contents) {
  if (!contents) {
    return std::move(contents).error();
  }
  if (Result<void> apart = check_conflicts(contents->members, contents->folders); !apart) {
    return std::move(apart).error();
  }
  std::sort(contents->members.begin(), contents->members.end(), by_path);
  return std::move(contents->members);
}

Result<Contents> unpacked(Bytes bytes, const ArchiveLimits& limits, const ProgressCallback& progress) {
  if (bytes.empty()) {
    return Error{ErrorCode::not_an_archive, std::string("the archive is empty (0 bytes); ") + how_to_get_one, ""};
  }
  if (bytes.size() > limits.archive_bytes) {
    return over_limit("the archive has " + std::to_string(bytes.size()) + " bytes", limits.archive_bytes,
                      "archive_bytes", "");
  }
  Budget budget(limits, bytes.size());
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

}  // namespace

Result<Archive> Archive::open(const std::filesystem::path& path, const ArchiveLimits& limits,
                              const ProgressCallback& progress) {
  const auto with_path = [&](Error error) {
    if (error.where.empty()) {
      error.where = utf8_path(path);
    }
    return error;
  };
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    Result<std::vector<Member>> members = sorted(read_folder(path, limits, progress));
    return members ? Result<Archive>(Archive(*std::move(members))) : with_path(std::move(members).error());
  }
  Result<Bytes> bytes = read_archive_file(path, limits);
  if (!bytes) {
    return with_path(std::move(bytes).error());
  }
  Result<Archive> archive = from_bytes(*std::move(bytes), limits, progress);
  return archive ? std::move(archive) : with_path(std::move(archive).error());
}

Result<Archive> Archive::from_bytes(Bytes bytes, const ArchiveLimits& limits, const ProgressCallback& progress) {
  Result<std::vector<Member>> members = sorted(unpacked(std::move(bytes), limits, progress));
  if (!members) {
    return std::move(members).error();
  }
  return Archive(*std::move(members));
}

Result<Archive> Archive::from_members(std::vector<Member> members, const ArchiveLimits& limits) {
  Budget budget(limits, limits.total_bytes);
  for (const Member& member : members) {
    const std::string where = shown(member.path);
    for (Result<void> checked :
         {budget.take_member(where), check_path(member.path, limits), budget.allows(member.contents.size(), where)}) {
      if (!checked) {
        return std::move(checked).error();
      }
    }
    budget.take(member.contents.size());
  }
  Result<std::vector<Member>> checked = sorted(Contents{std::move(members), {}});
  if (!checked) {
    return std::move(checked).error();
  }
  return Archive(*std::move(checked));
}

const Archive::Member* Archive::find(std::string_view path) const noexcept {
  const auto found =
      std::lower_bound(members_.begin(), members_.end(), path,
                       [](const Member& member, std::string_view wanted) { return member.path < wanted; });
  return found != members_.end() && found->path == path ? &*found : nullptr;
}

}  // namespace stm32tvm
