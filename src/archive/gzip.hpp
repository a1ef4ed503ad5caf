// SPDX-License-Identifier: Apache-2.0
// The check of a gzip file's contents, which libarchive leaves out.
#pragma once

#include <string_view>

namespace stm32tvm {

/// Whether the length and the CRC-32 at the end of a gzip file (RFC 1952) are those of its contents. Zeros may follow
/// them. A file of several gzip members is taken for whole: its end speaks of the last one alone.
bool gzip_is_whole(std::string_view file, std::string_view contents) noexcept;

}  // namespace stm32tvm
