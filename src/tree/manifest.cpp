// SPDX-License-Identifier: Apache-2.0
// Lines "<XXH128>  <path>", sorted by path.
#include "tree/manifest.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <ios>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "stm32tvm/result.hpp"

namespace stm32tvm {
namespace {

std::string hexadecimal(XXH128_hash_t hash) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  std::string text;
  for (const unsigned char byte : canonical.digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    text += digits[byte >> 4U];
    text += digits[byte & 0xfU];
  }
  return text;
}

constexpr std::size_t hash_characters = 2 * sizeof(XXH128_canonical_t);
constexpr std::string_view separator = "  ";

/// Of a file that may not be complete.
constexpr std::string_view unfinished_hash = "00000000000000000000000000000000";
static_assert(unfinished_hash.size() == hash_characters);

}  // namespace

std::string hash_of(std::string_view bytes) {
  return hexadecimal(XXH3_128bits(bytes.data(), bytes.size()));
}

std::optional<std::string> hash_of_file(const std::filesystem::path& path) {
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  const std::unique_ptr<XXH3_state_t, Free> state(XXH3_createState());
  std::ifstream file(path, std::ios::binary);
  if (!state || !file) {
    return std::nullopt;
  }
  XXH3_128bits_reset(state.get());
  std::array<char, 1U << 16U> block{};
  while (file) {
    file.read(block.data(), block.size());
    XXH3_128bits_update(state.get(), block.data(), static_cast<std::size_t>(file.gcount()));
  }
  return file.eof() ? std::optional(hexadecimal(XXH3_128bits_digest(state.get()))) : std::nullopt;
}

Manifest Manifest::of(const SourceTree::Files& files) {
  Manifest manifest;
  for (const auto& [path, contents] : files) {
    manifest.entries_.emplace(path, hash_of(contents.view()));
  }
  return manifest;
}

Manifest Manifest::unfinished(const SourceTree::Files& files) {
  Manifest manifest;
  for (const auto& [path, contents] : files) {
    manifest.entries_.emplace(path, unfinished_hash);
  }
  return manifest;
}

Result<Manifest> Manifest::parse(std::string_view text) {
  Manifest manifest;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    const bool is_entry = end != std::string_view::npos && line.size() > hash_characters + separator.size() &&
                          line.substr(hash_characters, separator.size()) == separator &&
                          line.substr(0, hash_characters).find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!is_entry || !is_safe_relative_path(line.substr(hash_characters + separator.size()))) {
      return Error{ErrorCode::cannot_write,
                   "this list of emitted files is damaged, so edited files cannot be told from others; remove it and "
                   "write to the folder with edited files replaced, or write to another folder",
                   {}};
    }
    manifest.entries_.emplace(line.substr(hash_characters + separator.size()), line.substr(0, hash_characters));
    text.remove_prefix(end + 1);
  }
  return manifest;
}

bool Manifest::is_unfinished(const std::string& path) const {
  return has(path, std::string(unfinished_hash));
}

Manifest Manifest::with(const Manifest& other) const {
  Manifest both = *this;
  both.entries_.insert(other.entries_.begin(), other.entries_.end());
  return both;
}

std::string Manifest::text() const {
  std::string text;
  for (const auto& [path, hash] : entries_) {
    text += hash;
    text += separator;
    text += path;
    text += '\n';
  }
  return text;
}

}  // namespace stm32tvm
