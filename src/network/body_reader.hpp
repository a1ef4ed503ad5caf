// SPDX-License-Identifier: Apache-2.0
// Reads a kernel's body in two passes: what its variables point to, then what each statement does with them.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "network/c_syntax.hpp"
#include "network/kernel_reader.hpp"
#include "network/workspace_table.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

/// A variable that may hold a pointer to a tensor or workspace, or to a DLTensor.
struct Name {
  std::string_view text = {};
  std::uint32_t group = 0;          ///< another name of the same group, or itself
  std::uint32_t handle_of = kNone;  ///< the parameter whose DLTensor it points to
  bool of_numbers = true;           ///< what it points at are numbers, wherever it is declared
  bool escaped = false;             ///< its pointer went where it is not followed
  bool written = false;             ///< the target of an assignment to one of its elements
  std::string_view base = {};       ///< of a pointer into a memory of several things: "pool" of &pool[64]
  std::string_view cast = {};       ///< the first word of the last cast on it: "int16_t"
  std::uint32_t first_token = kNone;
  std::uint32_t last_token = 0;
  std::uint32_t first = kNone;  ///< top-level statements that mention it
  std::uint32_t last = 0;
};

/// One parameter as far as it is known.
struct Seen {
  std::string_view name;
  std::uint32_t data = kNone;  ///< Name of the variable with its data
  bool escaped = false;
};

/// An argument or a workspace that one variable shows, and no other.
struct FollowedMemory {
  std::uint32_t index = 0;  ///< parameters count first, then workspaces
  std::uint32_t name = 0;
  StatementSpan use;
};

class BodyReader {
 public:
  BodyReader(const SourceText& source, const KernelDefinition& definition, CodeBody body)
      : source_(source), definition_(definition), body_(std::move(body)) {}

  Result<Kernel> run();

 private:
  // The first pass: declarations.
  Result<void> declare();
  Result<void> declare_piece(std::size_t piece);
  Result<bool> bind(const Declaration& declaration);
  Result<void> bind_handle(const Declaration& declaration, std::string_view index);
  void bind_data(const Declaration& declaration, Seen& seen);
  Result<Seen*> parameter(std::string_view index);
  std::uint32_t add_name(std::string_view name, bool of_numbers);

  // The second pass: mentions.
  Result<void> follow();
  Result<void> follow_piece(const Piece& piece);
  Result<void> mention(const Piece& piece, std::uint32_t token);
  Result<bool> workspace_call(const Piece& piece, const std::optional<Declaration>& declaration);
  bool take_workspace(const Piece& piece, std::uint32_t target, TokenRange value, std::uint64_t bytes);
  bool give_workspace(const Piece& piece);
  void flow(const Piece& piece, const std::optional<Declaration>& declaration);
  [[nodiscard]] bool reads_number(std::uint32_t token, const Name& name) const;
  [[nodiscard]] bool is_assigned(std::uint32_t token) const;
  [[nodiscard]] bool address_taken(std::uint32_t begin) const;
  [[nodiscard]] bool compared_with_null(std::uint32_t token) const;
  [[nodiscard]] std::uint32_t find(std::string_view name) const;
  std::uint32_t group_of(std::uint32_t name);
  void unite(std::uint32_t a, std::uint32_t b) { names_[group_of(a)].group = group_of(b); }

  // The result.
  Result<Kernel> finish();
  [[nodiscard]] std::string_view base_of(TokenRange range) const;
  [[nodiscard]] bool may_reuse_bytes() const;
  void merge_groups();
  void number_statements();
  [[nodiscard]] StatementSpan whole() const { return {0, statement_count_ - 1}; }
  StatementSpan span_of(std::uint32_t name);
  void add_parameters(Kernel& kernel);
  void add_workspaces(Kernel& kernel);
  std::vector<FollowedMemory> followed_memories(const Kernel& kernel);
  void add_handovers(Kernel& kernel);
  void add_written_bytes(Kernel& kernel);
  void add_handovers_in(TokenRange loop, const std::vector<FollowedMemory>& emptied,
                        const std::vector<FollowedMemory>& filled, Kernel& kernel) const;
  [[nodiscard]] std::optional<std::uint64_t> written_bytes(std::uint32_t name) const;
  [[nodiscard]] std::uint64_t element_bytes(std::string_view variable) const;
  void add_stack(Kernel& kernel) const;

  const SourceText& source_;
  const KernelDefinition& definition_;
  CodeBody body_;
  std::vector<Name> names_;
  std::map<std::string_view, std::uint32_t, ByLength> name_index_;
  std::vector<Seen> parameters_;
  bool arguments_escaped_ = false;  ///< packed: the argument array is used in a way that is not followed
  std::vector<bool> bound_;         ///< pieces that only fetch a handle, a data pointer, a shape or the like
  std::vector<std::uint64_t> block_bytes_;
  std::vector<std::uint32_t> bare_;  ///< names in the current piece that are mentioned as pointers
  WorkspaceTable table_;
  std::vector<bool> touches_;           ///< by top-level statement
  std::vector<std::uint32_t> numbers_;  ///< by top-level statement: how many before it touch memory
  std::uint32_t statement_count_ = 1;
};

}  // namespace stm32tvm
