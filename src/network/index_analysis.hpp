// SPDX-License-Identifier: Apache-2.0
// Which bytes a statement of loops reads and writes in which order: how near a buffer that it fills may follow one that
// it empties.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "network/c_syntax.hpp"

namespace stm32tvm {

/// A sum of loop counters times factors, plus a number that is only known to lie in a range, ends included. Each
/// counter runs from 0.
struct Affine {
  std::vector<std::pair<std::uint32_t, std::int64_t>> terms;  ///< index into Accesses::rounds, factor; by index
  std::int64_t low = 0;
  std::int64_t high = 0;
};

/// One place in the text that reads or writes an element of an array.
struct Access {
  std::string_view array;  ///< the variable
  bool writes = false;
  std::vector<std::uint32_t> loops;  ///< around it, the outermost first: indices into Accesses::rounds
  std::uint32_t time = 0;            ///< in one round of the innermost loops: what is greater happens later
  Affine begin;                      ///< the first byte
  std::int64_t bytes = 0;            ///< of the element
};

/// All accesses of one statement.
struct Accesses {
  std::vector<std::int64_t> rounds;  ///< of each loop
  std::vector<Access> accesses;
  std::set<std::string_view> uncertain;  ///< variables that are used in other ways, or at an index not understood
  bool exact = true;  ///< each happens in every round: none stands in a branch or in a loop that is left early
};

/// Bytes of an element of the array that a variable points at; 0 when that is not known.
using ElementBytes = std::function<std::uint64_t(std::string_view variable)>;

/// Reads one statement. Nothing when it holds more than loops with constant bounds,
/// branches, declarations and expressions.
std::optional<Accesses> read_accesses(const CodeBody& body, TokenRange statement, const ElementBytes& element_bytes);

/// The least distance, in bytes and never negative, at which `emptied` may start behind the start of `filled` in the
/// same memory: every byte of `emptied` is then read for the last time before a byte of `filled` is written over it.
/// Nothing when this cannot be told, when `emptied` is written, or when it is no less than the bytes of `filled`.
std::optional<std::uint64_t> least_lead(const Accesses& statement, std::string_view emptied, std::string_view filled);

/// The end of what the statement writes of an array, in bytes from the array's start, which is written too. Nothing
/// when that is not known exactly, 0 when the statement does not write it.
std::optional<std::uint64_t> written_end(const Accesses& statement, std::string_view array);

}  // namespace stm32tvm
