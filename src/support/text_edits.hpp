// SPDX-License-Identifier: Apache-2.0
// Small edits of a text that stays as it is everywhere else.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stm32tvm {

struct TextEdit {
  std::string_view place;   ///< a part of the text
  std::string replacement;  ///< what stands there instead
};

/// The text with all edits done. Edits do not overlap; their order does not matter.
inline std::string apply_edits(std::string_view text, std::vector<TextEdit> edits) {
  std::sort(edits.begin(), edits.end(),
            [](const TextEdit& a, const TextEdit& b) { return a.place.data() < b.place.data(); });
  std::size_t size = text.size();
  for (const TextEdit& edit : edits) {
    size += edit.replacement.size() - edit.place.size();  // their sum is right, whatever wraps
  }
  std::string edited;
  edited.reserve(size);
  std::size_t done = 0;
  for (const TextEdit& edit : edits) {
    const auto begin = static_cast<std::size_t>(edit.place.data() - text.data());
    edited.append(text.substr(done, begin - done)).append(edit.replacement);
    done = begin + edit.place.size();
  }
  edited.append(text.substr(done));
  return edited;
}

}  // namespace stm32tvm
