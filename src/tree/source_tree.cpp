// SPDX-License-Identifier: Apache-2.0
// SourceTree: which paths it takes, adding and merging.
#include "stm32tvm/source_tree.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "stm32tvm/bytes.hpp"
#include "stm32tvm/result.hpp"
#include "support/relative_path.hpp"
#include "tree/manifest.hpp"

namespace stm32tvm {
namespace {

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
  if (path == manifest_path) {
    return "is that of the list of emitted files";
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

}  // namespace stm32tvm
