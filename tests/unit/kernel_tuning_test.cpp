// SPDX-License-Identifier: Apache-2.0
#include "stm32tvm/kernel_tuning.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <random>

using namespace stm32tvm;

namespace {

TuningTable random_table(std::mt19937& random, std::size_t kernels, std::size_t candidates) {
  TuningTable table;
  for (std::size_t i = 0; i < kernels; ++i) {
    table.kernels.push_back("k" + std::to_string(i));
  }
  for (std::size_t i = 0; i < candidates; ++i) {
    table.candidates.push_back({"-O" + std::to_string(i)});
    std::vector<KernelCost>& costs = table.costs.emplace_back();
    for (std::size_t kernel = 0; kernel < kernels; ++kernel) {
      costs.push_back({random() % 20, random() % 20});
    }
  }
  return table;
}

/// The least time of all choices within the limit, by trying them all.
std::uint64_t least_time(const TuningTable& table, std::uint64_t limit, std::size_t kernel = 0,
                         std::uint64_t time = 0) {
  if (kernel == table.kernels.size()) {
    return time;
  }
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  for (const auto& costs : table.costs) {
    if (costs[kernel].flash_bytes <= limit) {
      least =
          std::min(least, least_time(table, limit - costs[kernel].flash_bytes, kernel + 1, time + costs[kernel].time));
    }
  }
  return least;
}

}  // namespace

TEST_CASE("choose_options: as fast as the best of all choices, within the budget") {
  std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same cases every time
  for (int i = 0; i < 200; ++i) {
    const TuningTable table = random_table(random, 1 + random() % 5, 1 + random() % 4);
    const std::uint64_t limit = random() % 60;
    const std::uint64_t least = least_time(table, limit);
    const auto choice = choose_options(table, limit);
    REQUIRE(choice.has_value() == (least != std::numeric_limits<std::uint64_t>::max()));
    if (!choice) {
      CHECK(choice.error().code == ErrorCode::does_not_fit);
      continue;
    }
    std::uint64_t time = 0;
    std::uint64_t bytes = 0;
    for (std::size_t kernel = 0; kernel < table.kernels.size(); ++kernel) {
      time += table.costs[choice->candidates[kernel]][kernel].time;
      bytes += table.costs[choice->candidates[kernel]][kernel].flash_bytes;
    }
    CHECK(time == least);
    CHECK(choice->time == time);
    CHECK(choice->flash_bytes == bytes);
    CHECK(bytes <= limit);
  }
}

TEST_CASE("choose_for_memory: what fits together and leaves the least time to the others") {
  using Names = std::set<std::string, std::less<>>;
  const std::vector<std::string> kernels = {"a", "b", "c"};
  const std::vector<KernelCost> costs = {{10, 16}, {6, 8}, {5, 5}};
  CHECK(choose_for_memory(kernels, costs, 32) == Names{"a", "b", "c"});
  CHECK(choose_for_memory(kernels, costs, 24) == Names{"a", "b"});
  CHECK(choose_for_memory(kernels, costs, 16) == Names{"b", "c"});
  CHECK(choose_for_memory(kernels, costs, 7).empty());
}

TEST_CASE("choose_options: a table that is not whole, and the profile of a choice") {
  TuningTable table{{"f", "g", "h"}, {{"-O2"}, {"-O3"}}, {{{10, 1}, {10, 1}, {10, 1}}, {{5, 5}, {4, 5}, {20, 5}}}};
  const TuningChoice choice = choose_options(table, 100).value();
  CHECK(choice.time == 19);
  CHECK(profile_of(table, choice) == KernelProfile{{"-O3"}, {{"h", {"-O2"}}}});
  table.costs.pop_back();
  CHECK(choose_options(table, 100).error().code == ErrorCode::bad_option);
  CHECK(choose_options({}, 100).error().code == ErrorCode::bad_option);
  CHECK(tuning_candidates(Compiler::gcc).front() == tuning_candidates(Compiler::clang).front());
}
