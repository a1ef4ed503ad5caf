// SPDX-License-Identifier: Apache-2.0
// The table from which the device runtime serves a kernel's workspaces, found by playing through its calls.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stm32tvm/network_descriptor.hpp"

namespace stm32tvm {

/// One call of TVMBackendAllocWorkspace.
struct WorkspaceSite {
  std::uint64_t bytes = 0;
  std::uint32_t name = 0;       ///< the variable that takes it
  std::uint32_t statement = 0;  ///< top-level statement of the call
  std::uint32_t freed = 0;      ///< top-level statement of the free; the kernel's last one when there is none
  std::uint32_t block = 0;
  std::uint32_t entry = 0;
};

/// Plays the calls in the order of the text, as the runtime will: an allocation takes the first free entry of exactly
/// its size. As each block frees what it takes, a loop's rounds all find the table as the first one did.
class WorkspaceTable {
 public:
  static constexpr std::size_t kMaximumEntries = 32;

  void take(std::uint64_t bytes, std::uint32_t name, std::uint32_t statement, std::uint32_t block);
  void give(std::uint32_t name, std::uint32_t statement, std::uint32_t block);

  /// Something about the calls cannot be followed: each site then gets an entry of its own.
  void set_irregular() noexcept { irregular_ = true; }

  /// To be called when all calls are played.
  void finish(std::uint32_t last_statement, bool has_jump);

  [[nodiscard]] bool irregular() const noexcept { return irregular_; }
  [[nodiscard]] const std::vector<WorkspaceSite>& sites() const noexcept { return sites_; }
  [[nodiscard]] std::size_t entry_count() const noexcept { return irregular_ ? sites_.size() : entries_.size(); }

  /// What a site's span must hold beside its uses. The runtime finds a freed entry by its address, so two entries that
  /// are handed out at the same time must not share one when an allocation may follow the free.
  [[nodiscard]] std::optional<StatementSpan> required_span(const WorkspaceSite& site) const;

 private:
  struct Entry {
    std::uint64_t bytes = 0;
    bool taken = false;
  };
  std::vector<WorkspaceSite> sites_;
  std::vector<Entry> entries_;             ///< no more than one over the maximum
  std::vector<std::uint32_t> open_sites_;  ///< neither freed nor out of sight
  bool irregular_ = false;
  bool gave_ = false;
  bool interleaved_ = false;  ///< an allocation may follow a free
};

}  // namespace stm32tvm
