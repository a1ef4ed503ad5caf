// SPDX-License-Identifier: Apache-2.0
// Packing: greedy orders first, then a bounded search that moves up the buffer that did not fit.
#include "plan/packing.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "stm32tvm/memory_plan.hpp"

namespace stm32tvm {
namespace {

constexpr std::uint64_t no_limit = UINT64_MAX;
constexpr std::uint32_t not_placed = UINT32_MAX;  ///< in place of a pool

/// How much is tried before the best is good enough: looks at a placed buffer, and attempts. Counts, not time: the same
/// plan comes out on every machine.
constexpr std::uint64_t look_budget = 24'000'000;
constexpr std::size_t attempt_budget = 4'000;

/// With more buffers, one attempt alone might spend the budget.
constexpr std::size_t attempt_buffers = 6'000;

using Order = std::vector<std::uint32_t>;  ///< indices of buffers, the first to be placed in front

/// A buffer that has its place, as the search for gaps wants it.
struct Block {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  Lifetime lifetime;
};

/// Which of the gaps that are large enough a buffer takes.
enum class Fit { first, smallest };

/// Where a buffer can go, and how many blocks were looked at to find out.
struct Gap {
  std::uint64_t offset = 0;
  std::size_t looks = 0;
};

std::uint64_t aligned(std::uint64_t offset, std::uint64_t alignment) {
  return (offset + alignment - 1) & ~(alignment - 1);
}

/// A place at which the buffer meets none of the blocks that share a step with it. The blocks are sorted by their
/// begin.
Gap find_gap(const std::vector<Block>& blocks, const PackingBuffer& buffer, Fit fit) {
  std::optional<std::uint64_t> chosen;
  std::uint64_t chosen_bytes = no_limit;
  std::uint64_t offset = 0;  // of the gap in hand
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const Block& block = blocks[i];
    // A block at another time counts as one that ends at 0: cheaper than a jump that nothing foresees.
    const std::uint64_t end = block.lifetime.overlaps(buffer.lifetime) ? aligned(block.end, buffer.alignment) : 0;
    if (end > block.begin && block.begin >= offset + buffer.bytes && block.begin - offset < chosen_bytes) {
      chosen = offset;
      chosen_bytes = block.begin - offset;
      if (fit == Fit::first) {
        return {offset, i + 1};
      }
    }
    offset = std::max(offset, end);
  }
  return {chosen.value_or(offset), blocks.size()};
}

/// What the pools come to when they are filled in turn and nothing is lost between buffers: no packing is better.
std::vector<std::uint64_t> ideal_bytes(std::uint64_t live_bytes, std::span<const std::uint64_t> limits) {
  std::vector<std::uint64_t> ideal;
  for (const std::uint64_t limit : limits) {
    ideal.push_back(std::min(live_bytes, limit));
    live_bytes -= ideal.back();
  }
  return ideal;
}

/// What a block forbids a buffer: to start at a place between these, ends not included.
struct Bar {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

/// Places buffers order after order and keeps the best outcome.
class Packer {
 public:
  Packer(std::span<const PackingBuffer> buffers, std::span<const PackingHandover> handovers,
         std::vector<std::uint64_t> limits, std::vector<std::uint64_t> ideal)
      : buffers_(buffers),
        limits_(std::move(limits)),
        ideal_(std::move(ideal)),
        blocks_(limits_.size()),
        ties_(handovers.empty() ? 0 : buffers.size()) {
    for (const PackingHandover& handover : handovers) {
      ties_[handover.from].push_back(handover);
      ties_[handover.to].push_back(handover);
    }
  }

  /// Places the buffers in this order. Keeps the outcome when it is better than all before. Otherwise returns the
  /// position of the buffer that fits nowhere if the outcome is to be better.
  std::optional<std::size_t> attempt(const Order& order, Fit fit);

  /// Whether there is no sense in another attempt: the best cannot be bettered, or the budget is spent.
  [[nodiscard]] bool done() const {
    return best_.pool_bytes == ideal_ || looks_ > look_budget || attempts_ >= attempt_budget;
  }

  [[nodiscard]] const Packing& best() const { return best_; }

 private:
  bool place(std::uint32_t index, Fit fit);
  [[nodiscard]] Gap find_tied_gap(std::uint32_t pool, std::uint32_t index, Fit fit) const;
  [[nodiscard]] Bar bar_of(std::uint32_t pool, const Block& block, std::uint32_t index) const;
  void keep();

  std::span<const PackingBuffer> buffers_;
  std::vector<std::uint64_t> limits_;  ///< what the next attempt must stay within to be better than best_
  std::vector<std::uint64_t> ideal_;
  std::vector<std::vector<Block>> blocks_;          ///< by pool, sorted by begin
  std::vector<std::vector<PackingHandover>> ties_;  ///< by buffer; empty when there are none at all
  Packing current_;
  Packing best_;
  std::uint64_t looks_ = 0;
  std::size_t attempts_ = 0;
};

std::optional<std::size_t> Packer::attempt(const Order& order, Fit fit) {
  ++attempts_;
  current_.places.assign(buffers_.size(), {not_placed, 0});
  current_.pool_bytes.assign(limits_.size(), 0);
  for (std::vector<Block>& blocks : blocks_) {
    blocks.clear();
  }
  for (std::size_t position = 0; position < order.size(); ++position) {
    if (!place(order[position], fit)) {
      return position;
    }
  }
  keep();
  return std::nullopt;
}

bool Packer::place(std::uint32_t index, Fit fit) {
  const PackingBuffer& buffer = buffers_[index];
  for (std::uint32_t pool = 0; pool < limits_.size(); ++pool) {
    std::vector<Block>& blocks = blocks_[pool];
    const bool tied = !ties_.empty() && !ties_[index].empty();
    const Gap gap = tied ? find_tied_gap(pool, index, fit) : find_gap(blocks, buffer, fit);
    looks_ += gap.looks;
    const Block block{gap.offset, gap.offset + buffer.bytes, buffer.lifetime};
    if (block.end <= limits_[pool]) {
      blocks.insert(std::upper_bound(blocks.begin(), blocks.end(), block.begin,
                                     [](std::uint64_t begin, const Block& other) { return begin < other.begin; }),
                    block);
      current_.places[index] = {pool, block.begin};
      current_.pool_bytes[pool] = std::max(current_.pool_bytes[pool], block.end);
      return true;
    }
  }
  return false;
}

/// What the block forbids the buffer, which it meets: less where one hands over to the other.
Bar Packer::bar_of(std::uint32_t pool, const Block& block, std::uint32_t index) const {
  const auto begin = static_cast<std::int64_t>(block.begin);
  Bar bar{begin - static_cast<std::int64_t>(buffers_[index].bytes), static_cast<std::int64_t>(block.end)};
  for (const PackingHandover& tie : ties_[index]) {
    const std::uint32_t other = tie.from == index ? tie.to : tie.from;
    const PackingPlace& place = current_.places[other];
    // No two blocks with the same begin have the same lifetime.
    if (place.pool != pool || place.offset != block.begin || buffers_[other].lifetime != block.lifetime) {
      continue;
    }
    const auto lead = static_cast<std::int64_t>(tie.lead);
    if (tie.from == index) {
      bar.high = std::min(bar.high, begin + lead);
    } else {
      bar.low = std::max(bar.low, begin - lead);
    }
  }
  return bar;
}

/// As find_gap(), for a buffer that may overlap some of the blocks.
Gap Packer::find_tied_gap(std::uint32_t pool, std::uint32_t index, Fit fit) const {
  std::vector<Bar> bars;
  for (const Block& block : blocks_[pool]) {
    if (block.lifetime.overlaps(buffers_[index].lifetime)) {
      bars.push_back(bar_of(pool, block, index));
    }
  }
  std::ranges::sort(bars, {}, &Bar::low);
  std::optional<std::int64_t> chosen;
  std::int64_t chosen_room = std::numeric_limits<std::int64_t>::max();
  std::int64_t offset = 0;
  const auto unaligned = static_cast<std::int64_t>(buffers_[index].alignment - 1);
  for (const Bar& bar : bars) {
    if (bar.low >= offset && bar.low - offset < chosen_room) {
      chosen = offset;
      chosen_room = bar.low - offset;
      if (fit == Fit::first) {
        break;
      }
    }
    offset = std::max(offset, (bar.high + unaligned) & ~unaligned);
  }
  // Sorting and ties make each look dearer than a plain one.
  return {static_cast<std::uint64_t>(chosen.value_or(offset)), 8 * blocks_[pool].size()};
}

/// Keeps the attempt, and narrows the limits so that the next one must be better: the last pool in use must shrink, and
/// those behind it stay empty.
void Packer::keep() {
  best_ = current_;
  // What has no bytes is anywhere.
  std::ranges::replace_if(
      best_.places, [](const PackingPlace& place) { return place.pool == not_placed; }, PackingPlace{});
  for (std::size_t pool = limits_.size(); pool-- > 0;) {
    if (best_.pool_bytes[pool] > 0) {
      limits_[pool] = best_.pool_bytes[pool] - 1;
      break;
    }
    limits_[pool] = 0;
  }
}

/// The bytes that are live at a step, as far as it is counted.
struct Level {
  std::uint32_t step = 0;
  std::uint64_t bytes = 0;
};

/// The course of the live bytes over time: a level for each buffer as it begins. Of several at one step the last is the
/// highest, and it counts them all.
std::vector<Level> live_levels(std::span<const PackingBuffer> buffers) {
  std::vector<PackingBuffer> by_first(buffers.begin(), buffers.end());
  std::vector<PackingBuffer> by_last = by_first;
  std::ranges::sort(by_first, {}, [](const PackingBuffer& buffer) { return buffer.lifetime.first; });
  std::ranges::sort(by_last, {}, [](const PackingBuffer& buffer) { return buffer.lifetime.last; });
  std::vector<Level> levels;
  std::uint64_t live = 0;
  auto ending = by_last.begin();
  for (const PackingBuffer& buffer : by_first) {
    for (; ending->lifetime.last < buffer.lifetime.first; ++ending) {
      live -= ending->bytes;
    }
    live += buffer.bytes;
    levels.push_back({buffer.lifetime.first, live});
  }
  return levels;
}

/// The buffers with each one that is handed bytes cut in two: at its first step it counts without what it can share.
std::vector<PackingBuffer> without_shared(std::span<const PackingBuffer> buffers,
                                          std::span<const PackingHandover> handovers) {
  std::vector<PackingBuffer> parts(buffers.begin(), buffers.end());
  std::vector<std::uint64_t> shared(buffers.size());
  for (const PackingHandover& handover : handovers) {
    const std::uint64_t bytes = buffers[handover.to].bytes;
    shared[handover.to] += std::min(bytes - std::min(bytes, handover.lead), buffers[handover.from].bytes);
  }
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    const Lifetime life = buffers[i].lifetime;
    if (shared[i] > 0) {
      parts[i] = {buffers[i].bytes - std::min(buffers[i].bytes, shared[i]), {life.first, life.first}};
      if (life.last > life.first) {
        parts.push_back({buffers[i].bytes, {life.first + 1, life.last}});
      }
    }
  }
  return parts;
}

/// For each buffer the most bytes live at any step of its life. Buffers that live through the peak are the hardest to
/// place, and those through the next lower ones after them.
std::vector<std::uint64_t> crowding(std::span<const PackingBuffer> buffers) {
  const std::vector<Level> levels = live_levels(buffers);
  // rows[k][i] is the most of the 2^k levels from level i on.
  std::vector<std::vector<std::uint64_t>> rows(1);
  std::ranges::transform(levels, std::back_inserter(rows[0]), &Level::bytes);
  for (std::size_t width = 1; 2 * width <= levels.size(); width *= 2) {
    const std::vector<std::uint64_t>& half = rows.back();
    std::vector<std::uint64_t> row;
    for (std::size_t i = 0; i + width < half.size(); ++i) {
      row.push_back(std::max(half[i], half[i + width]));
    }
    rows.push_back(std::move(row));
  }
  std::vector<std::uint64_t> most;
  for (const PackingBuffer& buffer : buffers) {
    const auto index_of = [&](auto bound) { return static_cast<std::size_t>(bound - levels.begin()); };
    const std::size_t begin = index_of(std::ranges::lower_bound(levels, buffer.lifetime.first, {}, &Level::step));
    const std::size_t end = index_of(std::ranges::upper_bound(levels, buffer.lifetime.last, {}, &Level::step));
    const std::size_t width = std::bit_floor(end - begin);
    const std::vector<std::uint64_t>& row = rows[static_cast<std::size_t>(std::countr_zero(width))];
    most.push_back(std::max(row[begin], row[end - width]));
  }
  return most;
}

std::uint64_t length(const PackingBuffer& buffer) {
  return std::uint64_t{buffer.lifetime.last} - buffer.lifetime.first + 1;
}

/// Bytes times steps, or as many as can be counted.
std::uint64_t area(const PackingBuffer& buffer) {
  return buffer.bytes > UINT64_MAX / length(buffer) ? UINT64_MAX : buffer.bytes * length(buffer);
}

/// The buffers that take room at all, those with the largest keys in front; equals keep their order.
template <class Key>
Order descending(std::span<const PackingBuffer> buffers, Key key) {
  std::vector<std::pair<decltype(key(0U)), std::uint32_t>> keyed;
  for (std::uint32_t i = 0; i < buffers.size(); ++i) {
    if (buffers[i].bytes > 0) {
      keyed.emplace_back(key(i), i);
    }
  }
  std::ranges::stable_sort(keyed, std::greater{}, [](const auto& entry) { return entry.first; });
  Order order;
  std::ranges::transform(keyed, std::back_inserter(order), [](const auto& entry) { return entry.second; });
  return order;
}

/// Orders that are known to pack well, as greedy ones go; each call makes the next, so that easy networks pay for one.
std::optional<Order> greedy_order(std::span<const PackingBuffer> buffers, int number) {
  switch (number) {
    case 0:
      return descending(buffers, [&](std::uint32_t i) { return std::pair(buffers[i].bytes, length(buffers[i])); });
    case 1:
      return descending(buffers, [&](std::uint32_t i) { return area(buffers[i]); });
    case 2:
      return descending(buffers, [&](std::uint32_t i) { return std::pair(length(buffers[i]), buffers[i].bytes); });
    case 3: {
      const std::vector<std::uint64_t> most = crowding(buffers);
      return descending(buffers,
                        [&](std::uint32_t i) { return std::tuple(most[i], length(buffers[i]), buffers[i].bytes); });
    }
    default:
      return std::nullopt;
  }
}

/// Small pseudo-random numbers (Marsaglia's xorshift), the same on every machine.
class Random {
 public:
  std::size_t below(std::size_t bound) {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return static_cast<std::size_t>(state_ % bound);
  }

 private:
  std::uint64_t state_ = 0x5354'4D33'3274'766DULL;
};

/// Goes on from the best greedy order: the buffer that stands in the way of a better outcome is moved to a random place
/// in the front half of those before it.
void search(Packer& packer, Order order) {
  Random random;
  while (!packer.done()) {
    if (const auto stuck = packer.attempt(order, Fit::first)) {
      const auto from = order.begin() + static_cast<std::ptrdiff_t>(*stuck);
      const auto to = order.begin() + static_cast<std::ptrdiff_t>(random.below(*stuck / 2 + 1));
      std::rotate(to, from, from + 1);
    }
  }
}

/// One pool while buffers come and go in the order of time: the room that is free at the step in hand.
class FreeRoom {
 public:
  explicit FreeRoom(std::uint64_t limit) { insert(0, limit); }

  /// The smallest gap that is large enough.
  std::optional<std::uint64_t> take(const PackingBuffer& buffer) {
    for (auto gap = by_size_.lower_bound({buffer.bytes, 0}); gap != by_size_.end(); ++gap) {
      const auto [size, begin] = *gap;
      const std::uint64_t start = aligned(begin, buffer.alignment);
      if (start - begin <= size - buffer.bytes) {
        by_size_.erase(gap);
        end_of_.erase(begin);
        insert(begin, start);
        insert(start + buffer.bytes, begin + size);
        return start;
      }
    }
    return std::nullopt;
  }

  void give_back(std::uint64_t begin, std::uint64_t end) {
    auto next = end_of_.lower_bound(begin);
    if (next != end_of_.end() && next->first == end) {
      end = next->second;
      by_size_.erase({next->second - next->first, next->first});
      next = end_of_.erase(next);
    }
    if (next != end_of_.begin() && std::prev(next)->second == begin) {
      --next;
      begin = next->first;
      by_size_.erase({next->second - next->first, next->first});
      end_of_.erase(next);
    }
    insert(begin, end);
  }

 private:
  void insert(std::uint64_t begin, std::uint64_t end) {
    if (begin < end) {
      end_of_.emplace(begin, end);
      by_size_.emplace(end - begin, begin);
    }
  }

  std::map<std::uint64_t, std::uint64_t> end_of_;              ///< begin of each gap to its end
  std::set<std::pair<std::uint64_t, std::uint64_t>> by_size_;  ///< size and begin of each gap
};

/// For very many buffers: gives out room in the order of time, as a heap would. O(n log n).
Packing pack_in_order_of_time(std::span<const PackingBuffer> buffers, std::span<const std::uint64_t> limits) {
  Packing packing{std::vector<PackingPlace>(buffers.size()), std::vector<std::uint64_t>(limits.size())};
  std::vector<FreeRoom> rooms(limits.begin(), limits.end());
  const Order by_first = descending(buffers, [&](std::uint32_t i) { return ~buffers[i].lifetime.first; });
  const Order by_last = descending(buffers, [&](std::uint32_t i) { return ~buffers[i].lifetime.last; });
  auto ending = by_last.begin();
  for (const std::uint32_t index : by_first) {
    for (; buffers[*ending].lifetime.last < buffers[index].lifetime.first; ++ending) {
      const PackingPlace& place = packing.places[*ending];
      rooms[place.pool].give_back(place.offset, place.offset + buffers[*ending].bytes);
    }
    for (std::uint32_t pool = 0; pool < rooms.size(); ++pool) {
      if (const auto offset = rooms[pool].take(buffers[index])) {
        packing.places[index] = {pool, *offset};
        packing.pool_bytes[pool] = std::max(packing.pool_bytes[pool], *offset + buffers[index].bytes);
        break;
      }
    }
  }
  return packing;
}

}  // namespace

PackingPeak packing_peak(std::span<const PackingBuffer> buffers, std::span<const PackingHandover> handovers) {
  PackingPeak peak;
  for (const Level& level : live_levels(without_shared(buffers, handovers))) {
    if (level.bytes > peak.bytes) {
      peak = {level.bytes, level.step};
    }
  }
  return peak;
}

Packing pack(std::span<const PackingBuffer> buffers, std::span<const std::uint64_t> pool_limits,
             std::span<const PackingHandover> handovers) {
  std::vector<std::uint64_t> limits(pool_limits.begin(), pool_limits.end());
  limits.back() = no_limit;
  if (buffers.size() > attempt_buffers) {
    return pack_in_order_of_time(buffers, limits);
  }
  Packer packer(buffers, handovers, limits, ideal_bytes(packing_peak(buffers, handovers).bytes, limits));
  Order best;
  for (int number = 0; const std::optional<Order> order = greedy_order(buffers, number); ++number) {
    for (const Fit fit : {Fit::first, Fit::smallest}) {
      if (!packer.attempt(*order, fit)) {
        best = *order;
      }
      if (packer.done()) {
        return packer.best();
      }
    }
  }
  search(packer, std::move(best));
  return packer.best();
}

}  // namespace stm32tvm
