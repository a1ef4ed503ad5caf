// SPDX-License-Identifier: Apache-2.0
// Tests of Archive: what is read, what is refused, and that damaged or hostile bytes do no harm.
#include "stm32tvm/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <clocale>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <ios>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;
using stm32tvm::Archive;
using stm32tvm::ArchiveLimits;
using stm32tvm::Bytes;
using stm32tvm::Result;

constexpr std::size_t tar_block = 512;

struct TarEntry {
  std::string name;
  std::string contents;
  char type = '0';
  std::string link;
  std::uint64_t claimed_size = UINT64_MAX;  ///< in the header, when it is not the true one
};

std::string octal(std::uint64_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; value /= 8) {
    text[i] = static_cast<char>('0' + value % 8);
  }
  return text;
}

/// One ustar header and its data, written by the format's description (POSIX.1-2001, pax).
std::string tar_entry(const TarEntry& entry) {
  std::string header(tar_block, '\0');
  const auto put = [&](std::size_t at, const std::string& text) { header.replace(at, text.size(), text); };
  put(0, entry.name.substr(0, 100));
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, octal(entry.claimed_size == UINT64_MAX ? entry.contents.size() : entry.claimed_size, 11));
  put(136, octal(0, 11));
  put(148, std::string(8, ' '));
  header[156] = entry.type;
  put(157, entry.link);
  put(257, std::string("ustar\00000", 8));
  std::uint64_t sum = 0;
  for (const char c : header) {
    sum += static_cast<unsigned char>(c);
  }
  put(148, octal(sum, 6) + std::string("\0 ", 2));
  const std::size_t padding = (tar_block - entry.contents.size() % tar_block) % tar_block;
  return header + entry.contents + std::string(padding, '\0');
}

std::string tar_of(const std::vector<TarEntry>& entries) {
  std::string tar;
  for (const TarEntry& entry : entries) {
    tar += tar_entry(entry);
  }
  return tar + std::string(2 * tar_block, '\0');
}

/// A member with a name of any length and any bytes, by a pax header before it.
std::vector<TarEntry> pax_member(const std::string& name, const std::string& contents) {
  const std::string body = " path=" + name + "\n";
  std::size_t length = body.size() + 1;
  while (std::to_string(length).size() + body.size() != length) {
    ++length;
  }
  return {{"pax", std::to_string(length) + body, 'x', "", UINT64_MAX}, {"short", contents, '0', "", UINT64_MAX}};
}

/// The same members in any kind of archive, by libarchive's writer.
std::string written(int (*format)(struct archive*), int (*filter)(struct archive*),
                    const std::vector<std::pair<std::string, std::string>>& members, const char* options = nullptr) {
  std::string bytes;
  struct archive* const writer = archive_write_new();
  REQUIRE(format(writer) == ARCHIVE_OK);
  REQUIRE(filter(writer) == ARCHIVE_OK);
  REQUIRE(archive_write_set_options(writer, options) == ARCHIVE_OK);
  REQUIRE(archive_write_set_bytes_in_last_block(writer, 1) == ARCHIVE_OK);  // no padding after the archive
  const auto append = [](struct archive*, void* target, const void* data, std::size_t size) {
    static_cast<std::string*>(target)->append(static_cast<const char*>(data), size);
    return static_cast<la_ssize_t>(size);
  };
  REQUIRE(archive_write_open(writer, &bytes, nullptr, append, nullptr) == ARCHIVE_OK);
  for (const auto& [name, contents] : members) {
    struct archive_entry* const entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(contents.size()));
    REQUIRE(archive_write_header(writer, entry) == ARCHIVE_OK);
    REQUIRE(archive_write_data(writer, contents.data(), contents.size()) == static_cast<la_ssize_t>(contents.size()));
    archive_entry_free(entry);
  }
  REQUIRE(archive_write_close(writer) == ARCHIVE_OK);
  archive_write_free(writer);
  return bytes;
}

std::string compressed(int (*filter)(struct archive*), const std::string& bytes) {
  return written(archive_write_set_format_raw, filter, {{"data", bytes}});
}

/// A folder that is removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    for (int i = 0; path_.empty(); ++i) {
      const fs::path candidate = fs::temp_directory_path() / ("stm32tvm-archive-test-" + std::to_string(i));
      if (fs::create_directory(candidate)) {
        path_ = candidate;
      }
    }
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  [[nodiscard]] const fs::path& path() const { return path_; }

  [[nodiscard]] fs::path put(const std::string& name, const std::string& contents) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << contents;
    return path_ / name;
  }

 private:
  fs::path path_;
};

std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

fs::path shared_archives() {
  return fs::path(STM32TVM_SHARED_DIR) / "mlf";
}

std::string paths_of(const Archive& archive) {
  std::string text;
  for (const Archive::Member& member : archive.members()) {
    text += member.path + "=" + std::string(member.contents.view()) + ";";
  }
  return text;
}

/// The members as text, or the code of the error and where it is.
std::string outcome(const Result<Archive>& archive) {
  return archive ? paths_of(*archive) : std::string(name(archive.error().code)) + " at " + archive.error().where;
}

std::string outcome_of_tar(const std::vector<TarEntry>& entries) {
  return outcome(Archive::from_bytes(tar_of(entries)));
}

const std::vector<std::pair<std::string, std::string>> two_members{{"./b/two.c", "int two;"}, {"./a.json", "{}"}};
const char* const two_members_read = "a.json={};b/two.c=int two;;";

}  // namespace

TEST_CASE("archive: every kind of archive gives the same members, sorted by path") {
  const auto none = archive_write_add_filter_none;
  const auto ustar = archive_write_set_format_ustar;
  CHECK(outcome(Archive::from_bytes(written(ustar, none, two_members))) == two_members_read);
  CHECK(outcome(Archive::from_bytes(written(archive_write_set_format_gnutar, none, two_members))) == two_members_read);
  CHECK(outcome(Archive::from_bytes(written(archive_write_set_format_pax, none, two_members))) == two_members_read);
  CHECK(outcome(Archive::from_bytes(written(archive_write_set_format_v7tar, none, two_members))) == two_members_read);
  CHECK(outcome(Archive::from_bytes(written(archive_write_set_format_zip, none, two_members))) == two_members_read);
  CHECK(outcome(Archive::from_bytes(
            written(archive_write_set_format_zip, none, two_members, "zip:compression=store"))) == two_members_read);
  for (const auto filter : {archive_write_add_filter_gzip, archive_write_add_filter_xz, archive_write_add_filter_zstd,
                            archive_write_add_filter_bzip2}) {
    CHECK(outcome(Archive::from_bytes(written(ustar, filter, two_members))) == two_members_read);
  }
}

TEST_CASE("archive: find() gives the member of a path or nothing") {
  const Archive archive = Archive::from_members({{"b", "2"}, {"a", "1"}, {"c/d", ""}}).value();
  REQUIRE(archive.find("a") != nullptr);
  CHECK(archive.find("a")->contents.view() == "1");
  REQUIRE(archive.find("c/d") != nullptr);
  CHECK(archive.find("c/d")->contents.empty());
  CHECK(archive.find("c") == nullptr);
  CHECK(archive.find("") == nullptr);
  CHECK(archive.find("z") == nullptr);
}

TEST_CASE("archive: members of a plain tar file share its memory, those of a compressed one do not need it") {
  const Bytes tar(tar_of({{"a", "first", '0', "", UINT64_MAX}, {"b", std::string(5000, 'x'), '0', "", UINT64_MAX}}));
  const Archive archive = Archive::from_bytes(tar).value();
  REQUIRE(archive.members().size() == 2);
  CHECK(archive.members()[0].contents.data() == tar.data() + tar_block);
  CHECK(archive.members()[1].contents.data() == tar.data() + 3 * tar_block);
  const Archive unpacked =
      Archive::from_bytes(compressed(archive_write_add_filter_gzip, std::string(tar.view()))).value();
  CHECK(paths_of(unpacked) == paths_of(archive));
}

TEST_CASE("archive: a file is judged by what it holds, not by its name") {
  const TemporaryFolder folder;
  const std::string tar = tar_of({{"BZh9", "x", '0', "", UINT64_MAX}});
  CHECK(outcome(Archive::open(folder.put("a.zip", tar))) == "BZh9=x;");
  CHECK(outcome(Archive::open(folder.put("a.c", compressed(archive_write_add_filter_zstd, tar)))) == "BZh9=x;");
}

TEST_CASE("archive: folders are no members, and need not come first") {
  CHECK(outcome_of_tar({{"./", "", '5', "", UINT64_MAX},
                        {"a/b", "1", '0', "", UINT64_MAX},
                        {"a/", "", '5', "", UINT64_MAX},
                        {"a/", "", '5', "", UINT64_MAX},
                        {"./c/", "", '5', "", UINT64_MAX}}) == "a/b=1;");
  CHECK(outcome_of_tar({}) == "");
}

TEST_CASE("archive: paths that lead out of a folder or are no paths are refused") {
  const std::vector<std::pair<std::string, std::string>> bad{{"/etc/passwd", "/etc/passwd"},
                                                             {"../a", "../a"},
                                                             {"a/../../b", "a/../../b"},
                                                             {"a/..", "a/.."},
                                                             {"a//b", "a//b"},
                                                             {"a/./b", "a/./b"},
                                                             {"C:/a", "C:/a"},
                                                             {"c:a", "c:a"},
                                                             {"a\\b", "a\\b"},
                                                             {"..\\a", "..\\a"},
                                                             {"a\nb", "a?b"},
                                                             {"\x1b[2J", "?[2J"},
                                                             {"a\x7f", "a?"},
                                                             {"\xc0\xaf", "??"},
                                                             {".//a", "/a"},
                                                             {"\xed\xa0\x80", "???"},
                                                             {"\xf5\x80\x80\x80", "????"},
                                                             {"a/\xc3", "a/?"}};
  for (const auto& [path, shown] : bad) {
    const std::string where = shown;
    CAPTURE(where);
    CHECK(outcome_of_tar({{path, "x", '0', "", UINT64_MAX}}) == "unsafe_archive at " + where);
    CHECK(outcome_of_tar(pax_member(path, "x")) == "unsafe_archive at " + where);
  }
  CHECK(outcome_of_tar({{"../a/", "", '5', "", UINT64_MAX}}) == "unsafe_archive at ../a");
  CHECK(outcome(Archive::from_members({{"../a", ""}})) == "unsafe_archive at ../a");
  CHECK(outcome(Archive::from_members({{"", ""}})) == "unsafe_archive at ");
  CHECK(outcome(Archive::from_members({{std::string("a\0b", 3), ""}})) == "unsafe_archive at a?b");
  CHECK(outcome(Archive::from_members({{"...", ""}, {"..a", ""}, {"a..", ""}, {".a", ""}})) == "...=;..a=;.a=;a..=;");
}

TEST_CASE("archive: links and devices are refused") {
  for (const char type : {'1', '2', '3', '4', '6'}) {
    CAPTURE(type);
    CHECK(outcome_of_tar({{"a", "x", '0', "", UINT64_MAX}, {"link", "", type, "a", UINT64_MAX}}) ==
          "unsafe_archive at link");
  }
  CHECK(outcome_of_tar({{"a", "x", '0', "", UINT64_MAX}, {"link", "data", '1', "a", UINT64_MAX}}) ==
        "unsafe_archive at link");
}

TEST_CASE("archive: two members of one path are refused, also when only letter case tells them apart") {
  const auto of_paths = [](const std::vector<std::string>& paths) {
    std::vector<Archive::Member> members;
    members.reserve(paths.size());
    for (const std::string& path : paths) {
      members.push_back({path, ""});
    }
    return outcome(Archive::from_members(std::move(members)));
  };
  CHECK(of_paths({"a", "b", "a"}) == "unsafe_archive at a");
  CHECK(of_paths({"a", "A"}) == "unsafe_archive at a");
  CHECK(of_paths({"x/Read.me", "x/b", "x/read.ME"}) == "unsafe_archive at x/read.ME");
  CHECK(of_paths({"Lib/a", "lib/b"}) == "unsafe_archive at lib/b");
  CHECK(of_paths({"a/b/c", "a/B/d", "a/b-"}) == "unsafe_archive at a/B/d");
  CHECK(of_paths({"a/b", "a", "a-"}) == "unsafe_archive at a/b");
  CHECK(of_paths({"a/b/c", "A"}) == "unsafe_archive at a/b/c");
  CHECK(of_paths({"a-", "a/b", "ab", "a.c", "ab.c", "a/c", "b/a"}) == "a-=;a.c=;a/b=;a/c=;ab=;ab.c=;b/a=;");
  CHECK(outcome_of_tar({{"a", "1", '0', "", UINT64_MAX}, {"./a", "1", '0', "", UINT64_MAX}}) == "unsafe_archive at a");
  CHECK(outcome_of_tar({{"a", "1", '0', "", UINT64_MAX}, {"a/", "", '5', "", UINT64_MAX}}) == "unsafe_archive at a");
  CHECK(outcome_of_tar({{"A/", "", '5', "", UINT64_MAX}, {"a/b", "1", '0', "", UINT64_MAX}}) ==
        "unsafe_archive at a/b");
}

TEST_CASE("archive: many deep paths cost no more than sorting them") {
  std::string deep;
  for (int i = 0; i < 400; ++i) {
    deep += "a/";
  }
  std::vector<Archive::Member> members;
  members.reserve(10'000);
  for (int i = 0; i < 10'000; ++i) {
    members.push_back({deep + std::to_string(i), ""});
  }
  CHECK(Archive::from_members(std::move(members)).has_value());
}

TEST_CASE("archive: names that are not ASCII do not depend on the locale") {
  const std::string umlaut =
      "gr\xc3\xb6\xc3\x9f"
      "e/\xe2\x82\xac.c";
  const std::string before = std::setlocale(LC_ALL, nullptr);
  REQUIRE(std::setlocale(LC_ALL, "C.UTF-8") != nullptr);  // for the writer
  const std::string zip = written(archive_write_set_format_zip, archive_write_add_filter_none, {{"z\xc3\xa9", "1"}},
                                  "zip:hdrcharset=UTF-8");
  for (const std::string locale : {"C", "C.UTF-8", "en_US.ISO-8859-1", "de_DE.ISO-8859-1"}) {
    CAPTURE(locale);
    if (std::setlocale(LC_ALL, locale.c_str()) == nullptr) {
      MESSAGE("skipped: this machine has no such locale: " << locale);
      continue;
    }
    CHECK(outcome_of_tar(pax_member(umlaut, "1")) == umlaut + "=1;");
    CHECK(outcome_of_tar({{umlaut, "1", '0', "", UINT64_MAX}}) == umlaut + "=1;");
    CHECK(outcome_of_tar({{"\xff", "1", '0', "", UINT64_MAX}}) == "unsafe_archive at ?");
    CHECK(outcome(Archive::from_bytes(zip)) == "z\xc3\xa9=1;");
  }
  CHECK(std::setlocale(LC_ALL, before.c_str()) != nullptr);
}

TEST_CASE("archive: each limit holds, and one less than needed is refused") {
  const std::string tar = tar_of({{"dir/", "", '5', "", UINT64_MAX},
                                  {"dir/one", "12345", '0', "", UINT64_MAX},
                                  {"two", "123456", '0', "", UINT64_MAX}});
  const auto with = [&](const std::function<void(ArchiveLimits&)>& change) {
    ArchiveLimits limits;
    change(limits);
    return outcome(Archive::from_bytes(tar, limits));
  };
  const std::string all = "dir/one=12345;two=123456;";
  CHECK(with([](ArchiveLimits& limits) { limits = {2'560 + 1'024 + 0, 11, 6, 3, 7, 1}; }) == all);
  CHECK(with([&](ArchiveLimits& limits) { limits.archive_bytes = tar.size() - 1; }) == "limit_exceeded at ");
  CHECK(with([](ArchiveLimits& limits) { limits.total_bytes = 10; }) == "limit_exceeded at two");
  CHECK(with([](ArchiveLimits& limits) { limits.member_bytes = 5; }) == "limit_exceeded at two");
  CHECK(with([](ArchiveLimits& limits) { limits.members = 2; }) == "limit_exceeded at two");
  CHECK(with([](ArchiveLimits& limits) { limits.path_bytes = 6; }) == "limit_exceeded at dir/one");
  const std::vector<Archive::Member> members{{"a", "123"}, {"b", "45"}};
  CHECK(outcome(Archive::from_members(members, {0, 5, 3, 2, 1, 0})) == "a=123;b=45;");
  CHECK(outcome(Archive::from_members(members, {0, 4, 3, 2, 1, 0})) == "limit_exceeded at b");
  CHECK(outcome(Archive::from_members(members, {0, 5, 2, 2, 1, 0})) == "limit_exceeded at a");
  CHECK(outcome(Archive::from_members(members, {0, 5, 3, 1, 1, 0})) == "limit_exceeded at b");
  CHECK(outcome(Archive::from_members(members, {0, 5, 3, 2, 0, 0})) == "limit_exceeded at a");
}

TEST_CASE("archive: an error says which limit to raise") {
  ArchiveLimits limits;
  limits.member_bytes = 2;
  const Result<Archive> archive = Archive::from_members({{"a", "123"}}, limits);
  REQUIRE_FALSE(archive);
  CHECK(
      to_string(archive.error()) ==
      "a: the member has at least 3 bytes, more than the 2 that are allowed; raise ArchiveLimits::member_bytes if the "
      "archive is to be trusted");
}

TEST_CASE("archive: a compressed bomb stops at the limit") {
  const std::string zeros(std::size_t{80} << 20, '\0');
  const std::string tar = tar_entry({"zeros", zeros, '0', "", UINT64_MAX}) + std::string(2 * tar_block, '\0');
  for (const auto filter : {archive_write_add_filter_gzip, archive_write_add_filter_zstd}) {
    const std::string bomb = compressed(filter, tar);
    REQUIRE(bomb.size() < 1'000'000);
    CHECK(outcome(Archive::from_bytes(bomb)) == "limit_exceeded at ");
    ArchiveLimits trusting;
    trusting.expansion = UINT32_MAX;
    REQUIRE(Archive::from_bytes(bomb, trusting));
    CHECK(Archive::from_bytes(bomb, trusting)->members()[0].contents.view() == zeros);
  }
  const std::string zip = written(archive_write_set_format_zip, archive_write_add_filter_none, {{"zeros", zeros}});
  CHECK(outcome(Archive::from_bytes(zip)) == "limit_exceeded at zeros");
}

TEST_CASE("archive: a size that a header only claims takes no memory") {
  CHECK(outcome_of_tar({{"a", "x", '0', "", 077777777777}}) == "limit_exceeded at a");
  CHECK(outcome_of_tar({{"a", "x", '0', "", 60ULL << 20}}) == "not_an_archive at a");
}

TEST_CASE("archive: what is compressed twice is refused") {
  const std::string once = compressed(archive_write_add_filter_gzip, tar_of({{"a", "x", '0', "", UINT64_MAX}}));
  const std::string twice = compressed(archive_write_add_filter_gzip, once);
  CHECK(outcome(Archive::from_bytes(once)) == "a=x;");
  CHECK(outcome(Archive::from_bytes(twice)) == "not_an_archive at ");
  CHECK(outcome(Archive::from_bytes(compressed(archive_write_add_filter_xz, once))) == "not_an_archive at ");
}

TEST_CASE("archive: what is no archive is called so") {
  const auto code_of = [](const std::string& bytes) { return outcome(Archive::from_bytes(bytes)); };
  CHECK(code_of("") == "not_an_archive at ");
  CHECK(code_of("x") == "not_an_archive at ");
  CHECK(code_of(std::string(10'000, 'x')) == "not_an_archive at ");
  CHECK(code_of("\x1f\x8b") == "not_an_archive at ");
  CHECK(code_of("PK\x03\x04") == "not_an_archive at ");
  CHECK(code_of(std::string("\xfd"
                            "7zXZ\0",
                            6)) == "not_an_archive at ");
  CHECK(code_of("\x28\xb5\x2f\xfd") == "not_an_archive at ");
  CHECK(code_of("BZh9") == "not_an_archive at ");
  CHECK(code_of(compressed(archive_write_add_filter_gzip, "not a tar file")) == "not_an_archive at ");
  CHECK(Archive::from_bytes("").error().message.find("0 bytes") != std::string::npos);
}

TEST_CASE("archive: methods of zip that are not deflate are not supported") {
  const std::string zip = written(archive_write_set_format_zip, archive_write_add_filter_none, {{"a", "xxxxxxxx"}});
  std::string other = zip;
  other[8] = 14;  // LZMA, in the local header
  other[other.find("PK\x01\x02") + 10] = 14;
  CHECK(outcome(Archive::from_bytes(zip)) == "a=xxxxxxxx;");
  CHECK(outcome(Archive::from_bytes(other)) == "unsupported at a");
}

TEST_CASE("archive: a tar file that ends after its last whole member is accepted, one that ends earlier is not") {
  const std::string tar = tar_of({{"a", "x", '0', "", UINT64_MAX}, {"b", std::string(700, 'y'), '0', "", UINT64_MAX}});
  const std::size_t members_end = tar.size() - 2 * tar_block;
  for (std::size_t size = 0; size <= tar.size(); ++size) {
    const Result<Archive> archive = Archive::from_bytes(tar.substr(0, size));
    CAPTURE(size);
    if (size > 2 * tar_block && size < members_end - (2 * tar_block - 700)) {
      CHECK_FALSE(archive);
    }
    if (size == members_end || size == tar.size()) {
      CHECK(archive);
    }
    if (archive && size > 2 * tar_block) {
      CHECK(archive->members().size() == 2);
    }
  }
}

TEST_CASE("archive: no truncation and no flipped byte does harm") {
  const fs::path small = shared_archives() / "digits_int8/operator.tar";
  std::vector<std::string> archives;
  if (fs::exists(small)) {
    archives.push_back(file_text(small));
  } else {
    MESSAGE("skipped the real archive: there is no ../shared/mlf");
  }
  const auto ustar = archive_write_set_format_ustar;
  archives.push_back(tar_of(pax_member("a/long/name", std::string(600, 'x'))));
  archives.push_back(written(archive_write_set_format_zip, archive_write_add_filter_none, two_members));
  for (const auto filter : {archive_write_add_filter_gzip, archive_write_add_filter_xz, archive_write_add_filter_zstd,
                            archive_write_add_filter_bzip2}) {
    archives.push_back(written(ustar, filter, two_members));
  }
  std::size_t refused = 0;
  for (const std::string& whole : archives) {
    const std::string expected = outcome(Archive::from_bytes(whole));
    REQUIRE(expected.find("not_an_archive") == std::string::npos);
    for (std::size_t size = 0; size<whole.size(); size += whole.size()> 4'000 ? 7 : 1) {
      const std::string got = outcome(Archive::from_bytes(whole.substr(0, size)));
      refused += got.starts_with("not_an_archive") ? 1 : 0;
    }
    for (std::size_t i = 0; i<whole.size(); i += whole.size()> 4'000 ? 5 : 1) {
      for (const unsigned flip : {0x01U, 0x80U, 0xffU}) {
        std::string damaged = whole;
        damaged[i] = static_cast<char>(static_cast<unsigned char>(damaged[i]) ^ flip);
        refused += Archive::from_bytes(std::move(damaged)) ? 0 : 1;
      }
    }
  }
  CHECK(refused > 100);
}

TEST_CASE("archive: a compressed archive that ends early is refused, wherever it ends") {
  for (const auto filter : {archive_write_add_filter_gzip, archive_write_add_filter_xz, archive_write_add_filter_zstd,
                            archive_write_add_filter_bzip2}) {
    const std::string whole = compressed(filter, tar_of({{"a", "some text", '0', "", UINT64_MAX}}));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK(outcome(Archive::from_bytes(whole.substr(0, size))) == "not_an_archive at ");
    }
  }
}

TEST_CASE("archive: the length and the checksum at the end of a gzip file are looked at") {
  const std::string tar = tar_of({{"a", "x", '0', "", UINT64_MAX}});
  const std::string whole = compressed(archive_write_add_filter_gzip, tar);
  for (std::size_t i = 1; i <= 8; ++i) {
    std::string damaged = whole;
    damaged[whole.size() - i] = static_cast<char>(~damaged[whole.size() - i]);
    CAPTURE(i);
    CHECK(outcome(Archive::from_bytes(damaged)) == "not_an_archive at ");
  }
  CHECK(outcome(Archive::from_bytes(whole + std::string(512, '\0'))) == "a=x;");
  const std::string members = compressed(archive_write_add_filter_gzip, tar.substr(0, 600)) +
                              compressed(archive_write_add_filter_gzip, tar.substr(600));
  CHECK(outcome(Archive::from_bytes(members)) == "a=x;");
}

TEST_CASE("archive: an unpacked folder gives the members of its archive") {
  const TemporaryFolder folder;
  REQUIRE(fs::exists(folder.put("b/two.c", "int two;")));
  REQUIRE(fs::exists(folder.put("a.json", "{}")));
  fs::create_directory(folder.path() / "empty");
  CHECK(outcome(Archive::open(folder.path())) == two_members_read);
  CHECK(outcome(Archive::open(folder.path() / "")) == two_members_read);
  ArchiveLimits limits;
  limits.members = 3;
  CHECK(outcome(Archive::open(folder.path(), limits)) == "limit_exceeded at " + folder.path().generic_string());
  limits = {};
  limits.member_bytes = 7;
  CHECK(outcome(Archive::open(folder.path(), limits)) == "limit_exceeded at b/two.c");
  fs::create_symlink(folder.path() / "a.json", folder.path() / "c.json");
  CHECK(outcome(Archive::open(folder.path())) == "unsafe_archive at c.json");
  fs::remove(folder.path() / "c.json");
  fs::create_directory_symlink(folder.path() / "b", folder.path() / "d");
  CHECK(outcome(Archive::open(folder.path())) == "unsafe_archive at d");
}

TEST_CASE("archive: a file that is not there, or is none, cannot be read") {
  const TemporaryFolder folder;
  const fs::path missing = folder.path() / "no.tar";
  CHECK(outcome(Archive::open(missing)) == "cannot_read at " + missing.generic_string());
  CHECK(outcome(Archive::open("")) == "cannot_read at ");
  CHECK(outcome(Archive::open(folder.put("empty.tar", ""))) ==
        "not_an_archive at " + (folder.path() / "empty.tar").generic_string());
  ArchiveLimits limits;
  limits.archive_bytes = 3;
  CHECK(outcome(Archive::open(folder.put("a.tar", "1234"), limits)) ==
        "limit_exceeded at " + (folder.path() / "a.tar").generic_string());
}

TEST_CASE("archive: all real archives are read, and hold what their headers say") {
  if (!fs::exists(shared_archives())) {
    MESSAGE("skipped: there is no ../shared/mlf");
    return;
  }
  std::size_t read = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(shared_archives())) {
    if (entry.path().extension() != ".tar") {
      continue;
    }
    CAPTURE(entry.path());
    const std::string bytes = file_text(entry.path());
    const Result<Archive> archive = Archive::open(entry.path());
    REQUIRE(archive);
    ++read;
    // A second reader of the same file: a walk over its headers, which have no extensions.
    std::size_t files = 0;
    for (std::size_t at = 0; at + tar_block <= bytes.size() && bytes[at] != '\0';) {
      const std::string name = bytes.substr(at, bytes.find('\0', at) - at);
      const std::size_t size = std::stoul(bytes.substr(at + 124, 11), nullptr, 8);
      if (bytes[at + 156] == '0') {
        const Archive::Member* const member = archive->find(name.substr(2));
        REQUIRE(member != nullptr);
        CHECK(member->contents.view() == std::string_view(bytes).substr(at + tar_block, size));
        ++files;
      }
      at += tar_block + (size + tar_block - 1) / tar_block * tar_block;
    }
    CHECK(files == archive->members().size());
  }
  CHECK(read > 90);
}
