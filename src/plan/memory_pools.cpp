// SPDX-License-Identifier: Apache-2.0
// Reads ST's mempools.json.
#include "stm32tvm/memory_pools.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "support/c_identifier.hpp"
#include "support/try.hpp"

namespace stm32tvm {
inline namespace v1 {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t pools_maximum = 64;

/// A member, or null when the value is no object or has none of that name.
const Json& member(const Json& value, const char* name) {
  static const Json null;
  const auto found = value.is_object() ? value.find(name) : value.end();
  return found == value.end() ? null : *found;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::optional<std::uint64_t> number_of(const Json& value) {
  if (value.is_number_unsigned()) {
    return value.get<std::uint64_t>();
  }
  std::string_view digits;
  const std::string text = text_of(value);
  digits = text;
  const bool hexadecimal = digits.starts_with("0x") || digits.starts_with("0X");
  digits.remove_prefix(hexadecimal ? 2 : 0);
  std::uint64_t number = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number, hexadecimal ? 16 : 10);
  const bool whole = code == std::errc() && end == digits.data() + digits.size();
  return whole ? std::optional(number) : std::nullopt;
}

/// {"value": "512", "magnitude": "KBYTES"} in bytes.
std::optional<std::uint64_t> bytes_of(const Json& value) {
  const std::string magnitude = text_of(member(value, "magnitude"));
  const unsigned shift = magnitude == "KBYTES" ? 10 : magnitude == "MBYTES" ? 20 : 0;
  const auto number = number_of(member(value, "value"));
  const bool known = shift > 0 || magnitude == "BYTES" || !member(value, "magnitude").is_string();
  return known && number && *number <= (UINT64_MAX >> shift) ? std::optional(*number << shift) : std::nullopt;
}

/// HIGH, MID, LOW as numbers; what is not said is in the middle.
int rank(const Json& value) {
  const std::string text = text_of(value);
  return text == "HIGH" ? 2 : text == "LOW" ? 0 : 1;
}

struct RankedPool {
  PoolOptions pool;
  int throughput = 1;
  int latency = 1;
};

Result<RankedPool> read_pool(const Json& value, std::size_t index, const std::string& where) {
  const auto bad = [&](std::string message) { return Error{ErrorCode::bad_option, std::move(message), where}; };
  RankedPool made;
  made.pool.name = text_of(member(value, "name"));
  if (!is_c_identifier(made.pool.name)) {
    return bad(fmt::format("pool {} has the name \"{}\", and it must be one for a section: letters, digits and '_'",
                           index, made.pool.name.substr(0, 60)));
  }
  const auto bytes = bytes_of(member(value, "size"));
  if (!bytes) {
    return bad(
        fmt::format("pool {} has no size that is understood; write it as "
                    R"({{"value": "128", "magnitude": "KBYTES"}})",
                    made.pool.name));
  }
  made.pool.size_bytes = *bytes;
  if (const Json& offset = member(value, "offset"); !offset.is_null()) {
    made.pool.address = bytes_of(offset);
    if (!made.pool.address || *made.pool.address > UINT32_MAX || *bytes > UINT32_MAX - *made.pool.address + 1ULL) {
      return bad(
          fmt::format("pool {} has an offset that is no address of a 32-bit target for its {} bytes; write it as "
                      R"({{"value": "0x20000000", "magnitude": "BYTES"}})",
                      made.pool.name, *bytes));
    }
  }
  made.throughput = rank(member(member(value, "prop"), "throughput"));
  made.latency = rank(member(member(value, "prop"), "latency"));
  return made;
}

/// Whether the network's values may lie there. ST's newer files have the rights beside the name, older ones in "prop".
bool is_writable(const Json& value) {
  return text_of(member(value, "rights")) != "ACC_READ" &&
         text_of(member(member(value, "prop"), "rights")) != "ACC_READ";
}

}  // namespace

Result<std::vector<PoolOptions>> read_memory_pools(std::string_view json, const std::string& where) {
  const Json root = Json::parse(json, nullptr, false);
  const Json& list = member(member(root, "memory"), "mempools");
  if (!list.is_array() || list.empty() || list.size() > pools_maximum) {
    return Error{
        ErrorCode::bad_option,
        fmt::format("the file describes no pools; it must be JSON with \"memory\": {{\"mempools\": [...]}} and "
                    "1 to {} pools in it",
                    pools_maximum),
        where};
  }
  std::vector<RankedPool> ranked;
  std::set<std::string> names;
  for (const Json& value : list) {
    STM32TVM_TRY(made, read_pool(value, ranked.size(), where));
    if (!names.insert(made.pool.name).second) {
      return Error{ErrorCode::bad_option,
                   fmt::format("two pools are called {}; give each a name of its own", made.pool.name), where};
    }
    if (is_writable(value)) {
      ranked.push_back(made);
    }
  }
  if (ranked.empty()) {
    return Error{ErrorCode::bad_option, "no pool can be written; give one of them the rights ACC_WRITE", where};
  }
  std::ranges::stable_sort(ranked, [](const RankedPool& a, const RankedPool& b) {
    return std::pair(b.throughput, a.latency) < std::pair(a.throughput, b.latency);
  });
  std::vector<PoolOptions> pools;
  pools.reserve(ranked.size());
  for (RankedPool& each : ranked) {
    pools.push_back(std::move(each.pool));
  }
  return pools;
}

}  // namespace v1
}  // namespace stm32tvm
