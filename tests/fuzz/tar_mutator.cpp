// SPDX-License-Identifier: Apache-2.0
// Mutates one member of a tar file and packs the file again, so that a change does not end at a header's checksum.
#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "stm32tvm/archive.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using stm32tvm::Archive;

/// The members as a ustar file in `data`; 0 when they do not fit.
std::size_t pack(const std::vector<std::pair<std::string, std::string>>& members, std::uint8_t* data,
                 std::size_t max_size) {
  const std::unique_ptr<struct archive, int (*)(struct archive*)> writer(archive_write_new(), archive_write_free);
  std::size_t used = 0;
  archive_write_set_format_ustar(writer.get());
  archive_write_set_bytes_in_last_block(writer.get(), 1);
  archive_write_open_memory(writer.get(), data, max_size, &used);
  for (const auto& [path, contents] : members) {
    const std::unique_ptr<struct archive_entry, void (*)(struct archive_entry*)> entry(archive_entry_new(),
                                                                                       archive_entry_free);
    archive_entry_set_pathname(entry.get(), path.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(contents.size()));
    if (archive_write_header(writer.get(), entry.get()) != ARCHIVE_OK ||
        archive_write_data(writer.get(), contents.data(), contents.size()) !=
            static_cast<la_ssize_t>(contents.size())) {
      return 0;
    }
  }
  return archive_write_close(writer.get()) == ARCHIVE_OK ? used : 0;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
  constexpr unsigned plain_mutations = 16;  // one in so many
  const auto archive = Archive::from_bytes(stm32tvm::Bytes(std::string(reinterpret_cast<const char*>(data), size)));
  if (seed % plain_mutations == 0 || !archive || archive->members().empty()) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  std::vector<std::pair<std::string, std::string>> members;
  for (const Archive::Member& member : archive->members()) {
    members.emplace_back(member.path, member.contents.view());
  }
  std::string& chosen = members[seed / plain_mutations % members.size()].second;
  const std::size_t room = chosen.size() + 1024;
  std::vector<std::uint8_t> mutated(room);
  std::copy(chosen.begin(), chosen.end(), mutated.begin());
  mutated.resize(LLVMFuzzerMutate(mutated.data(), chosen.size(), room));
  chosen.assign(mutated.begin(), mutated.end());
  const std::size_t packed = pack(members, data, max_size);
  return packed != 0 ? packed : LLVMFuzzerMutate(data, size, max_size);
}
