// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "stvm_rpc_memory.h"

namespace {

struct Memory {
  alignas(16) std::array<std::uint8_t, 1024> block{};
  stvm_rpc_memory memory{};

  explicit Memory(std::size_t misfit = 0, std::uint32_t bytes = 1024) {
    stvm_rpc_memory_start(&memory, block.data() + misfit, bytes);
  }
  void* allocate(std::uint64_t bytes) { return stvm_rpc_allocate(&memory, bytes, STVM_RPC_USE_TENSOR); }
  bool release(const void* address) { return stvm_rpc_release(&memory, address, STVM_RPC_USE_TENSOR); }
  bool holds(const void* address, std::uint64_t bytes) {
    return stvm_rpc_holds(&memory, reinterpret_cast<std::uintptr_t>(address), bytes);
  }
};

}  // namespace

TEST_CASE("a block that does not lie on the grain is cut to it") {
  Memory shifted(3, 1021);
  CHECK(stvm_rpc_largest_free(&shifted.memory) == 1024 - 16 - 16);
  CHECK(reinterpret_cast<std::uintptr_t>(shifted.allocate(1)) % 16 == 0);
  Memory tiny(1, 20);
  CHECK(tiny.allocate(0) == nullptr);
}

TEST_CASE("what is freed becomes one part again") {
  Memory memory;
  void* const a = memory.allocate(100);
  void* const b = memory.allocate(200);
  void* const c = memory.allocate(300);
  REQUIRE(c != nullptr);
  CHECK(memory.allocate(1000) == nullptr);
  CHECK(memory.release(a));
  CHECK(memory.release(c));
  CHECK(memory.release(b));
  CHECK(stvm_rpc_largest_free(&memory.memory) == 1008);
  CHECK(memory.allocate(1008) != nullptr);
  CHECK(memory.allocate(0) == nullptr);
}

TEST_CASE("only what was handed out for a use is released for it") {
  Memory memory;
  void* const tensor = memory.allocate(10);
  CHECK_FALSE(stvm_rpc_release(&memory.memory, tensor, STVM_RPC_USE_WORKSPACE));
  CHECK_FALSE(memory.release(static_cast<std::uint8_t*>(tensor) + 16));
  CHECK_FALSE(memory.release(nullptr));
  CHECK(memory.release(tensor));
  CHECK_FALSE(memory.release(tensor));
}

TEST_CASE("sizes that no memory has are refused") {
  Memory memory;
  for (const std::uint64_t bytes : {std::uint64_t{1009}, std::uint64_t{UINT32_MAX}, UINT64_MAX, UINT64_MAX - 15}) {
    CHECK(memory.allocate(bytes) == nullptr);
  }
}

TEST_CASE("bytes are held when one allocation has them all") {
  Memory memory;
  const auto* const a = static_cast<std::uint8_t*>(memory.allocate(32));
  void* const b = memory.allocate(32);
  CHECK(memory.holds(a, 32));
  CHECK(memory.holds(a + 31, 1));
  CHECK_FALSE(memory.holds(a + 31, 2));
  CHECK_FALSE(memory.holds(a, 33));
  CHECK_FALSE(memory.holds(a - 1, 1));
  CHECK_FALSE(memory.holds(a, UINT64_MAX));
  CHECK(memory.release(b));
  CHECK_FALSE(memory.holds(b, 1));
}

TEST_CASE("allocations never overlap, whatever is allocated and freed") {
  Memory memory;
  std::mt19937 random(1);
  std::vector<std::pair<std::uint8_t*, std::uint32_t>> live;
  for (int step = 0; step < 5000; ++step) {
    if (random() % 2 == 0) {
      const auto bytes = static_cast<std::uint32_t>(random() % 200);
      if (auto* const address = static_cast<std::uint8_t*>(memory.allocate(bytes))) {
        REQUIRE(address >= memory.block.data());
        REQUIRE(address + bytes <= memory.block.data() + memory.block.size());
        for (const auto& [other, size] : live) {
          REQUIRE((address + bytes <= other || other + size <= address));
        }
        std::memset(address, 0xee, bytes);
        live.emplace_back(address, bytes);
      }
    } else if (!live.empty()) {
      const std::size_t index = random() % live.size();
      REQUIRE(memory.release(live[index].first));
      live.erase(live.begin() + static_cast<std::ptrdiff_t>(index));
    }
  }
}

TEST_CASE("a header that a kernel wrote over ends the walk") {
  Memory memory;
  auto* const a = static_cast<std::uint8_t*>(memory.allocate(16));
  REQUIRE(memory.allocate(16) != nullptr);
  std::memset(a + 16, 0xff, 16);
  CHECK(memory.allocate(500) == nullptr);
  CHECK_FALSE(memory.holds(a + 32, 16));
  CHECK(memory.release(a));
}
