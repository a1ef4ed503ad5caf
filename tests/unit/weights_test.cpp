// SPDX-License-Identifier: Apache-2.0
// Tests of where weights are put: groups, the forms they are stored in, and what the runtime makes of them.
#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emit/weights_formats.hpp"
#include "network/place_weights.hpp"
#include "plan/weights_blocks.hpp"
#include "stvm.h"
#include "support/crc32.hpp"

using namespace stm32tvm;

namespace {

Tensor tensor(const char* name, const char* values = nullptr) {
  Tensor made;
  made.name = name;
  made.type = DataType{DataType::Code::signed_integer, 8, 1};
  made.shape = {4};
  made.bytes = 4;
  if (values != nullptr) {
    made.constant = Bytes(std::string(values));
  }
  return made;
}

/// x, then first(x, a) = h, then second(h, b, c) = y; a and c are equal.
NetworkDescriptor network() {
  NetworkDescriptor made;
  made.tensors = {tensor("x"), tensor("a", "aaaa"), tensor("h"), tensor("b", "bbbb"), tensor("c", "aaaa"), tensor("y")};
  made.inputs = {0};
  made.outputs = {5};
  Operator first;
  first.name = "first";
  first.inputs = {{0, {}}, {1, {}}};
  first.outputs = {{2, {}}};
  Operator second;
  second.name = "second";
  second.inputs = {{2, {}}, {3, {}}, {4, {}}};
  second.outputs = {{5, {}}};
  made.operators = {first, second};
  return made;
}

WeightsGroup group(const char* name, std::vector<std::string> tensors, WeightsGroup::Place place) {
  WeightsGroup made;
  made.name = name;
  made.tensors = std::move(tensors);
  made.place = place;
  return made;
}

std::string fault(const std::vector<WeightsGroup>& groups) {
  NetworkDescriptor described = network();
  const auto placed = place_weights(groups, described);
  return placed ? "" : placed.error().message;
}

unsigned hex(std::string_view text, std::size_t at) {
  return static_cast<unsigned>(std::stoul(std::string(text.substr(at, 2)), nullptr, 16));
}

constexpr std::uint32_t block_bytes = 16 + 100;  // a header, and more than the runtime fetches at once
alignas(16) std::array<std::uint8_t, block_bytes> storage;
alignas(16) std::array<std::uint8_t, block_bytes> copy;
bool storage_answers = true;

std::int32_t fetch(std::uint32_t offset, void* to, std::uint32_t bytes) {
  REQUIRE(offset + bytes <= storage.size());
  std::memcpy(to, storage.data() + offset, bytes);
  return storage_answers ? 0 : -1;
}

/// A block of layout 7 in `storage`, its header written here from the format's description.
void fill_storage() {
  for (std::size_t i = 16; i < storage.size(); ++i) {
    storage[i] = static_cast<std::uint8_t>(3 * i);
  }
  const std::string_view contents(reinterpret_cast<const char*>(storage.data()) + 16, storage.size() - 16);
  const std::array<std::uint32_t, 4> header = {0x57565453, 7, block_bytes, crc32(contents)};
  std::memcpy(storage.data(), header.data(), sizeof header);
}

}  // namespace

TEST_CASE("CRC-32 of the check value") {
  CHECK(crc32("123456789") == 0xCBF43926);
}

TEST_CASE("weights: each group is a block of its own, equal constants are stored once in it") {
  NetworkDescriptor one = network();
  const auto whole = weights_blocks(one);
  REQUIRE(whole.size() == 1);
  CHECK(whole[0].bytes == 32);
  CHECK(bytes_of(whole[0], one) == std::string("aaaa") + std::string(12, '\0') + "bbbb" + std::string(12, '\0'));

  NetworkDescriptor two = network();
  WeightsGroup external = group("far", {"b", "c"}, WeightsGroup::Place::external);
  external.address = 0x90000000;
  external.is_checked = true;
  REQUIRE(place_weights({external}, two));
  const auto blocks = weights_blocks(two);
  REQUIRE(blocks.size() == 2);
  CHECK(blocks[0].group.name == "far");
  CHECK(blocks[0].offsets == std::map<TensorIndex, std::uint64_t>{{3, 16}, {4, 32}});
  CHECK(blocks[1].offsets == std::map<TensorIndex, std::uint64_t>{{1, 0}});
  const std::string bytes = bytes_of(blocks[0], two);
  REQUIRE(bytes.size() == 48);
  CHECK(bytes.substr(0, 4) == "STVW");
  CHECK(bytes.substr(16, 4) == "bbbb");
  CHECK(bytes.substr(32, 4) == "aaaa");
  // Other values keep the layout; another type does not.
  NetworkDescriptor trained = two;
  trained.tensors[3].constant = Bytes(std::string("cccc"));
  CHECK(layout_of(weights_blocks(trained)[0], trained) == layout_of(blocks[0], two));
  trained.tensors[3].type.code = DataType::Code::unsigned_integer;
  CHECK(layout_of(weights_blocks(trained)[0], trained) != layout_of(blocks[0], two));
}

TEST_CASE("weights: what is fetched is read into an inner tensor before its first use") {
  NetworkDescriptor described = network();
  REQUIRE(place_weights({group("slow", {"b"}, WeightsGroup::Place::fetch)}, described));
  REQUIRE(described.operators.size() == 3);
  const Operator& fetching = described.operators[1];
  CHECK(fetching.kind == Operator::Kind::copy);
  CHECK(fetching.inputs[0].tensor == 3);
  const TensorIndex fetched = fetching.outputs[0].tensor;
  CHECK(!described.tensors[fetched].constant);
  CHECK(described.operators[2].inputs[1].tensor == fetched);
  const auto blocks = weights_blocks(described);
  REQUIRE(blocks.size() == 2);
  CHECK(blocks[1].group.name == "slow");
  CHECK(!blocks[1].has_data());
}

TEST_CASE("weights: groups that cannot be are refused") {
  using Place = WeightsGroup::Place;
  CHECK(fault({group("g", {"z"}, Place::ram)}) ==
        "weights group \"g\" has no constant \"z\" to take; the network has a, b, c");
  CHECK(fault({group("g", {"a"}, Place::ram), group("h", {"a"}, Place::ram)}) ==
        "weights group \"h\" has the constant \"a\", which is in a group already");
  CHECK(fault({group("g", {}, Place::ram), group("h", {}, Place::ram)}) ==
        "weights group \"h\" is the second without \"tensors\"; name the constants of all groups but one");
  CHECK(
      fault({group("no name", {"a"}, Place::ram)}) ==
      "weights group \"no name\" needs a name of at most 64 letters, digits and '_', which does not end in \"in_ram\"");
  CHECK(fault({group("g", {"a"}, Place::ram), group("G", {"b"}, Place::ram)}) ==
        "weights group \"G\" is there twice; give each group a name of its own");
  CHECK(fault({group("g", {"a"}, Place::external)}) ==
        "weights group \"g\" is not in the image, so it needs the address that it is written to");
  WeightsGroup odd = group("g", {"a"}, Place::external);
  odd.address = 0x90000004;
  CHECK(fault({odd}) == "weights group \"g\" is at 0x90000004; give it an address of 32 bits that is a multiple of 16");
}

TEST_CASE("Intel HEX: records add up, and say the address") {
  std::string bytes;
  for (int i = 0; i < 70; ++i) {
    bytes += static_cast<char>(i * 7);
  }
  const std::string text = intel_hex(bytes, 0x9000FFE0);
  std::string read;
  std::uint32_t upper = 0;
  bool has_end = false;
  for (std::size_t at = 0; at < text.size();) {
    REQUIRE(text[at] == ':');
    const unsigned length = hex(text, at + 1);
    unsigned sum = 0;
    for (unsigned i = 0; i < length + 5; ++i) {
      sum += hex(text, at + 1 + 2UL * i);
    }
    CHECK(sum % 256 == 0);
    const std::uint32_t offset = hex(text, at + 3) << 8U | hex(text, at + 5);
    const unsigned type = hex(text, at + 7);
    CHECK(!has_end);
    has_end = type == 1;
    if (type == 4) {
      upper = hex(text, at + 9) << 8U | hex(text, at + 11);
    }
    for (unsigned i = 0; type == 0 && i < length; ++i) {
      CHECK((upper << 16U | offset) + i == 0x9000FFE0 + read.size());
      read += static_cast<char>(hex(text, at + 9 + 2UL * i));
    }
    at += 2UL * length + 12;
  }
  CHECK(has_end);
  CHECK(read == bytes);
}

TEST_CASE("runtime: weights are checked and copied, from memory and through a function") {
  for (const bool is_fetched : {false, true}) {
    fill_storage();
    copy.fill(0);
    storage_answers = true;
    const stvm_weights weights = {copy.data(),
                                  stvm_load_weights,
                                  is_fetched ? nullptr : storage.data(),
                                  is_fetched ? fetch : nullptr,
                                  block_bytes,
                                  7};
    CHECK(stvm_load_weights(&weights) == STVM_OK);
    CHECK(copy == storage);
    for (const std::size_t damaged : {0U, 4U, 8U, 12U, 16U, 79U, 80U, 115U}) {
      storage[damaged] ^= 0x10;
      CAPTURE(damaged);
      CHECK(stvm_load_weights(&weights) == STVM_ERROR_WEIGHTS);
      storage[damaged] ^= 0x10;
    }
    storage_answers = false;
    CHECK(stvm_load_weights(&weights) == (is_fetched ? STVM_ERROR_WEIGHTS : STVM_OK));
  }
}

TEST_CASE("runtime: placing weights sets the pools' addresses, and stops at what is damaged") {
  fill_storage();
  std::array<std::uint8_t, 16> plain{};
  const std::array<stvm_weights, 3> blocks = {
      {{plain.data(), nullptr, plain.data(), nullptr, 16, 0},
       {storage.data(), stvm_load_weights, storage.data(), nullptr, block_bytes, 7},
       {nullptr, nullptr, nullptr, fetch, block_bytes, 7}}};
  stvm_network network{};
  network.arena_count = 1;
  network.weights = blocks.data();
  network.weights_count = 3;
  std::array<std::uint8_t*, 4> pools{};
  CHECK(stvm_place_weights(&network, pools.data()) == STVM_OK);
  CHECK(pools == std::array<std::uint8_t*, 4>{nullptr, plain.data(), storage.data(), nullptr});
  storage[50] ^= 1;
  pools.fill(nullptr);
  CHECK(stvm_place_weights(&network, pools.data()) == STVM_ERROR_WEIGHTS);
  CHECK(pools[2] == nullptr);
}
