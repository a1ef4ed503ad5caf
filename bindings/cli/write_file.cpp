// SPDX-License-Identifier: Apache-2.0
#include "write_file.hpp"

#include <fstream>
#include <system_error>

namespace stm32tvm::cli {

namespace fs = std::filesystem;

Result<void> write_file(const fs::path& path, std::string_view text) {
  std::error_code error;
  const bool is_device = fs::is_other(path, error);  // such as /dev/stdout: not to be replaced
  // What a link leads to is written, not the link, unless it leads nowhere.
  const fs::path place = is_device ? path : fs::weakly_canonical(path, error);
  fs::path part = error ? path : place;
  part += is_device ? "" : ".part";
  std::ofstream file(part, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file && !is_device) {
    fs::rename(part, place, error);
  }
  if (file && !error) {
    return {};
  }
  if (!is_device) {
    fs::remove(part, error);
  }
  return Error{ErrorCode::cannot_write,
               "the file cannot be written; check its folder, its permissions and the free space", path.string()};
}

}  // namespace stm32tvm::cli
