// SPDX-License-Identifier: Apache-2.0
// SourceTree::write_to(): the one place of the library that writes to the disk.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
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
#include "stm32tvm/source_tree.hpp"
#include "support/relative_path.hpp"
#include "support/try.hpp"
#include "tree/manifest.hpp"

namespace stm32tvm {
namespace {

namespace fs = std::filesystem;

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

/// Whether the file at `path` has the first of these bytes, or all.
bool begins(const fs::path& path, std::string_view contents) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 1U << 16U> block{};
  while (file && file.peek() != std::ifstream::traits_type::eof()) {
    file.read(block.data(), block.size());
    const std::string_view read(block.data(), static_cast<std::size_t>(file.gcount()));
    if (!contents.starts_with(read)) {
      return false;
    }
    contents.remove_prefix(read.size());
  }
  return file.eof();
}

/// Whether the file at `path` has these bytes.
bool holds(const fs::path& path, const Bytes& contents) {
  std::error_code error;
  return fs::file_size(path, error) == contents.size() && !error && begins(path, contents.view());
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
  static_cast<void>(std::setvbuf(file.get(), nullptr, _IONBF, 0));  // the bytes lie there as a whole
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size();
  return std::fclose(file.release()) == 0 && written;
}

Error not_written(const fs::path& path) {
  return cannot_write("the file could not be written; check the free space and that it may be replaced", text_of(path));
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
  return not_written(path);
}

/// Makes a file in a new folder; one that came there meanwhile is replaced as a whole.
Result<void> create_file(const fs::path& path, const Bytes& contents) {
  File file = make_file(path);
  if (!file) {
    return replace_file(path, contents);
  }
  if (write_all(std::move(file), contents.view())) {
    return {};
  }
  std::error_code error;
  fs::remove(path, error);
  return not_written(path);
}

/// The manifest of the folder, empty where there is none.
Result<Manifest> read_manifest(const fs::path& folder) {
  const fs::path path = folder / native(manifest_path);
  STM32TVM_CHECK(check_place(path, fs::file_type::regular));
  std::ifstream file(path, std::ios::binary);
  const std::string text = file ? std::string(std::istreambuf_iterator<char>(file), {}) : std::string();
  auto manifest = Manifest::parse(text);
  if (!manifest) {
    return cannot_write(manifest.error().message, text_of(path));
  }
  return manifest;
}

bool is_plain_file(const fs::path& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() == fs::file_type::regular;
}

/// Whether there is no folder, or an empty one.
bool is_fresh(const fs::path& folder) {
  std::error_code error;
  const fs::file_type type = fs::status(folder, error).type();
  return type == fs::file_type::not_found ||
         (type == fs::file_type::directory && fs::is_empty(folder, error) && !error);
}

/// What writing a tree to a folder comes to.
struct Changes {
  Manifest before;
  Manifest after;
  std::vector<std::string> write;
  std::vector<std::string> remove;
  std::vector<std::string> edited;  ///< of both: not as they were written, or never written
  std::size_t unchanged = 0;
  bool fresh = false;  ///< there was no folder, or an empty one
};

Result<Changes> find_changes(const fs::path& folder, const SourceTree::Files& files) {
  if (folder.empty()) {
    return Error{ErrorCode::bad_option, "the path of the folder is empty; give \".\" for the current one", ""};
  }
  std::vector<TakenPath> paths;
  paths.reserve(files.size());
  for (const auto& [path, contents] : files) {
    paths.push_back({path, false});
  }
  if (const std::optional<PathConflict> found = find_conflict(std::move(paths))) {
    return cannot_write(std::string("this path ") + found->fault + " \"" + std::string(found->first) +
                            "\", which some systems do not tell apart; give one of the two another name",
                        std::string(found->second));
  }
  if (is_fresh(folder)) {
    Changes all;
    all.fresh = true;
    all.before = Manifest::unfinished(files);
    all.after = Manifest::of(files);
    std::ranges::transform(files, std::back_inserter(all.write), [](const auto& file) { return file.first; });
    return all;
  }
  STM32TVM_CHECK(check_places(folder, files));
  STM32TVM_TRY(before, read_manifest(folder));
  Changes changes{.before = before, .after = Manifest::of(files), .write = {}, .remove = {}, .edited = {}};
  const auto is_as_written = [&](const std::string& path) {
    const auto hash = hash_of_file(folder / native(path));
    return hash && before.has(path, *hash);
  };
  for (const auto& [path, contents] : files) {
    const fs::path place = folder / native(path);
    if (holds(place, contents)) {
      ++changes.unchanged;
      continue;
    }
    changes.write.push_back(path);
    const bool is_part = before.is_unfinished(path) && begins(place, contents.view());
    if (is_plain_file(place) && !is_part && !is_as_written(path)) {
      changes.edited.push_back(path);
    }
  }
  for (const auto& [path, hash] : before.entries()) {
    const bool is_listed = !changes.remove.empty() && changes.remove.back() == path;
    if (files.contains(path) || is_listed || !is_plain_file(folder / native(path))) {
      continue;
    }
    STM32TVM_CHECK(check_places(folder, {{path, {}}}));
    changes.remove.push_back(path);
    if (!is_as_written(path)) {
      changes.edited.push_back(path);
    }
  }
  return changes;
}

/// Removes a file, and the folders above it that are empty then.
Result<void> remove_file(const fs::path& folder, const std::string& path) {
  std::error_code error;
  if (!fs::remove(folder / native(path), error) && error) {
    return cannot_write("the file is no longer part of the tree and could not be removed; remove it yourself",
                        text_of(folder / native(path)));
  }
  for (std::string parent = path; parent.find('/') != std::string::npos && !error;) {
    parent.resize(parent.rfind('/'));
    fs::remove(folder / native(parent), error);  // refuses a folder that holds something
  }
  return {};
}

Result<void> make_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  return error ? Result<void>(
                     cannot_write("the folder could not be made; check that you may write here", text_of(folder)))
               : Result<void>();
}

Result<void> write_manifest(const fs::path& folder, const Manifest& manifest) {
  const fs::path place = folder / native(manifest_path);
  const std::string text = manifest.text();
  return holds(place, text) ? Result<void>() : replace_file(place, text);
}

}  // namespace

Result<std::vector<std::string>> SourceTree::edited_in(const fs::path& folder) const {
  STM32TVM_TRY(changes, find_changes(folder, files_));
  return std::move(changes.edited);
}

Result<SourceTree::Written> SourceTree::write_to(const fs::path& folder, Edited edited) const {
  STM32TVM_TRY(changes, find_changes(folder, files_));
  if (edited == Edited::refuse && !changes.edited.empty()) {
    const std::size_t more = changes.edited.size() - 1;
    return cannot_write("this file " + (more == 0 ? std::string() : "(and " + std::to_string(more) + " more) ") +
                            "is not as it was emitted; keep your changes elsewhere and remove it, or replace edited "
                            "files (--force)",
                        text_of(folder / native(changes.edited.front())));
  }
  STM32TVM_CHECK(make_folders(folder));
  // Whatever stops the work half-way, the next emission finds every file in the manifest.
  if (!changes.write.empty() || !changes.remove.empty()) {
    STM32TVM_CHECK(write_manifest(folder, changes.before.with(changes.after)));
  }
  for (const std::string& path : changes.remove) {
    STM32TVM_CHECK(remove_file(folder, path));
  }
  fs::path made;
  for (const std::string& path : changes.write) {
    const fs::path place = folder / native(path);
    if (fs::path parent = place.parent_path(); parent != made) {
      STM32TVM_CHECK(make_folders(parent));
      made = std::move(parent);
    }
    const Bytes& contents = files_.at(path);
    STM32TVM_CHECK(changes.fresh ? create_file(place, contents) : replace_file(place, contents));
  }
  STM32TVM_CHECK(write_manifest(folder, changes.after));
  return Written{std::move(changes.write), std::move(changes.remove), changes.unchanged};
}

}  // namespace stm32tvm
