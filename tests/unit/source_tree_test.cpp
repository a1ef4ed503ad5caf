// SPDX-License-Identifier: Apache-2.0
// Tests of SourceTree: which paths it takes, and that writing it touches what it must and nothing else.
#include "stm32tvm/source_tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;
using stm32tvm::is_safe_relative_path;
using stm32tvm::Result;
using stm32tvm::SourceTree;

/// A folder that is removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    for (int i = 0; path_.empty(); ++i) {
      const fs::path candidate = fs::temp_directory_path() / ("stm32tvm-tree-test-" + std::to_string(i));
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

 private:
  fs::path path_;
};

std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Everything below a folder but the manifest, as "path=text;" with links and folders marked, sorted.
std::string folder_text(const fs::path& folder) {
  std::vector<std::string> lines;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    const std::string path = entry.path().lexically_relative(folder).generic_string();
    if (path == ".stm32tvm-manifest") {
      continue;
    }
    if (entry.is_symlink()) {
      lines.push_back(path + "@;");
    } else if (entry.is_directory()) {
      lines.push_back(path + "/;");
    } else {
      lines.push_back(path + "=" + file_text(entry.path()) + ";");
    }
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) {
    text += line;
  }
  return text;
}

SourceTree tree_of(const std::vector<std::pair<std::string, std::string>>& files) {
  SourceTree tree;
  for (const auto& [path, contents] : files) {
    tree.add(path, contents).value();
  }
  return tree;
}

template <class T>
std::string failure(const Result<T>& result) {
  return result ? "" : std::string(name(result.error().code)) + " at " + result.error().where;
}

}  // namespace

TEST_CASE("source tree: safe paths") {
  for (const char* path : {"a", "a.c", "src/a.c", "a/b/c/d", ".gitignore", "..a", "a..b", "con_1", "console", "com0",
                           "com10", "lpt", "xcon/a", "a b", "gr\xc3\xbcn", "auxiliary.c", "nul_", "COM"}) {
    CAPTURE(std::string(path));
    CHECK(is_safe_relative_path(path));
  }
}

TEST_CASE("source tree: unsafe paths") {
  for (const std::string path :
       {"",           "/",      "/a",      "a/",          "a//b",   ".",    "..",      "./a",       "a/.",
        "a/..",       "a/../b", "../a",    "a\\b",        "C:",     "c:/a", "C:a",     "a:b",       "a\nb",
        "a\tb",       "\x7f",   "a<",      "a>",          "a\"",    "a|b",  "a?",      "*.c",       "a.",
        "a ",         "a./b",   "b /c",    "...",         "con",    "CON",  "Con.txt", "prn",       "AUX.c",
        "aux.tar.gz", "nul",    "NUL.",    "com1",        "COM9.h", "lpt1", "LpT9",    "src/aux.c", "aux/a.c",
        "con .txt",   "conin$", "CONOUT$", "com\xc2\xb9", "\xff",   "a\xc3"}) {
    CAPTURE(path);
    CHECK_FALSE(is_safe_relative_path(path));
  }
  CHECK_FALSE(is_safe_relative_path(std::string_view("a\0b", 3)));
}

TEST_CASE("source tree: files are kept sorted and found by path") {
  const SourceTree tree = tree_of({{"b", "2"}, {"a/c", "3"}, {"a.c", "1"}});
  std::vector<std::string> paths;
  for (const auto& [path, contents] : tree.files()) {
    paths.push_back(path);
  }
  CHECK(paths == std::vector<std::string>{"a.c", "a/c", "b"});
  REQUIRE(tree.find("a/c") != nullptr);
  CHECK(tree.find("a/c")->view() == "3");
  CHECK(tree.find("a") == nullptr);
  CHECK(tree == tree_of({{"a.c", "1"}, {"a/c", "3"}, {"b", "2"}}));
  CHECK_FALSE(tree == tree_of({{"a.c", "1"}, {"a/c", "4"}, {"b", "2"}}));
}

TEST_CASE("source tree: a path is taken once, as a file or as a folder") {
  SourceTree tree = tree_of({{"a/b", ""}, {"c", ""}});
  CHECK(failure(tree.add("a/b", "")) == "bad_option at a/b");
  CHECK(failure(tree.add("a", "")) == "bad_option at a");
  CHECK(failure(tree.add("c/d/e", "")) == "bad_option at c/d/e");
  CHECK(failure(tree.add("../x", "")) == "bad_option at ../x");
  CHECK(failure(tree.add("x\n", "")) == "bad_option at x?");
  CHECK(failure(tree.add("a-b", "")) == "");
  CHECK(tree == tree_of({{"a/b", ""}, {"c", ""}, {"a-b", ""}}));
}

TEST_CASE("source tree: merging takes what is new and what is the same") {
  SourceTree tree = tree_of({{"a", "1"}, {"b", "2"}});
  CHECK(failure(tree.merge(tree_of({{"b", "2"}, {"c", "3"}}))) == "");
  CHECK(tree == tree_of({{"a", "1"}, {"b", "2"}, {"c", "3"}}));
  const SourceTree before = tree;
  CHECK(failure(tree.merge(tree_of({{"0", ""}, {"b", "other"}}))) == "bad_option at b");
  CHECK(failure(tree.merge(tree_of({{"0", ""}, {"c/d", ""}}))) == "bad_option at c/d");
  CHECK(tree == before);
}

TEST_CASE("source tree: writing makes the folder and all files") {
  const TemporaryFolder temporary;
  const fs::path folder = temporary.path() / "new" / "deep";
  const std::string large(200'000, 'x');
  const std::string binary("\0\r\n\xff", 4);
  const SourceTree tree = tree_of({{"b/c/d", binary}, {"a", large}, {"empty", ""}});
  const Result<SourceTree::Written> written = tree.write_to(folder);
  REQUIRE(written);
  CHECK(written->changed == std::vector<std::string>{"a", "b/c/d", "empty"});
  CHECK(written->unchanged == 0);
  CHECK(folder_text(folder) == "a=" + large + ";b/;b/c/;b/c/d=" + binary + ";empty=;");
  REQUIRE(SourceTree{}.write_to(temporary.path() / "none"));
  CHECK(fs::is_directory(temporary.path() / "none"));
}

TEST_CASE("source tree: a file whose bytes are there already is not touched") {
  const TemporaryFolder temporary;
  const std::string large(150'000, 'x');
  REQUIRE(tree_of({{"same", large}, {"d/other", "old"}, {"longer", "1"}}).write_to(temporary.path()));
  std::ofstream(temporary.path() / "foreign") << "mine";
  const fs::file_time_type long_ago = fs::last_write_time(temporary.path() / "same") - std::chrono::hours(48);
  for (const char* path : {"same", "d/other", "longer", "foreign"}) {
    fs::last_write_time(temporary.path() / path, long_ago);
  }
  const Result<SourceTree::Written> written =
      tree_of({{"same", large}, {"d/other", "new"}, {"longer", "12"}}).write_to(temporary.path());
  REQUIRE(written);
  CHECK(written->changed == std::vector<std::string>{"d/other", "longer"});
  CHECK(written->unchanged == 1);
  CHECK(fs::last_write_time(temporary.path() / "same") == long_ago);
  CHECK(fs::last_write_time(temporary.path() / "foreign") == long_ago);
  CHECK(fs::last_write_time(temporary.path() / "d/other") != long_ago);
  CHECK(folder_text(temporary.path()) == "d/;d/other=new;foreign=mine;longer=12;same=" + large + ";");
  std::string last_byte_differs = large;
  last_byte_differs.back() = 'y';
  CHECK(tree_of({{"same", last_byte_differs}}).write_to(temporary.path())->changed.size() == 1);
  CHECK(file_text(temporary.path() / "same") == last_byte_differs);
}

TEST_CASE("source tree: no link inside the folder is followed, and nothing is written when one is there") {
  const TemporaryFolder temporary;
  const fs::path outside = temporary.path() / "outside";
  const fs::path folder = temporary.path() / "folder";
  fs::create_directories(outside);
  fs::create_directories(folder);
  std::ofstream(outside / "file") << "precious";
  const SourceTree tree = tree_of({{"a", "1"}, {"dir/file", "2"}, {"z", "3"}});

  fs::create_directory_symlink(outside, folder / "dir");
  CHECK(failure(tree.write_to(folder)) == "cannot_write at " + (folder / "dir").generic_string());
  CHECK(folder_text(folder) == "dir@;");
  fs::remove(folder / "dir");

  fs::create_symlink(outside / "file", folder / "z");
  CHECK(failure(tree.write_to(folder)) == "cannot_write at " + (folder / "z").generic_string());
  CHECK(folder_text(folder) == "z@;");
  fs::remove(folder / "z");

  fs::create_symlink(outside / "missing", folder / "z");
  CHECK(failure(tree.write_to(folder)) == "cannot_write at " + (folder / "z").generic_string());
  fs::remove(folder / "z");

  // The name of the file that is renamed into place may be a link, too.
  fs::create_symlink(outside / "file", folder / ".stm32tvm-0.tmp");
  REQUIRE(tree.write_to(folder));
  CHECK(folder_text(folder) == ".stm32tvm-0.tmp@;a=1;dir/;dir/file=2;z=3;");
  CHECK(folder_text(outside) == "file=precious;");

  // The folder itself is the caller's own choice.
  fs::create_directory_symlink(folder, temporary.path() / "link");
  CHECK(tree.write_to(temporary.path() / "link")->unchanged == 3);
}

TEST_CASE("source tree: what stands in the way is reported before anything is written") {
  const TemporaryFolder temporary;
  const fs::path& folder = temporary.path();
  fs::create_directories(folder / "z/y");
  CHECK(failure(tree_of({{"a", "1"}, {"z", "2"}}).write_to(folder)) ==
        "cannot_write at " + (folder / "z").generic_string());
  CHECK(folder_text(folder) == "z/;z/y/;");
  std::ofstream(folder / "file") << "x";
  CHECK(failure(tree_of({{"a", "1"}, {"file/b", "2"}}).write_to(folder)) ==
        "cannot_write at " + (folder / "file").generic_string());
  CHECK(failure(tree_of({{"a", "1"}}).write_to(folder / "file")) ==
        "cannot_write at " + (folder / "file").generic_string());
  CHECK(failure(tree_of({{"Read.me", "1"}, {"read.ME", "2"}}).write_to(folder)) == "cannot_write at read.ME");
  CHECK(failure(tree_of({{"a", "1"}}).write_to("")) == "bad_option at ");
  CHECK(folder_text(folder) == "file=x;z/;z/y/;");
  const Result<SourceTree::Written> refused = tree_of({{"z", "2"}}).write_to(folder);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message ==
        "there is a folder where a plain file is needed; remove it or write to another folder");
}

TEST_CASE("source tree: an edited file is refused before anything is written, and replaced when told") {
  const TemporaryFolder temporary;
  const fs::path& folder = temporary.path();
  REQUIRE(tree_of({{"a", "1"}, {"b/c", "1"}, {"old", "1"}}).write_to(folder));
  std::ofstream(folder / "b/c") << "edited";
  std::ofstream(folder / "old") << "edited";
  std::ofstream(folder / "z") << "was here before";
  const SourceTree next = tree_of({{"a", "2"}, {"b/c", "2"}, {"z", "2"}});
  const std::string before = folder_text(folder);
  CHECK(next.edited_in(folder).value() == std::vector<std::string>{"b/c", "z", "old"});
  const Result<SourceTree::Written> refused = next.write_to(folder);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().where == (folder / "b/c").generic_string());
  CHECK(refused.error().message.find("and 2 more") != std::string::npos);
  CHECK(folder_text(folder) == before);

  const Result<SourceTree::Written> written = next.write_to(folder, SourceTree::Edited::replace);
  REQUIRE(written);
  CHECK(written->changed == std::vector<std::string>{"a", "b/c", "z"});
  CHECK(written->removed == std::vector<std::string>{"old"});
  CHECK(folder_text(folder) == "a=2;b/;b/c=2;z=2;");
  CHECK(next.edited_in(folder)->empty());
}

TEST_CASE("source tree: files of an earlier tree go, files of the user stay") {
  const TemporaryFolder temporary;
  const fs::path& folder = temporary.path();
  REQUIRE(tree_of({{"a", "1"}, {"gone/deep/file", "1"}, {"shared/file", "1"}, {"deleted", "1"}}).write_to(folder));
  std::ofstream(folder / "shared/mine") << "mine";
  fs::remove(folder / "deleted");
  const Result<SourceTree::Written> written = tree_of({{"a", "1"}}).write_to(folder);
  REQUIRE(written);
  CHECK(written->removed == std::vector<std::string>{"gone/deep/file", "shared/file"});
  CHECK(folder_text(folder) == "a=1;shared/;shared/mine=mine;");
  // A file that is the user's now, where one was emitted once.
  std::ofstream(folder / "deleted") << "mine";
  REQUIRE(tree_of({{"a", "2"}}).write_to(folder));
  CHECK(folder_text(folder) == "a=2;deleted=mine;shared/;shared/mine=mine;");
}

TEST_CASE("source tree: a first writing that was stopped is taken up again") {
  const TemporaryFolder temporary;
  const fs::path& folder = temporary.path();
  const std::string unfinished(32, '0');
  std::ofstream(folder / ".stm32tvm-manifest") << unfinished << "  a\n"
                                               << unfinished << "  b\n"
                                               << unfinished << "  old\n";
  std::ofstream(folder / "a") << "half of th";
  std::ofstream(folder / "old") << "half of th";
  std::ofstream(folder / "mine") << "mine";
  const SourceTree tree = tree_of({{"a", "half of the bytes"}, {"b", "2"}, {"mine", "3"}});
  // What is no part of the bytes was edited, and of what the tree no longer has nobody knows.
  CHECK(tree.edited_in(folder).value() == std::vector<std::string>{"mine", "old"});
  std::ofstream(folder / "a") << "half of mine";
  CHECK(tree.edited_in(folder).value() == std::vector<std::string>{"a", "mine", "old"});
  std::ofstream(folder / "a") << "half of th";
  fs::remove(folder / "mine");
  fs::remove(folder / "old");
  REQUIRE(tree.write_to(folder));
  CHECK(folder_text(folder) == "a=half of the bytes;b=2;mine=3;");
  CHECK(file_text(folder / ".stm32tvm-manifest").find(unfinished) == std::string::npos);
}

TEST_CASE("source tree: the manifest has a line for each file, and a damaged one is refused") {
  const TemporaryFolder temporary;
  const fs::path manifest = temporary.path() / ".stm32tvm-manifest";
  const SourceTree tree = tree_of({{"b", "abc"}, {"a/empty", ""}});
  REQUIRE(tree.write_to(temporary.path()));
  // The hash of no bytes is in the XXH128 of xxHash's own self test; that of "abc" is what xxh128sum prints.
  CHECK(file_text(manifest) ==
        "99aa06d3014798d86001c324468d497f  a/empty\n"
        "06b05ab6733a618578af5f94892f3950  b\n");
  for (const char* damaged : {"no manifest\n", "99aa06d3014798d86001c324468d497f  ../outside\n",
                              "99aa06d3014798d86001c324468d497f  a/empty"}) {
    std::ofstream(manifest) << damaged;
    CHECK(failure(tree.write_to(temporary.path())) == "cannot_write at " + manifest.generic_string());
  }
  CHECK(failure(SourceTree{}.add(".stm32tvm-manifest", "")) == "bad_option at .stm32tvm-manifest");
}
