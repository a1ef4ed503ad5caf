// SPDX-License-Identifier: Apache-2.0
#include "support/read_file.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

namespace stm32tvm {

Result<Bytes> read_file(const std::filesystem::path& path) {
  std::error_code error;
  // A folder opens like a file, and throws when it is read.
  if (std::filesystem::is_directory(path, error)) {
    return Error{ErrorCode::cannot_read, "this is a folder; name a file", path.string()};
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return Error{ErrorCode::cannot_read, "the file cannot be opened; check its path and permissions", path.string()};
  }
  return Bytes(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace stm32tvm
