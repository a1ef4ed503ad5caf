// SPDX-License-Identifier: Apache-2.0
// Finds the memories of a kernel that may overlap while one statement empties the one and fills the other, and how much
// of a memory is filled.
#include <algorithm>
#include <map>
#include <string_view>

#include "network/body_reader.hpp"
#include "network/index_analysis.hpp"

namespace stm32tvm {
namespace {

/// In one kernel: each costs a comparison of all accesses of its statement.
constexpr std::size_t kMaximumHandovers = 64;

/// The tokens of a loop whose head holds the piece; nothing when the piece is no first part of a loop's head.
TokenRange loop_around(const CodeBody& body, const Piece& piece) {
  const std::uint32_t begin = piece.tokens.begin;
  if (begin < 2 || body.at(begin - 2) != "for" || !body.is(begin - 1, '(')) {
    return {};
  }
  const std::uint32_t block = body.match(begin - 1) + 1;
  return body.is(block, '{') ? TokenRange{begin - 2, body.match(block) + 1} : TokenRange{};
}

}  // namespace

std::vector<FollowedMemory> BodyReader::followed_memories(const Kernel& kernel) {
  std::map<std::uint32_t, std::uint32_t> members;  // of each group
  for (std::uint32_t i = 0; i < names_.size(); ++i) {
    ++members[group_of(i)];
  }
  std::vector<FollowedMemory> memories;
  const auto add = [&](std::size_t index, std::uint32_t name, StatementSpan use) {
    if (name != kNone && names_[name].first != kNone && members[group_of(name)] == 1 && !names_[name].escaped) {
      memories.push_back({static_cast<std::uint32_t>(index), name, use});
    }
  };
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (!parameters_[i].escaped) {
      add(i, parameters_[i].data, kernel.parameters[i].use);
    }
  }
  const std::vector<WorkspaceSite>& sites = table_.sites();
  for (const WorkspaceSite& site : sites) {
    const auto shared = std::count_if(sites.begin(), sites.end(), [&](const WorkspaceSite& other) {
      return other.entry == site.entry || other.name == site.name;
    });
    if (shared == 1 && !table_.irregular() && !table_.required_span(site)) {
      add(parameters_.size() + site.entry, site.name, kernel.workspaces[site.entry].use);
    }
  }
  return memories;
}

void BodyReader::add_handovers(Kernel& kernel) {
  if (!body_.understood || arguments_escaped_) {
    return;
  }
  std::map<std::uint32_t, std::vector<FollowedMemory>> emptied;  // by the last statement that touches it
  std::map<std::uint32_t, std::vector<FollowedMemory>> filled;   // by the first
  for (const FollowedMemory& memory : followed_memories(kernel)) {
    emptied[names_[memory.name].last].push_back(memory);
    filled[names_[memory.name].first].push_back(memory);
  }
  std::uint32_t next = 0;  // the first statement that is still to be looked at
  for (const Piece& piece : body_.pieces) {
    if (piece.statement < next) {
      continue;
    }
    next = piece.statement + 1;
    const TokenRange loop = loop_around(body_, piece);
    if (!loop.empty() && emptied.contains(piece.statement) && filled.contains(piece.statement)) {
      add_handovers_in(loop, emptied[piece.statement], filled[piece.statement], kernel);
    }
  }
}

void BodyReader::add_handovers_in(TokenRange loop, const std::vector<FollowedMemory>& emptied,
                                  const std::vector<FollowedMemory>& filled, Kernel& kernel) const {
  const std::optional<Accesses> accesses =
      read_accesses(body_, loop, [this](std::string_view variable) { return element_bytes(variable); });
  if (!accesses) {
    return;
  }
  for (const FollowedMemory& from : emptied) {
    for (const FollowedMemory& to : filled) {
      if (from.index == to.index || from.use.last != to.use.first || kernel.handovers.size() == kMaximumHandovers) {
        continue;
      }
      if (const auto lead = least_lead(*accesses, names_[from.name].text, names_[to.name].text)) {
        kernel.handovers.push_back({from.index, to.index, *lead});
      }
    }
  }
}

/// Of an element of the array that a parameter points at; 0 for any other variable.
std::uint64_t BodyReader::element_bytes(std::string_view variable) const {
  const auto found =
      std::find_if(definition_.parameters.begin(), definition_.parameters.end(),
                   [&](const CParameter& parameter) { return !definition_.packed && parameter.name == variable; });
  return found == definition_.parameters.end() ? 0 : number_type_bytes(found->type);
}

/// From the start of a memory on; nothing when one of its statements is not understood.
std::optional<std::uint64_t> BodyReader::written_bytes(std::uint32_t name) const {
  std::uint64_t end = 0;
  std::uint32_t next = names_[name].first;
  for (const Piece& piece : body_.pieces) {
    if (piece.statement < next || piece.statement > names_[name].last) {
      continue;
    }
    next = piece.statement + 1;
    const TokenRange loop = loop_around(body_, piece);
    const TokenRange simple{piece.tokens.begin, piece.tokens.end + 1};
    const auto accesses = read_accesses(body_, loop.empty() ? simple : loop,
                                        [this](std::string_view each) { return element_bytes(each); });
    const auto written = accesses ? written_end(*accesses, names_[name].text) : std::nullopt;
    if (!written) {
      return std::nullopt;
    }
    end = std::max(end, *written);
  }
  return end;
}

void BodyReader::add_written_bytes(Kernel& kernel) {
  if (!body_.understood || definition_.packed) {
    return;
  }
  for (const FollowedMemory& memory : followed_memories(kernel)) {
    if (memory.index < kernel.parameters.size() && kernel.parameters[memory.index].written) {
      kernel.parameters[memory.index].written_bytes = written_bytes(memory.name).value_or(0);
    }
  }
}

}  // namespace stm32tvm
