// SPDX-License-Identifier: Apache-2.0
// Reads the memory pools that TVM's planner writes into C: constants with their values, and the sizes of workspaces.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "stm32tvm/bytes.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

/// Pools by name: "global_const_workspace".
struct PoolDefinitions {
  std::map<std::string, Bytes, std::less<>> constants;           ///< little-endian, laid out as a C compiler does
  std::map<std::string, std::uint64_t, std::less<>> workspaces;  ///< bytes
};

/// Adds the pools that a source defines at file scope: `struct name {...} name = {...};` and `uint8_t name[bytes];`.
/// Bytes between members are 0. An initializer must give each element of each member. The arrays __tvm_param__<name>
/// in which TVM 0.8 links a graph's parameters are pools of constants too.
Result<void> read_pools(std::string_view text, std::string_view where, PoolDefinitions& pools);

/// The bytes of a list of `count` values of an integer type, as C lays them out; nothing when it is anything else.
std::optional<std::string> read_integers(std::string_view list, std::string_view type, std::uint64_t count);

/// The bytes of a list "0x01, 0x02,"; backslashes that continue a macro's lines are skipped.
Result<Bytes> read_byte_list(std::string_view text, std::string_view list, std::string_view where);

}  // namespace stm32tvm
