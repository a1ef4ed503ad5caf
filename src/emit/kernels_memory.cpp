// SPDX-License-Identifier: Apache-2.0
// The compiler gives each function a section of its own, so the linker script can name the kernels one by one.
#include "emit/kernels_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "support/relative_path.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

Result<void> check_memory(const std::string& name, const Target& target) {
  std::vector<std::string> others;
  for (const TargetMemory& memory : kernel_memories(target)) {
    if (memory.name == name) {
      return {};
    }
    others.push_back(memory.name);
  }
  const auto found = std::ranges::find(target.memories, name, &TargetMemory::name);
  const std::string why = found == target.memories.end() ? "the target has no memory of this name"
                          : name == "FLASH"              ? "kernels run from FLASH without being copied"
                          : !found->executable           ? "no code runs from this memory of the target"
                                               : "this memory works only after board_setup(), and kernels are "
                                                 "copied before";
  const std::string what_to_do =
      others.empty() ? "leave kernels in FLASH" : fmt::format("take {}", fmt::join(others, " or "));
  return Error{ErrorCode::bad_option, fmt::format("{}; {}", why, what_to_do),
               fmt::format("{}, kernels in {}", target.name, shown(name))};
}

/// The kernels' functions, and those that they share, which each unit of compilation has under a name of its own.
std::vector<std::string> sections_of(const NetworkLayout& layout, const KernelProfile& profile) {
  std::set<std::string_view> kernels;
  for (const Operator& call : layout.network.operators) {
    if (call.kind == Operator::Kind::kernel) {
      kernels.insert(call.kernel);
    }
  }
  std::vector<std::string> sections;
  for (const std::string& function : layout.definitions) {
    const bool is_kernel = kernels.contains(function);
    if (is_kernel && !profile.in_memory.empty() && !profile.in_memory.contains(function)) {
      continue;
    }
    // The compiler splits parts off a function, and gives their names an end: ".constprop.0".
    sections.push_back(fmt::format(".text.{0}_{1} .text.{0}_{1}.*", layout.name, function));
    if (!is_kernel) {
      sections.push_back(fmt::format(".text.{0}_[0-9]*_{1} .text.{0}_[0-9]*_{1}.*", layout.name, function));
    }
  }
  return sections;
}

}  // namespace

Result<KernelsMemory> kernels_memory(const NetworkLayout& layout, const KernelProfile& profile, const Target& target) {
  if (profile.memory.empty()) {
    return KernelsMemory{};
  }
  STM32TVM_CHECK(check_memory(profile.memory, target));
  KernelsMemory memory;
  // In the image the kernels lie between the vectors and the rest of the code, so these are no longer one piece.
  memory.headers = "  vectors PT_LOAD FLAGS(5);\n  kernels PT_LOAD FLAGS(5);\n";
  memory.section = fmt::format("  /* Kernels that run from {}: startup.c copies them there. */\n", profile.memory);
  memory.section += "  .kernels :\n  {\n    . = ALIGN(8);\n    _skernels = .;\n";
  for (const std::string& section : sections_of(layout, profile)) {
    memory.section += fmt::format("    *({})\n", section);
  }
  memory.section += fmt::format(
      "    . = ALIGN(4);\n    _ekernels = .;\n  }} > {} AT> FLASH :kernels\n  _sikernels = LOADADDR(.kernels);\n\n",
      profile.memory);
  return memory;
}

}  // namespace stm32tvm
