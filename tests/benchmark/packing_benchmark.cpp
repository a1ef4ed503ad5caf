// SPDX-License-Identifier: Apache-2.0
// How long packing takes, beside one std::sort of the same buffers; `excess` is what is wasted above the lower bound.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "plan/packing.hpp"
#include "stm32tvm/memory_plan.hpp"

namespace {

using stm32tvm::Lifetime;
using stm32tvm::PackingBuffer;

/// As in a network: most tensors are short-lived, every tenth skips ahead.
std::vector<PackingBuffer> network_like(std::int64_t count) {
  std::mt19937 random(static_cast<std::uint32_t>(count));
  std::vector<PackingBuffer> buffers;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t length = random() % 10 == 0 ? 3 + static_cast<std::uint32_t>(random() % 50)
                                                    : 1 + static_cast<std::uint32_t>(random() % 3);
    buffers.push_back({8 * (1 + random() % 10'000), Lifetime{i, i + length}});
  }
  return buffers;
}

/// The hard case: any two ends in time, so that hundreds are live together and the lower bound is out of reach.
std::vector<PackingBuffer> random_spans(std::int64_t count) {
  std::mt19937 random(static_cast<std::uint32_t>(count));
  std::vector<PackingBuffer> buffers;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto a = static_cast<std::uint32_t>(random() % static_cast<std::uint64_t>(count));
    const auto b = static_cast<std::uint32_t>(random() % static_cast<std::uint64_t>(count));
    buffers.push_back({8 * (1 + random() % 10'000), Lifetime{std::min(a, b), std::max(a, b)}});
  }
  return buffers;
}

template <auto make>
void pack_buffers(benchmark::State& state) {
  const std::vector<PackingBuffer> buffers = make(state.range(0));
  const std::vector<std::uint64_t> limits = {UINT64_MAX};
  std::uint64_t bytes = 0;
  while (state.KeepRunning()) {
    bytes = stm32tvm::pack(buffers, limits).pool_bytes[0];
    benchmark::DoNotOptimize(bytes);
  }
  state.counters["excess"] =
      static_cast<double>(bytes) / static_cast<double>(stm32tvm::packing_peak(buffers).bytes) - 1.0;
}

void sort_buffers(benchmark::State& state) {
  const std::vector<PackingBuffer> buffers = network_like(state.range(0));
  while (state.KeepRunning()) {
    std::vector<PackingBuffer> sorted = buffers;
    std::sort(sorted.begin(), sorted.end(),
              [](const PackingBuffer& a, const PackingBuffer& b) { return a.bytes > b.bytes; });
    benchmark::DoNotOptimize(sorted.data());
  }
}

BENCHMARK(sort_buffers)->Arg(30)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(pack_buffers<network_like>)->Arg(30)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(pack_buffers<random_spans>)->Arg(30)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
