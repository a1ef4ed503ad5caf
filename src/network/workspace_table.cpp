// SPDX-License-Identifier: Apache-2.0
// Playing through a kernel's workspace calls.
#include "network/workspace_table.hpp"

#include <algorithm>

namespace stm32tvm {

void WorkspaceTable::take(std::uint64_t bytes, std::uint32_t name, std::uint32_t statement, std::uint32_t block) {
  const auto free_entry = std::find_if(entries_.begin(), entries_.end(),
                                       [&](const Entry& entry) { return entry.bytes == bytes && !entry.taken; });
  const auto index = static_cast<std::uint32_t>(free_entry - entries_.begin());
  if (free_entry != entries_.end()) {
    free_entry->taken = true;
  } else if (entries_.size() <= kMaximumEntries) {
    entries_.push_back({bytes, true});
  }
  interleaved_ = interleaved_ || gave_ || block != 0;
  open_sites_.push_back(static_cast<std::uint32_t>(sites_.size()));
  sites_.push_back({bytes, name, statement, statement, block, index});
  // More sites are open than the table may have entries: there is nothing left to find out.
  if (open_sites_.size() > kMaximumEntries) {
    open_sites_.erase(open_sites_.begin());
    irregular_ = true;
  }
}

void WorkspaceTable::give(std::uint32_t name, std::uint32_t statement, std::uint32_t block) {
  gave_ = true;
  const auto open = std::find_if(open_sites_.rbegin(), open_sites_.rend(),
                                 [&](std::uint32_t site) { return sites_[site].name == name; });
  if (open == open_sites_.rend() || sites_[*open].block != block) {
    irregular_ = true;
    return;
  }
  WorkspaceSite& site = sites_[*open];
  site.freed = statement;
  if (site.entry < entries_.size()) {
    entries_[site.entry].taken = false;
  }
  open_sites_.erase(std::next(open).base());
}

void WorkspaceTable::finish(std::uint32_t last_statement, bool has_jump) {
  for (const std::uint32_t open : open_sites_) {
    sites_[open].freed = last_statement;
    irregular_ = irregular_ || sites_[open].block != 0;
  }
  const bool nested =
      std::any_of(sites_.begin(), sites_.end(), [](const WorkspaceSite& site) { return site.block != 0; });
  irregular_ = irregular_ || (nested && has_jump);
  if (irregular_) {
    for (std::size_t i = 0; i < sites_.size(); ++i) {
      sites_[i].entry = static_cast<std::uint32_t>(i);
    }
  }
}

std::optional<StatementSpan> WorkspaceTable::required_span(const WorkspaceSite& site) const {
  return interleaved_ ? std::optional(StatementSpan{site.statement, site.freed}) : std::nullopt;
}

}  // namespace stm32tvm
