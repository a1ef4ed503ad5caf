// SPDX-License-Identifier: Apache-2.0
// Runs a fuzzer's function on the files that a list names, one a line; without any it fails, because then nothing was
// run. Says which file it was at when one did harm.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  std::ifstream list(argc == 2 ? argv[1] : "");
  int files = 0;
  for (std::string path; std::getline(list, path); ++files) {
    std::ifstream file(path, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    if (!file) {
      std::fprintf(stderr, "cannot read %s\n", path.c_str());
      return 1;
    }
    std::fprintf(stderr, "%s\n", path.c_str());
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
  std::printf("%d files replayed\n", files);
  return files > 0 ? 0 : 1;
}
