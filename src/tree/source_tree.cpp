// SPDX-License-Identifier: Apache-2.0
// SourceTree: checks of paths, and the one place of the library that writes to the disk.
#include "stm32tvm/source_tree.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <ios>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "stm32tvm/bytes.hpp"
#include "stm32tvm/result.hpp"
#include "support/relative_path.hpp"

namespace stm32tvm {
namespace {

namespace fs = std::filesystem;

/// Whether Windows takes the part's name for a device, whatever the letter case and whatever follows a dot.
bool is_reserved_on_windows(std::string_view part) {
  constexpr std::size_t longest_device = 7;
  part = part.substr(0, part.find('.'));
  part = part.substr(0, part.find_last_not_of(' ') + 1);
  if (part.size() > longest_device) {
    return false;
  }
  std::array<char, longest_device> letters{};
  std::transform(part.begin(), part.end(), letters.begin(), folded);
  const std::string_view name(letters.data(), part.size());
  static constexpr std::array<std::string_view, 6> devices{"con", "prn", "aux", "nul", "conin$", "conout$"};
  if (std::find(devices.begin(), devices.end(), name) != devices.end()) {
    return true;
  }
  if (!name.starts_with("com") && !name.starts_with("lpt")) {
    return false;
  }
  const std::string_view number = name.substr(3);
  // Windows reads the superscripts of Latin-1 as digits, too.
  static constexpr std::array<std::string_view, 3> superscripts{"\xc2\xb9", "\xc2\xb2", "\xc2\xb3"};
  return (number.size() == 1 && number[0] >= '1' && number[0] <= '9') ||
         std::find(superscripts.begin(), superscripts.end(), number) != superscripts.end();
}

/// What keeps a file of this path from being written on every system; nothing when it is safe.
const char* portable_fault_of(std::string_view path) {
  if (const char* fault = fault_of(path)) {
    return fault;
  }
  if (path.find_first_of("<>:\"|?*") != std::string_view::npos) {
    return "holds one of < > : \" | ? *";
  }
  for (std::size_t start = 0; start < path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view part = path.substr(start, end - start);
    if (part.back() == '.' || part.back() == ' ') {
      return "has a part that ends in a dot or a space";
    }
    if (is_reserved_on_windows(part)) {
      return "has a part whose name Windows reserves";
    }
    start = end + 1;
  }
  return nullptr;
}

Error cannot_write(std::string message, std::string where) {
  return {ErrorCode::cannot_write, std::move(message), std::move(where)};
}

fs::path native(std::string_view path) {
  return {std::u8string(path.begin(), path.end())};
}

std::string text_of(const fs::path& path) {
  const std::u8string text = path.generic_u8string();
  return {text.begin(), text.end()};
}

/// Refuses what is at `path` unless it is nothing or of the type that is wanted.
Result<void> check_place(const fs::path& path, fs::file_type wanted) {
  std::error_code error;
  const fs::file_type type = fs::symlink_status(path, error).type();
  if (type == wanted || type == fs::file_type::not_found) {
    return {};
  }
  const char* found = "something that is neither a file nor a folder";
  if (type == fs::file_type::symlink) {
    found = "a symbolic link";
  } else if (type == fs::file_type::directory) {
    found = "a folder";
  } else if (type == fs::file_type::regular) {
    found = "a file";
  } else if (type == fs::file_type::none) {
    found = "something that may not be looked at";
  }
  return cannot_write(std::string("there is ") + found + " where a " +
                          (wanted == fs::file_type::directory ? "folder" : "plain file") +
                          " is needed; remove it or write to another folder",
                      text_of(path));
}

/// Checks that each file can be put in its place under `folder` without leaving it.
Result<void> check_places(const fs::path& folder, const SourceTree::Files& files) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error)) {
    return cannot_write("there is something here that is no folder; remove it or give the path of a folder",
                        text_of(folder));
  }
  std::set<std::string_view> checked_folders;
  for (const auto& [path, contents] : files) {
    for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      const std::string_view parent = std::string_view(path).substr(0, slash);
      if (!checked_folders.insert(parent).second) {
        continue;
      }
      if (Result<void> placed = check_place(folder / native(parent), fs::file_type::directory); !placed) {
        return placed;
      }
    }
    if (Result<void> placed = check_place(folder / native(path), fs::file_type::regular); !placed) {
      return placed;
    }
  }
  return {};
}

/// Whether the file at `path` has these bytes.
bool holds(const fs::path& path, const Bytes& contents) {
  std::error_code error;
  if (fs::file_size(path, error) != contents.size() || error) {
    return false;
  }
  std::ifstream file(path, std::ios::binary);
  std::array<char, 1U << 16U> block{};
  std::string_view rest = contents.view();
  while (file && !rest.empty()) {
    const std::size_t count = std::min(block.size(), rest.size());
    file.read(block.data(), static_cast<std::streamsize>(count));
    if (!file || rest.substr(0, count) != std::string_view(block.data(), count)) {
      return false;
    }
    rest.remove_prefix(count);
  }
  return static_cast<bool>(file);
}

struct CloseFile {
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

/// Makes a file that was not there: "x" refuses to open one that is, and so to follow a link.
File make_file(const fs::path& path) {
#ifdef _WIN32
  return File(_wfopen(path.c_str(), L"wbx"));
#else
  return File(std::fopen(path.c_str(), "wbx"));
#endif
}

bool write_all(File file, std::string_view bytes) {
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size();
  return std::fclose(file.release()) == 0 && written;
}

/// Puts the bytes at `path` as a whole: a reader sees the old file or the new one.
Result<void> replace_file(const fs::path& path, const Bytes& contents) {
  constexpr int most_leftovers = 100;
  fs::path temporary;
  File file;
  for (int i = 0; i < most_leftovers && !file; ++i) {
    temporary = path.parent_path() / (".stm32tvm-" + std::to_string(i) + ".tmp");
    file = make_file(temporary);
  }
  if (!file) {
    return cannot_write("no file can be made in this folder; check that you may write to it", text_of(path));
  }
  std::error_code error;
  if (write_all(std::move(file), contents.view())) {
    fs::rename(temporary, path, error);
    if (!error) {
      return {};
    }
  }
  fs::remove(temporary, error);
  return cannot_write("the file could not be written; check the free space and that it may be replaced", text_of(path));
}

}  // namespace

inline namespace v1 {

bool is_safe_relative_path(std::string_view path) noexcept {
  return portable_fault_of(path) == nullptr;
}

}  // namespace v1

Result<void> SourceTree::add(std::string path, Bytes contents) {
  if (const char* fault = portable_fault_of(path)) {
    return Error{ErrorCode::bad_option,
                 std::string("the path ") + fault +
                     ", but a file of a tree needs one that every system can write below "
                     "the tree's folder; give it another",
                 shown(path)};
  }
  const auto taken = [&](const std::string& by) {
    return Error{ErrorCode::bad_option, "the path is taken by \"" + by + "\" of the same tree; give it another", path};
  };
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    if (const auto parent = files_.find(std::string_view(path).substr(0, slash)); parent != files_.end()) {
      return taken(parent->first);
    }
  }
  const std::string as_folder = path + '/';
  if (const auto inside = files_.lower_bound(as_folder);
      inside != files_.end() && inside->first.starts_with(as_folder)) {
    return taken(inside->first);
  }
  if (files_.contains(path)) {
    return taken(path);
  }
  files_.emplace(std::move(path), std::move(contents));
  return {};
}

Result<void> SourceTree::merge(const SourceTree& other) {
  SourceTree merged = *this;  // cheap: the trees share the files' bytes
  for (const auto& [path, contents] : other.files_) {
    const Bytes* const present = merged.find(path);
    if (present != nullptr && *present == contents) {
      continue;
    }
    if (present != nullptr) {
      return Error{ErrorCode::bad_option,
                   "both trees have this file, with different bytes; give one of the two networks another name", path};
    }
    if (Result<void> added = merged.add(path, contents); !added) {
      return added;
    }
  }
  *this = std::move(merged);
  return {};
}

const Bytes* SourceTree::find(std::string_view path) const noexcept {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

Result<SourceTree::Written> SourceTree::write_to(const fs::path& folder) const {
  if (folder.empty()) {
    return Error{ErrorCode::bad_option, "the path of the folder is empty; give \".\" for the current one", ""};
  }
  std::vector<TakenPath> paths;
  paths.reserve(files_.size());
  for (const auto& [path, contents] : files_) {
    paths.push_back({path, false});
  }
  if (const std::optional<PathConflict> found = find_conflict(std::move(paths))) {
    return cannot_write(std::string("this path ") + found->fault + " \"" + std::string(found->first) +
                            "\", which some systems do not tell apart; give one of the two another name",
                        std::string(found->second));
  }
  if (Result<void> placed = check_places(folder, files_); !placed) {
    return std::move(placed).error();
  }
  Written written;
  for (const auto& [path, contents] : files_) {
    const fs::path place = folder / native(path);
    if (holds(place, contents)) {
      ++written.unchanged;
      continue;
    }
    std::error_code error;
    fs::create_directories(place.parent_path(), error);
    if (error) {
      return cannot_write("the folder could not be made; check that you may write here", text_of(place.parent_path()));
    }
    if (Result<void> replaced = replace_file(place, contents); !replaced) {
      return std::move(replaced).error();
    }
    written.changed.push_back(path);
  }
  if (files_.empty()) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
      return cannot_write("the folder could not be made; check that you may write here", text_of(folder));
    }
  }
  return written;
}

}  // namespace stm32tvm
