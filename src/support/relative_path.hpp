// SPDX-License-Identifier: Apache-2.0
// Relative paths from untrusted places: what makes one unsafe, and which cannot stand side by side in one folder.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stm32tvm/result.hpp"

namespace stm32tvm {

/// A text from outside, fit to be shown: no control characters, and not endless.
inline std::string shown(std::string_view text) {
  constexpr std::size_t longest = 200;
  std::string result(text.substr(0, longest));
  std::replace_if(
      result.begin(), result.end(), [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
  return text.size() > longest ? result + "..." : result;
}

/// An error whose texts are fit to be shown; messages may be longer than names.
inline Error shown(Error error) {
  for (std::string* text : {&error.message, &error.where}) {
    std::replace_if(
        text->begin(), text->end(), [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
  }
  return error;
}

/// Length of the UTF-8 sequence that the text starts with; 0 when it is none.
inline std::size_t utf8_sequence(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = at(0);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xc2 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
  if (length == 0 || length > text.size()) {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0U) != 0x80U) {
      return 0;
    }
  }
  const bool overlong = (lead == 0xe0 && at(1) < 0xa0) || (lead == 0xf0 && at(1) < 0x90);
  const bool surrogate = lead == 0xed && at(1) > 0x9f;
  const bool beyond_unicode = lead == 0xf4 && at(1) > 0x8f;
  return overlong || surrogate || beyond_unicode ? 0 : length;
}

inline bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

/// Letter case of ASCII only: what a file system makes of other letters differs from one to the next.
inline char folded(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// What is wrong with a relative path; nothing when it is safe.
inline const char* fault_of(std::string_view path) {
  if (path.empty()) {
    return "is empty";
  }
  if (path.front() == '/') {
    return "is absolute";
  }
  if (path.size() > 1 && path[1] == ':' && folded(path[0]) >= 'a' && folded(path[0]) <= 'z') {
    return "starts with a drive letter";
  }
  if (std::any_of(path.begin(), path.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    return "holds a control character";
  }
  if (path.find('\\') != std::string_view::npos) {
    return "holds a backslash";
  }
  if (!is_utf8(path)) {
    return "is not UTF-8";
  }
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view part = path.substr(start, end - start);
    if (part.empty()) {
      return "has an empty part";
    }
    if (part == "." || part == "..") {
      return "has a '.' or '..' in it";
    }
    start = end + 1;
  }
  return nullptr;
}

/// A path that is taken: a member's, or a folder's that the archive lists.
struct TakenPath {
  std::string_view path;
  bool folder = false;
};

/// Order of paths without letter case, in which all that a folder holds follows it at once.
inline bool before(const TakenPath& a, const TakenPath& b) {
  const auto key = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(folded(c)); };
  const auto less = [&](char x, char y) { return key(x) < key(y); };
  if (std::lexicographical_compare(a.path.begin(), a.path.end(), b.path.begin(), b.path.end(), less)) {
    return true;
  }
  if (std::lexicographical_compare(b.path.begin(), b.path.end(), a.path.begin(), a.path.end(), less)) {
    return false;
  }
  return a.path != b.path ? a.path < b.path : !a.folder && b.folder;
}

/// What is wrong with two paths of which `b` follows `a` in the order of before().
inline const char* conflict(const TakenPath& a, const TakenPath& b) {
  const auto difference = std::mismatch(a.path.begin(), a.path.end(), b.path.begin(), b.path.end());
  const auto folded_difference = std::mismatch(a.path.begin(), a.path.end(), b.path.begin(), b.path.end(),
                                               [](char x, char y) { return folded(x) == folded(y); });
  const bool a_ends = folded_difference.first == a.path.end();
  const bool b_ends = folded_difference.second == b.path.end();
  const bool b_inside_a = a_ends && !b_ends && *folded_difference.second == '/';
  // The parts that both have, letter case aside, must be the same with it.
  std::string_view::const_iterator end_of_common = folded_difference.first;
  if (!(a_ends && b_ends) && !b_inside_a) {
    end_of_common = std::find(std::make_reverse_iterator(end_of_common), a.path.rend(), '/').base();
  }
  if (difference.first < end_of_common) {
    return "differs only in letter case from a path of";
  }
  if ((a_ends && b_ends && !(a.folder && b.folder)) || (b_inside_a && !a.folder)) {
    return "is taken twice, once by";
  }
  return nullptr;
}

/// Two paths of which only one can be there.
struct PathConflict {
  std::string_view first;
  std::string_view second;
  const char* fault;  ///< to stand between the two: "`second` differs only in letter case from a path of `first`"
};

/// The first conflict among some paths, in the order of before(); the cost is that of sorting them.
inline std::optional<PathConflict> find_conflict(std::vector<TakenPath> paths) {
  std::sort(paths.begin(), paths.end(), before);
  for (std::size_t i = 1; i < paths.size(); ++i) {
    if (const char* fault = conflict(paths[i - 1], paths[i])) {
      return PathConflict{paths[i - 1].path, paths[i].path, fault};
    }
  }
  return std::nullopt;
}

}  // namespace stm32tvm
