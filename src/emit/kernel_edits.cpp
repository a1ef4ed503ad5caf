// SPDX-License-Identifier: Apache-2.0
// An access is edited where its variable is used for accesses to single elements alone. So no other access in the
// kernel can get at that memory under a type that the compiler takes for other memory.
#include "emit/kernel_edits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include "emit/kernel_overlaps.hpp"
#include "network/constant_reads.hpp"
#include "network/views.hpp"

namespace stm32tvm {
namespace {

bool is_character(std::string_view type) {
  return type == "int8_t" || type == "uint8_t";
}

/// Those of runtime_c/stvm_kernel_types.h.
bool has_shared_type(std::string_view type) {
  constexpr std::array types = {"int16_t", "uint16_t", "int32_t", "uint32_t", "int64_t", "uint64_t", "float", "double"};
  return std::find(types.begin(), types.end(), type) != types.end();
}

class KernelEditor {
 public:
  KernelEditor(const KernelReads& kernel, const KernelOverlaps& overlaps, const std::set<std::size_t>& constant_pools)
      : kernel_(kernel), overlaps_(overlaps), constant_pools_(constant_pools) {}

  void give_own_types() {
    std::vector<std::string_view> variables;
    for (std::uint32_t i = 0; i < kernel_.parameters.size(); ++i) {
      if (!overlaps_.shared.contains(i)) {
        give_own_type(kernel_.parameters[i].reads, variables);
      }
      if (constant_pools_.contains(i)) {
        for (const PoolPointer& pointer : kernel_.parameters[i].pointers) {
          give_own_type(pointer.reads, variables);
        }
      }
    }
    add_note(variables, "apart from all else");
  }

  void tell_alignment() {
    std::vector<std::string_view> variables;
    for (std::uint32_t i = 0; i < kernel_.parameters.size(); ++i) {
      const ConstantReads& reads = kernel_.parameters[i].reads;
      if (!overlaps_.unaligned.contains(i) && !reads.address.empty()) {
        edits_.push_back({reads.address.substr(0, 0), "STVM_WORD_ALIGNED"});
        variables.push_back(reads.variable);
      }
    }
    add_note(variables, "at multiples of 4");
  }

  /// Whether the text tells of all memories that overlap, where it `may_change`.
  bool mark_overlaps(bool may_change) {
    if (overlaps_.reuses_bytes) {
      return false;
    }
    std::set<std::uint32_t> marked;
    for (const auto& [first, second] : overlaps_.confusable) {
      if (tells(first, marked) || tells(second, marked) || are_alike(first, second)) {
        continue;
      }
      // An output is written when all is computed; inputs and workspaces are in the inner loops.
      const std::uint32_t parameter = is_markable(second) ? second : first;
      if (!may_change || !is_markable(parameter)) {
        return false;
      }
      marked.insert(parameter);
    }
    std::vector<std::string_view> variables;
    for (const std::uint32_t parameter : marked) {
      const ConstantReads& reads = kernel_.parameters[parameter].reads;
      for (const ElementAccess& access : reads.accesses) {
        edits_.push_back({access.type, fmt::format("stvm_shared_{}", access.type)});
      }
      variables.push_back(reads.variable);
    }
    add_note(variables, "over memory of another type");
    return true;
  }

  std::vector<TextEdit>& edits() { return edits_; }

  [[nodiscard]] EditNote note() const {
    return {std::string(kernel_.name), fmt::format("{}", fmt::join(notes_, "; "))};
  }

 private:
  void give_own_type(const ConstantReads& reads, std::vector<std::string_view>& variables) {
    if (!reads.only_elements || !is_character(reads.type)) {
      return;
    }
    for (const ElementAccess& access : reads.accesses) {
      edits_.push_back({access.type, fmt::format("stvm_own_{}", access.type)});
      edits_.push_back({access.behind, ".value"});
    }
    variables.push_back(reads.variable);
  }

  void add_note(const std::vector<std::string_view>& variables, std::string_view what) {
    if (!variables.empty()) {
      notes_.push_back(fmt::format("{} {}", fmt::join(variables, " "), what));
    }
  }

  /// Accesses of a character type may be to any memory, and marked ones too.
  [[nodiscard]] bool tells(std::uint32_t parameter, const std::set<std::uint32_t>& marked) const {
    return marked.contains(parameter) ||
           (is_followed(parameter) && is_character(kernel_.parameters[parameter].reads.type));
  }

  /// The same type in all accesses.
  [[nodiscard]] bool are_alike(std::uint32_t first, std::uint32_t second) const {
    return is_followed(first) && is_followed(second) &&
           kernel_.parameters[first].reads.type == kernel_.parameters[second].reads.type;
  }

  [[nodiscard]] bool is_followed(std::uint32_t parameter) const {
    return parameter < kernel_.parameters.size() && kernel_.parameters[parameter].reads.only_elements;
  }

  [[nodiscard]] bool is_markable(std::uint32_t parameter) const {
    return is_followed(parameter) && has_shared_type(kernel_.parameters[parameter].reads.type);
  }

  const KernelReads& kernel_;
  const KernelOverlaps& overlaps_;
  const std::set<std::size_t>& constant_pools_;
  std::vector<TextEdit> edits_;
  std::vector<std::string> notes_;
};

/// Parameters that are pools of constants in all calls, by kernel.
std::map<std::string_view, std::set<std::size_t>> constant_pools(const NetworkDescriptor& network) {
  std::map<std::string_view, std::set<std::size_t>> pools;
  std::map<std::string_view, std::set<std::size_t>> others;
  for (const Operator& call : network.operators) {
    std::size_t parameter = 0;
    pools[call.kernel];
    for (const Argument& argument : arguments_of(call)) {
      const bool constant = network.tensors[view_place(network, argument.tensor).root].constant.has_value();
      (constant ? pools : others)[call.kernel].insert(parameter++);
    }
  }
  for (auto& [kernel, parameters] : pools) {
    for (const std::size_t other : others[kernel]) {
      parameters.erase(other);
    }
  }
  return pools;
}

/// Edits the source's kernels, but for those that are called with memory that the plan does not know.
void edit_source(EditedSource& source, const SourceReads& reads, const NameSet& called,
                 std::set<std::string, std::less<>>& confusable,
                 const std::map<std::string, KernelOverlaps, std::less<>>& overlaps,
                 const std::map<std::string_view, std::set<std::size_t>>& pools, const KernelEdits& wanted) {
  for (const KernelReads& kernel : reads.kernels) {
    if (called.contains(kernel.name)) {
      continue;
    }
    KernelEditor editor(kernel, overlaps.find(kernel.name)->second, pools.at(kernel.name));
    if (wanted.memory_types) {
      editor.give_own_types();
    }
    if (editor.mark_overlaps(wanted.memory_types)) {
      confusable.erase(std::string(kernel.name));
    }
    if (wanted.alignment) {
      editor.tell_alignment();
    }
    if (!editor.edits().empty()) {
      source.notes.push_back(editor.note());
      std::ranges::move(editor.edits(), std::back_inserter(source.edits));
    }
  }
}

}  // namespace

EditedKernels edit_kernels(const NetworkDescriptor& network, const MemoryPlan& plan, const KernelEdits& edits) {
  EditedKernels edited;
  const auto overlaps = kernel_overlaps(network, plan);
  for (const auto& [kernel, each] : overlaps) {
    if (each.any()) {
      edited.confusable.insert(kernel);
    }
  }
  bool edits_text = edits != KernelEdits{} || !edited.confusable.empty();
  const NameSet names = called_kernels(network);
  std::vector<SourceReads> reads;
  for (const KernelSource& source : network.sources) {
    const SourceOutline outline = outline_source(source.text.view());
    // A text that is no whole C stays as the caller made it.
    edits_text = edits_text && !outline.fault;
    edited.sources.push_back({outline.fault ? std::nullopt : parts_of(source, outline, names), {}, {}});
    if (edits_text) {
      reads.push_back(find_constant_reads(outline, names));
    }
  }
  if (edits_text) {
    const auto pools = constant_pools(network);
    const NameSet called = called_besides(reads);
    for (std::size_t i = 0; i < reads.size(); ++i) {
      edit_source(edited.sources[i], reads[i], called, edited.confusable, overlaps, pools, edits);
    }
  }
  return edited;
}

}  // namespace stm32tvm
