# SPDX-License-Identifier: Apache-2.0
# Writes file INPUT as a C++ array into OUTPUT; INDEX makes its name. Run by stm32tvm_embed_files().
file(READ "${INPUT}" bytes HEX)
file(SIZE "${INPUT}" size)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE "${OUTPUT}" "#include <cstddef>
namespace stm32tvm::embedded {
extern const unsigned char file_${INDEX}[];
extern const std::size_t file_${INDEX}_size;
const unsigned char file_${INDEX}[] = {${bytes}0};
const std::size_t file_${INDEX}_size = ${size};
}
")
