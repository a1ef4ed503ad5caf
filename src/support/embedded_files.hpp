// SPDX-License-Identifier: Apache-2.0
// The files that are compiled into the library: runtime_c, the templates and the table of boards.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace stm32tvm::embedded {

struct Row {
  const char* path;  ///< relative to the repository, '/' between its parts
  const unsigned char* data;
  const std::size_t* size;
};

/// Sorted by path; made by cmake/EmbedFiles.cmake.
extern const Row table[];
extern const std::size_t table_size;

/// The file's text; empty when there is no such file. It lives as long as the program.
inline std::string_view file(std::string_view path) noexcept {
  const Row* const end = table + table_size;
  const Row* const row = std::find_if(table, end, [&](const Row& candidate) { return candidate.path == path; });
  return row == end ? std::string_view{} : std::string_view(reinterpret_cast<const char*>(row->data), *row->size);
}

}  // namespace stm32tvm::embedded
