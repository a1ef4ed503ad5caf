// SPDX-License-Identifier: Apache-2.0
// The kernels' text is not torn apart: a unit includes all of it, and the preprocessor leaves out the other kernels.
#include "emit/kernel_units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "emit/build/build_description.hpp"
#include "support/relative_path.hpp"
#include "support/text_edits.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

void enclose(std::vector<TextEdit>& edits, std::string_view definition, const std::string& condition) {
  edits.push_back({definition.substr(0, 0), "#if " + condition + "\n"});
  edits.push_back({definition.substr(definition.size(), 0), "\n#endif"});
}

/// Build files hold options as they stand.
bool is_option(std::string_view text) {
  constexpr std::string_view characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-=.,+";
  constexpr std::size_t longest = 200;
  return text.starts_with('-') && text.size() <= longest &&
         text.find_first_not_of(characters) == std::string_view::npos;
}

Result<void> check_compiler_options(const CompilerOptions& options) {
  const auto wrong = std::ranges::find_if_not(options, is_option);
  if (wrong != options.end()) {
    return Error{
        ErrorCode::bad_option,
        fmt::format("the profile's \"{}\" is no compiler option; options begin with '-' and hold letters, digits "
                    "and \"_-=.,+\"",
                    shown(*wrong)),
        {}};
  }
  return {};
}

/// The kernels by their options, and the lines of the preprocessor that leave them out of other units.
std::vector<KernelUnit> units_of(const SourceParts& parts, const KernelProfile& profile, bool separate,
                                 const std::string& macro, std::vector<TextEdit>& edits) {
  std::map<std::pair<CompilerOptions, std::string_view>, std::vector<const SourceParts::Function*>> groups;
  for (const SourceParts::Function& kernel : parts.kernels) {
    groups[{profile.of(kernel.name), separate ? kernel.name : std::string_view{}}].push_back(&kernel);
  }
  if (groups.size() == 1) {
    return {{groups.begin()->first.first, {}}};
  }
  std::vector<KernelUnit> units;
  for (const auto& [key, kernels] : groups) {
    KernelUnit unit{key.first, {}};
    for (const SourceParts::Function* kernel : kernels) {
      unit.kernels.emplace_back(kernel->name);
      enclose(edits, kernel->definition, fmt::format("{} == {}", macro, units.size() + 1));
    }
    std::ranges::sort(unit.kernels);
    units.push_back(std::move(unit));
  }
  for (const SourceParts::Function& function : parts.unused) {
    enclose(edits, function.definition, "0");
  }
  return units;
}

}  // namespace

KernelUnits cut_into_units(const KernelSource& source, const EditedSource& edited, const KernelProfile& profile,
                           bool separate, const std::string& macro) {
  std::vector<TextEdit> edits = edited.edits;
  KernelUnits cut;
  // Between `extern "C"` and its function nothing can be left out.
  if (!edited.parts || edited.parts->kernels.empty() || is_cpp(source.name)) {
    cut.units.push_back({profile.options, {}});
  } else {
    cut.units = units_of(*edited.parts, profile, separate, macro, edits);
  }
  cut.text = edits.empty() ? source.text : Bytes(apply_edits(source.text.view(), std::move(edits)));
  return cut;
}

Result<void> check_profile(const NetworkDescriptor& network, const KernelProfile& profile) {
  const NameSet called = called_kernels(network);
  const auto check_called = [&](const std::string& kernel) -> Result<void> {
    if (called.contains(kernel)) {
      return {};
    }
    return Error{ErrorCode::bad_option,
                 fmt::format("the profile names {}, which no operator of the network calls; take the profile that was "
                             "made for it",
                             shown(kernel)),
                 {}};
  };
  STM32TVM_CHECK(check_compiler_options(profile.options));
  for (const auto& [kernel, options] : profile.kernels) {
    STM32TVM_CHECK(check_compiler_options(options));
    STM32TVM_CHECK(check_called(kernel));
  }
  if (profile.memory.empty() && !profile.in_memory.empty()) {
    return Error{
        ErrorCode::bad_option,
        "the profile names kernels \"in_memory\", but no \"memory\" that they run from; name one, or leave both "
        "out",
        {}};
  }
  for (const std::string& kernel : profile.in_memory) {
    STM32TVM_CHECK(check_called(kernel));
  }
  return {};
}

}  // namespace stm32tvm
